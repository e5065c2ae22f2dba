/* Parts of codes are the numbers of the values, times the stride, however pages are encoded. */
#include "sum/code_column.h"
#include "written.h"

#define ROWS   1000
#define GROUP  300
#define STRIDE 7
#define LIMIT  ((size_t)16 << 20)

static const struct column_type int64 = {.physical = COLUMN_INT64};
static const struct column_type int32 = {.physical = COLUMN_INT32};
static const struct column_type text = {.physical = COLUMN_BYTE_ARRAY, .logical = COLUMN_STRING};

static const struct written_layout coded = {.dictionary = true, .group_rows = GROUP};
static const struct written_layout plain = {.group_rows = GROUP};
/* The dictionary of each row group has room for its first values only. */
static const struct written_layout both = {
    .dictionary = true, .dictionary_bytes = 200, .group_rows = GROUP};

static uint8_t present[ROWS];
static int64_t numbers[ROWS];
static int32_t halves[ROWS];
static struct column_bytes texts[ROWS];
static char letters[ROWS][16];

static struct column_slice slice;

/* Values that repeat, then runs of equal ones, then many. */
static int64_t row_value(uint32_t row)
{
    return row < 50 ? row % 9 : row < 500 ? 3 : (int64_t)(row * 37 % 400);
}

static void make_rows(const struct column_type *type, bool nulls)
{
    uint32_t values = 0;
    for (uint32_t row = 0; row < ROWS; row++) {
        present[row] = !nulls || (row % 5 != 0 && row / 90 != 3);
        if (present[row] == 0)
            continue;
        numbers[values] = row_value(row);
        halves[values] = (int32_t)row_value(row);
        snprintf(letters[values], sizeof letters[0], "%03d", (int)row_value(row));
        texts[values] = (struct column_bytes){(const uint8_t *)letters[values], 3};
        values++;
    }
    const void *all = type->physical == COLUMN_INT64   ? (const void *)numbers
                      : type->physical == COLUMN_INT32 ? (const void *)halves
                                                       : (const void *)texts;
    slice = (struct column_slice){ROWS, values, nulls ? present : NULL, all};
}

/* The list 0..399, or the same as texts: numbers are the values, plus one where NULL is one. */
static struct key_domain *list_of(const struct column_type *type, bool nullable, int count)
{
    struct key_domain *list;
    bool full = false;
    OK(key_domain_create_list(&account, type, LIMIT, &list, &error));
    for (int i = 0; i < count; i++) {
        char digits[16];
        int64_t number = i;
        snprintf(digits, sizeof digits, "%03d", i);
        struct column_bytes bytes = {(const uint8_t *)digits, 3};
        OK(key_domain_put(
            list, type->physical == COLUMN_INT64 ? (const void *)&number : (const void *)&bytes, 1,
            &full, &error));
    }
    assert_false(full);
    OK(key_domain_finish(list, nullable, &error));
    return list;
}

static struct key_domain *range_of(int64_t low, int64_t high, bool nullable)
{
    struct key_domain *range;
    OK(key_domain_create_range(&account, &int64, &low, &high, nullable, &range, &error));
    return range;
}

static void open_column(struct code_column *column, struct written *file,
                        const struct column_type *stored, const struct written_layout *layout,
                        const struct key_domain *domain, const struct column_type *type)
{
    file->field = (struct column_field){.name = "key", .type = *stored, .nullable = true};
    written_make(file, "file", &slice, layout);
    OK(code_column_open(column, &file->object, &file->metadata, 0, domain, type, STRIDE, LIMIT,
                        &account, &error));
}

static uint64_t expected_part(uint32_t row, bool nulls)
{
    if (present[row] == 0)
        return 0;
    return ((uint64_t)row_value(row) + nulls) * STRIDE;
}

/* Reads all rows, piece by piece, passing over some; codes are added to what was there. */
static void check_column(struct code_column *column, bool nulls, uint32_t piece, uint32_t pass)
{
    for (uint32_t row = 0; row < ROWS;) {
        uint64_t codes[ROWS];
        bool outside = true;
        uint32_t count = ROWS - row < piece ? ROWS - row : piece;
        for (uint32_t i = 0; i < count; i++)
            codes[i] = 1000000;
        OK(code_column_add(column, count, codes, &outside, &error));
        assert_false(outside);
        for (uint32_t i = 0; i < count; i++)
            assert_int_equal(codes[i], 1000000 + expected_part(row + i, nulls));
        row += count;
        count = ROWS - row < pass ? ROWS - row : pass;
        OK(code_column_skip(column, count, &error));
        row += count;
    }
}

static void check(const struct column_type *stored, const struct written_layout *layout,
                  struct key_domain *domain, const struct column_type *type, bool nulls)
{
    const uint32_t pieces[][2] = {{ROWS, 0}, {37, 0}, {1, 13}, {50, 299}, {64, 320}};
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        struct written file;
        struct code_column column;
        make_rows(stored, nulls);
        open_column(&column, &file, stored, layout, domain, type);
        check_column(&column, nulls, pieces[i][0], pieces[i][1]);
        code_column_close(&column);
        written_close(&file);
    }
}

