/*
 * Bytes taken for the pages of a column chunk, flat or nested. The first bytes choose the column,
 * the codec and how rows are asked for; the chunk is read, passed over in part, and read again, as
 * values, as indexes into its dictionary, and by turns: all ways must agree.
 */
#include "parquet/indexes.h"
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

/* Ways to ask for rows. */
enum way { AS_VALUES, AS_INDEXES, BY_TURNS };

/* A digest of the rows from one on, the same whatever slices they come in. */
struct digest {
    uint64_t row, from, sum;
};

#define DIGEST_BYTES 32

static void add_value(struct digest *digest, const struct column_type *type, const uint8_t *value)
{
    size_t size = column_value_size(type);
    struct column_bytes text;
    if (type->physical == COLUMN_BYTE_ARRAY) {
        memcpy(&text, value, sizeof text);
        size = text.size;
        value = text.data;
    }
    digest->sum = digest->sum * 1000003 + size;
    digest->sum += touch(value, size < DIGEST_BYTES ? size : DIGEST_BYTES);
}

/* values: the slice's own, or the dictionary that its indexes lead to. */
static void add_rows(struct digest *digest, const struct column_type *type,
                     const struct parquet_index_slice *slice, const uint8_t *values)
{
    size_t width = column_value_size(type), at = 0;
    for (uint32_t i = 0; i < slice->row_count; i++, digest->row++) {
        bool present = slice->present == NULL || slice->present[i] != 0;
        if (digest->row >= digest->from && present) {
            size_t index = slice->coded ? slice->indexes[slice->repeated ? 0 : at] : at;
            add_value(digest, type, values + index * width);
        } else if (digest->row >= digest->from) {
            digest->sum = digest->sum * 1000003 + 7;
        }
        at += present;
    }
    demand(at == slice->value_count);
}

/* Beyond the first, indexes of a repeated slice are not there. */
static void check_indexes(const struct parquet_index_slice *slice)
{
    uint32_t count = slice->repeated && slice->value_count > 0 ? 1 : slice->value_count;
    for (uint32_t i = 0; i < count; i++)
        demand(slice->indexes[i] < slice->dictionary_count);
    demand(slice->repeated || slice->row_count <= PARQUET_SLICE_ROWS);
}

static enum error_code next_values(struct parquet_page_reader *reader, const struct choice *choice,
                                   struct digest *digest, uint32_t *ret_rows, struct error *error)
{
    struct column_slice slice;
    TRY(parquet_page_reader_next(reader, choice->step, &slice, error));
    demand(slice.row_count <= choice->step);
    touch_slice(&choice->column.type, &slice);
    struct parquet_index_slice same = {
        .row_count = slice.row_count, .value_count = slice.value_count, .present = slice.present};
    add_rows(digest, &choice->column.type, &same, slice.values);
    *ret_rows = slice.row_count;
    return ERROR_NONE;
}

static enum error_code next_indexes(struct parquet_page_reader *reader, const struct choice *choice,
                                    struct digest *digest, uint32_t *ret_rows, struct error *error)
{
    struct parquet_index_slice slice;
    const void *dictionary;
    uint32_t count;
    TRY(parquet_page_reader_next_indexes(reader, choice->step, &slice, error));
    demand(slice.row_count <= choice->step);
    *ret_rows = slice.row_count;
    if (!slice.coded) {
        add_rows(digest, &choice->column.type, &slice, slice.values);
        return ERROR_NONE;
    }
    check_indexes(&slice);
    TRY(parquet_page_reader_dictionary(reader, &dictionary, &count, error));
    demand(count == slice.dictionary_count);
    add_rows(digest, &choice->column.type, &slice, dictionary);
    return ERROR_NONE;
}

/* The dictionary as a slice; nothing of it may be out of bounds. */
static enum error_code look_at_dictionary(struct parquet_page_reader *reader,
                                          const struct choice *choice, struct error *error)
{
    struct column_slice all = {0};
    TRY(parquet_page_reader_dictionary(reader, &all.values, &all.value_count, error));
    all.row_count = all.value_count;
    touch_slice(&choice->column.type, &all);
    return ERROR_NONE;
}

