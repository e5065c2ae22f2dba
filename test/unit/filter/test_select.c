/*
 * What filters take: every type against column_value_compare, literals between and beyond values,
 * NULL against a table of three-valued logic.
 */
#include <math.h>

#include "filters.h"

/* ---- every type, all comparisons, literals as column_value_format writes them ---- */

static bool holds(const char *comparison, int order)
{
    if (strcmp(comparison, "=") == 0)
        return order == 0;
    if (strcmp(comparison, "<>") == 0)
        return order != 0;
    if (strcmp(comparison, "<") == 0)
        return order < 0;
    if (strcmp(comparison, ">=") == 0)
        return order >= 0;
    return strcmp(comparison, ">") == 0 ? order > 0 : order <= 0;
}

/* A literal for a value: its text in quotes where it would not be taken without. */
static void write_literal(const struct column_type *type, const void *value, char literal[128])
{
    char shown[100];
    column_value_format(type, value, shown, sizeof shown);
    bool bare = shown[0] == '-' || (shown[0] >= '0' && shown[0] <= '9');
    if (type->physical == COLUMN_BYTE_ARRAY && type->logical != COLUMN_DECIMAL)
        bare = false;
    if (type->logical == COLUMN_UUID || strcmp(shown, "-inf") == 0)
        bare = false;
    snprintf(literal, 128, bare ? "%s" : "'%s'", shown);
}

static void compare_each_with_each(const struct column_type *type, const void *values,
                                   uint32_t count)
{
    static const char *const comparisons[] = {"=", "<>", "<", ">=", ">", "<="};
    size_t width = column_value_size(type);
    char literal[128], text[256], answer[65], expected[65];
    for (uint32_t k = 0; k < count; k++) {
        const uint8_t *bound = (const uint8_t *)values + k * width;
        write_literal(type, bound, literal);
        for (size_t c = 0; c < 6; c++) {
            snprintf(text, sizeof text, "x %s %s", comparisons[c], literal);
            for (uint32_t i = 0; i < count; i++) {
                int order = column_value_compare(type, (const uint8_t *)values + i * width, bound);
                expected[i] = holds(comparisons[c], order) ? '1' : '0';
            }
            expected[count] = '\0';
            select_values(text, type, values, count, answer);
            if (strcmp(answer, expected) != 0)
                fail_msg("%s: %s, expected %s", text, answer, expected);
        }
    }
}

#define COMPARE_ALL(type, values)                                                                  \
    compare_each_with_each(type, values, (uint32_t)(sizeof(values) / column_value_size(type)))

static const struct column_type int32_type = {.physical = COLUMN_INT32};
static const struct column_type int64_type = {.physical = COLUMN_INT64};
static const struct column_type uint32_type = {
    .physical = COLUMN_INT32, .logical = COLUMN_INTEGER, .bit_width = 32};
static const struct column_type uint64_type = {
    .physical = COLUMN_INT64, .logical = COLUMN_INTEGER, .bit_width = 64};
static const struct column_type float_type = {.physical = COLUMN_FLOAT};
static const struct column_type double_type = {.physical = COLUMN_DOUBLE};
static const struct column_type string_type = {.physical = COLUMN_BYTE_ARRAY,
                                               .logical = COLUMN_STRING};

static void test_integers(void **state)
{
    (void)state;
    static const int32_t narrow[] = {INT32_MIN, -1000, -1, 0, 1, 7, INT32_MAX};
    static const int64_t wide[] = {INT64_MIN, INT64_MIN + 1, -1, 0, 1, INT64_C(1) << 53, INT64_MAX};
    static const uint8_t truths[] = {0, 1, 0};
    const struct column_type boolean = {.physical = COLUMN_BOOLEAN};
    const struct column_type tiny = {
        .physical = COLUMN_INT32, .logical = COLUMN_INTEGER, .bit_width = 8, .is_signed = true};
    COMPARE_ALL(&int32_type, narrow);
    COMPARE_ALL(&tiny, narrow);
    COMPARE_ALL(&uint32_type, narrow);
    COMPARE_ALL(&int64_type, wide);
    COMPARE_ALL(&uint64_type, wide);
    for (int i = 0; i < 3; i++)
        assert_selects(i == 0   ? "x = true"
                       : i == 1 ? "not x = false"
                                : "x > 'FALSE'",
                       &boolean, truths, "010");
    assert_selects("x < true", &boolean, truths, "101");
    assert_selects("x >= false", &boolean, truths, "111");
    assert_selects("x in (true)", &boolean, truths, "010");
}

