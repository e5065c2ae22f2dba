/*
 * A tile for keys in any order beside one that holds the same in superaccumulators, one for each
 * key, which has no grids that could be wrong.
 */
#ifndef WEIR_TEST_EXACT_ANY_H
#define WEIR_TEST_EXACT_ANY_H

#include "exact/reference.h"

#include "exact/tile.h"

#define ANY_KEYS 3000

struct any_fixture {
    struct mem_account account;
    struct error error;
    struct exact_tile *tile, *model;
    uint64_t counts[ANY_KEYS];
};

static inline void any_ready(struct any_fixture *fixture, size_t keys, struct exact_grids grids)
{
    memset(fixture, 0, sizeof *fixture);
    mem_account_init(&fixture->account, "tile", NULL, MEM_NO_LIMIT);
    error_init(&fixture->error);
    struct error *error = &fixture->error;
    assert_int_equal(exact_tile_create(&fixture->account, MEM_NO_LIMIT, &fixture->tile, error), 0);
    assert_int_equal(exact_tile_create(&fixture->account, MEM_NO_LIMIT, &fixture->model, error), 0);
    assert_int_equal(exact_tile_begin_any(fixture->tile, keys, grids, error), 0);
    struct exact_grids super = {0, EXACT_GRIDS_SUPER};
    assert_int_equal(exact_tile_begin(fixture->model, ANY_KEYS, super, error), 0);
}

static inline void any_done(struct any_fixture *fixture)
{
    exact_tile_destroy(fixture->tile);
    exact_tile_destroy(fixture->model);
    assert_int_equal(atomic_load(&fixture->account.used), 0);
}

/* Adds to one tile only; the others are left out. */
static inline void tile_add_at(struct any_fixture *fixture, const uint32_t *keys,
                               const double *values, size_t count)
{
    for (size_t done = 0; done < count;) {
        done += exact_tile_add_at(fixture->tile, keys + done, values + done, count - done);
        if (done < count)
            assert_int_equal(exact_tile_make_room(fixture->tile, &fixture->error), 0);
    }
}

static inline void model_add(struct any_fixture *fixture, const uint32_t *keys,
                             const double *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(exact_tile_add(fixture->model, keys[i], &values[i], 1), EXACT_DONE);
        fixture->counts[keys[i]]++;
    }
}

static inline void any_add(struct any_fixture *fixture, const uint32_t *keys, const double *values,
                           size_t count)
{
    tile_add_at(fixture, keys, values, count);
    model_add(fixture, keys, values, count);
}

/* Sums and means of the first keys, bit for bit, asked for in descending order. */
static inline void any_check(struct any_fixture *fixture, size_t key_count)
{
    static uint32_t keys[ANY_KEYS];
    static uint64_t counts[ANY_KEYS];
    static double sums[ANY_KEYS], means[ANY_KEYS], want_sums[ANY_KEYS], want_means[ANY_KEYS];
    for (size_t i = 0; i < key_count; i++) {
        keys[i] = (uint32_t)(key_count - 1 - i);
        counts[i] = fixture->counts[keys[i]];
    }
    exact_tile_sums_at(fixture->tile, keys, key_count, sums);
    exact_tile_means_at(fixture->tile, keys, key_count, counts, means);
    exact_tile_sums(fixture->model, 0, key_count, want_sums);
    exact_tile_means(fixture->model, 0, key_count, fixture->counts, want_means);
    for (size_t i = 0; i < key_count; i++) {
        assert_same_double(sums[i], want_sums[keys[i]]);
        assert_same_double(means[i], want_means[keys[i]]);
    }
}

/* Ordinary numbers; wild: one in so many is anything a double can be. */
static inline double any_value(uint64_t *random, unsigned wild)
{
    static const double odd[] = {1e300,   -1e300, 0x1p-1074, -0x1p-1060,       -0.0,
                                 0x1p-80, 0x1p60, LARGEST,   (double)INFINITY, (double)NAN};
    uint64_t draw = random_u64(random);
    if (wild > 0 && draw % wild == 0)
        return odd[(draw >> 40) % (sizeof odd / sizeof *odd)];
    return ldexp((double)(int64_t)random_u64(random), -54);
}
#endif
