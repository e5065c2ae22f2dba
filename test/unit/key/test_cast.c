/* Which types agree on which, and what becomes of their values. */
#include "values.h"

#include "key/cast.h"

#define INTEGER(bits, sign)                                                                        \
    {                                                                                              \
        .physical = (bits) > 32 ? COLUMN_INT64 : COLUMN_INT32, .logical = COLUMN_INTEGER,          \
        .bit_width = bits, .is_signed = sign                                                       \
    }
#define DECIMAL(kind, digits, behind)                                                              \
    {                                                                                              \
        .physical = COLUMN_##kind, .logical = COLUMN_DECIMAL, .precision = digits, .scale = behind \
    }
#define DECIMAL_FIXED(length, digits, behind)                                                      \
    {                                                                                              \
        .physical = COLUMN_FIXED, .logical = COLUMN_DECIMAL, .type_length = length,                \
        .precision = digits, .scale = behind                                                       \
    }
#define UTC(unit_)                                                                                 \
    {                                                                                              \
        .physical = COLUMN_INT64, .logical = COLUMN_TIMESTAMP, .unit = COLUMN_##unit_,             \
        .utc_adjusted = true                                                                       \
    }

#define BOOLEAN                                                                                    \
    {                                                                                              \
        .physical = COLUMN_BOOLEAN                                                                 \
    }
#define INT32                                                                                      \
    {                                                                                              \
        .physical = COLUMN_INT32                                                                   \
    }
#define INT64                                                                                      \
    {                                                                                              \
        .physical = COLUMN_INT64                                                                   \
    }
#define INT96                                                                                      \
    {                                                                                              \
        .physical = COLUMN_INT96                                                                   \
    }
#define FLOAT                                                                                      \
    {                                                                                              \
        .physical = COLUMN_FLOAT                                                                   \
    }
#define DOUBLE                                                                                     \
    {                                                                                              \
        .physical = COLUMN_DOUBLE                                                                  \
    }
#define BINARY                                                                                     \
    {                                                                                              \
        .physical = COLUMN_BYTE_ARRAY                                                              \
    }
#define STRING                                                                                     \
    {                                                                                              \
        .physical = COLUMN_BYTE_ARRAY, .logical = COLUMN_STRING                                    \
    }
#define JSON                                                                                       \
    {                                                                                              \
        .physical = COLUMN_BYTE_ARRAY, .logical = COLUMN_JSON                                      \
    }
#define ENUM                                                                                       \
    {                                                                                              \
        .physical = COLUMN_BYTE_ARRAY, .logical = COLUMN_ENUM                                      \
    }
#define BSON                                                                                       \
    {                                                                                              \
        .physical = COLUMN_BYTE_ARRAY, .logical = COLUMN_BSON                                      \
    }
#define DATE                                                                                       \
    {                                                                                              \
        .physical = COLUMN_INT32, .logical = COLUMN_DATE                                           \
    }
#define NULLS                                                                                      \
    {                                                                                              \
        .physical = COLUMN_INT32, .logical = COLUMN_UNKNOWN                                        \
    }
#define STAMP(unit) TIMED(INT64, TIMESTAMP, unit)

struct pair {
    struct column_type a, b;
    const char *type; /* what they agree on; NULL: on nothing */
};