static void test_floats(void **state)
{
    (void)state;
    static const double doubles[] = {-INFINITY, -1e308,    -1.5, -0x1p-1074, -0.0,
                                     0.0,       0x1p-1074, 0.1,  1e15,       1.7976931348623157e308,
                                     INFINITY,  NAN,       -NAN};
    static const float floats[] = {-INFINITY, -3.4e38f, -0.5f,    -0.0f,    0.0f,
                                   1e-45f,    0.1f,     16777216, INFINITY, NAN};
    static const uint16_t halves[] = {0xfc00, 0xbc00, 0xb800, 0x8000, 0x0000,
                                      0x3c00, 0x4240, 0x7c00, 0x7e00, 0xfe01};
    static const uint16_t small[] = {0xfbff, 0x8001, 0x0001, 0x03ff, 0x0400, 0x7bff};
    const struct column_type half = {
        .physical = COLUMN_FIXED, .logical = COLUMN_FLOAT16, .type_length = 2};
    COMPARE_ALL(&double_type, doubles);
    assert_selects("x >= -65504 and x < 0", &half, small, "110000");
    assert_selects("x = 5.9604644775390625e-8", &half, small, "001000");
    assert_selects("x > 6.0975551605224609375e-5", &half, small, "000011");
    assert_selects("x in (6.103515625e-5, 65504)", &half, small, "000011");
    /* The shortest digits of a float are not its value: only some have few enough. */
    COMPARE_ALL(&half, halves);
    static const float plain[] = {-INFINITY, -0.5f, -0.0f, 0.0f, 1.25f, 16777216, INFINITY, NAN};
    COMPARE_ALL(&float_type, plain);
    assert_selects("x = 0.1", &float_type, floats, "0000000000");
    assert_selects("x > 0.1", &float_type, floats, "0000001111");
    assert_selects("x = 0.100000001490116119384765625", &float_type, floats, "0000001000");
    assert_selects("x <= 1e-400", &float_type, floats, "1111100000");
}

static void test_decimals(void **state)
{
    (void)state;
    struct column_type type = {
        .physical = COLUMN_INT32, .logical = COLUMN_DECIMAL, .precision = 9, .scale = 2};
    static const int32_t narrow[] = {-999999999, -101, -100, -1, 0, 1, 250, 999999999};
    static const int64_t wide[] = {-999999999999999999, -5, 0, 3, 999999999999999999};
    COMPARE_ALL(&type, narrow);
    type.physical = COLUMN_INT64;
    type.precision = 18;
    COMPARE_ALL(&type, wide);
    static const uint8_t fixed[] = {0xff, 0xff, 0x00, 0x80, 0x00, 0x00, 0x00, 0x00, 0x00,
                                    0x00, 0x00, 0x01, 0x7f, 0xff, 0xff, 0xff, 0xff, 0x9c};
    type = (struct column_type){.physical = COLUMN_FIXED,
                                .logical = COLUMN_DECIMAL,
                                .type_length = 3,
                                .precision = 6,
                                .scale = 4};
    COMPARE_ALL(&type, fixed);
    assert_selects("x < -838.8608", &type, fixed, "000000");
    assert_selects("x <= -838.86071", &type, fixed, "010000");
    assert_selects("x > 838.86069", &type, fixed, "000010");
    static const struct column_bytes texts[] = {{(const uint8_t *)"\xff", 1},
                                                {(const uint8_t *)"\xff\xff\x85\xee", 4},
                                                {(const uint8_t *)"", 0},
                                                {(const uint8_t *)"\x00\x00\x00\x01", 4},
                                                {(const uint8_t *)"\x7f\xff\xff\xff\xff", 5}};
    type = (struct column_type){
        .physical = COLUMN_BYTE_ARRAY, .logical = COLUMN_DECIMAL, .precision = 30, .scale = 3};
    COMPARE_ALL(&type, texts);
    assert_selects("x in (-0.001, 0.0010, 5, 0.00001)", &type, texts, "10010");
    assert_selects("x < 1e900", &type, texts, "11111");
    assert_selects("x < -1e900", &type, texts, "00000");
}

