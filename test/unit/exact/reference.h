/*
 * What the tests of exact sums share: a slow reference that has nothing in common with the code
 * under test (decimal-school addition of single bits), a random generator, and a tile in one call.
 */
#ifndef WEIR_TEST_EXACT_REFERENCE_H
#define WEIR_TEST_EXACT_REFERENCE_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "exact/exact.h"

#define LARGEST  0x1.fffffffffffffp1023
#define SMALLEST 0x1p-1074

static inline uint64_t bits_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static inline double of_bits(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline void assert_same_double(double got, double want)
{
    if (bits_of(got) != bits_of(want))
        print_error("got %a (%.17g), want %a (%.17g)\n", got, got, want, want);
    assert_int_equal(bits_of(got), bits_of(want));
}

/* SplitMix64. */
static inline uint64_t random_u64(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

static inline uint64_t random_below(uint64_t *state, uint64_t end)
{
    return random_u64(state) % end;
}

/* The seed of a run: WEIR_TEST_SEED, or the one given; printed, so that a failure can be repeated.
 */
static inline uint64_t test_seed(uint64_t otherwise)
{
    const char *text = getenv("WEIR_TEST_SEED");
    uint64_t seed = text != NULL ? strtoull(text, NULL, 0) : otherwise;
    print_message("seed %llu\n", (unsigned long long)seed);
    return seed;
}

/* One signed digit per bit: digit i counts 2^(i - 1074). */
#define REFERENCE_DIGITS 2200

struct reference {
    int64_t digits[REFERENCE_DIGITS];
};

static inline void reference_add(struct reference *sum, double value)
{
    int exponent;
    double fraction = frexp(fabs(value), &exponent);
    for (int i = exponent - 1; fraction != 0; i--) {
        fraction *= 2;
        if (fraction >= 1) {
            sum->digits[i + 1074] += value < 0 ? -1 : 1;
            fraction -= 1;
        }
    }
}

/* Digits become 0 or 1; returns the sign. */
static inline int reference_normalize(struct reference *sum)
{
    int64_t carry = 0;
    for (int i = 0; i < REFERENCE_DIGITS; i++) {
        int64_t digit = sum->digits[i] + carry;
        sum->digits[i] = digit & 1;
        carry = (digit - sum->digits[i]) / 2;
    }
    if (carry == 0)
        return 1;
    for (int i = 0; i < REFERENCE_DIGITS; i++)
        sum->digits[i] = -sum->digits[i];
    /* The negative number is -(2^DIGITS * -carry) + digits: with -carry = 1, negating gives its
     * size. */
    sum->digits[REFERENCE_DIGITS - 1] -= 2 * carry;
    reference_normalize(sum);
    return -1;
}

/* Rounds to nearest, ties to even, by looking at the digits one by one. */
static inline double reference_round(const struct reference *exact)
{
    struct reference sum = *exact;
    int sign = reference_normalize(&sum), top = REFERENCE_DIGITS - 1;
    while (top >= 0 && sum.digits[top] == 0)
        top--;
    if (top < 0)
        return 0.0;
    int last = top >= 52 ? top - 52 : 0;
    double rounded = 0;
    for (int i = top; i >= last; i--)
        rounded += sum.digits[i] != 0 ? ldexp(1.0, i - last) : 0;
    bool below = false;
    for (int i = 0; i + 1 < last; i++)
        below = below || sum.digits[i] != 0;
    if (last > 0 && sum.digits[last - 1] != 0 && (below || sum.digits[last] != 0))
        rounded += 1;
    return sign * ldexp(rounded, last - 1074);
}

static inline double reference_sum(const double *values, size_t count, size_t stride)
{
    struct reference sum = {{0}};
    for (size_t i = 0; i < count; i++)
        reference_add(&sum, values[i * stride]);
    return reference_round(&sum);
}

/* A tile with a generous limit, in its own account; free with tile_done. */
struct tile_fixture {
    struct mem_account account;
    struct error error;
    struct exact_tile *tile;
};

static inline void tile_ready(struct tile_fixture *fixture)
{
    mem_account_init(&fixture->account, "tile", NULL, MEM_NO_LIMIT);
    error_init(&fixture->error);
    assert_int_equal(
        exact_tile_create(&fixture->account, (size_t)1 << 30, &fixture->tile, &fixture->error),
        ERROR_NONE);
}

static inline void tile_done(struct tile_fixture *fixture)
{
    exact_tile_destroy(fixture->tile);
    assert_int_equal(atomic_load(&fixture->account.used), 0);
}

static inline void tile_begin(struct tile_fixture *fixture, size_t keys, struct exact_grids grids)
{
    assert_int_equal(exact_tile_begin(fixture->tile, keys, grids, &fixture->error), ERROR_NONE);
}

static inline void tile_add(struct tile_fixture *fixture, size_t first, const double *values,
                            size_t count)
{
    assert_int_equal(exact_tile_add(fixture->tile, first, values, count), EXACT_DONE);
}

/* The sum of count values for one key. */
static inline double sum_of(struct exact_grids grids, const double *values, size_t count)
{
    struct tile_fixture fixture;
    double sum;
    tile_ready(&fixture);
    tile_begin(&fixture, 1, grids);
    for (size_t i = 0; i < count; i++)
        tile_add(&fixture, 0, &values[i], 1);
    exact_tile_sums(fixture.tile, 0, 1, &sum);
    tile_done(&fixture);
    return sum;
}
#endif
