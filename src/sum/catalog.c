#include "sum/catalog.h"

#include <string.h>

/* Small groups never need a temporary file. */
#define SPOOL_MEMORY ((size_t)512 << 10)

void catalog_init(struct catalog *catalog, struct mem_account *account, uint32_t column_count,
                  uint32_t value_count, uint32_t slot_count)
{
    *catalog = (struct catalog){
        .column_count = column_count, .value_count = value_count, .slot_count = slot_count};
    spool_init(&catalog->spool, account, SPOOL_MEMORY, NULL);
    mem_buffer_init(&catalog->offsets, account, SIZE_MAX / 2);
}

void catalog_release(struct catalog *catalog)
{
    spool_release(&catalog->spool);
    mem_buffer_release(&catalog->offsets);
}

static size_t positions_size(const struct catalog *catalog)
{
    return sizeof(struct catalog_position) * catalog->value_count * catalog->slot_count;
}

static void describe_chunks(const struct catalog *catalog, const struct parquet_metadata *metadata,
                            const uint32_t *columns, struct catalog_chunk *ret)
{
    for (uint32_t group = 0; group < metadata->row_group_count; group++) {
        for (uint32_t column = 0; column < catalog->column_count; column++, ret++) {
            const struct parquet_chunk *chunk =
                &metadata->row_groups[group].chunks[columns[column]];
            *ret = (struct catalog_chunk){
                .offset = chunk->offset,
                .length = chunk->length,
                .decoded_length = chunk->decoded_length,
                .value_count = chunk->value_count,
                .dictionary_offset = chunk->dictionary_offset,
                .encodings = chunk->encodings,
                .codec = (uint8_t)chunk->codec,
                .encrypted = chunk->encrypted,
                .always_compressed = chunk->always_compressed,
                .max_definition = (uint8_t)metadata->columns[columns[column]].max_definition,
            };
        }
    }
}

enum error_code catalog_add(struct catalog *catalog, const char *path,
                            const struct store_identity *identity,
                            const struct parquet_metadata *metadata, const uint32_t *columns,
                            struct mem_buffer *scratch, struct error *error)
{
    size_t path_size = (strlen(path) + 8) / 8 * 8;
    size_t chunks_size =
        sizeof(struct catalog_chunk) * catalog->column_count * (size_t)metadata->row_group_count;
    size_t size = sizeof(struct catalog_head) + path_size + chunks_size + positions_size(catalog);
    TRY(mem_buffer_renew(scratch, size, error));
    memset(scratch->data, 0, size);
    struct catalog_head head = {.identity = *identity,
                                .row_count = metadata->row_count,
                                .footer_hash = metadata->footer_hash,
                                .path_size = (uint32_t)path_size,
                                .row_group_count = metadata->row_group_count};
    uint8_t *at = scratch->data;
    memcpy(at, &head, sizeof head);
    memcpy(at + sizeof head, path, strlen(path));
    describe_chunks(catalog, metadata, columns,
                    (struct catalog_chunk *)(at + sizeof head + path_size));
    uint64_t offset = catalog->spool.size;
    TRY(mem_buffer_append(&catalog->offsets, &offset, sizeof offset, error));
    TRY(spool_append(&catalog->spool, scratch->data, size, error));
    catalog->file_count++;
    return ERROR_NONE;
}

static uint64_t record_offset(const struct catalog *catalog, uint64_t file)
{
    return ((const uint64_t *)catalog->offsets.data)[file];
}

static uint64_t record_end(const struct catalog *catalog, uint64_t file)
{
    return file + 1 < catalog->file_count ? record_offset(catalog, file + 1) : catalog->spool.size;
}

enum error_code catalog_load(const struct catalog *catalog, uint64_t file,
                             struct mem_buffer *buffer, struct catalog_record *ret,
                             struct error *error)
{
    uint64_t offset = record_offset(catalog, file);
    size_t size = (size_t)(record_end(catalog, file) - offset) - positions_size(catalog);
    TRY(mem_buffer_renew(buffer, size, error));
    TRY(spool_read(&catalog->spool, offset, buffer->data, size, error));
    ret->head = (const struct catalog_head *)buffer->data;
    ret->path = (const char *)(ret->head + 1);
    ret->chunks = (const struct catalog_chunk *)(ret->path + ret->head->path_size);
    return ERROR_NONE;
}

/* Tiles take turns in the slots, so that a tile can begin again while later ones are under way. */
static uint64_t position_offset(const struct catalog *catalog, uint64_t file, uint32_t value,
                                uint64_t tile)
{
    uint64_t slot = (uint64_t)value * catalog->slot_count + tile % catalog->slot_count;
    return record_end(catalog, file) - positions_size(catalog) +
           slot * sizeof(struct catalog_position);
}

enum error_code catalog_read_position(const struct catalog *catalog, uint64_t file, uint32_t value,
                                      uint64_t tile, struct catalog_position *ret,
                                      struct error *error)
{
    return spool_read(&catalog->spool, position_offset(catalog, file, value, tile), ret,
                      sizeof *ret, error);
}

enum error_code catalog_write_position(struct catalog *catalog, uint64_t file, uint32_t value,
                                       uint64_t tile, const struct catalog_position *position,
                                       struct error *error)
{
    return spool_write(&catalog->spool, position_offset(catalog, file, value, tile), position,
                       sizeof *position, error);
}

struct catalog_position catalog_row_group_position(const struct catalog *catalog,
                                                   const struct catalog_record *record,
                                                   uint32_t column, uint64_t row)
{
    struct catalog_position position = {0};
    while (position.row_group < record->head->row_group_count) {
        size_t index = position.row_group * catalog->column_count + column;
        uint64_t end = position.file_row + record->chunks[index].value_count;
        if (end > row)
            break;
        position.file_row = end;
        position.row_group++;
    }
    return position;
}

void catalog_prefetch(const struct catalog *catalog, const struct catalog_record *record,
                      const struct store_object *object, uint32_t column,
                      const struct catalog_position *position, uint64_t rows)
{
    uint64_t offset = position->page_offset, row = position->page_row;
    for (uint64_t group = position->row_group; rows > 0 && group < record->head->row_group_count;
         group++) {
        const struct catalog_chunk *chunk = &record->chunks[group * catalog->column_count + column];
        uint64_t bytes = chunk->length - offset, here = chunk->value_count - row;
        /* Of a chunk that reaches further only the share that the rows have of it. */
        if (here > rows) {
            bytes = (uint64_t)((double)bytes * (double)rows / (double)here);
            here = rows;
        }
        store_prefetch(object, chunk->offset + offset, bytes);
        rows -= here;
        offset = row = 0;
    }
}

struct parquet_chunk catalog_parquet_chunk(const struct catalog_chunk *chunk)
{
    return (struct parquet_chunk){
        .offset = chunk->offset,
        .length = chunk->length,
        .decoded_length = chunk->decoded_length,
        .value_count = chunk->value_count,
        .dictionary_offset = chunk->dictionary_offset,
        .encodings = chunk->encodings,
        .codec = (enum codec)chunk->codec,
        .encrypted = chunk->encrypted,
        .always_compressed = chunk->always_compressed,
    };
}

struct parquet_column catalog_parquet_column(const struct catalog_chunk *chunk,
                                             const struct parquet_column *base)
{
    struct parquet_column column = *base;
    column.max_definition = chunk->max_definition;
    column.nullable = chunk->max_definition > 0;
    return column;
}
