/* Accumulators of keys in any order: the same results as a tile that gets each key in its place. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "aggregate/value_groups.h"

#define KEYS  700
#define ROWS  4096
#define WIDTH 32

static const enum aggregate_function functions[] = {AGGREGATE_SUM, AGGREGATE_MEAN, AGGREGATE_COUNT,
                                                    AGGREGATE_MIN, AGGREGATE_MAX};
#define FUNCTIONS (sizeof functions / sizeof *functions)

/* Splitmix64. */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

/* Groups, and a tile of the same value that serves as model: one row at a time. */
struct fixture {
    struct mem_account account, model_account;
    struct error error;
    struct aggregate_value value;
    struct column_field fields[FUNCTIONS];
    struct value_groups *groups;
    struct value_tile model;
    uint64_t rows[KEYS]; /* with a value */
};

static void want_all(struct fixture *fixture, const struct column_type *type, unsigned wanted)
{
    struct column_field source = {.name = "v", .type = *type};
    aggregate_value_init(&fixture->value, "v", 0, type);
    for (size_t f = 0; f < FUNCTIONS; f++) {
        struct aggregate aggregate = {functions[f], "v", "result"};
        if ((wanted >> f & 1) != 0)
            assert_int_equal(aggregate_value_want(&fixture->value, &aggregate, &source,
                                                  &fixture->fields[f], &fixture->error),
                             ERROR_NONE);
    }
}

static void fixture_open(struct fixture *fixture, const struct column_type *type, unsigned wanted)
{
    memset(fixture, 0, sizeof *fixture);
    struct error *error = &fixture->error;
    struct exact_grids grids = exact_grids_for(100), super = {0, EXACT_GRIDS_SUPER};
    error_init(error);
    mem_account_init(&fixture->account, "groups", NULL, MEM_NO_LIMIT);
    mem_account_init(&fixture->model_account, "model", NULL, MEM_NO_LIMIT);
    want_all(fixture, type, wanted);
    assert_int_equal(
        value_groups_create(&fixture->value, grids, &fixture->account, &fixture->groups, error),
        ERROR_NONE);
    assert_int_equal(value_tile_init(&fixture->model, &fixture->value, KEYS, (size_t)1 << 30, super,
                                     &fixture->model_account, error),
                     ERROR_NONE);
    assert_int_equal(value_tile_begin(&fixture->model, KEYS, error), ERROR_NONE);
}

static void fixture_close(struct fixture *fixture)
{
    value_groups_destroy(fixture->groups);
    value_tile_release(&fixture->model);
    assert_int_equal(atomic_load(&fixture->account.used), 0);
}

static void model_add(struct fixture *fixture, const uint32_t *keys,
                      const struct column_slice *slice)
{
    const uint8_t *values = slice->values;
    size_t width = fixture->value.widened ? sizeof(struct column_bytes) : fixture->value.width;
    for (uint32_t row = 0; row < slice->row_count; row++) {
        if (slice->present != NULL && slice->present[row] == 0)
            continue;
        struct column_slice one = {1, 1, NULL, values};
        values += width;
        if (fixture->value.widened)
            assert_int_equal(value_tile_widen(&fixture->model, &one, &one, &fixture->error),
                             ERROR_NONE);
        assert_int_equal(value_tile_add(&fixture->model, keys[row], &one), EXACT_DONE);
        fixture->rows[keys[row]]++;
    }
}

/* What the model has, with the counts of rows that it was really given. */
static bool model_result(struct fixture *fixture, size_t f, uint32_t key, uint8_t *ret)
{
    struct column_slice slice;
    uint8_t present;
    size_t at;
    const struct column_type *type = &fixture->fields[f].type;
    fixture->model.added = fixture->rows[key];
    assert_int_equal(value_tile_result(&fixture->model, functions[f], type, key, 1, ret, &present,
                                       &slice, &at, &fixture->error),
                     ERROR_NONE);
    return slice.value_count == 1;
}

