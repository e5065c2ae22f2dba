/* Bytes taken for a whole file: all columns are read, nested ones as their entries. */
#include "slices.h"

/* Headers may say many rows and take few bytes for them; enough is enough. */
#define ROWS_MOST 1000000

/* Entries of a nested column, rows of a flat one. */
static uint64_t entries_of(const struct parquet_metadata *metadata, uint32_t column)
{
    uint64_t entries = 0;
    for (uint32_t i = 0; i < metadata->row_group_count; i++)
        entries += metadata->row_groups[i].chunks[column].value_count;
    return metadata->columns[column].nested ? entries : metadata->row_count;
}

static void read_column(const struct memory_object *memory, const struct parquet_metadata *metadata,
                        uint32_t column, struct mem_account *account)
{
    struct parquet_column_reader reader;
    struct column_slice slice;
    struct error error;
    error_init(&error);
    if (parquet_column_reader_open(&reader, &memory->object, metadata, column, account,
                                   (size_t)16 << 20, &error) != ERROR_NONE)
        return;
    uint64_t rows = 0;
    do {
        if (parquet_column_reader_next(&reader, 3000, &slice, &error) != ERROR_NONE)
            break;
        touch_slice(&metadata->columns[column].type, &slice);
        rows += slice.row_count;
        demand(slice.row_count > 0 || rows == entries_of(metadata, column));
    } while (slice.row_count > 0 && rows < ROWS_MOST);
    parquet_column_reader_close(&reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mem_account account;
    struct parquet_metadata metadata;
    struct error error;
    struct memory_object memory = memory_object_over(data, size);
    mem_account_init(&account, "fuzz", NULL, (size_t)64 << 20);
    error_init(&error);
    if (parquet_metadata_read(&memory.object, &account, &metadata, &error) != ERROR_NONE)
        return 0;
    for (uint32_t i = 0; i < metadata.column_count && i < 50; i++)
        read_column(&memory, &metadata, i, &account);
    parquet_metadata_release(&metadata);
    demand(atomic_load(&account.used) == 0);
    return 0;
}