static void test_times(void **state)
{
    (void)state;
    struct column_type type = {.physical = COLUMN_INT32, .logical = COLUMN_DATE};
    static const int32_t days[] = {-800000, -719162, -1, 0, 1, 20089, 2932896};
    COMPARE_ALL(&type, days);
    type = (struct column_type){.physical = COLUMN_INT64, .logical = COLUMN_TIMESTAMP};
    static const int64_t ticks[] = {-62135596800000001, -1, 0, 1, 1735689600123456, 2000000000000};
    for (int unit = COLUMN_SECONDS; unit <= COLUMN_NANOSECONDS; unit++) {
        type.unit = (enum column_unit)unit;
        /* Years beyond six digits cannot be written. */
        uint32_t first = unit < COLUMN_MICROSECONDS ? 1 : 0;
        uint32_t last = unit < COLUMN_MICROSECONDS ? 4 : 6;
        for (int zoned = 0; zoned < 2; zoned++) {
            type.utc_adjusted = zoned == 1;
            compare_each_with_each(&type, ticks + first, last - first);
        }
    }
    type.logical = COLUMN_TIME;
    type.unit = COLUMN_MICROSECONDS;
    static const int64_t times[] = {0, 1, 3600000000, 86399999999};
    COMPARE_ALL(&type, times);
    type.physical = COLUMN_INT32;
    type.unit = COLUMN_MILLISECONDS;
    static const int32_t short_times[] = {0, 1, 3600000, 86399999};
    COMPARE_ALL(&type, short_times);
}

/* Nanoseconds of the day beyond the day count into the next one. */
static void test_int96(void **state)
{
    (void)state;
    const struct column_type type = {.physical = COLUMN_INT96};
    uint8_t values[4][12];
    static const int64_t nanoseconds[4] = {0, 1, INT64_C(86400000000000), 5};
    static const uint32_t days[4] = {2440588, 2440588, 2440588, 2440590};
    for (int i = 0; i < 4; i++) {
        memcpy(values[i], &nanoseconds[i], 8);
        memcpy(values[i] + 8, &days[i], 4);
    }
    COMPARE_ALL(&type, values);
    assert_selects("x = 1970-01-02", &type, values, "0010");
    assert_selects("x > 1970-01-01T00:00:00.0000000005Z", &type, values, "0111");
    assert_selects("x in (1970-01-01, 1970-01-03T00:00:00.000000005)", &type, values, "1001");
    assert_selects("x > -5000-01-01", &type, values, "1111");
}

#define TEXT(text)                                                                                 \
    {                                                                                              \
        (const uint8_t *)(text), sizeof(text) - 1                                                  \
    }

static void test_texts(void **state)
{
    (void)state;
    static const struct column_bytes texts[] = {TEXT(""),   TEXT("A"), TEXT("a"),       TEXT("aa"),
                                                TEXT("ab"), TEXT("b"), TEXT("\xc3\xa4")};
    COMPARE_ALL(&string_type, texts);
    assert_selects("x = 'it''s'", &string_type, texts, "0000000");
    assert_selects("x in ('b', '', 'zz', 'b', 'a')", &string_type, texts, "1010010");
    assert_selects("x not in ('b', '', 'zz')", &string_type, texts, "0111101");
    const struct column_type fixed = {.physical = COLUMN_FIXED, .type_length = 2};
    assert_selects("x < 'ab'", &fixed, ((const char[6]){'a', 'a', 'a', 'b', 'b', 'a'}), "100");
    assert_selects("x > 'a'", &fixed, ((const char[6]){'a', 'a', 'a', 'b', 'Z', 'a'}), "110");
    assert_selects("x <= 'aba'", &fixed, ((const char[6]){'a', 'a', 'a', 'b', 'a', 'c'}), "110");
    const struct column_type uuid = {
        .physical = COLUMN_FIXED, .logical = COLUMN_UUID, .type_length = 16};
    static const uint8_t uuids[32] = {1, 2, 3, 0xab, [16] = 0xff, [31] = 9};
    COMPARE_ALL(&uuid, uuids);
    assert_selects("x = '010203AB000000000000000000000000'", &uuid, uuids, "10");
}

