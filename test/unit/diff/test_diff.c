/* Two files compared: keys paired, differences counted and the largest shown. */
#include "files.h"

#define MEMORY ((size_t)8 << 20)

static const struct column_type integer = {.physical = COLUMN_INT64};
static const struct column_type number = {.physical = COLUMN_DOUBLE};
static const struct column_type string = {.physical = COLUMN_BYTE_ARRAY, .logical = COLUMN_STRING};

static struct mem_account account;
static struct diff_report report;

static enum error_code compare(struct diff_options options)
{
    options.left = files_left;
    options.right = files_right;
    mem_account_init(&account, "test", NULL, MEM_NO_LIMIT);
    enum error_code code = diff_files(&options, &account, MEMORY, &report, &error);
    assert_true(code != ERROR_NONE || atomic_load(&account.peak) <= MEMORY + 65536);
    if (code != ERROR_NONE)
        assert_int_equal(atomic_load(&account.used), 0);
    return code;
}

static void release(void)
{
    diff_report_release(&report);
    assert_int_equal(atomic_load(&account.used), 0);
}

/* Files of a key "k" and a value "v". */
static void write_side(const char *path, uint32_t rows, const int64_t *keys, const double *values,
                       const uint8_t *present)
{
    struct file_columns file = {0};
    file_add(&file, "k", integer, rows, keys, NULL);
    file_add(&file, "v", number, rows, values, present);
    file_write(&file, path);
}

static const struct diff_options plain = {.shown = 10};

static void equal_files_in_any_order(void **state)
{
    (void)state;
    int64_t keys[] = {5, 1, 3}, turned[] = {3, 5, 1};
    double values[] = {0.5, 0.1, 0.3}, values_turned[] = {0.3, 0.5, 0.1};
    write_side(files_left, 3, keys, values, NULL);
    write_side(files_right, 3, keys, values, NULL);
    assert_int_equal(compare(plain), ERROR_NONE);
    assert_false(report.sorted);
    assert_int_equal(report.values_identical, 3);
    release();
    write_side(files_right, 3, turned, values_turned, NULL);
    assert_int_equal(compare(plain), ERROR_NONE);
    assert_true(report.sorted);
    assert_int_equal(report.keys_both, 3);
    assert_int_equal(report.values_identical, 3);
    assert_int_equal(report.left_rows, 3);
    assert_int_equal(report.right_rows, 3);
    assert_string_equal(report.keys[0], "k");
    assert_string_equal(report.columns[0], "v");
    release();
}

static void keys_on_one_side(void **state)
{
    (void)state;
    int64_t left[] = {1, 2, 4, 6, 7}, right[] = {2, 3, 4, 5, 6};
    double values[] = {1, 1, 1, 1, 1};
    struct diff_options options = plain;
    write_side(files_left, 5, left, values, NULL);
    write_side(files_right, 5, right, values, NULL);
    assert_int_equal(compare(options), ERROR_NONE);
    assert_false(report.sorted);
    assert_int_equal(report.keys_both, 3);
    assert_int_equal(report.only_left, 2);
    assert_int_equal(report.only_right, 2);
    assert_int_equal(report.only_left_count, 2);
    assert_string_equal(report.only_left_keys[0], "k=1");
    assert_string_equal(report.only_left_keys[1], "k=7");
    assert_string_equal(report.only_right_keys[1], "k=5");
    release();
    options.shown = 1;
    assert_int_equal(compare(options), ERROR_NONE);
    assert_int_equal(report.only_left, 2);
    assert_int_equal(report.only_left_count, 1);
    release();
}

/* A file that is cut off needs no sort, whatever its order. */
static void one_file_is_shorter(void **state)
{
    (void)state;
    int64_t keys[] = {5, 1, 3, 2};
    double values[] = {1, 1, 1, 1};
    write_side(files_left, 4, keys, values, NULL);
    write_side(files_right, 1, keys, values, NULL);
    assert_int_equal(compare(plain), ERROR_NONE);
    assert_false(report.sorted);
    assert_int_equal(report.keys_both, 1);
    assert_int_equal(report.only_left, 3);
    release();
}