static const struct pair pairs[] = {
    {INT32, INT32, "int32"},
    {INT32, INT64, "int64"},
    {INT32, INTEGER(8, true), "int32"},
    {INTEGER(8, true), INTEGER(16, true), "int16"},
    {INTEGER(8, false), INTEGER(32, false), "uint32"},
    {INTEGER(16, false), INTEGER(64, false), "uint64"},
    {INTEGER(8, false), INTEGER(8, true), "int16"},
    {INTEGER(16, false), INTEGER(8, true), "int32"},
    {INTEGER(32, false), INTEGER(8, true), "int64"},
    {INTEGER(32, false), INT32, "int64"},
    {INTEGER(64, false), INT32, "int64"},
    {INTEGER(64, false), INT64, "int64"},
    {FLOAT, DOUBLE, "double"},
    {FIXED(FLOAT16, 2), FLOAT, "float"},
    {FIXED(FLOAT16, 2), DOUBLE, "double"},
    {INT32, DOUBLE, "double"},
    {INT32, FLOAT, "double"},
    {INTEGER(16, false), FIXED(FLOAT16, 2), "double"},
    {INTEGER(32, false), DOUBLE, NULL},
    {INT64, DOUBLE, NULL},
    {INT64, FLOAT, NULL},
    {DATE, STAMP(MILLISECONDS), "timestamp[ms]"},
    {DATE, STAMP(NANOSECONDS), "timestamp[ns]"},
    {DATE, UTC(MILLISECONDS), NULL},
    {STAMP(MILLISECONDS), STAMP(MICROSECONDS), "timestamp[us]"},
    {STAMP(SECONDS), STAMP(NANOSECONDS), "timestamp[ns]"},
    {UTC(MILLISECONDS), UTC(MICROSECONDS), "timestamp[us, UTC]"},
    {UTC(MICROSECONDS), STAMP(MICROSECONDS), NULL},
    {INT96, STAMP(MICROSECONDS), "timestamp[ns]"},
    {INT96, DATE, "timestamp[ns]"},
    {INT96, UTC(NANOSECONDS), NULL},
    {TIMED(INT32, TIME, MILLISECONDS), TIMED(INT64, TIME, NANOSECONDS), "time[ns]"},
    {TIMED(INT32, TIME, SECONDS), TIMED(INT32, TIME, MILLISECONDS), "time[ms]"},
    {TIMED(INT32, TIME, MILLISECONDS), STAMP(MILLISECONDS), NULL},
    {TIMED(INT32, TIME, MILLISECONDS), DATE, NULL},
    {INT32, DATE, NULL},
    {INT64, STAMP(MICROSECONDS), NULL},
    {DECIMAL(INT32, 5, 2), DECIMAL(INT32, 7, 2), "decimal(7, 2)"},
    {DECIMAL(INT32, 9, 2), DECIMAL(INT64, 12, 4), "decimal(12, 4)"},
    {DECIMAL(INT64, 18, 2), DECIMAL_FIXED(16, 38, 0), "decimal(40, 2)"},
    {DECIMAL(BYTE_ARRAY, 12, 2), DECIMAL(BYTE_ARRAY, 14, 2), "decimal(14, 2)"},
    {DECIMAL(BYTE_ARRAY, 12, 2), DECIMAL(INT32, 9, 2), "decimal(12, 2)"},
    {DECIMAL_FIXED(32, 76, 0), DECIMAL_FIXED(16, 38, 1), NULL},
    {DECIMAL_FIXED(32, 76, 0), DECIMAL_FIXED(16, 38, 0), "decimal(76, 0)"},
    {DECIMAL(INT32, 9, 2), INT64, "decimal(22, 2)"},
    {DECIMAL(INT32, 9, 2), DOUBLE, NULL},
    {DECIMAL(INT32, 9, 0), DATE, NULL},
    {BINARY, STRING, "string"},
    {BINARY, JSON, "json"},
    {ENUM, JSON, "string"},
    {ENUM, STRING, "string"},
    {BINARY, BSON, "bson"},
    {STRING, BSON, NULL},
    {STRING, INT64, NULL},
    {STRING, BOOLEAN, NULL},
    {BOOLEAN, INT32, NULL},
    {FIXED(UUID, 16), FIXED(PLAIN, 16), "uuid"},
    {FIXED(PLAIN, 16), FIXED(PLAIN, 15), NULL},
    {FIXED(PLAIN, 2), FIXED(FLOAT16, 2), NULL},
    {FIXED(PLAIN, 4), BINARY, NULL},
    {NULLS, STRING, "string"},
    {NULLS, NULLS, "null"},
};
#define PAIRS (sizeof pairs / sizeof pairs[0])

static void check_pair(const struct column_type *a, const struct column_type *b, const char *type)
{
    struct column_type ret;
    char text[64];
    bool unify = key_types_unify(a, b, &ret);
    assert_int_equal(unify, type != NULL);
    if (unify)
        assert_string_equal(column_type_describe(&ret, text, sizeof text), type);
}

