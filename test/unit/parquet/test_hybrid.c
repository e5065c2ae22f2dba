#include "parquet/kernel_fixture.h"

#include "bytes.h"
#include "parquet/levels.h"

static struct bytes bytes;
static uint32_t want[60000], got[60000];

static size_t put_run(unsigned width, size_t at, uint64_t *seed)
{
    size_t count = 1 + random_below(seed, random_below(seed, 4) == 0 ? 2000 : 40);
    if (random_below(seed, 2) == 0) {
        uint32_t value = (uint32_t)(random_of(seed) & ((UINT64_C(1) << width) - 1));
        put_varint(&bytes, count << 1);
        put(&bytes, &value, (width + 7) / 8);
        for (size_t i = 0; i < count; i++)
            want[at + i] = value;
        return count;
    }
    size_t groups = 1 + count / 8;
    put_varint(&bytes, groups << 1 | 1);
    size_t start = bytes.size;
    for (size_t i = 0; i < groups * width; i++)
        put_u8(&bytes, (unsigned)random_of(seed) & 0xff);
    for (size_t i = 0; i < groups * 8; i++)
        want[at + i] = (uint32_t)unpacked(bytes.data + start, width, i);
    return groups * 8;
}

static size_t put_runs(unsigned width, uint64_t *seed)
{
    size_t total = 0;
    bytes.size = 0;
    while (total < 20000)
        total += put_run(width, total, seed);
    return total;
}

/* The next values by one function or another; returns how many. */
static size_t read_next(struct hybrid_reader *hybrid, size_t at, size_t left, uint64_t *seed)
{
    size_t count = 1 + random_below(seed, random_below(seed, 2) == 0 ? 20 : 3000), some;
    bool repeated = false;
    count = count < left ? count : left;
    if (random_below(seed, 5) == 0) {
        assert_true(hybrid_skip(hybrid, count));
        return count;
    }
    if (random_below(seed, 3) == 0) {
        assert_true(hybrid_read(hybrid, got, count));
        some = count;
    } else {
        assert_true(hybrid_read_some(hybrid, got, count, &some, &repeated));
        assert_true(some > 0 && some <= count);
    }
    for (size_t i = 0; i < some; i++)
        assert_int_equal(got[repeated ? 0 : i], want[at + i]);
    return some;
}

/* All ways to read give the same values; the bytes end where nothing may be read. */
static void runs_are_read_in_pieces(void **state)
{
    (void)state;
    uint64_t seed = test_seed();
    uint8_t *guarded = guarded_bytes();
    for (unsigned width = 1; width <= 32; width++) {
        size_t total = put_runs(width, &seed), some;
        bool repeated;
        struct hybrid_reader hybrid;
        uint8_t *at_end = memcpy(guarded + GUARDED - bytes.size, bytes.data, bytes.size);
        hybrid_init(&hybrid, at_end, bytes.size, width);
        for (size_t at = 0; at < total;)
            at += read_next(&hybrid, at, total - at, &seed);
        assert_false(hybrid_read_some(&hybrid, got, 1, &some, &repeated));
    }
    guarded_release(guarded);
}

static void long_runs_are_told(void **state)
{
    (void)state;
    struct hybrid_reader hybrid;
    size_t some;
    bool repeated;
    bytes.size = 0;
    put(&bytes, "\x03\x88\xc6\xfa", 4); /* 0 to 7 in three bits, then 200 times 5 */
    put_varint(&bytes, 200 << 1);
    put_u8(&bytes, 5);
    hybrid_init(&hybrid, bytes.data, bytes.size, 3);
    assert_true(hybrid_read_some(&hybrid, got, 100, &some, &repeated));
    assert_true(some == 8 && !repeated && got[7] == 7);
    assert_true(hybrid_read_some(&hybrid, got, 150, &some, &repeated));
    assert_true(some == 150 && repeated && got[0] == 5);
    assert_true(hybrid_read_some(&hybrid, got, 50, &some, &repeated));
    assert_true(some == 50 && !repeated && got[49] == 5);
}

/* Levels in both forms, in pieces of any size. */
static void levels_are_read_in_pieces(void **state)
{
    (void)state;
    enum { rows = 5000 };
    static uint8_t bits[rows / 8], present[rows];
    uint64_t seed = test_seed();
    for (size_t i = 0; i < sizeof bits; i++)
        bits[i] = (uint8_t)random_of(&seed);
    for (int form = 0; form < 40; form++) {
        struct level_reader levels;
        bytes.size = 0;
        put_varint(&bytes, rows / 8 << 1 | 1);
        put(&bytes, bits, sizeof bits);
        if (form % 2 == 0)
            levels_init_packed(&levels, bits, rows, 1);
        else
            assert_true(levels_init_runs(&levels, bytes.data, bytes.size, rows, 1));
        for (uint32_t at = 0, now, ones; at < rows; at += now) {
            uint32_t count = 0;
            now = 1 + (uint32_t)random_below(&seed, form < 20 ? 30 : 2000);
            now = now < rows - at ? now : rows - at;
            assert_true(levels_read(&levels, present, now, &ones));
            for (uint32_t i = at; i < at + now; i++) {
                unsigned bit = bits[i / 8] >> (form % 2 == 0 ? 7 - i % 8 : i % 8) & 1;
                assert_int_equal(present[i - at], bit);
                count += bit;
            }
            assert_int_equal(ones, count);
        }
        uint32_t ones;
        assert_false(levels_read(&levels, present, 1, &ones));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_are_read_in_pieces),
        cmocka_unit_test(long_runs_are_told),
        cmocka_unit_test(levels_are_read_in_pieces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