static void same_keys_pair_as_they_come(void **state)
{
    (void)state;
    int64_t left[] = {9, 1, 1, 1}, right[] = {1, 1, 9, 9};
    double left_values[] = {90, 10, 11, 12}, right_values[] = {10, 11, 90, 91};
    write_side(files_left, 4, left, left_values, NULL);
    write_side(files_right, 4, right, right_values, NULL);
    assert_int_equal(compare(plain), ERROR_NONE);
    assert_true(report.sorted);
    assert_int_equal(report.keys_both, 3);
    assert_int_equal(report.values_identical, 3);
    assert_int_equal(report.only_left, 1);
    assert_int_equal(report.only_right, 1);
    release();
}

static void largest_differences_first(void **state)
{
    (void)state;
    int64_t keys[] = {1, 2, 3, 4, 5, 6, 7};
    double left[] = {1, 2, 3, 4, 5, 6}, right[] = {1.5, 2, 5, 4.25, 7, 6};
    uint8_t present[] = {1, 1, 1, 1, 1, 0, 1}, all[] = {1, 1, 1, 1, 1, 1, 0};
    struct diff_options options = {.shown = 3, .tolerance = 0.25};
    write_side(files_left, 7, keys, left, present);
    write_side(files_right, 7, keys, right, all);
    assert_int_equal(compare(options), ERROR_NONE);
    assert_int_equal(report.values_compared, 7);
    assert_int_equal(report.values_identical, 1);
    assert_int_equal(report.values_within, 1);
    assert_int_equal(report.values_different, 5);
    assert_true(report.largest_difference == __builtin_inf());
    assert_int_equal(report.row_count, 3);
    assert_string_equal(report.rows[0].key, "k=6");
    assert_string_equal(report.rows[0].left, "NULL");
    assert_string_equal(report.rows[0].right, "6");
    assert_string_equal(report.rows[1].key, "k=7");
    assert_string_equal(report.rows[2].key, "k=3");
    assert_string_equal(report.rows[2].column, "v");
    assert_true(report.rows[2].difference == 2.0);
    release();
    /* No tolerance makes a NULL equal to a value. */
    options.tolerance = __builtin_inf();
    assert_int_equal(compare(options), ERROR_NONE);
    assert_int_equal(report.values_within, 4);
    assert_int_equal(report.values_different, 2);
    release();
}

static void text_keys_and_values(void **state)
{
    (void)state;
    int64_t keys[] = {1, 1, 2};
    struct column_bytes names[] = {
        {(const uint8_t *)"a", 1}, {(const uint8_t *)"b", 1}, {(const uint8_t *)"", 0}};
    double left[] = {1, 2, 3}, right[] = {1, 2, 4};
    struct file_columns a = {0}, b = {0};
    file_add(&a, "k", integer, 3, keys, NULL);
    file_add(&a, "name", string, 3, names, NULL);
    file_add(&a, "v", number, 3, left, NULL);
    file_add(&a, "extra", number, 3, left, NULL);
    file_add(&b, "w", number, 3, right, NULL);
    file_add(&b, "name", string, 3, names, NULL);
    file_add(&b, "v", number, 3, right, NULL);
    file_add(&b, "k", integer, 3, keys, NULL);
    file_write(&a, files_left);
    file_write(&b, files_right);
    assert_int_equal(compare(plain), ERROR_NONE);
    assert_int_equal(report.key_count, 2);
    assert_int_equal(report.column_count, 1);
    assert_string_equal(report.columns_only_left[0], "extra");
    assert_string_equal(report.columns_only_right[0], "w");
    assert_int_equal(report.row_count, 1);
    assert_string_equal(report.rows[0].key, "k=2, name=");
    release();
    struct diff_options by_number = {.keys = (const char *[]){"v"}, .key_count = 1, .shown = 5};
    assert_int_equal(compare(by_number), ERROR_NONE);
    assert_int_equal(report.keys_both, 2);
    assert_int_equal(report.only_left, 1);
    assert_int_equal(report.column_count, 2);
    assert_int_equal(report.values_identical, 4);
    release();
}

