/*
 * Builds the Schema table of Arrow's flatbuffers, and the messages it stands in.
 *
 * Private to the arrow room.
 */
#ifndef WEIR_ARROW_SCHEMA_BUILD_H
#define WEIR_ARROW_SCHEMA_BUILD_H

#include "arrow/flat_builder.h"
#include "arrow/ipc.h"

/* Metadata version V5 of Schema.fbs: the one with buffers aligned to 8 and no union validity. */
#define ARROW_METADATA_V5 4

/* Which MessageHeader a message carries. */
enum arrow_message { ARROW_MESSAGE_SCHEMA = 1, ARROW_MESSAGE_RECORD_BATCH = 3 };

/* What a schema is built from. */
struct arrow_schema_source {
    const struct column_field *fields;
    uint32_t field_count;
    bool as_batches; /* the types of record batches instead of those of the input */
    const struct arrow_key_value *key_values;
    uint32_t key_value_count;
};

void arrow_build_schema(struct flat_builder *builder, size_t link,
                        const struct arrow_schema_source *source);

/* Builds the root table of a message; returns the place of the offset to its header. */
size_t arrow_build_message(struct flat_builder *builder, enum arrow_message kind,
                           uint64_t body_size);

/* Appends a finished message with its continuation marker and length. */
CHECKED enum error_code arrow_encapsulate(struct flat_builder *builder, struct mem_buffer *ret,
                                          struct error *error);

/* The most that the flatbuffer of a schema may take. */
#define ARROW_SCHEMA_MAXIMUM ((size_t)256 << 20)

#endif