/* ---- literals that are no values of their column ---- */

static void test_between_values(void **state)
{
    (void)state;
    static const int32_t numbers[] = {INT32_MIN, -2, -1, 0, 1, 2, INT32_MAX};
    assert_selects("x = 1.5", &int32_type, numbers, "0000000");
    assert_selects("x <> 1.5", &int32_type, numbers, "1111111");
    assert_selects("x < 1.5", &int32_type, numbers, "1111100");
    assert_selects("x <= 1.5", &int32_type, numbers, "1111100");
    assert_selects("x > 1.5", &int32_type, numbers, "0000011");
    assert_selects("x >= 1.5", &int32_type, numbers, "0000011");
    assert_selects("x < -1.5", &int32_type, numbers, "1100000");
    assert_selects("x >= -1.5", &int32_type, numbers, "0011111");
    assert_selects("x > -0.1", &int32_type, numbers, "0001111");
    assert_selects("x = 1.000", &int32_type, numbers, "0000100");
    assert_selects("x = 10e-1", &int32_type, numbers, "0000100");
    assert_selects("x in (1.5, 2, 0.0, -1e0)", &int32_type, numbers, "0011010");
    assert_selects("x between -1.5 and 1.5", &int32_type, numbers, "0011100");
    assert_selects("x not between -1.5 and 1.5", &int32_type, numbers, "1100011");
    assert_selects("x between 2 and 1", &int32_type, numbers, "0000000");
}

static void test_beyond_values(void **state)
{
    (void)state;
    static const int64_t numbers[] = {INT64_MIN, 0, INT64_MAX};
    assert_selects("x < 9223372036854775808", &int64_type, numbers, "111");
    assert_selects("x >= 9223372036854775807.5", &int64_type, numbers, "000");
    assert_selects("x = 9223372036854775808", &int64_type, numbers, "000");
    assert_selects("x <> 1e999", &int64_type, numbers, "111");
    assert_selects("x > -9223372036854775808", &int64_type, numbers, "011");
    assert_selects("x > -9223372036854775809", &int64_type, numbers, "111");
    assert_selects("x <= -9223372036854775808.5", &int64_type, numbers, "000");
    assert_selects("x in (1e30, -1e30)", &int64_type, numbers, "000");
    assert_selects("x not in (1e30, -1e30)", &int64_type, numbers, "111");
}

static void test_beyond_unsigned_values(void **state)
{
    (void)state;
    static const int64_t numbers[] = {INT64_MIN, 0, INT64_MAX};
    assert_selects("x < -1", &uint64_type, numbers, "000");
    assert_selects("x > -0.5", &uint64_type, numbers, "111");
    assert_selects("x >= 9223372036854775808", &uint64_type, numbers, "100");
    assert_selects("x <= 18446744073709551615", &uint64_type, numbers, "111");
    static const int32_t narrow[] = {INT32_MIN, -1, 5};
    assert_selects("x >= 2147483648", &uint32_type, narrow, "110");
    assert_selects("x < 2147483648", &int32_type, narrow, "111");
    assert_selects("x = 4294967295", &int32_type, narrow, "000");
    assert_selects("x = 4294967295", &uint32_type, narrow, "010");
}

static void test_beyond_doubles(void **state)
{
    (void)state;
    static const double doubles[] = {-INFINITY, -1.7976931348623157e308, 1.7976931348623157e308,
                                     INFINITY, NAN};
    assert_selects("x < 1e400", &double_type, doubles, "11100");
    assert_selects("x >= 1e400", &double_type, doubles, "00011");
    assert_selects("x < -1e400", &double_type, doubles, "10000");
    assert_selects("x = 1e400", &double_type, doubles, "00000");
    assert_selects("x = 'inf' or x = 'NaN'", &double_type, doubles, "00011");
}

