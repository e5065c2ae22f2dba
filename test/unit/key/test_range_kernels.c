/* The loops of every instruction set against plain arithmetic. */
#include "values.h"

#include "key/range_kernels.h"
#include "os/os.h"

#define MOST 200

static uint8_t bytes[MOST * 8 + 3];

static uint64_t number_at(size_t size, size_t i, size_t shift, uint64_t low)
{
    uint64_t bits = 0;
    memcpy(&bits, bytes + shift + i * size, size);
    return size == 4 ? (uint32_t)(bits - low) : bits - low;
}

static void check_one(const struct range_kernels *kernels, size_t size, size_t count, size_t shift,
                      uint64_t *seed)
{
    uint64_t sums[MOST], low = value_integer(seed), first = value_random(seed);
    uint64_t stride = value_integer(seed), greatest = 0;
    low = size == 4 ? (uint32_t)low : low;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)value_random(seed);
    for (size_t i = 0; i < MOST; i++)
        sums[i] = i;
    for (size_t i = 0; i < count; i++) {
        uint64_t number = number_at(size, i, shift, low);
        greatest = number > greatest ? number : greatest;
    }
    const uint8_t *values = bytes + shift;
    if (size == 4)
        kernels->add_4(values, count, low, first, stride, sums);
    else
        kernels->add_8(values, count, low, first, stride, sums);
    assert_true(greatest == (size == 4 ? kernels->greatest_4(values, count, low)
                                       : kernels->greatest_8(values, count, low)));
    for (size_t i = 0; i < MOST; i++) {
        uint64_t added = i < count ? first + number_at(size, i, shift, low) * stride : 0;
        assert_true(sums[i] == i + added);
    }
}

static void check(const struct range_kernels *kernels)
{
    uint64_t seed = value_seed("kernels", 3);
    for (size_t count = 0; count <= MOST; count++) {
        check_one(kernels, 4, count, count % 4, &seed);
        check_one(kernels, 8, count, count % 4, &seed);
    }
}

static void every_set_adds_the_same(void **state)
{
    (void)state;
    check(&range_kernels_scalar);
#ifdef __x86_64__
    if (os_instruction_set() >= OS_AVX2)
        check(&range_kernels_avx2);
    if (os_instruction_set() >= OS_AVX512)
        check(&range_kernels_avx512);
#endif
}

static void kernels_are_those_of_the_set(void **state)
{
    (void)state;
    const struct range_kernels *by_set[] = {
        [OS_SCALAR] = &range_kernels_scalar,
#ifdef __x86_64__
        [OS_AVX2] = &range_kernels_avx2,
        [OS_AVX512] = &range_kernels_avx512,
#endif
    };
    assert_ptr_equal(range_kernels_chosen(), by_set[os_instruction_set()]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_set_adds_the_same),
        cmocka_unit_test(kernels_are_those_of_the_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
