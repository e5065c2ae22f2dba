/*
 * The schema of a stream: its columns, and the dictionaries that they share.
 *
 * Private to the arrow room. Fields may be nested and refer to each other in hostile ways, so their
 * number is bounded by the bytes that they stand in, and their depth by what Arrow's own readers
 * take. Source of the format: Schema.fbs.
 */
#ifndef WEIR_ARROW_STREAM_SCHEMA_H
#define WEIR_ARROW_STREAM_SCHEMA_H

#include "arrow/stream_dictionary.h"

struct stream_column {
    struct column_field field;
    const char *unread; /* what it is that cannot be read, or NULL */
    struct stream_extent extent;
    struct stream_dictionary *dictionary; /* NULL: values stand in the batches */
    struct stream_type type;              /* of the values there, or of indices */
};

struct stream_schema {
    struct mem_arena arena; /* names, columns, dictionaries */
    struct stream_column *columns;
    uint32_t column_count;
    struct stream_dictionary *dictionaries; /* by id */
    uint32_t dictionary_count;
};

void stream_schema_init(struct stream_schema *schema, struct mem_account *account);
/* Leaves an empty schema. */
void stream_schema_release(struct stream_schema *schema);

/* Reads an empty schema from its message. */
CHECKED enum error_code stream_schema_read(struct stream_schema *schema,
                                           const struct stream_message *message,
                                           struct error *error);

/* NULL: no column that is read has such a dictionary. */
struct stream_dictionary *stream_schema_dictionary(const struct stream_schema *schema, int64_t id);

#endif
