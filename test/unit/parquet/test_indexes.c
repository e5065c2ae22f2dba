/* Columns as indexes into their dictionaries, held against the same columns as values. */
#include "index_fixture.h"

static void every_type_has_indexes(void **state)
{
    (void)state;
    static const struct {
        enum column_physical physical;
        uint32_t length;
    } types[] = {{COLUMN_INT32, 0}, {COLUMN_INT64, 0},  {COLUMN_INT96, 0},
                 {COLUMN_FLOAT, 0}, {COLUMN_DOUBLE, 0}, {COLUMN_BYTE_ARRAY, 0},
                 {COLUMN_FIXED, 1}, {COLUMN_FIXED, 16}, {COLUMN_FIXED, 45}};
    static const enum codec codecs[] = {CODEC_UNCOMPRESSED, CODEC_SNAPPY, CODEC_ZSTD};
    for (size_t i = 0; i < 2 * 3 * sizeof types / sizeof types[0]; i++) {
        column.type = (struct column_type){.physical = types[i / 6].physical,
                                           .type_length = types[i / 6].length};
        column.nullable = i % 2 != 0;
        column.max_definition = i % 2;
        chunk.codec = codecs[i / 2 % 3];
        file.size = 4;
        uint32_t rows = put_fallback_chunk();
        expect(rows);
        for (uint32_t step = 1000000; step > 6; step /= 7) {
            assert_int_equal(read_all(add_indexes, rows, step), ERROR_NONE);
            assert_same(0, rows);
            assert_int_equal(coded_rows, 29001);
        }
    }
}

/* However long, where nothing is missing; else up to the levels that are decoded at once. */
static void a_long_run_is_one_slice(void **state)
{
    (void)state;
    struct parquet_index_slice slice;
    put_dictionary_page(5);
    put_u8(&body, 3);
    put_run(&body, 150000, 3, 4);
    put_run(&body, 30, 3, 2);
    put_run(&body, 100, 3, 1);
    put_body(150120, PARQUET_RLE_DICTIONARY);
    static const struct {
        uint32_t most, rows, index;
        bool repeated;
    } slices[] = {{100, 100, 4, true},        {63, 63, 4, false}, {UINT32_MAX, 149837, 4, true},
                  {UINT32_MAX, 30, 2, false}, {1, 1, 1, false},   {UINT32_MAX, 89, 1, true},
                  {UINT32_MAX, 0, 0, false}};
    expect(150120);
    assert_int_equal(open_at(150120, NULL), ERROR_NONE);
    for (size_t i = 0; i < sizeof slices / sizeof slices[0]; i++) {
        assert_int_equal(parquet_page_reader_next_indexes(reader, slices[i].most, &slice, &error),
                         ERROR_NONE);
        assert_int_equal(slice.row_count, slices[i].rows);
        assert_int_equal(slice.value_count, slices[i].rows);
        assert_int_equal(slice.repeated, slices[i].repeated);
        assert_int_equal(slice.coded, slices[i].rows > 0);
        assert_null(slice.present);
        if (slice.coded) {
            assert_int_equal(slice.indexes[0], slices[i].index);
            assert_int_equal(slice.dictionary_count, 5);
        }
    }
}

static void runs_with_nulls_go_block_by_block(void **state)
{
    (void)state;
    nullable();
    put_dictionary_page(5);
    uint32_t ones = put_levels(30000);
    put_u8(&body, 3);
    put_run(&body, ones, 3, 4);
    put_body(30000, PARQUET_RLE_DICTIONARY);
    expect(30000);
    assert_int_equal(read_all(add_indexes, 30000, 30000), ERROR_NONE);
    assert_same(0, 30000);
    assert_int_equal(repeated_slices, 8);
}

/* Nothing but nulls is coded too, by a dictionary without values. */
static void pages_of_nulls_have_no_indexes(void **state)
{
    (void)state;
    struct parquet_index_slice slice;
    const void *values;
    nullable();
    put_body(0, -1);
    put_u32(&body, 3);
    put_run(&body, 100, 1, 0);
    put_body(100, PARQUET_RLE_DICTIONARY);
    assert_int_equal(open_at(100, NULL), ERROR_NONE);
    assert_int_equal(show(&values), 0);
    assert_int_equal(parquet_page_reader_next_indexes(reader, 1000, &slice, &error), ERROR_NONE);
    assert_int_equal(slice.row_count, 100);
    assert_int_equal(slice.value_count, 0);
    assert_true(slice.coded && slice.indexes != NULL && !slice.repeated);
    assert_int_equal(slice.dictionary_count, 0);
}

static uint32_t random_state;

static uint32_t random_below(uint32_t limit)
{
    random_state = random_state * 1664525 + 1013904223;
    return (uint32_t)((uint64_t)(random_state >> 8) * limit >> 24);
}

static void go_on_somehow(uint64_t rows)
{
    static const uint32_t steps[] = {1, 7, 100, 4096, 30000};
    uint32_t step = 1 + random_below(steps[random_below(5)]), got;
    const void *values;
    uint64_t left = rows - cell_count;
    switch (random_below(4)) {
    case 0:
        assert_int_equal(add_values(step, &got), ERROR_NONE);
        break;
    case 1:
        step = step < left ? step : (uint32_t)left;
        assert_int_equal(parquet_page_reader_skip(reader, step, &error), ERROR_NONE);
        memcpy(cells + cell_count, expected + cell_count, step * sizeof *cells);
        cell_count += step;
        break;
    case 2:
        assert_int_equal(show(&values), 100);
        break;
    default:
        assert_int_equal(add_indexes(step, &got), ERROR_NONE);
    }
}

