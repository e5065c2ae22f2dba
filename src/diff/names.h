/*
 * The fields of a file by name: a hash table, so that files of many columns cost no more than they
 * must.
 */
#ifndef WEIR_DIFF_NAMES_H
#define WEIR_DIFF_NAMES_H

#include "parquet/metadata.h"

#define NAMES_NONE UINT32_MAX

struct names {
    const struct parquet_metadata *metadata;
    uint32_t *slots; /* field number + 1; 0: free */
    uint32_t mask;
};

/* Slots come from the arena; metadata is borrowed. */
CHECKED enum error_code names_create(struct names *ret, const struct parquet_metadata *metadata,
                                     struct mem_arena *arena, struct error *error);

/* The first field of a name, or NAMES_NONE. */
uint32_t names_find(const struct names *names, const char *name);

#endif
