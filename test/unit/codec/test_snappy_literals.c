/* A block without copies is told from one with them, and damage is never taken for either. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <snappy-c.h>
#include <stdlib.h>
#include <string.h>

#include "codec/snappy_literals.h"

#define SIZE 200000

static uint8_t data[SIZE];
static uint8_t block[2 * SIZE];

/* Bytes in which a compressor finds nothing, or (period > 0) something. */
static size_t compress(size_t period)
{
    uint64_t state = 42;
    for (size_t i = 0; i < SIZE; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        data[i] = period > 0 && i >= period ? data[i - period] : (uint8_t)(state >> 56);
    }
    size_t size = sizeof block;
    assert_int_equal(snappy_compress((const char *)data, SIZE, (char *)block, &size), SNAPPY_OK);
    return size;
}

static void runs_hold_the_data(void **state)
{
    (void)state;
    size_t size = compress(0), at = 0;
    struct cursor cursor, run;
    assert_true(snappy_literals_open(block, size, SIZE, &cursor));
    while (cursor_left(&cursor) > 0) {
        assert_true(snappy_literals_next(&cursor, &run));
        assert_memory_equal(run.at, data + at, cursor_left(&run));
        at += cursor_left(&run);
    }
    assert_int_equal(at, SIZE);
    assert_false(snappy_literals_next(&cursor, &run));
}

static void copies_are_noticed(void **state)
{
    (void)state;
    struct cursor cursor;
    size_t size = compress(100);
    assert_false(snappy_literals_open(block, size, SIZE, &cursor));
}

static void wrong_sizes_are_noticed(void **state)
{
    (void)state;
    struct cursor cursor;
    size_t size = compress(0);
    assert_false(snappy_literals_open(block, size, SIZE - 1, &cursor));
    for (size_t cut = 0; cut < size; cut += cut < 16 ? 1 : 997) {
        /* A copy of exactly that size, so that reading beyond it is seen. */
        uint8_t *exact = malloc(cut + 1);
        memcpy(exact, block, cut);
        assert_false(snappy_literals_open(exact, cut, SIZE, &cursor));
        free(exact);
    }
}

static void short_runs_are_left_to_the_decoder(void **state)
{
    (void)state;
    struct cursor cursor;
    const uint8_t tiny[] = {3, 2 << 2, 'a', 'b', 'c'};
    assert_false(snappy_literals_open(tiny, sizeof tiny, 3, &cursor));
}

static void what_is_written_is_snappy(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 127, 128, 65535, 65536, 65537, SIZE};
    static uint8_t back[SIZE];
    (void)compress(0);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        size_t size = snappy_literals_write(data, sizes[i], block), out = SIZE;
        assert_true(size <= sizes[i] + SNAPPY_LITERALS_OVERHEAD(sizes[i]));
        assert_int_equal(snappy_uncompress((const char *)block, size, (char *)back, &out),
                         SNAPPY_OK);
        assert_int_equal(out, sizes[i]);
        assert_memory_equal(back, data, out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_hold_the_data),
        cmocka_unit_test(copies_are_noticed),
        cmocka_unit_test(wrong_sizes_are_noticed),
        cmocka_unit_test(short_runs_are_left_to_the_decoder),
        cmocka_unit_test(what_is_written_is_snappy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