static void test_units(void **state)
{
    (void)state;
    struct column_type type = {.physical = COLUMN_INT32, .logical = COLUMN_DATE};
    static const int32_t days[] = {20088, 20089, 20090};
    assert_selects("x <= 2025-01-01T12:00", &type, days, "110");
    assert_selects("x < 2025-01-01 00:00:00", &type, days, "100");
    assert_selects("x > 2025-01-01T00:00:00.000000000001", &type, days, "001");
    assert_selects("x = '2025-01-01'", &type, days, "010");
    type = (struct column_type){
        .physical = COLUMN_INT64, .logical = COLUMN_TIMESTAMP, .unit = COLUMN_MILLISECONDS};
    static const int64_t ticks[] = {1735689599999, 1735689600000, 1735689600001};
    assert_selects("x >= 2025-01-01", &type, ticks, "011");
    assert_selects("x <= 2025-01-01T00:00:00.0009", &type, ticks, "110");
    assert_selects("x = 2025-01-01T00:00:00.0009", &type, ticks, "000");
    type.utc_adjusted = true;
    assert_selects("x >= 2025-01-01", &type, ticks, "011");
    assert_selects("x >= 2025-01-01T02:00+02:00", &type, ticks, "011");
    assert_selects("x > 2024-12-31T18:30:00.0000-0530", &type, ticks, "001");
}

/* ---- what means nothing ---- */

static void test_refusals(void **state)
{
    (void)state;
    struct column_type decimal = {
        .physical = COLUMN_INT64, .logical = COLUMN_DECIMAL, .precision = 12, .scale = 2};
    struct column_type date = {.physical = COLUMN_INT32, .logical = COLUMN_DATE};
    struct column_type time = {.physical = COLUMN_INT64, .logical = COLUMN_TIME};
    struct column_type stamp = {
        .physical = COLUMN_INT64, .logical = COLUMN_TIMESTAMP, .unit = COLUMN_MICROSECONDS};
    struct column_type interval = {
        .physical = COLUMN_FIXED, .logical = COLUMN_INTERVAL, .type_length = 12};
    struct column_type uuid = {.physical = COLUMN_FIXED, .logical = COLUMN_UUID, .type_length = 16};
    struct column_type boolean = {.physical = COLUMN_BOOLEAN};
    assert_unbound("path < 1000", &string_type, 7, "1000 is a number, but column path is string");
    assert_unbound("path < 1000", &string_type, 7, "quote it: '1000'");
    assert_unbound("path = 2025-01-01", &string_type, 7, "quote it");
    assert_unbound("path = true", &string_type, 7, "true is true or false, but");
    assert_unbound("1 = 1 or 'x' < v" + 9, &int64_type, 0, "'x' is a text, but column v is int64");
    assert_unbound("v in (1, 2, 'x')", &double_type, 12, "'x' is a text, but column v is double");
    assert_unbound("v = 'nan'", &int64_type, 4, "'nan' is a text");
    assert_unbound("v = 2025-01-01", &decimal, 4, "a date, but column v is decimal(12, 2)");
    assert_unbound("v > 2025-01-01T00:00", &int64_type, 4, "a date and time, but");
    assert_unbound("v = 20250101", &date, 4, "2025-01-31");
    assert_unbound("v = 12:30", &date, 4, "a time, but");
    assert_unbound("v = 12:30", &stamp, 4, "a time, but");
    assert_unbound("v = 2025-01-01", &time, 4, "12:30:00");
    assert_unbound("v = 2025-01-01T00:00Z", &stamp, 4, "of no time zone");
    assert_unbound("v = 'tomorrow'", &stamp, 4, "'tomorrow' is a text");
    assert_unbound("v is null or v = 1", &interval, 17, "is null");
    assert_unbound("v = 'x'", &uuid, 4, "123e4567");
    assert_unbound("v = 1", &uuid, 4, "a UUID");
    assert_unbound("v", &int64_type, 0, "true is true or false, but column v is int64");
    assert_unbound("v = 1", &boolean, 4, "true or false");
}

/* ---- NULL ---- */

enum truth { FALSE, UNKNOWN, TRUE };

/* Three-valued logic as it stands in the SQL standard: the tables, not formulas. */
static const enum truth and_table[3][3] = {
    {FALSE, FALSE, FALSE}, {FALSE, UNKNOWN, UNKNOWN}, {FALSE, UNKNOWN, TRUE}};
static const enum truth or_table[3][3] = {
    {FALSE, UNKNOWN, TRUE}, {UNKNOWN, UNKNOWN, TRUE}, {TRUE, TRUE, TRUE}};