static void check_function(struct fixture *fixture, size_t f, const uint32_t *keys, size_t count)
{
    static uint8_t values[KEYS * WIDTH], present[KEYS];
    uint8_t want[WIDTH];
    struct column_slice slice;
    const struct column_type *type = &fixture->fields[f].type;
    size_t width = column_value_size(type), kept = 0, at;
    assert_int_equal(value_groups_result(fixture->groups, functions[f], type, keys, count, values,
                                         present, &slice, &at, &fixture->error),
                     ERROR_NONE);
    assert_int_equal(slice.row_count, count);
    for (size_t i = 0; i < count; i++) {
        bool there = model_result(fixture, f, keys[i], want);
        assert_int_equal(slice.present == NULL || slice.present[i] != 0, there);
        if (there)
            assert_memory_equal((const uint8_t *)slice.values + kept++ * width, want, width);
    }
    assert_int_equal(slice.value_count, kept);
}

static void check_all(struct fixture *fixture, unsigned wanted, size_t key_count)
{
    uint32_t keys[KEYS];
    for (size_t i = 0; i < key_count; i++)
        keys[i] = (uint32_t)(i * 13 % key_count);
    for (size_t f = 0; f < FUNCTIONS; f++)
        if ((wanted >> f & 1) != 0)
            check_function(fixture, f, keys, key_count);
}

/* ---- values of every type ---- */

static double wild_double(uint64_t *random)
{
    static const double odd[] = {1e300,    -1e300,      0x1p-1074,       -0.0,
                                 0x1p-300, (double)NAN, (double)INFINITY};
    uint64_t draw = next_random(random);
    if (draw % 50 == 0)
        return odd[(draw >> 32) % 7];
    return ldexp((double)(int64_t)next_random(random), -58);
}

/* A value of the type, small enough that sums of a few thousands fit their result. */
static void random_value(const struct column_type *type, uint64_t *random, uint8_t *ret)
{
    uint64_t bits = next_random(random);
    double number = wild_double(random);
    float single = (float)number;
    bool is_unsigned = type->logical == COLUMN_INTEGER;
    int64_t small = is_unsigned ? (int64_t)(bits >> 20) : (int64_t)bits >> 20;
    size_t width = column_value_size(type);
    if (type->physical == COLUMN_DOUBLE)
        memcpy(ret, &number, 8);
    else if (type->physical == COLUMN_FLOAT)
        memcpy(ret, &single, 4);
    else if (type->physical == COLUMN_INT64)
        memcpy(ret, &small, 8);
    else if (type->physical == COLUMN_BOOLEAN)
        *ret = bits & 1;
    else
        for (size_t i = 0; i < width; i++)
            ret[i] = (uint8_t)next_random(random);
    if (type->logical == COLUMN_DECIMAL)
        memset(ret, (int8_t)ret[0] >> 7, 3);
}

struct rows {
    uint32_t keys[ROWS];
    uint8_t values[ROWS * WIDTH], present[ROWS], bytes[ROWS * WIDTH];
    struct column_slice slice;
};

/* Decimals of any length: those of the fixed width are cut where sign bytes lead. */
static void make_byte_arrays(struct rows *rows, uint64_t *random)
{
    struct column_bytes *values = (struct column_bytes *)rows->values;
    for (uint32_t i = 0; i < rows->slice.value_count; i++) {
        uint8_t *bytes = rows->bytes + (size_t)i * WIDTH;
        uint32_t size = (uint32_t)(next_random(random) % 12);
        for (uint32_t b = 0; b < size; b++)
            bytes[b] = (uint8_t)next_random(random);
        struct column_bytes value = {bytes, size};
        memcpy(&values[i], &value, sizeof value);
    }
}

static void make_rows(struct rows *rows, const struct column_type *type, size_t key_count,
                      bool nulls, uint64_t *random)
{
    uint32_t kept = 0, count = (uint32_t)(next_random(random) % ROWS);
    bool one_key = next_random(random) % 4 == 0;
    for (uint32_t i = 0; i < count; i++) {
        rows->keys[i] = one_key ? 0 : (uint32_t)(next_random(random) % key_count);
        rows->present[i] = !nulls || (rows->keys[i] % 5 != 1 && next_random(random) % 3 != 0);
        if (rows->present[i] != 0)
            random_value(type, random, rows->values + kept++ * column_value_size(type));
    }
    rows->slice = (struct column_slice){count, kept, nulls ? rows->present : NULL, rows->values};
    if (type->physical == COLUMN_BYTE_ARRAY)
        make_byte_arrays(rows, random);
}

