#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bytes.h"
#include "parquet/delta.h"
#include "parquet/gather.h"
#include "parquet/levels.h"
#include "parquet/unpack.h"

static struct bytes bytes;
static uint64_t wide[20000];
static uint32_t narrow[20000];
static uint8_t small[20000];

static int setup(void **state)
{
    (void)state;
    bytes.size = 0;
    memset(bytes.data, 0, 1 << 20);
    return 0;
}

static uint64_t random_of(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return *seed >> 11 ^ *seed << 40;
}

/* The definition itself: bit by bit. */
static uint64_t unpacked(const uint8_t *in, unsigned width, size_t index)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < width; i++) {
        size_t bit = index * width + i;
        value |= (uint64_t)(in[bit / 8] >> bit % 8 & 1) << i;
    }
    return value;
}

/* Every width, start and count, in a block of exactly as many bytes as the values take: a sanitizer
 * sees what is read behind it. */
static void values_are_unpacked(void **state)
{
    (void)state;
    static const size_t counts[] = {0, 1, 7, 8, 9, 64, 77};
    uint64_t seed = 1;
    for (unsigned width = 0; width <= 64; width++) {
        for (size_t skip = 0; skip < 20; skip += 3) {
            for (size_t c = 0; c < sizeof counts / sizeof counts[0]; c++) {
                size_t count = counts[c], size = ((skip + count) * width + 7) / 8;
                uint8_t *in = malloc(size + 1);
                for (size_t i = 0; i < size; i++)
                    in[i] = (uint8_t)random_of(&seed);
                uint8_t *exact = memcpy(malloc(size > 0 ? size : 1), in, size);
                unpack_u64(exact, size, width, skip, count, wide);
                for (size_t i = 0; i < count; i++)
                    assert_true(wide[i] == unpacked(in, width, skip + i));
                if (width <= 32)
                    unpack_u32(exact, size, width, skip, count, narrow);
                for (size_t i = 0; i < count && width <= 32; i++)
                    assert_int_equal(narrow[i], unpacked(in, width, skip + i));
                if (width == 1)
                    unpack_bits(exact, skip, count, small);
                for (size_t i = 0; i < count && width == 1; i++)
                    assert_int_equal(small[i], unpacked(in, 1, skip + i));
                free(exact);
                free(in);
            }
        }
    }
}

/* The example of Encodings.md: 0 to 7 in three bits. */
static void the_hybrid_example_is_read(void **state)
{
    (void)state;
    static const uint8_t example[] = {3, 0x88, 0xc6, 0xfa, 200 << 1 & 0xff, 3, 5};
    struct hybrid_reader hybrid;
    hybrid_init(&hybrid, example, sizeof example, 3);
    assert_true(hybrid_read(&hybrid, narrow, 8));
    for (uint32_t i = 0; i < 8; i++)
        assert_int_equal(narrow[i], i);
    assert_true(hybrid_skip(&hybrid, 199));
    assert_true(hybrid_read(&hybrid, narrow, 1));
    assert_int_equal(narrow[0], 5);
    assert_false(hybrid_read(&hybrid, narrow, 1));
}

static void put_packed(size_t groups, unsigned width, uint64_t *seed)
{
    put_varint(&bytes, groups << 1 | 1);
    for (size_t i = 0; i < groups * width; i++)
        put_u8(&bytes, (unsigned)random_of(seed) & 0xff);
}

/* The same runs read at once, in pieces and with gaps are the same values. */
static void hybrid_pieces_agree(void **state)
{
    (void)state;
    static uint32_t again[20000];
    uint64_t seed = 2;
    for (unsigned width = 1; width <= 32; width++) {
        bytes.size = 0;
        size_t total = 0;
        while (total < 10000) {
            size_t count = 1 + random_of(&seed) % 100;
            if (random_of(&seed) % 2 == 0) {
                put_packed(count, width, &seed);
                total += count * 8;
            } else {
                uint32_t value = (uint32_t)(random_of(&seed) & ((UINT64_C(1) << width) - 1));
                put_varint(&bytes, count << 1);
                put(&bytes, &value, (width + 7) / 8);
                total += count;
            }
        }
        struct hybrid_reader hybrid;
        hybrid_init(&hybrid, bytes.data, bytes.size, width);
        assert_true(hybrid_read(&hybrid, narrow, total));
        hybrid_init(&hybrid, bytes.data, bytes.size, width);
        for (size_t at = 0; at < total;) {
            size_t now = random_of(&seed) % 50;
            now = now < total - at ? now : total - at;
            if (random_of(&seed) % 4 == 0) {
                assert_true(hybrid_skip(&hybrid, now));
            } else {
                assert_true(hybrid_read(&hybrid, again, now));
                assert_memory_equal(again, narrow + at, now * sizeof *again);
            }
            at += now;
        }
        assert_false(hybrid_read(&hybrid, again, 1));
    }
}