static const enum truth not_table[3] = {TRUE, UNKNOWN, FALSE};

struct expression {
    char text[4000];
    size_t length;
    uint64_t random;
    enum truth values[3]; /* of the columns a, b, c */
};

static unsigned draw(struct expression *expression, unsigned below)
{
    expression->random = expression->random * UINT64_C(6364136223846793005) + 1;
    return (unsigned)(expression->random >> 40) % below;
}

static void put(struct expression *expression, const char *text)
{
    expression->length +=
        (size_t)snprintf(expression->text + expression->length,
                         sizeof expression->text - expression->length, "%s", text);
}

/* Columns hold 0, NULL or 1, as FALSE, UNKNOWN, TRUE: tests of them whose truth is told by hand. */
static enum truth write_test(struct expression *expression)
{
    unsigned column = draw(expression, 3);
    enum truth value = expression->values[column];
    char name[2] = {(char)('a' + column), '\0'};
    put(expression, name);
    switch (draw(expression, 8)) {
    case 0:
        put(expression, " = 1");
        return value;
    case 1:
        put(expression, " <> 1");
        return not_table[value];
    case 2:
        put(expression, " < 0.5");
        return not_table[value];
    case 3:
        put(expression, " is null");
        return value == UNKNOWN ? TRUE : FALSE;
    case 4:
        put(expression, " is not null");
        return value == UNKNOWN ? FALSE : TRUE;
    case 5:
        put(expression, " not in (0, 7)");
        return value;
    case 6:
        put(expression, " between 0 and 9");
        return value == UNKNOWN ? UNKNOWN : TRUE;
    default:
        put(expression, " > 1e99");
        return value == UNKNOWN ? UNKNOWN : FALSE;
    }
}

static enum truth write_expression(struct expression *expression, unsigned depth)
{
    unsigned kind = depth == 0 ? 0 : draw(expression, 4);
    if (kind == 0)
        return write_test(expression);
    if (kind == 1) {
        put(expression, "not (");
        enum truth inner = write_expression(expression, depth - 1);
        put(expression, ")");
        return not_table[inner];
    }
    put(expression, "(");
    enum truth left = write_expression(expression, depth - 1);
    put(expression, kind == 2 ? ") and (" : ") or (");
    enum truth right = write_expression(expression, depth - 1);
    put(expression, ")");
    return kind == 2 ? and_table[left][right] : or_table[left][right];
}

/* Columns in the filter stand in order of appearance. */
static void bind_row(const struct filter *filter, const enum truth values[3],
                     struct column_slice slices[3], int64_t numbers[3], uint8_t present[3],
                     struct filter_facts facts[3])
{
    for (uint32_t i = 0; i < filter_column_count(filter); i++) {
        enum truth value = values[filter_column_name(filter, i)[0] - 'a'];
        present[i] = value != UNKNOWN;
        numbers[i] = value == TRUE;
        slices[i] = (struct column_slice){1, present[i], &present[i], &numbers[i]};
        facts[i] = (struct filter_facts){.minimum = &numbers[i],
                                         .maximum = &numbers[i],
                                         .has_nulls = value == UNKNOWN,
                                         .has_values = value != UNKNOWN};
    }
}

/* Random expressions over all 27 rows of three columns; facts about a single row must never rule it
 * out when it is taken. */
static void test_three_valued_logic(void **state)
{
    (void)state;
    static const struct column_type types[3] = {
        {.physical = COLUMN_INT64}, {.physical = COLUMN_INT64}, {.physical = COLUMN_INT64}};
    static struct expression expression;
    struct column_slice slices[3];
    struct filter_facts facts[3];
    int64_t numbers[3];
    uint8_t present[3], selected;
    for (unsigned i = 0; i < 27 * 400; i++) {
        unsigned row = i % 27;
        expression = (struct expression){.random = i / 27 * 7919 + 1};
        expression.values[0] = row % 3;
        expression.values[1] = row / 3 % 3;
        expression.values[2] = row / 9;
        enum truth expected = write_expression(&expression, 5);
        struct bound_filter *bound = bind_types(expression.text, types);
        bind_row(parse(expression.text), expression.values, slices, numbers, present, facts);
        uint32_t ones = filter_select(bound, slices, 1, &selected);
        assert_int_equal(ones, selected);
        if (selected != (expected == TRUE))
            fail_msg("%s: %d for row %u", expression.text, selected, row);
        if (expected == TRUE)
            assert_true(filter_may_select(bound, facts));
        if (i % 500 == 0)
            mem_arena_release(&filters.arena);
    }
}

