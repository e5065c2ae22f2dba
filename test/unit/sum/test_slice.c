/* A slice taken in pieces has the values of the whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "sum/slice.h"

#define ROWS 100

static const struct column_type types[] = {{.physical = COLUMN_BOOLEAN},
                                           {.physical = COLUMN_INT32},
                                           {.physical = COLUMN_DOUBLE},
                                           {.physical = COLUMN_INT96},
                                           {.physical = COLUMN_BYTE_ARRAY}};

static uint8_t values[ROWS * 16];
static uint8_t present[ROWS];

static void check(const struct column_type *type, const struct column_slice *all, uint32_t piece)
{
    struct slice_walk walk;
    const uint8_t *next = all->values;
    size_t width = column_value_size(type);
    slice_walk_begin(&walk, type, all);
    for (uint32_t row = 0; row < all->row_count;) {
        uint32_t count = all->row_count - row < piece ? all->row_count - row : piece;
        struct column_slice taken = slice_walk_take(&walk, count);
        uint32_t found = 0;
        for (uint32_t i = 0; i < count; i++) {
            bool there = all->present == NULL || all->present[row + i] != 0;
            assert_int_equal(taken.present == NULL || taken.present[i] != 0, there);
            found += there;
        }
        assert_int_equal(taken.row_count, count);
        assert_int_equal(taken.value_count, found);
        assert_true(taken.present != NULL || found == count);
        assert_memory_equal(taken.values, next, found * width);
        next += found * width;
        row += count;
    }
    assert_int_equal(walk.rest.row_count, 0);
    assert_int_equal(walk.rest.value_count, 0);
}

static void pieces_make_the_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof values; i++)
        values[i] = (uint8_t)(i * 11 + i / 256);
    for (size_t t = 0; t < sizeof types / sizeof types[0]; t++) {
        for (uint32_t nulls = 0; nulls < 3; nulls++) {
            uint32_t count = 0;
            for (uint32_t row = 0; row < ROWS; row++) {
                present[row] = nulls == 0 || (nulls == 1 && row % 3 != 0 && row > 20);
                count += present[row];
            }
            struct column_slice all = {ROWS, count, nulls > 0 ? present : NULL, values};
            for (uint32_t piece = 1; piece <= ROWS; piece += piece / 3 + 1)
                check(&types[t], &all, piece);
        }
    }
}

static void nothing_may_be_taken(void **state)
{
    (void)state;
    struct slice_walk walk;
    const struct column_slice all = {3, 3, NULL, values};
    slice_walk_begin(&walk, &types[2], &all);
    struct column_slice none = slice_walk_take(&walk, 0);
    assert_int_equal(none.row_count, 0);
    assert_int_equal(none.value_count, 0);
    struct column_slice rest = slice_walk_take(&walk, 3);
    assert_ptr_equal(rest.values, values);
    assert_int_equal(rest.value_count, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_make_the_whole),
        cmocka_unit_test(nothing_may_be_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