static void every_layout_has_the_same_parts(void **state)
{
    (void)state;
    const struct written_layout *const layouts[] = {&coded, &plain, &both};
    for (int i = 0; i < 6; i++) {
        bool nulls = i >= 3;
        struct key_domain *list = list_of(&int64, nulls, 400), *words = list_of(&text, nulls, 400);
        struct key_domain *range = range_of(0, 399, nulls);
        check(&int64, layouts[i % 3], list, &int64, nulls);
        check(&int64, layouts[i % 3], range, &int64, nulls);
        check(&int32, layouts[i % 3], list, &int64, nulls);
        check(&int32, layouts[i % 3], range, &int64, nulls);
        check(&text, layouts[i % 3], words, &text, nulls);
        key_domain_destroy(list);
        key_domain_destroy(words);
        key_domain_destroy(range);
    }
}

/* Reads until a value is outside; the row in front of which the piece ends. */
static uint32_t rows_until_outside(struct code_column *column, uint32_t piece)
{
    uint64_t codes[ROWS] = {0};
    for (uint32_t row = 0; row < ROWS; row += piece) {
        bool outside;
        uint32_t count = ROWS - row < piece ? ROWS - row : piece;
        OK(code_column_add(column, count, codes, &outside, &error));
        if (outside)
            return row;
    }
    return ROWS;
}

static void check_outside(const struct written_layout *layout, struct key_domain *domain,
                          bool nulls, uint32_t expected)
{
    struct written file;
    struct code_column column;
    make_rows(&int64, nulls);
    open_column(&column, &file, &int64, layout, domain, &int64);
    assert_int_equal(rows_until_outside(&column, 10), expected);
    code_column_close(&column);
    written_close(&file);
    key_domain_destroy(domain);
}

/* A value that the domain lacks is met where its row is, not where its dictionary is. */
static void values_outside_are_seen(void **state)
{
    (void)state;
    const struct written_layout *const layouts[] = {&coded, &plain, &both};
    uint32_t first = 0; /* the row of the first value above 300 */
    while (row_value(first) <= 300)
        first++;
    first = first / 10 * 10;
    for (int i = 0; i < 3; i++) {
        check_outside(layouts[i], range_of(0, 300, false), false, first);
        check_outside(layouts[i], list_of(&int64, false, 301), false, first);
        check_outside(layouts[i], list_of(&int64, true, 400), true, ROWS);
        check_outside(layouts[i], range_of(5, 4, false), false, 0);
        /* Row 0 is NULL, which these know nothing of. */
        check_outside(layouts[i], list_of(&int64, false, 400), true, 0);
        check_outside(layouts[i], range_of(0, 399, false), true, 0);
    }
}

static void beyond_the_end_is_an_error(void **state)
{
    (void)state;
    struct written file;
    struct code_column column;
    uint64_t codes[1] = {0};
    bool outside;
    struct key_domain *range = range_of(0, 399, false);
    make_rows(&int64, false);
    open_column(&column, &file, &int64, &plain, range, &int64);
    OK(code_column_skip(&column, ROWS, &error));
    assert_int_equal(code_column_add(&column, 1, codes, &outside, &error), ERROR_INTERNAL);
    assert_int_equal(code_column_skip(&column, 1, &error), ERROR_INTERNAL);
    code_column_close(&column);
    written_close(&file);
    key_domain_destroy(range);
}

/* A cast that loses something names file, row group and column. */
static void a_value_without_an_equal_is_located(void **state)
{
    (void)state;
    const struct column_type days = {.physical = COLUMN_INT32, .logical = COLUMN_DATE};
    const struct column_type ns = {
        .physical = COLUMN_INT64, .logical = COLUMN_TIMESTAMP, .unit = COLUMN_NANOSECONDS};
    struct written file;
    struct code_column column;
    uint64_t codes[10] = {0};
    int64_t low = 0, high = 1;
    bool outside;
    struct key_domain *range;
    OK(key_domain_create_range(&account, &ns, &low, &high, false, &range, &error));
    for (int row = 0; row < 10; row++)
        halves[row] = row == 9 ? INT32_MAX : 0;
    slice = (struct column_slice){10, 10, NULL, halves};
    open_column(&column, &file, &days, &plain, range, &ns);
    assert_int_equal(code_column_add(&column, 10, codes, &outside, &error), ERROR_MISMATCH);
    assert_non_null(strstr(error.file, "file"));
    assert_string_equal(error.column, "key");
    assert_int_equal(error.row_group, 0);
    code_column_close(&column);
    written_close(&file);
    key_domain_destroy(range);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_layout_has_the_same_parts, written_set_up,
                                        written_tear_down),
        cmocka_unit_test_setup_teardown(values_outside_are_seen, written_set_up, written_tear_down),
        cmocka_unit_test_setup_teardown(beyond_the_end_is_an_error, written_set_up,
                                        written_tear_down),
        cmocka_unit_test_setup_teardown(a_value_without_an_equal_is_located, written_set_up,
                                        written_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