static void must_add(struct fixture *fixture, const struct rows *rows)
{
    assert_int_equal(value_groups_add(fixture->groups, rows->keys, &rows->slice, &fixture->error),
                     ERROR_NONE);
}

static const struct column_type every_type[] = {
    {.physical = COLUMN_DOUBLE},
    {.physical = COLUMN_FLOAT},
    {.physical = COLUMN_INT32},
    {.physical = COLUMN_INT32, .logical = COLUMN_INTEGER, .bit_width = 32},
    {.physical = COLUMN_INT64},
    {.physical = COLUMN_INT64, .logical = COLUMN_INTEGER, .bit_width = 64},
    {.physical = COLUMN_BOOLEAN},
    {.physical = COLUMN_FIXED, .logical = COLUMN_FLOAT16, .type_length = 2},
    {.physical = COLUMN_FIXED, .logical = COLUMN_DECIMAL, .type_length = 7, .precision = 16},
    {.physical = COLUMN_FIXED,
     .logical = COLUMN_DECIMAL,
     .type_length = 16,
     .precision = 38,
     .scale = 2},
    {.physical = COLUMN_FIXED, .logical = COLUMN_DECIMAL, .type_length = 21, .precision = 50},
    {.physical = COLUMN_BYTE_ARRAY, .logical = COLUMN_DECIMAL, .precision = 30, .scale = 3},
    {.physical = COLUMN_FIXED, .logical = COLUMN_UUID, .type_length = 16},
    {.physical = COLUMN_INT96},
};
#define TYPES (sizeof every_type / sizeof *every_type)

/* Values of the last two have no sum. */
static unsigned wanted_of(size_t type, unsigned wanted)
{
    return type + 2 < TYPES ? wanted : wanted & 0x1c;
}

static void check_type(size_t type, unsigned wanted, bool nulls, uint64_t *random)
{
    static struct rows rows;
    struct fixture fixture;
    fixture_open(&fixture, &every_type[type], wanted);
    for (size_t keys = 1; keys <= KEYS; keys += keys * 2 + 7) {
        assert_int_equal(value_groups_reserve(fixture.groups, keys, &fixture.error), ERROR_NONE);
        make_rows(&rows, &every_type[type], keys, nulls, random);
        must_add(&fixture, &rows);
        model_add(&fixture, rows.keys, &rows.slice);
        check_all(&fixture, wanted, keys);
    }
    assert_true(atomic_load(&fixture.account.used) <= value_groups_size(&fixture.value, KEYS) +
                                                          value_groups_spare(&fixture.value, KEYS) +
                                                          (size_t)KEYS * 272);
    fixture_close(&fixture);
}

static void test_every_type(void **state)
{
    (void)state;
    uint64_t random = 41;
    const unsigned some[] = {0x1f, 0x01, 0x04, 0x08, 0x10, 0x03, 0x09};
    for (size_t type = 0; type < TYPES; type++)
        for (size_t i = 0; i < sizeof some / sizeof *some; i++) {
            unsigned wanted = wanted_of(type, some[i]);
            if (wanted == 0)
                continue;
            check_type(type, wanted, false, &random);
            check_type(type, wanted, true, &random);
        }
}

static void test_size_is_what_is_charged(void **state)
{
    (void)state;
    for (size_t type = 0; type < TYPES; type++) {
        struct fixture fixture;
        fixture_open(&fixture, &every_type[type], wanted_of(type, 0x1f));
        assert_int_equal(value_groups_reserve(fixture.groups, 50000, &fixture.error), ERROR_NONE);
        assert_int_equal(atomic_load(&fixture.account.used),
                         value_groups_size(&fixture.value, 50000));
        assert_int_equal(value_groups_reserve(fixture.groups, 10, &fixture.error), ERROR_NONE);
        assert_int_equal(value_groups_reserve(fixture.groups, SIZE_MAX / 8, &fixture.error),
                         ERROR_MEMORY);
        fixture_close(&fixture);
    }
}