static bool reads(const char *text, size_t size, unsigned width, size_t count)
{
    struct hybrid_reader hybrid;
    hybrid_init(&hybrid, (const uint8_t *)text, size, width);
    return hybrid_read(&hybrid, narrow, count);
}

static void hybrid_damage_is_noticed(void **state)
{
    (void)state;
    assert_false(reads("", 0, 4, 1));
    assert_false(reads("\x08", 1, 4, 1));     /* a run without its value */
    assert_false(reads("\x08\x10", 2, 4, 1)); /* a value that has more bits */
    assert_true(reads("\x08\x0f", 2, 4, 4));
    assert_false(reads("\x08\x0f", 2, 4, 5));
    assert_true(reads("\x03\xff", 2, 4, 2)); /* a group cut short holds what it holds */
    assert_false(reads("\x03\xff", 2, 4, 3));
    assert_false(reads("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10, 4, 1));
    assert_false(reads("\x00\x00\x00\x00\x00\x00", 6, 8, 1)); /* empty runs come to an end */
    assert_true(reads("\x08", 1, 0, 4));                      /* no bits, no value */
}

static void levels_without_nulls_are_seen(void **state)
{
    (void)state;
    struct level_reader levels;
    uint32_t ones;
    assert_true(levels_init_runs(&levels, (const uint8_t *)"\x14\x01", 2, 10, 1));
    assert_int_equal(levels.form, LEVELS_NONE);
    assert_true(levels_init_runs(&levels, (const uint8_t *)"\x12\x01\x02\x00", 4, 10, 1));
    assert_int_equal(levels.form, LEVELS_RUNS);
    assert_true(levels_read(&levels, small, 10, &ones));
    assert_int_equal(ones, 9);
    assert_false(levels_read(&levels, small, 1, &ones));
    assert_false(levels_init_runs(&levels, (const uint8_t *)"\x14\x02", 2, 10, 1));
    assert_false(levels_init_runs(&levels, NULL, 0, 10, 1));
    assert_true(levels_init_runs(&levels, NULL, 0, 0, 1));
}

static void old_levels_stand_highest_bit_first(void **state)
{
    (void)state;
    struct level_reader levels;
    uint32_t ones;
    levels_init_packed(&levels, (const uint8_t *)"\xa0\x80", 9, 1);
    assert_true(levels_read(&levels, small, 9, &ones));
    assert_int_equal(ones, 3);
    assert_memory_equal(small, "\1\0\1\0\0\0\0\0\1", 9);
    assert_false(levels_read(&levels, small, 1, &ones));
}

/* The first example of Encodings.md: 1 to 5, all differences 1. */
static void the_delta_example_is_read(void **state)
{
    (void)state;
    static const uint8_t example[] = {0x80, 0x01, 4, 5, 2, 2, 0, 0, 0, 0};
    struct delta_reader delta;
    assert_true(delta_init(&delta, example, sizeof example, 5));
    assert_true(delta_read(&delta, wide, 5));
    for (uint64_t i = 0; i < 5; i++)
        assert_true(wide[i] == i + 1);
    assert_false(delta_read(&delta, wide, 1));
    assert_false(delta_init(&delta, example, sizeof example, 4));
}

/* A block of 128 values in 4 miniblocks, of widths 0, 1, 64 and 7. */
static void put_block(int64_t minimum, const uint8_t widths[4], uint64_t *seed)
{
    put_zigzag(&bytes, minimum);
    put(&bytes, widths, 4);
    for (int i = 0; i < 4; i++) {
        for (int j = 0; j < 32 / 8 * widths[i]; j++)
            put_u8(&bytes, (unsigned)random_of(seed) & 0xff);
    }
}

static void put_delta(uint64_t count, uint64_t *seed)
{
    static const uint8_t widths[4] = {0, 1, 64, 7};
    put_varint(&bytes, 128);
    put_varint(&bytes, 4);
    put_varint(&bytes, count);
    put_zigzag(&bytes, -7);
    for (uint64_t at = 1; at < count; at += 128)
        put_block(-1000, widths, seed);
}

static void delta_pieces_agree(void **state)
{
    (void)state;
    static uint64_t again[20000];
    uint64_t seed = 3;
    put_delta(1000, &seed);
    struct delta_reader delta;
    assert_true(delta_init(&delta, bytes.data, bytes.size, 1000));
    assert_true(delta_read(&delta, wide, 1000));
    assert_true(wide[0] == (uint64_t)-7);
    assert_true(wide[1] == (uint64_t)-1007);
    for (size_t step = 1; step < 200; step += 13) {
        assert_true(delta_init(&delta, bytes.data, bytes.size, 1000));
        for (size_t at = 0; at < 1000; at += step) {
            size_t now = step < 1000 - at ? step : 1000 - at;
            assert_true(delta_read(&delta, again, now));
            assert_memory_equal(again, wide + at, now * sizeof *again);
        }
    }
    assert_true(delta_init(&delta, bytes.data, bytes.size, 1000));
    assert_true(delta_read(&delta, again, 300));
    assert_true(delta_finish(&delta));
    assert_int_equal(cursor_left(&delta.cursor), 0);
}

static void delta_damage_is_noticed(void **state)
{
    (void)state;
    uint64_t seed = 4;
    struct delta_reader delta;
    put_delta(897, &seed); /* whole blocks: every byte is needed */
    for (size_t size = 0; size < bytes.size; size += 7) {
        bool read = delta_init(&delta, bytes.data, size, 897) && delta_read(&delta, wide, 897);
        assert_false(read);
        read = delta_init(&delta, bytes.data, size, 897) && delta_finish(&delta);
        assert_false(read);
    }
    static const char *const heads[] = {
        "\x80\x01\x00\x05\x02", /* no miniblocks */
        "\x00\x04\x05\x02",     /* no values in a block */
        "\x80\x01\x03\x05\x02", /* miniblocks that do not fit */
        "\x14\x04\x05\x02",     /* miniblocks of five values */
        "\xff\xff\xff\xff\x7f\x01\x05\x02",
    };
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        bytes.size = 0;
        put(&bytes, heads[i], 5);
        put(&bytes, "\x05\x02\x02\x02\x02", 5);
        assert_false(delta_init(&delta, bytes.data, bytes.size, 1000000));
    }
    static const uint8_t too_wide[] = {0x80, 0x01, 4, 5, 2, 2, 65, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7};
    assert_true(delta_init(&delta, too_wide, sizeof too_wide, 5));
    assert_false(delta_read(&delta, wide, 5));
}

static void values_are_gathered(void **state)
{
    (void)state;
    static const size_t widths[] = {1, 2, 3, 4, 8, 12, 16, 31};
    static uint8_t dictionary[31 * 300], out[31 * 1000], streams[31 * 1000];
    uint64_t seed = 5;
    for (size_t i = 0; i < sizeof dictionary; i++)
        dictionary[i] = (uint8_t)random_of(&seed);
    for (size_t i = 0; i < 1000; i++)
        narrow[i] = (uint32_t)(random_of(&seed) % 300);
    narrow[500] = 299;
    assert_int_equal(gather_greatest(narrow, 1000), 299);
    assert_int_equal(gather_greatest(narrow, 0), 0);
    for (size_t w = 0; w < sizeof widths / sizeof widths[0]; w++) {
        size_t width = widths[w];
        gather_fixed(dictionary, narrow, 1000, width, out);
        for (size_t i = 0; i < 1000; i++)
            assert_memory_equal(out + i * width, dictionary + narrow[i] * width, width);
        for (size_t i = 0; i < 1000 * width; i++)
            streams[i % width * 1000 + i / width] = out[i];
        static uint8_t joined[31 * 1000];
        gather_split(streams, 1000, 10, 990, width, joined);
        assert_memory_equal(joined, out + 10 * width, 990 * width);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(values_are_unpacked, setup),
        cmocka_unit_test_setup(the_hybrid_example_is_read, setup),
        cmocka_unit_test_setup(hybrid_pieces_agree, setup),
        cmocka_unit_test_setup(hybrid_damage_is_noticed, setup),
        cmocka_unit_test_setup(levels_without_nulls_are_seen, setup),
        cmocka_unit_test_setup(old_levels_stand_highest_bit_first, setup),
        cmocka_unit_test_setup(the_delta_example_is_read, setup),
        cmocka_unit_test_setup(delta_pieces_agree, setup),
        cmocka_unit_test_setup(delta_damage_is_noticed, setup),
        cmocka_unit_test_setup(values_are_gathered, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