/* Text is shown without its NULs, and cut where a character ends. */
static void odd_text(void **state)
{
    (void)state;
    char large[600];
    for (size_t i = 0; i < sizeof large; i += 3)
        memcpy(large + i, "\xe2\x82\xac", 3);
    struct column_bytes left[] = {{(const uint8_t *)"a\0b", 3}, {(const uint8_t *)large, 600}};
    struct column_bytes right[] = {{(const uint8_t *)"a", 1}, {(const uint8_t *)"b", 1}};
    struct file_columns a = {0}, b = {0};
    file_add(&a, "k", string, 2, left, NULL);
    file_add(&b, "k", string, 2, right, NULL);
    file_write(&a, files_left);
    file_write(&b, files_right);
    assert_int_equal(compare(plain), ERROR_NONE);
    assert_int_equal(report.only_left_count, 2);
    assert_string_equal(report.only_left_keys[0], "k=a\\0b");
    assert_int_equal(strlen(report.only_left_keys[1]), 2 + 84 * 3 + 3);
    assert_string_equal(report.only_left_keys[1] + 2 + 83 * 3, "\xe2\x82\xac...");
    assert_string_equal(report.only_right_keys[1], "k=b");
    release();
}

/* Keys mean the same whatever their width or unit; one side has to be sorted. */
static void keys_of_other_width(void **state)
{
    (void)state;
    int64_t wide[] = {-2, -1, 3}, milliseconds[] = {-5, 0, 7};
    int32_t narrow[] = {3, -2, -1};
    int64_t microseconds[] = {7000, -5000, 1};
    struct column_type time = {COLUMN_INT64, COLUMN_TIMESTAMP, .unit = COLUMN_MILLISECONDS};
    struct file_columns a = {0}, b = {0};
    file_add(&a, "k", integer, 3, wide, NULL);
    file_add(&a, "time", time, 3, milliseconds, NULL);
    time.unit = COLUMN_MICROSECONDS;
    file_add(&b, "k", (struct column_type){.physical = COLUMN_INT32}, 3, narrow, NULL);
    file_add(&b, "time", time, 3, microseconds, NULL);
    file_write(&a, files_left);
    file_write(&b, files_right);
    assert_int_equal(compare(plain), ERROR_NONE);
    assert_int_equal(report.key_count, 2);
    assert_true(report.sorted);
    assert_int_equal(report.keys_both, 2);
    assert_int_equal(report.only_left, 1);
    assert_int_equal(report.only_right, 1);
    assert_string_equal(report.only_left_keys[0], "k=-1, time=1970-01-01T00:00:00");
    release();
}

static void files_that_do_not_agree(void **state)
{
    (void)state;
    int64_t keys[] = {1};
    struct column_bytes text[] = {{(const uint8_t *)"1", 1}};
    double values[] = {1};
    struct file_columns file = {0}, alone = {0};
    write_side(files_left, 1, keys, values, NULL);
    file_add(&file, "k", string, 1, text, NULL);
    file_add(&file, "v", number, 1, values, NULL);
    file_write(&file, files_right);
    assert_int_equal(compare(plain), ERROR_MISMATCH);
    assert_non_null(strstr(error.what, files_left));
    assert_non_null(strstr(error.what, files_right));
    struct diff_options options = {.keys = (const char *[]){"k", "nowhere"}, .key_count = 2};
    write_side(files_right, 1, keys, values, NULL);
    assert_int_equal(compare(options), ERROR_MISMATCH);
    assert_string_equal(error.file, files_left);
    options.keys = (const char *[]){"k", "k"};
    assert_int_equal(compare(options), ERROR_USAGE);
    options = (struct diff_options){.tolerance = -1};
    assert_int_equal(compare(options), ERROR_USAGE);
    file_add(&alone, "v", number, 1, values, NULL);
    file_write(&alone, files_left);
    assert_int_equal(compare(plain), ERROR_MISMATCH);
    assert_non_null(strstr(error.hint, "--by"));
    assert_int_equal(unlink(files_left), 0);
    assert_int_equal(compare(plain), ERROR_IO);
}

/* ---- many rows against a count by hand ---- */

