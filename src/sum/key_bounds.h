/*
 * The least and the greatest of the integers that a key column has: what a range needs.
 */
#ifndef WEIR_SUM_KEY_BOUNDS_H
#define WEIR_SUM_KEY_BOUNDS_H

#include "column/column.h"
#include "parquet/metadata.h"

/* Values are kept as 64 bits in the order of the type: signed ones with the sign bit flipped. */
struct key_bounds {
    struct column_type type; /* INT32, INT64 or BOOLEAN */
    bool any;
    uint64_t least, greatest;
};

void key_bounds_init(struct key_bounds *bounds, const struct column_type *type);
/* Takes in count dense values of the type. */
void key_bounds_add(struct key_bounds *bounds, const void *values, size_t count);
void key_bounds_merge(struct key_bounds *bounds, const struct key_bounds *other);
/* The bounds as values of the type; false: there is no value. */
bool key_bounds_values(const struct key_bounds *bounds, uint64_t *ret_low, uint64_t *ret_high);
#endif
