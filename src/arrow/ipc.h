/*
 * Writes Arrow IPC: the stream form, and the file form with its footer.
 *
 * Types are those of arrow/schema.h with a few stored plainly: text has 32-bit offsets whatever the
 * input had, dictionary columns are written as their values, seconds stay the milliseconds they are
 * stored as, INT96 becomes timestamp[ns], an interval stays 12 bytes. Nothing is compressed. Bytes
 * leave through a callback as they are made, so that memory does not grow with a batch; only the
 * file form keeps 24 bytes a batch for its footer.
 * Source of the format: Message.fbs, File.fbs and "IPC streaming format" of apache/arrow.
 */
#ifndef WEIR_ARROW_IPC_H
#define WEIR_ARROW_IPC_H

#include "column/column.h"
#include "mem/mem.h"

/* An entry of a schema's metadata. */
struct arrow_key_value {
    const char *key;
    const char *value;
    size_t value_size;
};

/* Takes the next bytes of the output. */
typedef enum error_code (*arrow_write)(void *context, const void *bytes, size_t size,
                                       struct error *error);

enum arrow_form { ARROW_STREAM, ARROW_FILE };

struct arrow_writer {
    struct mem_account *account;
    const struct column_field *fields;
    uint32_t field_count;
    enum arrow_form form;
    arrow_write write;
    void *context;
    uint64_t position;         /* bytes written so far */
    struct mem_buffer message; /* the metadata being made */
    struct mem_buffer piece;   /* values being converted */
    struct mem_buffer blocks;  /* where batches stand, for the footer */
};

/* Writes the schema. fields and context are borrowed until arrow_writer_release. */
CHECKED enum error_code arrow_writer_open(struct arrow_writer *ret, struct mem_account *account,
                                          const struct column_field *fields, uint32_t field_count,
                                          enum arrow_form form, arrow_write write, void *context,
                                          struct error *error);

/* One record batch. ERROR_UNSUPPORTED when a column's text passes 2 GiB in it, ERROR_OVERFLOW when
 * an INT96 time does not fit 64 bits of nanoseconds. */
CHECKED enum error_code arrow_writer_batch(struct arrow_writer *writer,
                                           const struct column_batch *batch, struct error *error);

/* Writes the end. key_values go into the footer's schema; the stream form has no place for them. */
CHECKED enum error_code arrow_writer_finish(struct arrow_writer *writer,
                                            const struct arrow_key_value *key_values,
                                            uint32_t key_value_count, struct error *error);
void arrow_writer_release(struct arrow_writer *writer);

/* What a writer holds, for up to 32,768 batches; the key-values given at the end come on top. */
size_t arrow_writer_size(const struct column_field *fields, uint32_t field_count);

#endif
