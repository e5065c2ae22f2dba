/* Grouping gives the sums of plain arrays, in the same order, whatever the keys and the memory. */
#include "scene.h"

static void test_codes_are_hashed_one_to_one(void **state)
{
    (void)state;
    uint64_t random = 1;
    for (int i = 0; i < 100000; i++) {
        uint64_t code = next_random(&random);
        assert_true(group_code(group_hash(code)) == code);
        assert_true(group_code(group_hash((uint64_t)i)) == (uint64_t)i);
    }
}

/* ---- all fits ---- */

static void test_dense(void **state)
{
    (void)state;
    run_scene((struct scene){.kind = GROUP_DENSE,
                             .keys = 100,
                             .rows = 30000,
                             .threads = 2,
                             .nulls = 3,
                             .limit = 64 * MIB});
    run_scene((struct scene){.kind = GROUP_DENSE,
                             .keys = 150001,
                             .rows = 90000,
                             .threads = 3,
                             .nulls = 5,
                             .limit = 64 * MIB,
                             .seed = 1});
    run_scene((struct scene){
        .kind = GROUP_DENSE, .keys = 1, .rows = 20000, .threads = 2, .limit = MEM_NO_LIMIT});
}

static void test_everything_fits(void **state)
{
    (void)state;
    for (int kind = GROUP_CODES; kind <= GROUP_BYTES; kind++)
        for (unsigned i = 0; i < 4; i++) {
            run_scene((struct scene){.kind = (enum group_keys)kind,
                                     .keys = i == 0 ? 50 : 60000,
                                     .rows = 80000,
                                     .nulls = i == 1 ? 0 : 4,
                                     .skew = i,
                                     .threads = 1 + i % 3,
                                     .expected = i % 2 == 0 ? 0 : 60000,
                                     .limit = i == 2 ? MEM_NO_LIMIT : 256 * MIB,
                                     .seed = i});
            assert_int_equal(run.report.rows_aside, 0);
            assert_int_equal(run.report.keys, run.met);
        }
}

static void test_keys_in_runs(void **state)
{
    (void)state;
    run_scene((struct scene){.kind = GROUP_CODES,
                             .keys = 30000,
                             .rows = 150000,
                             .ascending = true,
                             .threads = 2,
                             .limit = 64 * MIB});
}

static void test_no_rows(void **state)
{
    (void)state;
    for (int kind = GROUP_DENSE; kind <= GROUP_BYTES; kind++)
        run_scene((struct scene){
            .kind = (enum group_keys)kind, .keys = 10, .rows = 0, .threads = 2, .limit = 64 * MIB});
}

/* ---- rows aside ---- */

static void test_little_memory(void **state)
{
    (void)state;
    for (int kind = GROUP_CODES; kind <= GROUP_BYTES; kind++)
        for (unsigned i = 0; i < 3; i++) {
            run_scene((struct scene){.kind = (enum group_keys)kind,
                                     .keys = KEYS_MOST,
                                     .rows = 150000,
                                     .nulls = i == 0 ? 0 : 3,
                                     .skew = 1 + i,
                                     .threads = 1 + i % 2,
                                     .expected = i == 2 ? KEYS_MOST : 0,
                                     .limit = (4 + 6 * i) * MIB,
                                     .long_key = i == 1 ? 7 : 0,
                                     .seed = 11 + i});
            assert_true(run.report.rows_aside > 0);
        }
}

static void test_rows_are_divided_again(void **state)
{
    (void)state;
    for (int kind = GROUP_CODES; kind <= GROUP_BYTES; kind++) {
        run_scene((struct scene){.kind = (enum group_keys)kind,
                                 .keys = KEYS_MOST,
                                 .rows = 300000,
                                 .nulls = 4,
                                 .threads = 1,
                                 .expected = 10,
                                 .seed = 21});
        assert_true(run.report.depth > 0);
    }
}

static void test_hashes_with_the_same_bits(void **state)
{
    (void)state;
    for (int kind = GROUP_CODES; kind <= GROUP_BYTES; kind++)
        for (unsigned i = 0; i < 2; i++)
            run_scene((struct scene){.kind = (enum group_keys)kind,
                                     .pattern = SAME_BITS,
                                     .keys = i == 0 ? 20000 : KEYS_MOST,
                                     .rows = 200000,
                                     .threads = 2,
                                     .limit = i == 0 ? 64 * MIB : 0,
                                     .seed = 31});
}

static void test_keys_with_the_same_hash(void **state)
{
    (void)state;
    run_scene((struct scene){.kind = GROUP_BYTES,
                             .pattern = FEW_HASHES,
                             .keys = 9000,
                             .rows = 60000,
                             .nulls = 3,
                             .threads = 2,
                             .limit = 64 * MIB,
                             .seed = 41});
}

static void test_random_scenes(void **state)
{
    (void)state;
    const char *given = getenv("WEIR_TEST_SEED");
    uint64_t random = given != NULL ? strtoull(given, NULL, 10) : 4711;
    for (int i = 0; i < 40; i++) {
        struct scene scene = {.seed = next_random(&random)};
        scene.kind = (enum group_keys)(next_random(&random) % 3);
        scene.pattern = next_random(&random) % 4 == 0 ? SAME_BITS : SPREAD;
        scene.keys = 1 + (uint32_t)(next_random(&random) % (next_random(&random) % 30000 + 1));
        scene.rows = (uint32_t)(next_random(&random) % 60000);
        scene.nulls = (unsigned)(next_random(&random) % 4);
        scene.skew = (unsigned)(next_random(&random) % 5);
        scene.ascending = next_random(&random) % 5 == 0;
        scene.threads = 1 + (unsigned)(next_random(&random) % THREADS);
        scene.expected = next_random(&random) % 2 == 0 ? 0 : scene.keys;
        scene.long_key = (uint32_t)(next_random(&random) % 3 * 10);
        scene.limit = next_random(&random) % 3 == 0 ? 64 * MIB : 0;
        if (scene.nulls == 1)
            scene.nulls = 0;
        run_scene(scene);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_codes_are_hashed_one_to_one),
        cmocka_unit_test(test_dense),
        cmocka_unit_test(test_everything_fits),
        cmocka_unit_test(test_keys_in_runs),
        cmocka_unit_test(test_no_rows),
        cmocka_unit_test(test_little_memory),
        cmocka_unit_test(test_rows_are_divided_again),
        cmocka_unit_test(test_hashes_with_the_same_bits),
        cmocka_unit_test(test_keys_with_the_same_hash),
        cmocka_unit_test(test_random_scenes),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