static enum error_code read_rows(struct parquet_page_reader *reader, const struct choice *choice,
                                 enum way way, struct digest *digest, struct error *error)
{
    uint32_t turn = choice->skipped / 16, rows = 1;
    for (uint32_t asked = 0; rows > 0; turn = turn * 5 + 3) {
        bool indexes = way == AS_INDEXES || (way == BY_TURNS && (turn >> 3 & 1) != 0);
        if (way == BY_TURNS && (turn >> 4 & 1) != 0 && asked++ < 3)
            TRY(look_at_dictionary(reader, choice, error));
        TRY(indexes ? next_indexes(reader, choice, digest, &rows, error)
                    : next_values(reader, choice, digest, &rows, error));
    }
    return ERROR_NONE;
}

/* Digest of the rows behind the skipped ones. */
static enum error_code read_chunk(struct parquet_page_reader *reader,
                                  const struct memory_object *memory, const struct choice *choice,
                                  bool skip, enum way way, uint64_t *ret)
{
    struct error error;
    struct digest digest = {.from = choice->skipped};
    error_init(&error);
    TRY(parquet_page_reader_open(reader, &memory->object, &choice->column, &choice->chunk, NULL,
                                 &error));
    if (skip) {
        TRY(parquet_page_reader_skip(reader, choice->skipped, &error));
        digest.row = choice->skipped;
    }
    TRY(read_rows(reader, choice, way, &digest, &error));
    demand(digest.row == choice->chunk.value_count);
    *ret = digest.sum;
    return ERROR_NONE;
}

/* What can be read one way can be read another, if there is memory for it, and is the same. */
static void read_again(struct parquet_page_reader *reader, const struct memory_object *memory,
                       const struct choice *choice, enum way way, enum error_code expected,
                       uint64_t digest)
{
    uint64_t again = 0;
    enum error_code code = read_chunk(reader, memory, choice, false, way, &again);
    demand(code == expected || code == ERROR_MEMORY || expected == ERROR_MEMORY);
    demand(code != ERROR_NONE || expected != ERROR_NONE || again == digest);
}

/* The same behind rows passed over. Pages that are passed are not looked into, but a dictionary
 * that is asked for is. */
static void skip_and_read(struct parquet_page_reader *reader, const struct memory_object *memory,
                          const struct choice *choice, enum way way, uint64_t digest)
{
    uint64_t again = 0;
    enum error_code code = read_chunk(reader, memory, choice, true, way, &again);
    demand(code == ERROR_NONE || code == ERROR_MEMORY || way == BY_TURNS);
    demand(code != ERROR_NONE || again == digest);
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
    uint64_t digest = 0, bytes = 0;
    if (size < 6)
        return 0;
    struct choice choice = choose(data, size - 6);
    struct memory_object memory = memory_object_over(data + 6, size - 6);
    memory.object.identity.modified_ns = (int64_t)(uintptr_t)data;
    mem_account_init(&account, "fuzz", NULL, (size_t)64 << 20);
    error_init(&error);
    if (parquet_page_reader_create(&account, (size_t)16 << 20, &reader, &error) != ERROR_NONE)
        return 0;
    enum error_code code = read_chunk(reader, &memory, &choice, false, AS_VALUES, &digest);
    for (enum way way = AS_VALUES; way <= BY_TURNS; way++) {
        /* Without the dictionary of the way before, but for the last. */
        memory.object.identity.modified_ns += way == AS_INDEXES;
        if (way != AS_VALUES)
            read_again(reader, &memory, &choice, way, code, digest);
        if (code == ERROR_NONE && choice.skipped <= choice.chunk.value_count)
            skip_and_read(reader, &memory, &choice, way, digest);
    }
    if (code == ERROR_NONE)
        demand(parquet_visit_pages(&memory.object, &choice.column, &choice.chunk, visit, &bytes,
                                   &error) == ERROR_NONE);
    parquet_page_reader_destroy(reader);
    demand(atomic_load(&account.used) == 0);
    return 0;
}
