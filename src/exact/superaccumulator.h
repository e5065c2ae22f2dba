/*
 * A superaccumulator: one wide two's complement integer that holds any sum of doubles exactly.
 *
 * Bit 0 counts 2^-1074, the smallest double. 2098 bits reach the largest one, 63 more leave room
 * for 2^63 additions, one is the sign: 34 limbs of 64 bits, least significant first. Carries are
 * never delayed, so the limbs are always the sum itself.
 */
#ifndef WEIR_EXACT_SUPERACCUMULATOR_H
#define WEIR_EXACT_SUPERACCUMULATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define SUPER_LIMBS        34
#define SUPER_LOWEST       (-1074) /* exponent of bit 0 */
#define SUPER_POSITION_END 2048    /* where an added magnitude may begin: below this bit */

/* A finite double as (negative ? -1 : 1) * magnitude * 2^exponent; zero has magnitude 0. */
struct double_parts {
    uint64_t magnitude;
    int exponent;
    bool negative;
};

static inline struct double_parts double_parts_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint64_t fraction = bits & ((UINT64_C(1) << 52) - 1);
    int field = (int)(bits >> 52 & 0x7ff);
    bool negative = bits >> 63 != 0;
    if (field == 0)
        return (struct double_parts){fraction, SUPER_LOWEST, negative};
    return (struct double_parts){fraction | UINT64_C(1) << 52, field - 1 + SUPER_LOWEST, negative};
}

/*
 * The same for a two's complement integer of any number of limbs. position is the bit that the
 * magnitude's bit 0 is added to; two limbs from there on must be within count.
 */
void limbs_add(uint64_t *limbs, size_t count, uint64_t magnitude, unsigned position, bool negative);

/* Replaces the limbs by those of their absolute value; returns whether they were negative. */
bool limbs_make_positive(uint64_t *limbs, size_t count);

/* Adds or subtracts magnitude * 2^exponent; exponent within SUPER_LOWEST + [0, SUPER_POSITION_END).
 */
static inline void superaccumulator_add(uint64_t limbs[static SUPER_LIMBS], uint64_t magnitude,
                                        int exponent, bool negative)
{
    limbs_add(limbs, SUPER_LIMBS, magnitude, (unsigned)(exponent - SUPER_LOWEST), negative);
}

/* Adds a finite double. */
static inline void superaccumulator_add_double(uint64_t limbs[static SUPER_LIMBS], double value)
{
    struct double_parts parts = double_parts_of(value);
    superaccumulator_add(limbs, parts.magnitude, parts.exponent, parts.negative);
}
#endif