/* ---- tiles and other groups ---- */

/* Keys 100..599 of a tile, folded to fewer; one key of it gets no value. */
static void check_tile(size_t type, uint64_t *random)
{
    static struct rows rows;
    unsigned wanted = wanted_of(type, 0x1f);
    struct fixture fixture, source;
    uint32_t keys[500];
    fixture_open(&fixture, &every_type[type], wanted);
    fixture_open(&source, &every_type[type], wanted);
    assert_int_equal(value_groups_reserve(fixture.groups, 60, &fixture.error), ERROR_NONE);
    for (size_t k = 0; k < 500; k++)
        keys[k] = (uint32_t)(k * 7 % 59);
    for (int file = 0; file < 3; file++) {
        make_rows(&rows, &every_type[type], KEYS, true, random);
        while (rows.slice.row_count < KEYS)
            make_rows(&rows, &every_type[type], KEYS, true, random);
        struct column_slice slice = rows.slice;
        slice.row_count = KEYS;
        slice.value_count = 0;
        for (size_t row = 0; row < KEYS; row++)
            slice.value_count += rows.present[row];
        if (source.value.widened)
            assert_int_equal(value_tile_widen(&source.model, &slice, &slice, &source.error),
                             ERROR_NONE);
        assert_int_equal(value_tile_add(&source.model, 0, &slice), EXACT_DONE);
        value_tile_end_file(&source.model);
        /* The model gets the rows of those keys under the keys they are folded to. */
        const uint8_t *values = rows.slice.values;
        size_t width = column_value_size(&every_type[type]);
        for (uint32_t row = 0; row < 600; row++) {
            if (rows.present[row] == 0)
                continue;
            struct column_slice one = {1, 1, NULL, values};
            values += width;
            if (row >= 100)
                model_add(&fixture, &keys[row - 100], &one);
        }
    }
    assert_int_equal(
        value_groups_add_tile(fixture.groups, keys, &source.model, 100, 500, &fixture.error),
        ERROR_NONE);
    check_all(&fixture, wanted, 60);
    fixture_close(&source);
    fixture_close(&fixture);
}

static void test_tiles_are_added(void **state)
{
    (void)state;
    uint64_t random = 42;
    for (size_t type = 0; type < TYPES; type++)
        check_tile(type, &random);
}

static void check_merge(size_t type, uint64_t *random)
{
    static struct rows rows;
    unsigned wanted = wanted_of(type, 0x1f);
    struct fixture fixture, source;
    uint32_t keys[KEYS], from_keys[KEYS];
    fixture_open(&fixture, &every_type[type], wanted);
    fixture_open(&source, &every_type[type], wanted);
    assert_int_equal(value_groups_reserve(fixture.groups, 100, &fixture.error), ERROR_NONE);
    assert_int_equal(value_groups_reserve(source.groups, KEYS, &source.error), ERROR_NONE);
    for (uint32_t i = 0; i < KEYS; i++) {
        from_keys[i] = KEYS - 1 - i;
        keys[i] = from_keys[i] % 97;
    }
    for (int round = 0; round < 3; round++) {
        make_rows(&rows, &every_type[type], KEYS, round != 1, random);
        must_add(&source, &rows);
        for (uint32_t i = 0; i < rows.slice.row_count; i++)
            rows.keys[i] %= 97;
        model_add(&fixture, rows.keys, &rows.slice);
        assert_int_equal(value_groups_merge(fixture.groups, keys, source.groups, from_keys, KEYS,
                                            &fixture.error),
                         ERROR_NONE);
        assert_int_equal(value_groups_clear(source.groups, &source.error), ERROR_NONE);
        check_all(&fixture, wanted, 100);
    }
    check_all(&source, wanted, KEYS); /* empty */
    fixture_close(&source);
    fixture_close(&fixture);
}