static void pairs_of_types_agree_or_do_not(void **state)
{
    (void)state;
    for (size_t i = 0; i < PAIRS; i++) {
        check_pair(&pairs[i].a, &pairs[i].b, pairs[i].type);
        check_pair(&pairs[i].b, &pairs[i].a, pairs[i].type);
        struct column_type ret;
        assert_true(key_types_unify(&pairs[i].a, &pairs[i].a, &ret));
        assert_true(column_type_equal(&pairs[i].a, &ret));
    }
}

/* Folds three types; false: they do not agree. */
static bool unify_three(const struct column_type *a, const struct column_type *b,
                        const struct column_type *c, struct column_type *ret)
{
    struct column_type both;
    return key_types_unify(a, b, &both) && key_types_unify(&both, c, ret);
}

/* Whether three types agree does not depend on which two come first. */
static void the_order_of_types_does_not_matter(void **state)
{
    (void)state;
    struct column_type types[2 * PAIRS];
    for (size_t i = 0; i < PAIRS; i++) {
        types[2 * i] = pairs[i].a;
        types[2 * i + 1] = pairs[i].b;
    }
    size_t agreed = 0;
    for (size_t a = 0; a < 2 * PAIRS; a++) {
        for (size_t b = 0; b < a; b++) {
            for (size_t c = 0; c < b; c++) {
                struct column_type ret;
                bool first = unify_three(&types[a], &types[b], &types[c], &ret);
                assert_int_equal(first, unify_three(&types[a], &types[c], &types[b], &ret));
                assert_int_equal(first, unify_three(&types[b], &types[c], &types[a], &ret));
                agreed += first;
            }
        }
    }
    assert_true(agreed > 1000);
}

/* ---- values ---- */

/* integer: the value as it stands in the type; text: what comes out of the cast, NULL: an error. */
struct value {
    struct column_type from, to;
    int64_t integer;
    const char *text;
};

#define DAY INT64_C(86400)