#define ROWS 120000
#define KEYS 50000

struct side {
    int64_t keys[ROWS];
    double values[ROWS];
    float marks[ROWS]; /* dense: only some keys have one */
    uint8_t marked[ROWS];
    uint32_t mark_count;
    uint32_t counts[KEYS];
};

static uint64_t random_next(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state >> 33;
}

static int compare_keys(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void make_side(struct side *side, uint64_t seed, bool ascending)
{
    for (uint32_t i = 0; i < ROWS; i++)
        side->keys[i] = (int64_t)(random_next(&seed) % KEYS);
    if (ascending)
        qsort(side->keys, ROWS, sizeof side->keys[0], compare_keys);
    /* A value tells which row of its key it is, so wrong pairs show. */
    for (uint32_t i = 0; i < ROWS; i++) {
        side->values[i] = (double)side->keys[i] + 0.125 * side->counts[side->keys[i]]++;
        side->marked[i] = side->keys[i] % 3 != 0;
        if (side->marked[i] != 0)
            side->marks[side->mark_count++] = (float)side->keys[i];
    }
}

static void write_large_side(const char *path, const struct side *side)
{
    struct file_columns file = {0};
    file_add(&file, "k", integer, ROWS, side->keys, NULL);
    file_add(&file, "v", number, ROWS, side->values, NULL);
    file_add(&file, "mark", (struct column_type){.physical = COLUMN_FLOAT}, ROWS, side->marks,
             side->marked);
    file_write(&file, path);
}

static void check_against_counts(bool left_ascends, bool right_ascends)
{
    struct side *sides = calloc(2, sizeof *sides);
    uint64_t both = 0, only_left = 0, only_right = 0;
    assert_non_null(sides);
    make_side(&sides[0], 1, left_ascends);
    make_side(&sides[1], 2, right_ascends);
    for (uint32_t i = 0; i < KEYS; i++) {
        uint32_t a = sides[0].counts[i], b = sides[1].counts[i];
        both += a < b ? a : b;
        only_left += a > b ? a - b : 0;
        only_right += b > a ? b - a : 0;
    }
    write_large_side(files_left, &sides[0]);
    write_large_side(files_right, &sides[1]);
    assert_int_equal(compare(plain), ERROR_NONE);
    assert_int_equal(report.sorted, !left_ascends || !right_ascends);
    assert_int_equal(report.keys_both, both);
    assert_int_equal(report.only_left, only_left);
    assert_int_equal(report.only_right, only_right);
    assert_int_equal(report.values_identical, 2 * both);
    assert_int_equal(report.values_different, 0);
    release();
    free(sides);
}

static void many_rows(void **state)
{
    (void)state;
    check_against_counts(true, true);
    check_against_counts(false, true);
    check_against_counts(false, false);
}

/* Each allocation fails once: an error, and nothing leaks. */
static void failing_allocations(void **state)
{
    (void)state;
    int64_t keys[] = {2, 1}, turned[] = {1, 2};
    double values[] = {1, 2};
    write_side(files_left, 2, keys, values, NULL);
    write_side(files_right, 2, turned, values, NULL);
    enum error_code code = ERROR_MEMORY;
    for (uint64_t n = 1; code != ERROR_NONE; n++) {
        mem_fail_allocation(n);
        code = compare(plain);
        mem_fail_allocation(0);
        assert_true(code == ERROR_NONE || code == ERROR_MEMORY);
        assert_true(n < 2000);
    }
    release();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_files_in_any_order),
        cmocka_unit_test(keys_on_one_side),
        cmocka_unit_test(one_file_is_shorter),
        cmocka_unit_test(same_keys_pair_as_they_come),
        cmocka_unit_test(largest_differences_first),
        cmocka_unit_test(text_keys_and_values),
        cmocka_unit_test(odd_text),
        cmocka_unit_test(keys_of_other_width),
        cmocka_unit_test(files_that_do_not_agree),
        cmocka_unit_test(many_rows),
        cmocka_unit_test(failing_allocations),
    };
    return cmocka_run_group_tests(tests, files_make, files_remove);
}