static void test_groups_are_merged(void **state)
{
    (void)state;
    uint64_t random = 43;
    for (size_t type = 0; type < TYPES; type++)
        check_merge(type, &random);
}

/* ---- failures ---- */

static void test_overflow_names_the_index(void **state)
{
    (void)state;
    const int64_t values[] = {INT64_MAX, 5, 1, 7};
    const uint32_t keys[] = {9, 4, 9, 2}, asked[] = {2, 4, 9, 1};
    uint8_t results[8 * 4], present[4];
    struct column_slice slice = {4, 4, NULL, values}, result;
    struct fixture fixture;
    size_t index = 0;
    fixture_open(&fixture, &every_type[4], 0x07);
    assert_int_equal(value_groups_reserve(fixture.groups, 10, &fixture.error), ERROR_NONE);
    assert_int_equal(value_groups_add(fixture.groups, keys, &slice, &fixture.error), ERROR_NONE);
    const struct column_type *type = &fixture.fields[0].type;
    assert_int_equal(value_groups_result(fixture.groups, AGGREGATE_SUM, type, asked, 4, results,
                                         present, &result, &index, &fixture.error),
                     ERROR_OVERFLOW);
    assert_int_equal(index, 2);
    assert_non_null(strstr(fixture.error.what, "9223372036854775808"));
    assert_int_equal(value_groups_result(fixture.groups, AGGREGATE_MIN, type, asked, 4, results,
                                         present, &result, &index, &fixture.error),
                     ERROR_INTERNAL);
    fixture_close(&fixture);
}

static void test_a_decimal_too_large_is_refused(void **state)
{
    (void)state;
    static const uint8_t bytes[20] = {1};
    const struct column_bytes values[] = {{bytes + 5, 4}, {bytes, 20}};
    const uint32_t keys[] = {0, 1};
    struct column_slice slice = {2, 2, NULL, values};
    struct fixture fixture;
    fixture_open(&fixture, &every_type[11], 0x01);
    assert_int_equal(value_groups_reserve(fixture.groups, 2, &fixture.error), ERROR_NONE);
    assert_int_equal(value_groups_add(fixture.groups, keys, &slice, &fixture.error), ERROR_INPUT);
    fixture_close(&fixture);
}

/* Whatever allocation is refused: what is there stays right, and what failed works the next time.
 */
static void test_refused_memory(void **state)
{
    (void)state;
    static struct rows rows;
    uint64_t random = 44;
    make_rows(&rows, &every_type[0], 300, true, &random);
    for (uint64_t failing = 1, made = failing; made >= failing; failing++) {
        struct fixture fixture;
        bool added = false;
        struct value_groups *other = NULL;
        fixture_open(&fixture, &every_type[0], 0x1f);
        mem_fail_allocation(failing);
        if (value_groups_create(&fixture.value, exact_grids_for(1), &fixture.account, &other,
                                &fixture.error) == ERROR_NONE)
            value_groups_destroy(other);
        while (value_groups_reserve(fixture.groups, 100, &fixture.error) != ERROR_NONE)
            continue;
        while (value_groups_reserve(fixture.groups, 300, &fixture.error) != ERROR_NONE)
            check_all(&fixture, 0x1f, 100);
        while (!added) {
            added = value_groups_add(fixture.groups, rows.keys, &rows.slice, &fixture.error) ==
                    ERROR_NONE;
            if (!added) /* some rows are in: from the start */
                assert_int_equal(value_groups_clear(fixture.groups, &fixture.error), ERROR_NONE);
        }
        made = mem_fail_allocation(0);
        model_add(&fixture, rows.keys, &rows.slice);
        check_all(&fixture, 0x1f, 300);
        fixture_close(&fixture);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_type),
        cmocka_unit_test(test_size_is_what_is_charged),
        cmocka_unit_test(test_tiles_are_added),
        cmocka_unit_test(test_groups_are_merged),
        cmocka_unit_test(test_overflow_names_the_index),
        cmocka_unit_test(test_a_decimal_too_large_is_refused),
        cmocka_unit_test(test_refused_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
