/* The cursor never leaves its bounds and never moves on failure. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cursor.h"

static void reads_integers_in_order(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08,
                                    0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f};
    struct cursor cursor = cursor_over(bytes, sizeof bytes);
    uint8_t one;
    uint16_t two;
    uint32_t four;
    uint64_t eight;
    assert_true(cursor_u8(&cursor, &one));
    assert_true(cursor_u16(&cursor, &two));
    assert_true(cursor_u32(&cursor, &four));
    assert_true(cursor_u64(&cursor, &eight));
    assert_int_equal(one, 0x01);
    assert_int_equal(two, 0x0302);
    assert_int_equal(four, 0x07060504);
    assert_true(eight == 0x0f0e0d0c0b0a0908);
    assert_int_equal(cursor_left(&cursor), 0);
    assert_int_equal(cursor_offset(&cursor), sizeof bytes);
}

static void too_little_left_moves_nothing(void **state)
{
    (void)state;
    static const uint8_t bytes[7] = {0};
    struct cursor cursor = cursor_over(bytes, sizeof bytes);
    uint64_t eight = 42;
    const uint8_t *view = bytes;
    assert_false(cursor_u64(&cursor, &eight));
    assert_false(cursor_bytes(&cursor, 8, &view));
    assert_false(cursor_bytes(&cursor, SIZE_MAX, &view));
    assert_false(cursor_skip(&cursor, SIZE_MAX - 3));
    assert_true(eight == 42);
    assert_int_equal(cursor_offset(&cursor), 0);
    assert_true(cursor_skip(&cursor, 7));
    assert_true(cursor_skip(&cursor, 0));
    uint8_t one;
    assert_false(cursor_u8(&cursor, &one));
}

static void no_bytes_at_all(void **state)
{
    (void)state;
    struct cursor cursor = cursor_over("", 0);
    uint64_t value;
    assert_false(cursor_varint(&cursor, &value));
    const uint8_t *view;
    assert_true(cursor_bytes(&cursor, 0, &view));
}

struct varint_case {
    uint8_t bytes[12];
    size_t size;
    bool valid;
    uint64_t value;
    size_t consumed;
};

static void varints(void **state)
{
    (void)state;
    static const struct varint_case cases[] = {
        {{0x00}, 1, true, 0, 1},
        {{0x7f}, 1, true, 127, 1},
        {{0x80, 0x01}, 2, true, 128, 2},
        {{0xac, 0x02, 0xff}, 3, true, 300, 2},
        {{0x80, 0x00}, 2, true, 0, 2},
        {{0x80}, 1, false, 0, 0},
        {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}, 10, true, UINT64_MAX, 10},
        {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02}, 10, false, 0, 0},
        {{0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01}, 11, false, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct cursor cursor = cursor_over(cases[i].bytes, cases[i].size);
        uint64_t value = 0;
        assert_int_equal(cursor_varint(&cursor, &value), cases[i].valid);
        assert_true(value == cases[i].value);
        assert_int_equal(cursor_offset(&cursor), cases[i].consumed);
    }
}

static void zigzags(void **state)
{
    (void)state;
    static const uint8_t smallest[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01};
    static const uint8_t largest[] = {0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01};
    static const uint8_t small[] = {0x00, 0x01, 0x02, 0x03};
    struct cursor cursor = cursor_over(small, sizeof small);
    static const int64_t expected[] = {0, -1, 1, -2};
    int64_t value;
    for (size_t i = 0; i < 4; i++) {
        assert_true(cursor_zigzag(&cursor, &value));
        assert_int_equal(value, expected[i]);
    }
    cursor = cursor_over(smallest, sizeof smallest);
    assert_true(cursor_zigzag(&cursor, &value));
    assert_true(value == INT64_MIN);
    cursor = cursor_over(largest, sizeof largest);
    assert_true(cursor_zigzag(&cursor, &value));
    assert_true(value == INT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_integers_in_order),
        cmocka_unit_test(too_little_left_moves_nothing),
        cmocka_unit_test(no_bytes_at_all),
        cmocka_unit_test(varints),
        cmocka_unit_test(zigzags),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