/* Values are dense: those of rows without one are not there. */
static void test_nulls_among_values(void **state)
{
    (void)state;
    static const double values[] = {1, NAN, 3};
    static const uint8_t present[] = {0, 1, 0, 0, 1, 1, 0};
    const struct column_slice slice = {7, 3, present, values};
    uint8_t selected[7];
    static const struct {
        const char *text, *expected;
    } cases[] = {{"x > 1", "0000110"},
                 {"not x > 1", "0100000"},
                 {"x is null", "1011001"},
                 {"x is not null", "0100110"},
                 {"x <> 3", "0100100"},
                 {"x in (3, 'nan')", "0000110"},
                 {"not x in (3, 'nan')", "0100000"},
                 {"x > 1 or x is null", "1011111"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bound_filter *bound = bind_types(cases[i].text, &double_type);
        filter_select(bound, &slice, 7, selected);
        for (int row = 0; row < 7; row++)
            assert_int_equal(selected[row], cases[i].expected[row] - '0');
    }
}

/* A column of nothing but NULL has no type that a literal could be wrong for. */
static void test_unknown_type(void **state)
{
    (void)state;
    const struct column_type type = {.physical = COLUMN_INT32, .logical = COLUMN_UNKNOWN};
    static const uint8_t present[2] = {0, 0};
    const struct column_slice slice = {2, 0, present, ""};
    uint8_t selected[2];
    assert_int_equal(filter_select(bind_types("x = 'a'", &type), &slice, 2, selected), 0);
    assert_int_equal(filter_select(bind_types("not x = 'a'", &type), &slice, 2, selected), 0);
    assert_int_equal(filter_select(bind_types("x is null", &type), &slice, 2, selected), 2);
}

/* ---- many rows, long lists, unaligned values ---- */

static void test_many_rows(void **state)
{
    (void)state;
    static uint8_t bytes[FILTER_ROWS_MOST * 8 + 1], selected[FILTER_ROWS_MOST];
    static uint8_t present[FILTER_ROWS_MOST];
    static char text[20000];
    size_t at = (size_t)snprintf(text, sizeof text, "x in (-5");
    for (int64_t i = 0; i < FILTER_ROWS_MOST; i++) {
        int64_t value = i * 37 % 4096;
        memcpy(bytes + 1 + 8 * i, &value, 8);
        present[i] = 1;
        if (i % 3 == 0)
            at += (size_t)snprintf(text + at, sizeof text - at, ",%d", (int)(4095 - i));
    }
    snprintf(text + at, sizeof text - at, ")");
    struct column_slice slice = {FILTER_ROWS_MOST, FILTER_ROWS_MOST, NULL, bytes + 1};
    for (int pass = 0; pass < 2; pass++, slice.present = present) {
        struct bound_filter *bound = bind_types(text, &int64_type);
        assert_int_equal(filter_select(bound, &slice, FILTER_ROWS_MOST, selected), 1366);
        for (int64_t i = 0; i < FILTER_ROWS_MOST; i++)
            assert_int_equal(selected[i], i * 37 % 4096 % 3 == 0);
        bound = bind_types("x >= 100 and (x < 200 or x = 4000) or x in (1)", &int64_type);
        assert_int_equal(filter_select(bound, &slice, FILTER_ROWS_MOST, selected), 102);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, filters_setup, filters_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_integers),
        TEST(test_floats),
        TEST(test_decimals),
        TEST(test_times),
        TEST(test_int96),
        TEST(test_texts),
        TEST(test_between_values),
        TEST(test_beyond_values),
        TEST(test_beyond_unsigned_values),
        TEST(test_beyond_doubles),
        TEST(test_units),
        TEST(test_refusals),
        TEST(test_three_valued_logic),
        TEST(test_nulls_among_values),
        TEST(test_unknown_type),
        TEST(test_many_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
