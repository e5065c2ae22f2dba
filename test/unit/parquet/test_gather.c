#include "parquet/kernel_fixture.h"

#include "parquet/gather.h"
#include "parquet/lengths.h"

static uint8_t *in_bytes, *out_bytes;

static int setup(void **state)
{
    (void)state;
    in_bytes = guarded_bytes();
    out_bytes = guarded_bytes();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    guarded_release(in_bytes);
    guarded_release(out_bytes);
    return 0;
}

static void values_of_any_width_are_gathered(void **state)
{
    (void)state;
    static uint32_t indices[2000];
    uint64_t seed = test_seed();
    for (size_t width = 1; width <= 40; width++) {
        size_t count = random_below(&seed, 2000);
        uint8_t *dictionary = guarded_random(in_bytes, 300 * width, &seed);
        uint8_t *out = guarded_at(out_bytes, count * width, &seed);
        for (size_t i = 0; i < count; i++)
            indices[i] = (uint32_t)random_below(&seed, 300);
        gather_fixed(dictionary, indices, count, width, out);
        for (size_t i = 0; i < count; i++)
            assert_memory_equal(out + i * width, dictionary + indices[i] * width, width);
        gather_repeated(dictionary + 299 * width, count, width, out);
        for (size_t i = 0; i < count; i++)
            assert_memory_equal(out + i * width, dictionary + 299 * width, width);
    }
}

static void values_of_any_width_are_put_together(void **state)
{
    (void)state;
    uint64_t seed = test_seed();
    for (size_t width = 1; width <= 40; width++) {
        size_t stride = 1 + random_below(&seed, 2000), first = random_below(&seed, stride);
        size_t count = stride - first;
        uint8_t *streams = guarded_random(in_bytes, stride * width, &seed);
        uint8_t *out = guarded_at(out_bytes, count * width, &seed);
        gather_split(streams, stride, first, count, width, out);
        for (size_t i = 0; i < count * width; i++)
            assert_int_equal(out[i], streams[i % width * stride + first + i / width]);
    }
}

static void byte_arrays_are_found(void **state)
{
    (void)state;
    static const uint8_t page[] = "\1\0\0\0a\0\0\0\0\3\0\0\0xyz";
    static const uint32_t offsets[] = {4, 9, 13}, indices[] = {2, 0, 1, 2};
    struct column_bytes found[4];
    gather_bytes(page, offsets, indices, 4, found);
    for (size_t i = 0; i < 4; i++)
        assert_ptr_equal(found[i].data, page + offsets[indices[i]]);
    assert_true(found[0].size == 3 && found[1].size == 1 && found[2].size == 0);
}

static void lengths_are_checked(void **state)
{
    (void)state;
    uint32_t sizes[3];
    assert_true(lengths_join((uint32_t[]){2, 3, 0}, (uint32_t[]){1, 0, 7}, 3, 2, sizes));
    assert_true(sizes[0] == 3 && sizes[1] == 3 && sizes[2] == 7);
    assert_false(lengths_join((uint32_t[]){2, 3, 0}, (uint32_t[]){1, 0, 7}, 3, 1, sizes));
    assert_false(lengths_join((uint32_t[]){2, 3, 4}, (uint32_t[]){1, 0, 7}, 3, 2, sizes));
    assert_false(lengths_join((uint32_t[]){2}, (uint32_t[]){UINT32_MAX - 1}, 1, 2, sizes));
    assert_true(lengths_join(NULL, NULL, 0, 0, sizes));
    assert_true(lengths_sum((uint32_t[]){UINT32_MAX, UINT32_MAX}, 2) == 2 * (uint64_t)UINT32_MAX);
    assert_int_equal(lengths_fitting((uint32_t[]){5, 5, 5}, 3, 10), 2);
    assert_int_equal(lengths_fitting((uint32_t[]){5, 5, 5}, 3, 15), 3);
    assert_int_equal(lengths_fitting((uint32_t[]){50, 5, 5}, 3, 10), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_of_any_width_are_gathered),
        cmocka_unit_test(values_of_any_width_are_put_together),
        cmocka_unit_test(byte_arrays_are_found),
        cmocka_unit_test(lengths_are_checked),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
