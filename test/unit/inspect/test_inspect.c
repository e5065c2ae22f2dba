/*
 * Footprints against what the libraries report for the same columns of 10,000 rows: nbytes of
 * pyarrow 26, memory_usage(deep=True) of pandas 3.1, estimated_size() of polars 2.1 (which leaves
 * out the views of text, added here).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "inspect/inspect.h"

#define ROWS 10000

struct one_column {
    struct parquet_metadata metadata;
    struct parquet_field field;
    struct parquet_column column;
    struct parquet_row_group groups[2];
    struct parquet_chunk chunks[2];
};

/* A column of ROWS rows in two row groups. */
static void set_up(struct one_column *file, struct column_type type, uint64_t nulls)
{
    *file = (struct one_column){
        .field = {.name = "x", .column_count = 1},
        .column = {.name = "x", .path = "x", .type = type, .nullable = true},
    };
    for (int i = 0; i < 2; i++) {
        file->chunks[i] = (struct parquet_chunk){
            .value_count = ROWS / 2,
            .length = 100,
            .decoded_length = 200,
            .encodings = 1u << PARQUET_PLAIN,
            .codec = CODEC_SNAPPY,
            .statistics = {.has_null_count = true, .null_count = (int64_t)(nulls / 2)},
        };
        file->groups[i] =
            (struct parquet_row_group){.row_count = ROWS / 2, .chunks = &file->chunks[i]};
    }
    file->metadata = (struct parquet_metadata){
        .row_count = ROWS,
        .field_count = 1,
        .fields = &file->field,
        .column_count = 1,
        .columns = &file->column,
        .row_group_count = 2,
        .row_groups = file->groups,
    };
}

struct width_case {
    struct column_type type;
    uint64_t nulls;
    uint64_t arrow, pandas, polars;
};

static const struct width_case width_cases[] = {
    {{.physical = COLUMN_INT64}, 0, 80000, 80000, 80000},
    {{.physical = COLUMN_INT64}, 5000, 81250, 80000, 81250},
    {{.physical = COLUMN_INT32}, 5000, 41250, 80000, 41250},
    {{.physical = COLUMN_FLOAT}, 5000, 41250, 40000, 41250},
    {{.physical = COLUMN_DOUBLE}, 0, 80000, 80000, 80000},
    {{.physical = COLUMN_INT32, .logical = COLUMN_INTEGER, .bit_width = 8}, 0, 10000, 10000, 10000},
    {{.physical = COLUMN_BOOLEAN}, 0, 1250, 10000, 1250},
    {{.physical = COLUMN_BOOLEAN}, 3334, 2500, 80000, 2500},
    {{.physical = COLUMN_INT32, .logical = COLUMN_DATE}, 0, 40000, 400000, 40000},
    {{.physical = COLUMN_INT64, .logical = COLUMN_TIMESTAMP}, 0, 80000, 80000, 80000},
    {{.physical = COLUMN_INT96}, 0, 80000, 80000, 80000},
    {{.physical = COLUMN_INT32, .logical = COLUMN_TIME, .unit = COLUMN_MILLISECONDS},
     0,
     40000,
     480000,
     80000},
    {{.physical = COLUMN_INT64, .logical = COLUMN_TIME, .unit = COLUMN_MICROSECONDS},
     0,
     80000,
     480000,
     80000},
    {{.physical = COLUMN_INT64, .logical = COLUMN_DECIMAL, .precision = 12, .scale = 2},
     0,
     160000,
     1120000,
     160000},
    {{.physical = COLUMN_FIXED, .type_length = 20, .logical = COLUMN_DECIMAL, .precision = 40},
     0,
     320000,
     1120000,
     160000},
    {{.physical = COLUMN_FIXED, .type_length = 16}, 0, 160000, 570000, 320000},
    {{.physical = COLUMN_FIXED, .type_length = 2, .logical = COLUMN_FLOAT16},
     0,
     20000,
     20000,
     20000},
    {{.physical = COLUMN_INT32, .logical = COLUMN_UNKNOWN}, ROWS, 0, 80000, 0},
};

static void fixed_widths(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof width_cases / sizeof width_cases[0]; i++) {
        struct one_column file;
        struct inspect_footprint footprint;
        bool exact;
        set_up(&file, width_cases[i].type, width_cases[i].nulls);
        inspect_column(&file.metadata, 0, &footprint, &exact);
        print_message("case %zu\n", i);
        assert_true(exact);
        assert_int_equal(footprint.arrow, width_cases[i].arrow);
        assert_int_equal(footprint.pandas, width_cases[i].pandas);
        assert_int_equal(footprint.pandas_objects, width_cases[i].pandas);
        assert_int_equal(footprint.polars, width_cases[i].polars);
        assert_int_equal(footprint.on_disk, 200);
        assert_int_equal(footprint.decoded, 400);
    }
}

