/*
 * Dictionaries of a stream: the values that batches stand for by their index.
 *
 * Private to the arrow room. The values are kept as slices have them, one entry for each, and own
 * all they point to, so a dictionary lives as long as the stream says, whatever becomes of the
 * message that it came in. Source of the format: "Dictionary messages" of the Arrow columnar
 * format.
 */
#ifndef WEIR_ARROW_STREAM_DICTIONARY_H
#define WEIR_ARROW_STREAM_DICTIONARY_H

#include "arrow/stream_array.h"

struct stream_dictionary {
    int64_t id;
    struct column_type type;
    struct stream_array array; /* a batch of values, while it is read */
    struct mem_buffer values;  /* count entries; zeros where one is null */
    struct mem_buffer present; /* count bytes; empty while none is null */
    struct mem_arena texts;
    uint64_t count;
};

void stream_dictionary_init(struct stream_dictionary *dictionary, struct mem_account *account,
                            const struct column_type *type, const struct stream_type *layout);
void stream_dictionary_release(struct stream_dictionary *dictionary);

/* Adds the values of a batch of one column: behind those that are there, or in their place. */
CHECKED enum error_code stream_dictionary_add(struct stream_dictionary *dictionary,
                                              const struct stream_batch *batch, bool is_delta,
                                              struct error *error);

/* Memory of a slice that is made from a dictionary. */
struct stream_lookup {
    struct mem_buffer indices;
    struct mem_buffer values;
};

/* A slice of the values that rows of array, which holds indices, stand for. */
CHECKED enum error_code stream_dictionary_slice(const struct stream_dictionary *dictionary,
                                                struct stream_array *array, bool is_signed,
                                                uint64_t first, uint32_t count,
                                                struct stream_lookup *lookup,
                                                struct column_slice *ret, struct error *error);

#endif
