#include "exact/any.h"

#define KEYS  400
#define PIECE 3000

static const struct exact_grids all_grids[] = {
    {10, 2}, {14, 2}, {-30, 2}, {300, 2}, {60, 4}, {10, 6}, {0, EXACT_GRIDS_SUPER}};
#define GRIDS (sizeof all_grids / sizeof *all_grids)

/* Adds what from holds for its keys in descending order, key k to k / share. */
static void merge_all(struct any_fixture *fixture, const struct exact_tile *from, uint32_t share)
{
    uint32_t keys[KEYS], from_keys[KEYS];
    for (uint32_t i = 0; i < KEYS; i++) {
        from_keys[i] = KEYS - 1 - i;
        keys[i] = from_keys[i] / share;
    }
    for (size_t done = 0; done < KEYS;) {
        done += exact_tile_merge(fixture->tile, keys + done, from, from_keys + done, KEYS - done);
        if (done < KEYS)
            assert_int_equal(exact_tile_make_room(fixture->tile, &fixture->error), 0);
    }
}

/* Values for the model, where they are to be in the end. */
static void note_in_model(struct any_fixture *fixture, const uint32_t *keys, const double *values,
                          size_t count, uint32_t share)
{
    static uint32_t shared[PIECE];
    for (size_t i = 0; i < count; i++)
        shared[i] = keys[i] / share;
    model_add(fixture, shared, values, count);
}

static void check_any_into_any(struct exact_grids grids, struct exact_grids from_grids,
                               unsigned wild, uint32_t share, uint64_t *random)
{
    static uint32_t keys[PIECE];
    static double values[PIECE];
    struct any_fixture into, from;
    any_ready(&into, KEYS, grids);
    any_ready(&from, KEYS, from_grids);
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < PIECE; i++) {
            keys[i] = (uint32_t)random_below(random, KEYS);
            values[i] = any_value(random, wild);
        }
        any_add(&from, keys, values, PIECE);
        note_in_model(&into, keys, values, PIECE, share);
        merge_all(&into, from.tile, share);
        any_check(&into, KEYS);
        any_check(&from, KEYS);
        note_in_model(&into, keys, values, PIECE, share);
        merge_all(&into, from.tile, share);
        exact_tile_clear(from.tile);
        struct exact_grids super = {0, EXACT_GRIDS_SUPER};
        assert_int_equal(exact_tile_begin(from.model, ANY_KEYS, super, &from.error), 0);
        memset(from.counts, 0, sizeof from.counts);
    }
    any_check(&into, KEYS);
    any_done(&from);
    any_done(&into);
}

static void test_any_into_any(void **state)
{
    (void)state;
    uint64_t random = test_seed(31);
    for (size_t i = 0; i < GRIDS; i++)
        for (size_t k = 0; k < GRIDS; k++)
            check_any_into_any(all_grids[i], all_grids[k], (i + k) % 3 * 200, k % 2 ? 1 : 7,
                               &random);
}

/* A tile of keys in order: some of them many times, so that it has carried. */
static void check_aligned(struct exact_grids grids, struct exact_grids from_grids, unsigned files,
                          unsigned wild, uint64_t *random)
{
    static uint32_t keys[KEYS];
    static double values[KEYS];
    struct any_fixture into;
    struct tile_fixture from;
    any_ready(&into, KEYS, grids);
    tile_ready(&from);
    tile_begin(&from, KEYS, from_grids);
    for (unsigned f = 0; f < files; f++) {
        for (uint32_t i = 0; i < KEYS; i++) {
            keys[i] = i;
            values[i] = any_value(random, wild);
        }
        tile_add(&from, 0, values, KEYS);
        note_in_model(&into, keys, values, KEYS, 3);
    }
    merge_all(&into, from.tile, 3);
    any_check(&into, KEYS);
    tile_done(&from);
    any_done(&into);
}

static void test_aligned_into_any(void **state)
{
    (void)state;
    uint64_t random = test_seed(32);
    for (size_t i = 0; i < GRIDS; i++) {
        check_aligned(all_grids[i], (struct exact_grids){10, 2}, 10, 0, &random);
        check_aligned(all_grids[i], (struct exact_grids){10, 2}, 300, 5000, &random);
        check_aligned(all_grids[i], (struct exact_grids){10, 3}, 7, 100, &random);
    }
    check_aligned((struct exact_grids){10, 2}, (struct exact_grids){10, 2}, 4200, 0, &random);
    check_aligned((struct exact_grids){-300, 2}, (struct exact_grids){600, 2}, 4, 0, &random);
}

/* Accumulators nearly full on both sides. */
static void test_full_sums(void **state)
{
    (void)state;
    static uint32_t keys[KEYS];
    static double values[KEYS];
    for (unsigned files = 60; files < 4000; files = files * 2 + 5) {
        struct any_fixture into;
        struct tile_fixture from;
        any_ready(&into, KEYS, (struct exact_grids){10, 2});
        tile_ready(&from);
        tile_begin(&from, KEYS, (struct exact_grids){10, 2});
        for (uint32_t i = 0; i < KEYS; i++) {
            keys[i] = i;
            values[i] = 0x1.ff123456789abp9 - i * 0x1p-20;
        }
        for (unsigned row = 0; row < 2040; row++)
            any_add(&into, keys, values, 10);
        for (unsigned f = 0; f < files; f++) {
            tile_add(&from, 0, values, KEYS);
            note_in_model(&into, keys, values, KEYS, 40);
            note_in_model(&into, keys, values, KEYS, 40);
        }
        merge_all(&into, from.tile, 40);
        merge_all(&into, from.tile, 40);
        any_check(&into, KEYS);
        tile_done(&from);
        any_done(&into);
    }
}

/* A sum far beyond the coarsest grid, merged often, and back to zero. */
static void test_sums_beyond_carries(void **state)
{
    (void)state;
    struct any_fixture into, from;
    static uint32_t keys[KEYS];
    static double values[KEYS];
    any_ready(&from, KEYS, (struct exact_grids){0, EXACT_GRIDS_SUPER});
    any_ready(&into, KEYS, (struct exact_grids){-100, 2});
    for (int sign = 1; sign >= -1; sign -= 2) {
        for (uint32_t i = 0; i < KEYS; i++) {
            keys[i] = i;
            values[i] = sign * ldexp(1.0 + i, -41 - (int)(i % 30));
        }
        exact_tile_clear(from.tile);
        tile_add_at(&from, keys, values, KEYS);
        for (int round = 0; round < 40; round++) {
            note_in_model(&into, keys, values, KEYS, 1);
            merge_all(&into, from.tile, 1);
        }
        any_check(&into, KEYS);
    }
    any_done(&from);
    any_done(&into);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_into_any),
        cmocka_unit_test(test_aligned_into_any),
        cmocka_unit_test(test_full_sums),
        cmocka_unit_test(test_sums_beyond_carries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
