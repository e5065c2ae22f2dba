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
#include "os/os.h"

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

/* kernels: NULL for those that are chosen. */
static size_t expand(const struct expand_kernels *kernels, const uint8_t *present,
                     const uint8_t *values, size_t width, size_t rows, uint8_t *out)
{
    if (kernels == NULL)
        return expand_values(present, values, width, rows, out);
    expand_kernel *kernel = width == 4 ? kernels->expand_4 : kernels->expand_8;
    return kernel(present, values, rows, out);
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
    assert_int_equal(expand(kernels, present, values, width, rows, out), ones);
    assert_int_equal(out[-1], 77);
    for (size_t i = 0; i < rows; i++)
        assert_memory_equal(out + i * width, present[i] ? values + width * at++ : zeros, width);
}

static void check_widths(const struct expand_kernels *kernels, const size_t *widths, size_t count)
{
    uint8_t *ends[3] = {guarded_bytes(), guarded_bytes(), guarded_bytes()};
    uint64_t seed = test_seed();
    for (size_t w = 0; w < count; w++) {
        for (int round = 0; round < 500; round++)
            check_rows(kernels, widths[w], ends, &seed);
    }
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(munmap(ends[i] - GUARDED, GUARDED + GUARD_PAGE), 0);
}

static void values_stand_at_their_rows(void **state)
{
    (void)state;
    static const size_t widths[] = {1, 2, 4, 8, 12, 16};
    check_widths(NULL, widths, sizeof widths / sizeof widths[0]);
}

static void every_kernel_puts_them_there(void **state)
{
    (void)state;
    static const size_t widths[] = {4, 8};
    check_widths(&expand_kernels_scalar, widths, 2);
#ifdef __x86_64__
    if (os_instruction_set() >= OS_AVX2)
        check_widths(&expand_kernels_avx2, widths, 2);
    if (os_instruction_set() >= OS_AVX512)
        check_widths(&expand_kernels_avx512, widths, 2);
#endif
}

static void kernels_are_those_of_the_set(void **state)
{
    (void)state;
    const struct expand_kernels *by_set[] = {
        [OS_SCALAR] = &expand_kernels_scalar,
#ifdef __x86_64__
        [OS_AVX2] = &expand_kernels_avx2,
        [OS_AVX512] = &expand_kernels_avx512,
#endif
    };
    assert_ptr_equal(expand_kernels_chosen(), by_set[os_instruction_set()]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_stand_at_their_rows),
        cmocka_unit_test(every_kernel_puts_them_there),
        cmocka_unit_test(kernels_are_those_of_the_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