static const struct value values[] = {
    {INT32, INT64, -1, "-1"},
    {INT32, INT64, INT32_MIN, "-2147483648"},
    {INTEGER(32, false), INT64, UINT32_MAX, "4294967295"},
    {INTEGER(32, false), INTEGER(64, false), UINT32_MAX, "4294967295"},
    {INTEGER(8, false), INTEGER(16, true), 255, "255"},
    {INTEGER(8, false), INTEGER(16, true), UINT32_MAX, NULL},
    {INTEGER(64, false), INT64, INT64_MAX, "9223372036854775807"},
    {INTEGER(64, false), INT64, INT64_MIN, NULL},
    {INTEGER(64, false), INT64, -1, NULL},
    {INT32, DOUBLE, INT32_MIN, "-2147483648"},
    {INTEGER(16, false), DOUBLE, 65535, "65535"},
    {FLOAT, DOUBLE, 0x3dcccccd, "0.10000000149011612"},
    {FLOAT, DOUBLE, 0x80000001, "-1.401298464324817e-45"},
    {FIXED(FLOAT16, 2), FLOAT, 0x3c01, "1.0009766"},
    {FIXED(FLOAT16, 2), DOUBLE, 0x0001, "5.9604644775390625e-08"},
    {FIXED(FLOAT16, 2), DOUBLE, 0x83ff, "-6.097555160522461e-05"},
    {FIXED(FLOAT16, 2), DOUBLE, 0x7bff, "65504"},
    {FIXED(FLOAT16, 2), FLOAT, 0xfc00, "-inf"},
    {FIXED(FLOAT16, 2), DOUBLE, 0x7c01, "nan"},
    {DATE, STAMP(SECONDS), INT32_MAX, "+5881580-07-11T00:00:00"},
    {DATE, STAMP(MILLISECONDS), 0, "1970-01-01T00:00:00"},
    {DATE, STAMP(MICROSECONDS), -1, "1969-12-31T00:00:00"},
    {DATE, STAMP(NANOSECONDS), 106751, "2262-04-11T00:00:00"},
    {DATE, STAMP(NANOSECONDS), 106752, NULL},
    {DATE, STAMP(NANOSECONDS), -106751, "1677-09-22T00:00:00"},
    {DATE, STAMP(NANOSECONDS), -106752, NULL},
    {STAMP(MICROSECONDS), STAMP(NANOSECONDS), 1, "1970-01-01T00:00:00.000001000"},
    {STAMP(MICROSECONDS), STAMP(NANOSECONDS), INT64_MAX / 1000, "2262-04-11T23:47:16.854775000"},
    {STAMP(MICROSECONDS), STAMP(NANOSECONDS), INT64_MAX / 1000 + 1, NULL},
    {STAMP(MICROSECONDS), STAMP(NANOSECONDS), INT64_MIN / 1000 - 1, NULL},
    {STAMP(MICROSECONDS), STAMP(NANOSECONDS), INT64_MIN, NULL},
    {STAMP(SECONDS), STAMP(MILLISECONDS), INT64_MIN, NULL},
    {UTC(SECONDS), UTC(MICROSECONDS), DAY, "1970-01-02T00:00:00Z"},
    {TIMED(INT32, TIME, MILLISECONDS), TIMED(INT64, TIME, NANOSECONDS), 86399999,
     "23:59:59.999000000"},
    {TIMED(INT32, TIME, SECONDS), TIMED(INT32, TIME, MILLISECONDS), 1, "00:00:01"},
    {TIMED(INT32, TIME, SECONDS), TIMED(INT32, TIME, MILLISECONDS), INT32_MAX, NULL},
    {DECIMAL(INT32, 9, 2), DECIMAL(INT64, 12, 4), -12345, "-123.4500"},
    {DECIMAL(INT64, 12, 2), DECIMAL(INT64, 14, 4), INT64_MAX, NULL},
    {DECIMAL(INT64, 12, 2), DECIMAL(INT64, 14, 4), INT64_MAX / 100, "922337203685477.5800"},
    {DECIMAL(INT64, 12, 2), DECIMAL_FIXED(16, 36, 20), INT64_MIN,
     "-92233720368547758.08000000000000000000"},
    {INT32, DECIMAL_FIXED(10, 22, 2), INT32_MIN, "-2147483648.00"},
    {INTEGER(64, false), DECIMAL_FIXED(10, 22, 2), -1, "18446744073709551615.00"},
    {INT64, DECIMAL_FIXED(10, 22, 2), INT64_MIN, "-9223372036854775808.00"},
};
#define VALUES (sizeof values / sizeof values[0])

static void check_value(const struct value *value)
{
    struct error error;
    struct key_cast cast;
    uint8_t from[9] = {0};
    _Alignas(16) uint8_t to[32];
    char text[64];
    error_init(&error);
    memcpy(from + 1, &value->integer, column_value_size(&value->from));
    key_cast_init(&cast, &value->from, &value->to);
    assert_false(cast.identity);
    enum error_code code = key_cast_values(&cast, from + 1, 1, to, &error);
    assert_int_equal(code, value->text != NULL ? ERROR_NONE : ERROR_MISMATCH);
    if (code != ERROR_NONE) {
        column_value_format(&value->from, from + 1, text, sizeof text);
        assert_non_null(strstr(error.what, text));
        return;
    }
    column_value_format(&value->to, to, text, sizeof text);
    assert_string_equal(text, value->text);
}

static void values_are_exact_or_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < VALUES; i++)
        check_value(&values[i]);
}

/* A bad value is found wherever it stands, and those before it are done. */
static void a_bad_value_is_named_wherever_it_is(void **state)
{
    (void)state;
    static int32_t from[700];
    static int64_t to[700];
    const struct column_type date = DATE, stamp = STAMP(NANOSECONDS);
    struct key_cast cast;
    struct error error;
    key_cast_init(&cast, &date, &stamp);
    for (size_t at = 0; at < 700; at += 23) {
        for (int i = 0; i < 700; i++)
            from[i] = i;
        from[at] = 200000;
        error_init(&error);
        assert_int_equal(key_cast_values(&cast, from, 700, to, &error), ERROR_MISMATCH);
        assert_non_null(strstr(error.what, "2517-08-01"));
        assert_non_null(strstr(error.what, "timestamp[ns]"));
        assert_int_equal(key_cast_values(&cast, from, at, to, &error), ERROR_NONE);
        for (size_t i = 0; i < at; i++)
            assert_true(to[i] == (int64_t)i * DAY * 1000000000);
    }
}

