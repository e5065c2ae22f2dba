/* Every kernel of every instruction set against its definition. */
#include "parquet/kernel_fixture.h"

#include "os/os.h"

static uint8_t *in_bytes, *out_bytes, *more_bytes;

static int setup(void **state)
{
    (void)state;
    in_bytes = guarded_bytes();
    out_bytes = guarded_bytes();
    more_bytes = guarded_bytes();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    guarded_release(in_bytes);
    guarded_release(out_bytes);
    guarded_release(more_bytes);
    return 0;
}

static size_t some_count(uint64_t *seed)
{
    static const size_t most[] = {1, 9, 17, 40, 130, 600};
    return random_below(seed, most[random_below(seed, 6)] + 1);
}

/* Packed values and, at times, bytes behind them that may be read as well. */
struct packed {
    const uint8_t *bytes;
    size_t size, skip, count;
};

static struct packed some_packed(unsigned width, uint64_t *seed)
{
    struct packed packed = {.skip = random_below(seed, 40), .count = some_count(seed)};
    packed.size = ((packed.skip + packed.count) * width + 7) / 8;
    if (random_below(seed, 3) == 0)
        packed.size += random_below(seed, 90);
    packed.bytes = guarded_random(in_bytes, packed.size, seed);
    return packed;
}

static void check_unpack_u32(const struct parquet_kernels *kernels, uint64_t *seed)
{
    for (unsigned width = 0; width <= 32; width++) {
        for (int round = 0; round < 60; round++) {
            struct packed packed = some_packed(width, seed);
            uint8_t *out = guarded_at(out_bytes, packed.count * 4, seed);
            kernels->unpack_u32(packed.bytes, packed.size, width, packed.skip, packed.count,
                                (uint32_t *)out);
            for (size_t i = 0; i < packed.count; i++) {
                uint32_t got;
                memcpy(&got, out + 4 * i, sizeof got);
                assert_int_equal(got, unpacked(packed.bytes, width, packed.skip + i));
            }
        }
    }
}

static void check_unpack_u64(const struct parquet_kernels *kernels, uint64_t *seed)
{
    for (unsigned width = 0; width <= 64; width++) {
        for (int round = 0; round < 60; round++) {
            struct packed packed = some_packed(width, seed);
            uint8_t *out = guarded_at(out_bytes, packed.count * 8, seed);
            kernels->unpack_u64(packed.bytes, packed.size, width, packed.skip, packed.count,
                                (uint64_t *)out);
            for (size_t i = 0; i < packed.count; i++) {
                uint64_t got;
                memcpy(&got, out + 8 * i, sizeof got);
                assert_true(got == unpacked(packed.bytes, width, packed.skip + i));
            }
        }
    }
}

static void check_unpack_bits(const struct parquet_kernels *kernels, uint64_t *seed)
{
    for (int round = 0; round < 3000; round++) {
        struct packed packed = {.skip = random_below(seed, 70), .count = some_count(seed)};
        packed.bytes = guarded_random(in_bytes, (packed.skip + packed.count + 7) / 8, seed);
        uint8_t *out = guarded_at(out_bytes, packed.count, seed);
        size_t ones = 0;
        kernels->unpack_bits(packed.bytes, packed.skip, packed.count, out);
        for (size_t i = 0; i < packed.count; i++) {
            assert_int_equal(out[i], unpacked(packed.bytes, 1, packed.skip + i));
            ones += out[i];
        }
        assert_int_equal(kernels->count_ones(out, packed.count), ones);
    }
}

static void check_delta_u32(const struct parquet_kernels *kernels, uint64_t *seed)
{
    for (unsigned width = 0; width <= 32; width++) {
        for (int round = 0; round < 60; round++) {
            struct packed packed = some_packed(width, seed);
            uint32_t minimum = (uint32_t)random_of(seed), last = (uint32_t)random_of(seed);
            uint8_t *out = guarded_at(out_bytes, packed.count * 4, seed);
            uint32_t end = kernels->delta_u32(packed.bytes, packed.size, width, packed.skip,
                                              packed.count, minimum, last, (uint32_t *)out);
            for (size_t i = 0; i < packed.count; i++) {
                uint32_t got;
                memcpy(&got, out + 4 * i, sizeof got);
                last += minimum + (uint32_t)unpacked(packed.bytes, width, packed.skip + i);
                assert_int_equal(got, last);
            }
            assert_int_equal(end, last);
        }
    }
}

static void check_delta_u64(const struct parquet_kernels *kernels, uint64_t *seed)
{
    for (unsigned width = 0; width <= 64; width++) {
        for (int round = 0; round < 60; round++) {
            struct packed packed = some_packed(width, seed);
            uint64_t minimum = random_of(seed), last = random_of(seed);
            uint8_t *out = guarded_at(out_bytes, packed.count * 8, seed);
            uint64_t end = kernels->delta_u64(packed.bytes, packed.size, width, packed.skip,
                                              packed.count, minimum, last, (uint64_t *)out);
            for (size_t i = 0; i < packed.count; i++) {
                uint64_t got;
                memcpy(&got, out + 8 * i, sizeof got);
                last += minimum + unpacked(packed.bytes, width, packed.skip + i);
                assert_true(got == last);
            }
            assert_true(end == last);
        }
    }
}