static void all_ways_mix(void **state)
{
    (void)state;
    static const enum column_physical types[] = {COLUMN_INT32, COLUMN_BYTE_ARRAY, COLUMN_FIXED};
    for (uint32_t round = 0; round < 60; round++) {
        random_state = round;
        column.type = (struct column_type){.physical = types[round % 3], .type_length = 10};
        column.nullable = round / 3 % 2 != 0;
        column.max_definition = round / 3 % 2;
        chunk.codec = round / 6 % 2 != 0 ? CODEC_ZSTD : CODEC_UNCOMPRESSED;
        start_over((size_t)64 << 20);
        uint32_t rows = put_fallback_chunk();
        expect(rows);
        assert_int_equal(open_at(rows, NULL), ERROR_NONE);
        for (cell_count = 0; cell_count < rows;)
            go_on_somehow(rows);
        assert_same(0, rows);
    }
}

/* In the midst of a page that is not coded, whose room the dictionary's bytes take meanwhile. */
static void the_dictionary_can_be_asked_for_late(void **state)
{
    (void)state;
    const void *values;
    uint32_t got = 1;
    for (int round = 0; round < 4; round++) {
        column.nullable = round % 2 != 0;
        column.max_definition = round % 2;
        chunk.codec = round / 2 != 0 ? CODEC_ZSTD : CODEC_UNCOMPRESSED;
        start_over((size_t)64 << 20);
        uint32_t rows = put_fallback_chunk();
        expect(rows);
        assert_int_equal(open_at(rows, NULL), ERROR_NONE);
        assert_int_equal(parquet_page_reader_skip(reader, 30000, &error), ERROR_NONE);
        cell_count = 0;
        assert_int_equal(add_indexes(500, &got), ERROR_NONE);
        assert_int_equal(show(&values), 100);
        while (got > 0)
            assert_int_equal(add_indexes(700, &got), ERROR_NONE);
        assert_same(30000, rows - 30000);
        assert_int_equal(show(&values), 100);
        struct cell first;
        set_cell(&first, values, 42); /* of the first run */
        assert_memory_equal(&first, expected, sizeof first);
    }
}

/* It stands still while pages come, and is not read again with them. */
static void the_dictionary_is_read_once(void **state)
{
    (void)state;
    const void *values, *again;
    uint32_t rows = put_fallback_chunk(), got = 1;
    assert_int_equal(read_all(add_values, rows, 4096), ERROR_NONE);
    start_over((size_t)64 << 20);
    rows = put_fallback_chunk();
    assert_int_equal(read_all(add_values, rows, 4096), ERROR_NONE);
    uint64_t needed = parquet_page_reader_bytes_read(reader);
    start_over((size_t)64 << 20);
    rows = put_fallback_chunk();
    assert_int_equal(open_at(rows, NULL), ERROR_NONE);
    assert_int_equal(show(&values), 100);
    assert_int_equal(parquet_page_reader_position(reader).page_row, 0);
    cell_count = 0;
    while (got > 0)
        assert_int_equal(add_indexes(4096, &got), ERROR_NONE);
    assert_int_equal(show(&again), 100);
    assert_ptr_equal(values, again);
    assert_true(parquet_page_reader_bytes_read(reader) <= needed);
}

static void columns_without_a_dictionary_say_so(void **state)
{
    (void)state;
    const void *values;
    put_plain_page(0, 1000);
    put_plain_page(0, 1000);
    assert_int_equal(open_at(2000, NULL), ERROR_NONE);
    assert_int_equal(show(&values), 0);
    assert_int_equal(show(&values), 0);
    assert_int_equal(open_at(2000, NULL), ERROR_NONE);
    assert_int_equal(parquet_page_reader_skip(reader, 1500, &error), ERROR_NONE);
    uint32_t got = 1;
    cell_count = 0;
    while (got > 0) {
        assert_int_equal(add_indexes(77, &got), ERROR_NONE);
        assert_int_equal(show(&values), 0);
    }
    assert_int_equal(cell_count, 500);
    assert_int_equal(open_at(0, NULL), ERROR_NONE);
    assert_int_equal(show(&values), 0);
    column.type.physical = COLUMN_BOOLEAN;
    start_over((size_t)64 << 20);
    put_u8(&body, 0x5a);
    put_body(8, PARQUET_PLAIN);
    assert_int_equal(open_at(8, NULL), ERROR_NONE);
    assert_int_equal(show(&values), 0);
    cell_count = 0;
    assert_int_equal(add_indexes(100, &got), ERROR_NONE);
    assert_int_equal(got, 8);
}

static void a_reader_has_to_be_open(void **state)
{
    (void)state;
    const void *values;
    uint32_t count;
    struct parquet_index_slice slice;
    assert_int_equal(parquet_page_reader_dictionary(reader, &values, &count, &error),
                     ERROR_INTERNAL);
    assert_int_equal(parquet_page_reader_next_indexes(reader, 1, &slice, &error), ERROR_INTERNAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        INDEX_TEST(every_type_has_indexes),
        INDEX_TEST(a_long_run_is_one_slice),
        INDEX_TEST(runs_with_nulls_go_block_by_block),
        INDEX_TEST(pages_of_nulls_have_no_indexes),
        INDEX_TEST(all_ways_mix),
        INDEX_TEST(the_dictionary_can_be_asked_for_late),
        INDEX_TEST(the_dictionary_is_read_once),
        INDEX_TEST(columns_without_a_dictionary_say_so),
        INDEX_TEST(a_reader_has_to_be_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
