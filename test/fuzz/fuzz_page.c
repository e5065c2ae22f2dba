/*
 * Bytes taken for the pages of a column chunk, flat or nested. The first bytes choose the column,
 * the codec and how rows are asked for; the chunk is read, passed over in part, and read again:
 * both ways must agree.
 */
#include "slices.h"

struct choice {
    struct parquet_column column;
    struct parquet_chunk chunk;
    uint32_t step;
    uint32_t skipped;
};

static struct choice choose(const uint8_t *data, size_t size)
{
    struct choice choice = {0};
    choice.column.name = "x";
    choice.column.path = "x";
    choice.column.type.physical = data[0] & 7;
    choice.column.max_definition = data[0] >> 3 & 1;
    if (data[0] >> 7 != 0) {
        choice.column.nested = true;
        choice.column.max_definition = (uint16_t)((data[1] & 31) << (data[0] >> 3 & 1));
        choice.column.max_repetition = data[1] >> 5;
    }
    if (choice.column.type.physical == COLUMN_FIXED)
        choice.column.type.type_length = 1u + data[1] % 20;
    choice.chunk.codec = data[0] >> 4 & 7;
    choice.chunk.length = size;
    choice.chunk.value_count = data[2] | (uint32_t)data[3] << 8;
    choice.step = 1u + data[4] * 8u;
    choice.skipped = data[5] * 16u;
    return choice;
}

/* Sum over the rows behind the skipped ones; false when the chunk is damaged. */
static bool read_chunk(struct parquet_page_reader *reader, const struct memory_object *memory,
                       const struct choice *choice, bool skip, uint64_t *ret_rows)
{
    struct error error;
    struct column_slice slice;
    error_init(&error);
    if (parquet_page_reader_open(reader, &memory->object, &choice->column, &choice->chunk, NULL,
                                 &error) != ERROR_NONE)
        return false;
    if (skip && parquet_page_reader_skip(reader, choice->skipped, &error) != ERROR_NONE)
        return false;
    *ret_rows = skip ? choice->skipped : 0;
    do {
        if (parquet_page_reader_next(reader, choice->step, &slice, &error) != ERROR_NONE)
            return false;
        demand(slice.row_count <= choice->step);
        touch_slice(&choice->column.type, &slice);
        *ret_rows += slice.row_count;
    } while (slice.row_count > 0);
    return true;
}

static enum error_code visit(void *context, const struct parquet_page *page, struct error *error)
{
    (void)error;
    uint64_t *bytes = context;
    *bytes += page->compressed_size;
    return ERROR_NONE;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mem_account account;
    struct parquet_page_reader *reader;
    struct error error;
    uint64_t rows, bytes = 0;
    if (size < 6)
        return 0;
    struct choice choice = choose(data, size - 6);
    struct memory_object memory = memory_object_over(data + 6, size - 6);
    memory.object.identity.modified_ns = (int64_t)(uintptr_t)data;
    mem_account_init(&account, "fuzz", NULL, (size_t)64 << 20);
    error_init(&error);
    if (parquet_page_reader_create(&account, (size_t)16 << 20, &reader, &error) != ERROR_NONE)
        return 0;
    if (read_chunk(reader, &memory, &choice, false, &rows)) {
        demand(rows == choice.chunk.value_count);
        if (choice.skipped <= rows && read_chunk(reader, &memory, &choice, true, &rows))
            demand(rows == choice.chunk.value_count);
        demand(parquet_visit_pages(&memory.object, &choice.column, &choice.chunk, visit, &bytes,
                                   &error) == ERROR_NONE);
    }
    parquet_page_reader_destroy(reader);
    demand(atomic_load(&account.used) == 0);
    return 0;
}