/* A dictionary that ends with its last value, at any address; indices reach that value. */
static void check_gather(const struct parquet_kernels *kernels, uint64_t *seed)
{
    for (int round = 0; round < 500; round++) {
        size_t entries = 1 + random_below(seed, 300), count = some_count(seed);
        uint8_t *dictionary = guarded_random(in_bytes, entries * 8 + random_below(seed, 2), seed);
        uint32_t *indices = (uint32_t *)guarded_at(more_bytes, count * 4, seed);
        uint32_t greatest = 0;
        for (size_t i = 0; i < count; i++) {
            indices[i] = (uint32_t)random_below(seed, entries);
            greatest = indices[i] > greatest ? indices[i] : greatest;
        }
        assert_int_equal(kernels->greatest(indices, count), greatest);
        uint8_t *out = guarded_at(out_bytes, count * 8, seed);
        kernels->gather_8(dictionary, indices, count, out);
        for (size_t i = 0; i < count; i++)
            assert_memory_equal(out + 8 * i, dictionary + 8 * indices[i], 8);
        out = guarded_at(out_bytes, count * 4, seed);
        kernels->gather_4(dictionary, indices, count, out);
        for (size_t i = 0; i < count; i++)
            assert_memory_equal(out + 4 * i, dictionary + 4 * indices[i], 4);
    }
}

static void check_greatest(const struct parquet_kernels *kernels, uint64_t *seed)
{
    uint32_t indices[100] = {0};
    for (size_t i = 0; i < 100; i++) {
        indices[i] = UINT32_MAX - (uint32_t)random_below(seed, 3);
        assert_int_equal(kernels->greatest(indices, i), 0);
        assert_int_equal(kernels->greatest(indices, i + 1), indices[i]);
        assert_int_equal(kernels->greatest(indices, 100), indices[i]);
        indices[i] = 0;
    }
}

static void check_split_of(split_kernel *split, size_t width, uint64_t *seed)
{
    for (int round = 0; round < 500; round++) {
        size_t count = some_count(seed), stride = count + random_below(seed, 20);
        size_t size = count > 0 ? (width - 1) * stride + count : 0;
        uint8_t *streams = guarded_random(in_bytes, size, seed);
        uint8_t *out = guarded_at(out_bytes, count * width, seed);
        split(streams, stride, count, out);
        for (size_t i = 0; i < count * width; i++)
            assert_int_equal(out[i], streams[i % width * stride + i / width]);
    }
}

static void check_split(const struct parquet_kernels *kernels, uint64_t *seed)
{
    check_split_of(kernels->split_4, 4, seed);
    check_split_of(kernels->split_8, 8, seed);
}

/* Lengths of which most are short; at times all are long. */
static uint32_t some_length(size_t most, uint64_t *seed)
{
    static const uint32_t limits[] = {1, 5, 17, 33, 66, 200};
    size_t limit = limits[random_below(seed, 6)];
    return (uint32_t)random_below(seed, (limit < most ? limit : most) + 1);
}

static void check_join(const struct parquet_kernels *kernels, uint64_t *seed)
{
    static uint32_t prefixes[600], suffixes[600];
    for (int round = 0; round < 1000; round++) {
        size_t count = some_count(seed), first = random_below(seed, 100);
        size_t last = first, suffix_size = 0, size = 0;
        for (size_t i = 0; i < count; i++) {
            prefixes[i] = random_below(seed, 4) == 0 ? (uint32_t)last : some_length(last, seed);
            suffixes[i] = some_length(300, seed);
            last = prefixes[i] + suffixes[i];
            suffix_size += suffixes[i];
            size += last;
        }
        size_t in_size = suffix_size + random_below(seed, 2) * random_below(seed, 40);
        uint8_t *in = guarded_random(in_bytes, in_size, seed);
        uint8_t *before = guarded_random(more_bytes, first, seed);
        uint8_t *text = guarded_at(out_bytes, size, seed);
        kernels->join(before, in, in_size, prefixes, suffixes, count, text, size);
        for (size_t i = 0; i < count; i++) {
            if (prefixes[i] > 0)
                assert_memory_equal(text, before, prefixes[i]);
            if (suffixes[i] > 0)
                assert_memory_equal(text + prefixes[i], in, suffixes[i]);
            before = text;
            text += prefixes[i] + suffixes[i];
            in += suffixes[i];
        }
    }
}

#define TEST_OF(check)                                                                             \
    static void test_##check(void **state)                                                         \
    {                                                                                              \
        (void)state;                                                                               \
        for_all_kernels(check);                                                                    \
    }
TEST_OF(check_unpack_u32)
TEST_OF(check_unpack_u64)
TEST_OF(check_unpack_bits)
TEST_OF(check_delta_u32)
TEST_OF(check_delta_u64)
TEST_OF(check_gather)
TEST_OF(check_greatest)
TEST_OF(check_split)
TEST_OF(check_join)

static void test_chosen(void **state)
{
    (void)state;
    const struct parquet_kernels *chosen = parquet_kernels_chosen();
#ifdef __x86_64__
    const struct parquet_kernels *by_set[] = {&parquet_kernels_scalar, &parquet_kernels_avx2,
                                              &parquet_kernels_avx512};
    assert_ptr_equal(chosen, by_set[os_instruction_set()]);
#else
    assert_ptr_equal(chosen, &parquet_kernels_scalar);
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_check_unpack_u32),  cmocka_unit_test(test_check_unpack_u64),
        cmocka_unit_test(test_check_unpack_bits), cmocka_unit_test(test_check_delta_u32),
        cmocka_unit_test(test_check_delta_u64),   cmocka_unit_test(test_check_gather),
        cmocka_unit_test(test_check_greatest),    cmocka_unit_test(test_check_split),
        cmocka_unit_test(test_check_join),        cmocka_unit_test(test_chosen),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
