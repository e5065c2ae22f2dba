/*
 * Integers of 640 bits, two's complement: enough for the difference of any two decimals that the
 * format has (76 digits), brought to one scale.
 */
#ifndef WEIR_DIFF_WIDE_H
#define WEIR_DIFF_WIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define WIDE_LIMBS 20
/* Bytes of a number that may still be scaled by WIDE_LARGEST_SCALING digits without overflow. */
#define WIDE_LARGEST_BYTES   40
#define WIDE_LARGEST_SCALING 76

struct wide {
    uint32_t limbs[WIDE_LIMBS]; /* the lowest first */
};

/* A big-endian number in two's complement; false when it has more than WIDE_LARGEST_BYTES. */
CHECKED bool wide_from_bytes(const uint8_t *bytes, size_t size, struct wide *ret);
void wide_from_integer(__int128 value, struct wide *ret);

/* Multiplies by 10^digits, modulo 2^640. */
void wide_scale(struct wide *wide, unsigned digits);

/* |a - b| */
struct wide wide_distance(const struct wide *a, const struct wide *b);

bool wide_is_zero(const struct wide *wide);

/* The number (not negative) over 10^scale, as a double. */
double wide_to_double(const struct wide *wide, int32_t scale);

#endif
