/* Levels of more than a bit, in both forms; levels of one bit are in test_hybrid.c. */
#include "parquet/kernel_fixture.h"

#include "level_bytes.h"
#include "parquet/levels.h"

enum { MOST = 9000 };

static struct bytes bytes;
static uint16_t levels[MOST];
static uint8_t present[MOST];

static const uint16_t maxima[] = {1, 2, 3, 4, 7, 8, 100, 255, 256, 300, 0x7fff, 0x8000, 0xffff};

/* Runs and single levels, about half of them the maximum. */
static void make_levels(uint16_t maximum, size_t count, uint64_t *seed)
{
    for (size_t at = 0; at < count;) {
        size_t run = random_below(seed, 3) == 0 ? 1 + random_below(seed, 700) : 1;
        uint16_t level = (uint16_t)random_below(seed, (uint64_t)maximum + 1);
        if (random_below(seed, 2) == 0)
            level = maximum;
        for (; run > 0 && at < count; run--)
            levels[at++] = level;
    }
}

/* The bytes end where they may not be left: a sanitizer sees it. */
static bool open_exactly(struct level_reader *reader, uint8_t *copy, size_t count, uint16_t maximum,
                         bool packed)
{
    memcpy(copy, bytes.data, bytes.size);
    if (!packed)
        return levels_init_runs(reader, copy, bytes.size, count, maximum);
    assert_int_equal(levels_packed_size(count, maximum), bytes.size);
    levels_init_packed(reader, copy, count, maximum);
    return true;
}

static void expect_levels(struct level_reader *reader, size_t count, uint16_t maximum,
                          uint64_t *seed)
{
    for (size_t at = 0; at < count;) {
        uint32_t ones, expected = 0;
        size_t most = random_below(seed, 2) == 0 ? 20 : 3000, now = 1 + random_below(seed, most);
        now = now < count - at ? now : count - at;
        assert_true(levels_read(reader, present, (uint32_t)now, &ones));
        for (size_t i = 0; i < now; i++) {
            assert_int_equal(present[i], levels[at + i] == maximum);
            expected += present[i];
        }
        assert_int_equal(ones, expected);
        at += now;
    }
}

static void levels_of_every_width_are_read(void **state)
{
    (void)state;
    uint64_t seed = test_seed();
    for (size_t i = 0; i < 40 * sizeof maxima / sizeof maxima[0]; i++) {
        uint16_t maximum = maxima[i / 40];
        size_t count = 1 + random_below(&seed, i % 4 == 0 ? 20 : MOST);
        bool packed = i % 2 == 0;
        struct level_reader reader;
        make_levels(maximum, count, &seed);
        bytes.size = 0;
        (packed ? put_packed : put_hybrid)(&bytes, levels, count, level_width(maximum));
        uint8_t *copy = malloc(bytes.size);
        assert_true(open_exactly(&reader, copy, count, maximum, packed));
        expect_levels(&reader, count, maximum, &seed);
        assert_true(open_exactly(&reader, copy, count, maximum, packed));
        assert_true(levels_pass(&reader, (uint32_t)count));
        if (packed)
            assert_false(levels_pass(&reader, 1));
        free(copy);
    }
}

static void one_run_of_the_maximum_is_no_levels(void **state)
{
    (void)state;
    struct level_reader reader;
    uint32_t ones;
    assert_true(levels_init_runs(&reader, (const uint8_t *)"\x14\x05", 2, 10, 5));
    assert_int_equal(reader.form, LEVELS_NONE);
    assert_true(levels_read(&reader, present, 10, &ones));
    assert_int_equal(ones, 10);
    assert_true(levels_pass(&reader, 10));
    assert_true(levels_init_runs(&reader, (const uint8_t *)"\x14\x04", 2, 10, 5));
    assert_int_equal(reader.form, LEVELS_WIDE_RUNS);
    assert_true(levels_read(&reader, present, 10, &ones));
    assert_int_equal(ones, 0);
}

static bool reads_runs(const char *text, size_t size, uint32_t count, uint16_t maximum)
{
    struct level_reader reader;
    uint32_t ones;
    bool passed = levels_init_runs(&reader, (const uint8_t *)text, size, count, maximum) &&
                  levels_pass(&reader, count);
    bool read = levels_init_runs(&reader, (const uint8_t *)text, size, count, maximum) &&
                levels_read(&reader, present, count, &ones);
    assert_int_equal(passed, read);
    return read;
}

static void levels_above_the_maximum_are_refused(void **state)
{
    (void)state;
    struct level_reader reader;
    uint32_t ones;
    assert_true(reads_runs("\x14\x02", 2, 10, 2));
    assert_false(reads_runs("\x14\x03", 2, 10, 2));        /* a short run */
    assert_false(reads_runs("\xd0\x0f\x03", 3, 1000, 2));  /* a long one */
    assert_true(reads_runs("\x03\xaa\xaa", 3, 8, 2));      /* eight times 2 */
    assert_false(reads_runs("\x03\xaa\xab", 3, 8, 2));     /* 3 among them */
    assert_false(reads_runs("\x14\x02", 2, 11, 2));        /* one is missing */
    assert_false(reads_runs("\x14", 1, 10, 2));            /* no level in the run */
    assert_false(reads_runs("\x14\x02", 2, 10, 0xff + 1)); /* half of one */
    assert_false(reads_runs("", 0, 1, 2));
    levels_init_packed(&reader, (const uint8_t *)"\xaa\xab", 8, 2);
    assert_true(levels_read(&reader, present, 7, &ones));
    assert_int_equal(ones, 7);
    assert_false(levels_read(&reader, present, 1, &ones));
    levels_init_packed(&reader, (const uint8_t *)"\xaa\xab", 8, 2);
    assert_false(levels_pass(&reader, 8));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(levels_of_every_width_are_read),
        cmocka_unit_test(one_run_of_the_maximum_is_no_levels),
        cmocka_unit_test(levels_above_the_maximum_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
