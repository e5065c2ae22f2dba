#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include <cmocka.h>

#include "column/expand.h"

#define GUARD_PAGE ((size_t)65536)
#define GUARDED    ((size_t)65536)
#define ROWS_MOST  700

/* Bytes that end where nobody may read or write on: a signal tells of one byte too many. */
static uint8_t *guarded_bytes(void)
{
    uint8_t *all = mmap(NULL, GUARDED + GUARD_PAGE, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(all != MAP_FAILED);
    assert_int_equal(mprotect(all + GUARDED, GUARD_PAGE, PROT_NONE), 0);
    return all + GUARDED;
}

static uint64_t random_of(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return *seed >> 11 ^ *seed << 40;
}

/* WEIR_TEST_SEED repeats a run. */
static uint64_t test_seed(void)
{
    const char *text = getenv("WEIR_TEST_SEED");
    uint64_t seed = text != NULL ? strtoull(text, NULL, 10) : (uint64_t)time(NULL);
    printf("WEIR_TEST_SEED=%llu\n", (unsigned long long)seed);
    return seed;
}

static void check_rows(const struct expand_kernels *kernels, size_t width, uint8_t *ends[3],
                       uint64_t *seed)
{
    static const uint8_t zeros[16] = {0};
    size_t rows = random_of(seed) % (random_of(seed) % 2 == 0 ? 40 : ROWS_MOST);
    size_t ones = 0, at = 0;
    unsigned nulls = (unsigned)(random_of(seed) % 5); /* none, some, many, all but some */
    uint8_t *present = ends[0] - rows;
    for (size_t i = 0; i < rows; i++) {
        present[i] = random_of(seed) % 4 >= nulls;
        ones += present[i];
    }
    uint8_t *values = ends[1] - ones * width, *out = ends[2] - rows * width;
    for (size_t i = 0; i < ones * width; i++)
        values[i] = (uint8_t)random_of(seed);
    out[-1] = 77;
    assert_int_equal(expand_values(kernels, present, values, width, rows, out), ones);
    assert_int_equal(out[-1], 77);
    for (size_t i = 0; i < rows; i++)
        assert_memory_equal(out + i * width, present[i] ? values + width * at++ : zeros, width);
}

static void check_kernels(const struct expand_kernels *kernels)
{
    static const size_t widths[] = {1, 2, 4, 8, 12, 16};
    uint8_t *ends[3] = {guarded_bytes(), guarded_bytes(), guarded_bytes()};
    uint64_t seed = test_seed();
    for (size_t w = 0; w < sizeof widths / sizeof widths[0]; w++) {
        for (int round = 0; round < 500; round++)
            check_rows(kernels, widths[w], ends, &seed);
    }
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(munmap(ends[i] - GUARDED, GUARDED + GUARD_PAGE), 0);
}

static void values_stand_at_their_rows(void **state)
{
    (void)state;
    check_kernels(expand_kernels_for(EXPAND_SCALAR));
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx2"))
        check_kernels(expand_kernels_for(EXPAND_AVX2));
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw"))
        check_kernels(expand_kernels_for(EXPAND_AVX512));
#endif
}

static void kernels_are_those_of_the_set(void **state)
{
    (void)state;
    assert_ptr_equal(expand_kernels_for(EXPAND_SCALAR), &expand_kernels_scalar);
    assert_ptr_equal(expand_kernels_for(99), &expand_kernels_scalar);
#ifdef __x86_64__
    assert_ptr_equal(expand_kernels_for(EXPAND_AVX2), &expand_kernels_avx2);
    assert_ptr_equal(expand_kernels_for(EXPAND_AVX512), &expand_kernels_avx512);
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_stand_at_their_rows),
        cmocka_unit_test(kernels_are_those_of_the_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
