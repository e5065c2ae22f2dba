/*
 * Builds FlatBuffers front to back: a table is written before what it points to, and an offset is
 * filled in when its target begins.
 *
 * A failure to get memory is kept in the builder; every call after it does nothing, and flat_finish
 * tells. So the code that builds reads like the schema.
 */
#ifndef WEIR_ARROW_FLAT_BUILDER_H
#define WEIR_ARROW_FLAT_BUILDER_H

#include "mem/mem.h"

struct flat_builder {
    struct mem_buffer bytes;
    enum error_code code; /* of the first failure */
    struct error *error;  /* the caller's */
};

/* A field of a table: size 0 leaves it out, else 1, 2, 4 or 8 bytes. */
struct flat_slot {
    uint8_t size;
    uint64_t value;  /* 0 for an offset that is linked later */
    size_t position; /* filled in by flat_table_build: where it stands */
};

/* A slot for an offset. */
#define FLAT_LINK ((struct flat_slot){.size = 4})

/* The place of the root's offset. */
#define FLAT_ROOT 0

/* Begins a buffer, which ends with flat_builder_release; error is borrowed until then. */
void flat_builder_init(struct flat_builder *builder, struct mem_account *account, size_t maximum,
                       struct error *error);
void flat_builder_release(struct flat_builder *builder);

/* Appends a table and lets the offset at link point to it. */
void flat_build_table(struct flat_builder *builder, size_t link, struct flat_slot *slots,
                      size_t count);
void flat_build_string(struct flat_builder *builder, size_t link, const void *text, size_t size);
/* Appends a vector of zeros, its elements aligned to 8, and returns where the first one stands. */
size_t flat_build_vector(struct flat_builder *builder, size_t link, size_t count,
                         size_t element_size);
/* Overwrites bytes that were built before. */
void flat_put(struct flat_builder *builder, size_t at, const void *bytes, size_t size);

/* Pads to 8 bytes and says whether all went well. */
CHECKED enum error_code flat_finish(struct flat_builder *builder);

#endif