static void int96_becomes_nanoseconds(void **state)
{
    (void)state;
    const struct column_type int96 = INT96, stamp = STAMP(NANOSECONDS);
    const struct {
        int64_t nanoseconds;
        uint32_t julian;
        const char *text;
    } cases[] = {
        {0, 2440588, "1970-01-01T00:00:00"},
        {-1, 2440589, "1970-01-01T23:59:59.999999999"},
        {INT64_MAX, 2440588, "2262-04-11T23:47:16.854775807"},
        {INT64_MIN, 2440588, "1677-09-21T00:12:43.145224192"},
        {INT64_MIN, 2440587, NULL},
        {0, 0, NULL},
        {0, UINT32_MAX, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t value[12];
        int64_t ret;
        char text[64];
        struct error error;
        struct key_cast cast;
        memcpy(value, &cases[i].nanoseconds, 8);
        memcpy(value + 8, &cases[i].julian, 4);
        key_cast_init(&cast, &int96, &stamp);
        enum error_code code = key_cast_values(&cast, value, 1, &ret, &error);
        assert_int_equal(code, cases[i].text != NULL ? ERROR_NONE : ERROR_MISMATCH);
        if (code == ERROR_NONE) {
            column_value_format(&stamp, &ret, text, sizeof text);
            assert_string_equal(text, cases[i].text);
        }
    }
}

static void some_casts_touch_nothing(void **state)
{
    (void)state;
    const struct pair same[] = {
        {INT32, INTEGER(8, true), NULL},
        {INTEGER(8, false), INTEGER(32, false), NULL},
        {BINARY, STRING, NULL},
        {ENUM, STRING, NULL},
        {STRING, STRING, NULL},
        {DECIMAL(INT32, 5, 2), DECIMAL(INT32, 7, 2), NULL},
        {DECIMAL(BYTE_ARRAY, 12, 2), DECIMAL(BYTE_ARRAY, 14, 2), NULL},
        {FIXED(UUID, 16), FIXED(PLAIN, 16), NULL},
        {INT96, INT96, NULL},
    };
    struct mem_account account;
    struct mem_arena arena;
    struct error error;
    mem_account_init(&account, "test", NULL, MEM_NO_LIMIT);
    mem_arena_init(&arena, &account);
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
        struct column_type to;
        struct key_cast cast;
        _Alignas(16) uint8_t value[VALUE_MOST], ret[VALUE_MOST];
        uint64_t seed = i;
        assert_true(key_types_unify(&same[i].a, &same[i].b, &to));
        key_cast_init(&cast, &same[i].a, &to);
        assert_true(cast.identity);
        value_make(&seed, &same[i].a, &arena, value);
        assert_int_equal(key_cast_values(&cast, value, 1, ret, &error), ERROR_NONE);
        assert_memory_equal(value, ret, column_value_size(&to));
        assert_int_equal(key_cast_values(&cast, NULL, 0, ret, &error), ERROR_NONE);
    }
    mem_arena_release(&arena);
    const struct column_type nulls = NULLS, text = STRING;
    struct key_cast cast;
    int32_t value = 1;
    struct column_bytes ret;
    key_cast_init(&cast, &nulls, &text);
    assert_int_equal(key_cast_values(&cast, &value, 0, &ret, &error), ERROR_NONE);
    assert_int_equal(key_cast_values(&cast, &value, 1, &ret, &error), ERROR_MISMATCH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_of_types_agree_or_do_not),
        cmocka_unit_test(the_order_of_types_does_not_matter),
        cmocka_unit_test(values_are_exact_or_refused),
        cmocka_unit_test(a_bad_value_is_named_wherever_it_is),
        cmocka_unit_test(int96_becomes_nanoseconds),
        cmocka_unit_test(some_casts_touch_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
