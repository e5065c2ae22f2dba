/*
 * A column's summary in the making. Private to the inspect room.
 *
 * summary.c goes through the rows; for each group of kinds one file knows how values are added, how
 * they are written into the digest, and what is told in the end.
 */
#ifndef WEIR_INSPECT_SUMMARY_STATE_H
#define WEIR_INSPECT_SUMMARY_STATE_H

#include "exact/superaccumulator.h"
#include "inspect/summary.h"
#include "inspect/summary_big.h"
#include "inspect/summary_digest.h"

struct summary_state;

struct summary_adder {
    /* Adds count values of a slice, one or more, each of them so many times. */
    enum error_code (*add)(struct summary_state *state, const void *values, uint32_t count,
                           uint32_t times, struct error *error);
    /* Writes the token of one value that has been added. */
    void (*write_token)(struct summary_state *state, const void *value);
    /* Sum, minimum and maximum; there is at least one value where seen is set. */
    enum error_code (*finish)(const struct summary_state *state, struct mem_arena *arena,
                              struct column_summary *ret, struct error *error);
};

struct integer_summary {
    __int128 partial; /* not yet in sum */
    struct big_integer sum;
    __int128 minimum, maximum;
};

struct wide_summary {
    struct big_integer sum, minimum, maximum;
};

/* A float, and its bits in the column's own width. */
struct float_value {
    double value;
    uint64_t bits;
};

struct float_summary {
    uint64_t sum[SUPER_LIMBS];
    uint64_t nans, infinities, negative_infinities;
    struct float_value minimum, maximum;
};

/* The beginning of a text: one byte more than is told shows that there is more. */
struct text_value {
    uint32_t size;
    uint8_t bytes[SUMMARY_TEXT_BYTES + 1];
};

struct text_summary {
    struct text_value minimum, maximum;
};

struct summary_state {
    const struct column_type *type;
    enum summary_kind kind;
    const struct summary_adder *adder; /* NULL: nothing but counts */
    size_t width;                      /* bytes of a value in a slice */
    bool seen;                         /* minimum and maximum are set */
    struct summary_digest *digest;     /* NULL: none wanted */
    union {
        struct integer_summary integers;
        struct wide_summary wides;
        struct float_summary floats;
        struct text_summary texts;
    };
};

extern const struct summary_adder summary_integers; /* integers of up to 128 bits */
extern const struct summary_adder summary_wides;    /* decimals of any length */
extern const struct summary_adder summary_floats;
extern const struct summary_adder summary_texts;

#endif