/* 20 bytes a value, PLAIN: each value stands in the file behind a length of 4 bytes. */
static void text_that_stands_in_full(void **state)
{
    (void)state;
    struct one_column file;
    struct inspect_footprint footprint;
    bool exact;
    set_up(&file, (struct column_type){.physical = COLUMN_BYTE_ARRAY, .logical = COLUMN_STRING}, 0);
    file.chunks[0].decoded_length = file.chunks[1].decoded_length = ROWS / 2 * 24;
    inspect_column(&file.metadata, 0, &footprint, &exact);
    assert_false(exact);
    assert_int_equal(footprint.arrow, 240004);
    assert_int_equal(footprint.pandas, 280008);
    assert_int_equal(footprint.pandas_objects, 8 * ROWS + (49 + 20) * ROWS);
    assert_int_equal(footprint.polars, 200000 + 16 * ROWS);
    file.column.type.logical = COLUMN_PLAIN; /* binary: objects in every pandas */
    inspect_column(&file.metadata, 0, &footprint, &exact);
    assert_int_equal(footprint.pandas, 610000);
}

static void text_behind_a_dictionary(void **state)
{
    (void)state;
    struct one_column file;
    struct inspect_footprint footprint;
    bool exact;
    set_up(&file, (struct column_type){.physical = COLUMN_BYTE_ARRAY, .logical = COLUMN_STRING}, 0);
    for (int i = 0; i < 2; i++) {
        file.chunks[i].encodings |= 1u << PARQUET_RLE_DICTIONARY;
        file.chunks[i].statistics.minimum =
            (struct parquet_bytes){(const uint8_t *)"abcdefghij", 10};
        file.chunks[i].statistics.maximum =
            (struct parquet_bytes){(const uint8_t *)"bcdefghijklmno", 14};
    }
    inspect_column(&file.metadata, 0, &footprint, &exact);
    assert_false(exact);
    assert_int_equal(footprint.arrow, 4 * (ROWS + 1) + 12 * ROWS);
    assert_int_equal(footprint.polars, 16 * ROWS); /* 12 bytes stand in the view */
}

static void unknown_nulls_are_an_estimate(void **state)
{
    (void)state;
    struct one_column file;
    struct inspect_footprint footprint;
    bool exact;
    set_up(&file, (struct column_type){.physical = COLUMN_INT64}, 0);
    file.chunks[1].statistics.has_null_count = false;
    inspect_column(&file.metadata, 0, &footprint, &exact);
    assert_false(exact);
    assert_int_equal(footprint.arrow, 81250);
    file.column.nullable = false;
    inspect_column(&file.metadata, 0, &footprint, &exact);
    assert_true(exact);
    assert_int_equal(footprint.arrow, 80000);
}

/* Numbers in a footer may be anything. */
static void absurd_counts_stay_at_the_limit(void **state)
{
    (void)state;
    struct one_column file;
    struct inspect_footprint footprint;
    bool exact;
    set_up(&file, (struct column_type){.physical = COLUMN_BYTE_ARRAY, .logical = COLUMN_STRING}, 0);
    for (int i = 0; i < 2; i++) {
        file.chunks[i].value_count = file.chunks[i].length = UINT64_MAX - 1;
        file.chunks[i].decoded_length = UINT64_MAX;
        file.chunks[i].statistics.null_count = -5;
    }
    inspect_column(&file.metadata, 0, &footprint, &exact);
    assert_true(footprint.arrow == UINT64_MAX && footprint.pandas == UINT64_MAX);
    assert_true(footprint.on_disk == UINT64_MAX && footprint.polars == UINT64_MAX);
}

static void storage_is_gathered(void **state)
{
    (void)state;
    struct one_column file;
    set_up(&file, (struct column_type){.physical = COLUMN_INT64}, 0);
    file.chunks[1].codec = CODEC_ZSTD;
    file.chunks[1].encodings = 1u << PARQUET_DELTA_BINARY_PACKED;
    struct inspect_storage storage = inspect_storage_of(&file.metadata, 0);
    assert_int_equal(storage.codecs, 1u << CODEC_SNAPPY | 1u << CODEC_ZSTD);
    assert_int_equal(storage.encodings, 1u << PARQUET_PLAIN | 1u << PARQUET_DELTA_BINARY_PACKED);
    assert_false(storage.encrypted);
}

static void nested_fields_are_estimates_of_all_leaves(void **state)
{
    (void)state;
    struct one_column file;
    struct inspect_footprint footprint;
    bool exact;
    set_up(&file, (struct column_type){.physical = COLUMN_INT64}, 0);
    file.field.nested = file.column.nested = true;
    file.column.max_repetition = 1;
    inspect_column(&file.metadata, 0, &footprint, &exact);
    assert_false(exact);
    assert_int_equal(footprint.arrow, 80000 + 4 * (ROWS + 1));
    assert_true(footprint.pandas > footprint.arrow);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fixed_widths),
        cmocka_unit_test(text_that_stands_in_full),
        cmocka_unit_test(text_behind_a_dictionary),
        cmocka_unit_test(unknown_nulls_are_an_estimate),
        cmocka_unit_test(absurd_counts_stay_at_the_limit),
        cmocka_unit_test(storage_is_gathered),
        cmocka_unit_test(nested_fields_are_estimates_of_all_leaves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
