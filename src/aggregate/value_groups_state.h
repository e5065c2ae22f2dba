/*
 * Inside groups.
 *
 * Whether a key has a value is told by its count where these are kept, else by what an extremum has
 * seen, else by seen. Words of integers stand key by key: see exact/integers.h.
 */
#ifndef WEIR_AGGREGATE_VALUE_GROUPS_STATE_H
#define WEIR_AGGREGATE_VALUE_GROUPS_STATE_H

#include "aggregate/value_groups.h"

/* Rows that are brought to another form at once. */
#define VALUE_GROUPS_PIECE 256

struct value_groups {
    const struct aggregate_value *value;
    struct mem_account *account;
    size_t key_count;           /* room */
    struct exact_tile *exact;   /* floats with a sum, else NULL */
    uint64_t *words;            /* integers with a sum, else NULL */
    uint8_t *minimum, *maximum; /* or NULL */
    uint8_t *seen_minimum, *seen_maximum;
    uint64_t *counts; /* of rows with a value, or NULL */
    uint8_t *seen;    /* or NULL */
};

static inline bool value_groups_has(const struct value_groups *groups, uint32_t key)
{
    if (groups->counts != NULL)
        return groups->counts[key] > 0;
    if (groups->seen != NULL)
        return groups->seen[key] != 0;
    return groups->seen_minimum != NULL ? groups->seen_minimum[key] != 0
                                        : groups->seen_maximum[key] != 0;
}
#endif
