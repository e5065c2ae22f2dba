/* Bytes taken for a footer; what is understood of it must lie within the file. */
#include "memory.h"
#include "parquet/metadata.h"

static void check(const struct parquet_metadata *metadata, size_t file_size)
{
    for (uint32_t i = 0; i < metadata->row_group_count; i++) {
        for (uint32_t j = 0; j < metadata->column_count; j++) {
            const struct parquet_chunk *chunk = &metadata->row_groups[i].chunks[j];
            demand(chunk->offset + chunk->length <= file_size - metadata->footer_length ||
                   chunk->encrypted);
            demand(codec_name(chunk->codec) != NULL);
        }
    }
    for (uint32_t i = 0; i < metadata->field_count; i++) {
        struct error error;
        uint32_t column;
        error_init(&error);
        if (parquet_find_column(metadata, metadata->fields[i].name, &column, &error) == ERROR_NONE)
            demand(column < metadata->column_count);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mem_account account;
    struct parquet_metadata metadata;
    struct error error;
    uint32_t length = (uint32_t)size;
    size_t file_size = 4 + 1000 + size + 8;
    uint8_t *file = calloc(1, file_size);
    if (size > 0)
        memcpy(file + 1004, data, size);
    memcpy(file + 1004 + size, &length, 4);
    memcpy(file + 1008 + size, "PAR1", 4);
    struct memory_object memory = memory_object_over(file, file_size);
    mem_account_init(&account, "fuzz", NULL, (size_t)64 << 20);
    error_init(&error);
    if (parquet_metadata_read(&memory.object, &account, &metadata, &error) == ERROR_NONE) {
        check(&metadata, file_size);
        parquet_metadata_release(&metadata);
    }
    demand(atomic_load(&account.used) == 0);
    free(file);
    return 0;
}
