/*
 * The end of a file: page indexes, then the footer.
 *
 * What has to be remembered of every chunk and page waits in spools, and is written piece by
 * piece, so that no length of a file needs more memory. Source of the structures: parquet.thrift.
 */
#ifndef WEIR_PARQUET_WRITER_FOOTER_H
#define WEIR_PARQUET_WRITER_FOOTER_H

#include "parquet/writer_column.h"
#include "parquet/writer_compact.h"

/* Most bytes of the structures between two flushes, names not counted. */
#define FOOTER_PIECE_BYTES ((size_t)16 << 10)

struct footer_writer {
    struct output *output; /* borrowed */
    struct mem_buffer piece;
    struct spool *chunks;          /* struct chunk_record, field_count a row group; borrowed */
    struct column_writer *columns; /* borrowed */
    uint32_t field_count;
    uint32_t row_group_count;
    uint64_t row_count;
};

/* Column indexes and offset indexes of all chunks (writer_index.c). */
CHECKED enum error_code footer_write_indexes(struct footer_writer *footer, struct error *error);

/* The footer with its length and the magic. */
CHECKED enum error_code footer_write(struct footer_writer *footer,
                                     const struct parquet_key_value *key_values,
                                     uint32_t key_value_count, struct error *error);

/* Gives what is in piece to the output. */
CHECKED enum error_code footer_flush(struct footer_writer *footer, struct error *error);
CHECKED enum error_code footer_read_chunk(const struct footer_writer *footer, uint32_t row_group,
                                          uint32_t column, struct chunk_record *ret,
                                          struct error *error);

/* The schema elements: the root and one a field (writer_schema.c); the list's head stands already.
 */
void compact_schema_root(struct compact_writer *writer, uint32_t field_count);
void compact_schema_element(struct compact_writer *writer, const struct column_field *field);

#endif
