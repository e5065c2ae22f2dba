/*
 * The catalog: what a run must remember of every input file, in 8 bytes of memory a file.
 *
 * A record holds the file's path, identity, row groups and, for each column that the run uses,
 * where its chunks are; and the positions at which tiles begin in the value columns. Records live
 * in a spool, so beyond its memory they are in an unlinked temporary file.
 *
 * Records are added by one thread; afterwards any number of threads may load records and read and
 * write positions, as long as no two write the same position at once.
 */
#ifndef WEIR_SUM_CATALOG_H
#define WEIR_SUM_CATALOG_H

#include "parquet/page_reader.h"
#include "store/spool.h"

/* A column chunk as the run needs it. */
struct catalog_chunk {
    uint64_t offset;
    uint64_t length;
    uint64_t decoded_length;
    uint64_t value_count;
    uint64_t dictionary_offset;
    uint32_t encodings;
    uint8_t codec;
    uint8_t max_definition;
    bool encrypted;
    bool always_compressed;
};

/* Where a tile begins in one value column of one file. */
struct catalog_position {
    uint64_t file_row;    /* rows before the page */
    uint64_t page_offset; /* from the start of the chunk */
    uint64_t page_row;    /* rows of the row group before the page */
    uint64_t row_group;
};

/* The start of a record; path, chunks and positions follow. */
struct catalog_head {
    struct store_identity identity;
    uint64_t row_count;
    uint64_t footer_hash;
    uint32_t path_size; /* its NUL included, rounded up to 8 */
    uint32_t row_group_count;
};

struct catalog {
    struct spool spool;
    struct mem_buffer offsets; /* uint64_t a record */
    uint64_t file_count;
    uint32_t column_count; /* columns of which chunks are kept */
    uint32_t value_count;  /* the last ones of them: value columns, which have positions */
    uint32_t slot_count;   /* positions kept a value column: tiles that may be under way, and one */
};

/* A loaded record: a view into the buffer given to catalog_load. */
struct catalog_record {
    const struct catalog_head *head;
    const char *path;
    const struct catalog_chunk *chunks; /* [row_group * column_count + column] */
};

void catalog_init(struct catalog *catalog, struct mem_account *account, uint32_t column_count,
                  uint32_t value_count, uint32_t slot_count);
void catalog_release(struct catalog *catalog);

/* Adds a file. columns: for each kept column its index in metadata. scratch is reused. */
CHECKED enum error_code catalog_add(struct catalog *catalog, const char *path,
                                    const struct store_identity *identity,
                                    const struct parquet_metadata *metadata,
                                    const uint32_t *columns, struct mem_buffer *scratch,
                                    struct error *error);

/* Loads a record into buffer; ret is valid until the buffer changes. */
CHECKED enum error_code catalog_load(const struct catalog *catalog, uint64_t file,
                                     struct mem_buffer *buffer, struct catalog_record *ret,
                                     struct error *error);

CHECKED enum error_code catalog_read_position(const struct catalog *catalog, uint64_t file,
                                              uint32_t value, uint64_t tile,
                                              struct catalog_position *ret, struct error *error);
CHECKED enum error_code catalog_write_position(struct catalog *catalog, uint64_t file,
                                               uint32_t value, uint64_t tile,
                                               const struct catalog_position *position,
                                               struct error *error);

/* Where the row group that holds a row of the file begins, found by counting rows. */
struct catalog_position catalog_row_group_position(const struct catalog *catalog,
                                                   const struct catalog_record *record,
                                                   uint32_t column, uint64_t row);

/* Asks for the bytes that hold the next rows of a kept column, over the ends of row groups. */
void catalog_prefetch(const struct catalog *catalog, const struct catalog_record *record,
                      const struct store_object *object, uint32_t column,
                      const struct catalog_position *position, uint64_t rows);

/* A chunk and a column as the page reader wants them. base: the column as the first file has it. */
struct parquet_chunk catalog_parquet_chunk(const struct catalog_chunk *chunk);
struct parquet_column catalog_parquet_column(const struct catalog_chunk *chunk,
                                             const struct parquet_column *base);
#endif
