/*
 * Chunks with a dictionary, put together page by page, and their rows as values and as indexes, for
 * tests that hold one against the other.
 */
#ifndef WEIR_TEST_PARQUET_INDEX_FIXTURE_H
#define WEIR_TEST_PARQUET_INDEX_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bytes.h"
#include "codec/codec.h"
#include "parquet/indexes.h"

#define ROWS_MOST 200000

static struct bytes file;
static struct mem_account account;
static struct error error;
static struct parquet_page_reader *reader;
static struct memory_object memory;
static struct parquet_column column;
static struct parquet_chunk chunk;
static uint64_t version; /* tells files from each other */

static inline void start_over(size_t limit)
{
    parquet_page_reader_destroy(reader);
    atomic_store(&account.peak, 0);
    file.size = 4;
    assert_int_equal(parquet_page_reader_create(&account, limit, &reader, &error), ERROR_NONE);
}

static inline int setup(void **state)
{
    (void)state;
    file.size = 0;
    put(&file, "PAR1", 4);
    mem_account_init(&account, "test", NULL, MEM_NO_LIMIT);
    error_init(&error);
    column = (struct parquet_column){.name = "x", .path = "x", .type.physical = COLUMN_INT64};
    chunk = (struct parquet_chunk){.offset = 4};
    reader = NULL;
    start_over((size_t)64 << 20);
    return 0;
}

static inline int teardown(void **state)
{
    (void)state;
    parquet_page_reader_destroy(reader);
    assert_int_equal(account.used, 0);
    return 0;
}

/* ---- chunks ---- */

static inline void nullable(void)
{
    column.nullable = true;
    column.max_definition = 1;
}

/* A page's body, before it is compressed. */
static struct bytes body;

static inline void put_run(struct bytes *bytes, uint32_t count, unsigned width, uint32_t value)
{
    put_varint(bytes, (uint64_t)count << 1);
    put(bytes, &value, (width + 7) / 8);
}

/* Eight values a group; value i is (first + i) modulo the dictionary's count. */
static inline void put_packed(struct bytes *bytes, uint32_t groups, unsigned width, uint32_t first,
                              uint32_t modulus)
{
    put_varint(bytes, (uint64_t)groups << 1 | 1);
    for (uint32_t group = 0; group < groups; group++) {
        uint8_t packed[32] = {0};
        for (unsigned i = 0; i < 8 * width; i++) {
            uint32_t value = (first + group * 8 + i / width) % modulus;
            packed[i / 8] = (uint8_t)(packed[i / 8] | (value >> i % width & 1) << i % 8);
        }
        put(bytes, packed, width);
    }
}

static inline size_t compressed(uint8_t *out, size_t capacity)
{
    struct codec_state codec;
    size_t size;
    codec_state_init(&codec, &account);
    assert_int_equal(
        codec_compress(&codec, chunk.codec, 0, body.data, body.size, out, capacity, &size, &error),
        ERROR_NONE);
    codec_state_release(&codec);
    return size;
}

/* Puts the body down as a page, and forgets it. */
static inline void put_body(uint32_t rows, int encoding)
{
    static uint8_t packed[BYTES_MOST];
    const uint8_t *stored = body.data;
    size_t size = body.size;
    if (chunk.codec != CODEC_UNCOMPRESSED) {
        size = compressed(packed, sizeof packed);
        stored = packed;
    }
    if (encoding < 0)
        put_dictionary(&file, body.size, size, (int)rows);
    else
        put_page_v1(&file, body.size, size, (int)rows, encoding);
    put(&file, stored, size);
    assert_true(file.size < BYTES_MOST);
    body.size = 0;
}

static inline void put_value(uint32_t number)
{
    static const char text[] = "some text of which a value has the beginning";
    size_t width = column_value_size(&column.type);
    uint8_t value[64];
    if (column.type.physical == COLUMN_BYTE_ARRAY) {
        put_u32(&body, number % 40);
        put(&body, text, number % 40);
        return;
    }
    for (size_t i = 0; i < width; i++)
        value[i] = (uint8_t)(number * 31 + i * 7 + (number >> 8));
    put(&body, value, width);
}

static inline void put_values(uint32_t first, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        put_value(first + i);
}

static inline void put_dictionary_page(uint32_t count)
{
    put_values(0, count);
    put_body(count, -1);
}

/* Levels of a nullable column: alternating stretches of eight, the first of values. */
static inline uint32_t put_levels(uint32_t rows)
{
    static struct bytes levels;
    levels.size = 0;
    if (!column.nullable)
        return rows;
    for (uint32_t row = 0; row < rows; row += 8)
        put_run(&levels, 8, 1, row / 8 % 5 != 2);
    put_u32(&body, (uint32_t)levels.size);
    put(&body, levels.data, levels.size);
    uint32_t ones = 0;
    for (uint32_t row = 0; row < rows; row++)
        ones += row / 8 % 5 != 2;
    return ones;
}

/* Runs of many lengths and packed indexes between them; width 7, below 100. */
static inline void put_coded_page(uint32_t rows, uint32_t seed)
{
    static const uint32_t lengths[] = {120, 5000, 63, 64, 1, 4096, 9000};
    uint32_t left = put_levels(rows);
    put_u8(&body, 7);
    for (uint32_t i = seed; left > 0; i++) {
        uint32_t run = lengths[i % 7] < left ? lengths[i % 7] : left;
        put_run(&body, run, 7, (seed + i * 13) % 100);
        left -= run;
        uint32_t groups = left / 8 < 5 + i % 30 ? left / 8 : 5 + i % 30;
        if (groups > 0)
            put_packed(&body, groups, 7, i, 100);
        left -= groups * 8;
    }
    put_body(rows, PARQUET_RLE_DICTIONARY);
}

static inline void put_plain_page(uint32_t first, uint32_t rows)
{
    put_values(first, put_levels(rows));
    put_body(rows, PARQUET_PLAIN);
}

/* What is written when a dictionary has grown too large: plain pages behind it. */
static inline uint32_t put_fallback_chunk(void)
{
    put_dictionary_page(100);
    put_coded_page(20000, 3);
    put_coded_page(9001, 11);
    put_plain_page(50, 3000);
    put_plain_page(70, 3001);
    return 20000 + 9001 + 3000 + 3001;
}

static inline enum error_code open_at(uint64_t rows, const struct parquet_position *position)
{
    memory = memory_object_over(&file);
    memory.object.identity.modified_ns = (int64_t)++version;
    chunk.length = file.size - chunk.offset;
    chunk.value_count = rows;
    error_init(&error);
    return parquet_page_reader_open(reader, &memory.object, &column, &chunk, position, &error);
}

/* ---- rows ---- */

#define CELL_NULL 255

struct cell {
    uint8_t size;
    uint8_t bytes[47];
};

static struct cell cells[ROWS_MOST], expected[ROWS_MOST];
static uint64_t cell_count;

static inline void set_cell(struct cell *cell, const uint8_t *values, uint32_t index)
{
    size_t width = column_value_size(&column.type);
    *cell = (struct cell){.size = (uint8_t)width};
    const uint8_t *value = values + index * width;
    if (column.type.physical == COLUMN_BYTE_ARRAY) {
        struct column_bytes text;
        memcpy(&text, value, sizeof text);
        assert_true(text.size < sizeof cell->bytes);
        cell->size = (uint8_t)text.size;
        value = text.data;
    }
    if (cell->size > 0)
        memcpy(cell->bytes, value, cell->size);
}

/* indexes NULL: the values stand side by side. */
static inline void add_cells(uint32_t rows, const uint8_t *present, const void *values,
                             const uint32_t *indexes, bool repeated)
{
    uint32_t at = 0;
    assert_true(cell_count + rows <= ROWS_MOST);
    for (uint32_t row = 0; row < rows; row++) {
        struct cell *cell = &cells[cell_count++];
        if (present != NULL && !present[row]) {
            *cell = (struct cell){.size = CELL_NULL};
            continue;
        }
        set_cell(cell, values, indexes == NULL ? at : indexes[repeated ? 0 : at]);
        at++;
    }
}

static inline enum error_code add_values(uint32_t step, uint32_t *ret_rows)
{
    struct column_slice slice;
    enum error_code code = parquet_page_reader_next(reader, step, &slice, &error);
    *ret_rows = 0;
    if (code != ERROR_NONE)
        return code;
    add_cells(slice.row_count, slice.present, slice.values, NULL, false);
    *ret_rows = slice.row_count;
    return code;
}

static uint32_t coded_rows, repeated_slices;

static inline void check_slice(const struct parquet_index_slice *slice, uint32_t step)
{
    uint32_t ones = slice->row_count;
    if (slice->present != NULL) {
        ones = 0;
        for (uint32_t row = 0; row < slice->row_count; row++)
            ones += slice->present[row];
    }
    assert_int_equal(ones, slice->value_count);
    assert_true(slice->row_count <= step);
    assert_true(!slice->coded || slice->repeated || slice->row_count <= PARQUET_SLICE_ROWS);
    assert_true(slice->coded ? slice->indexes != NULL : slice->values != NULL);
    assert_true(slice->coded || !slice->repeated);
    coded_rows += slice->coded ? slice->row_count : 0;
    repeated_slices += slice->repeated;
}

/* Indexes stay as they are while the dictionary is shown. */
static inline enum error_code add_indexes(uint32_t step, uint32_t *ret_rows)
{
    struct parquet_index_slice slice;
    const void *values;
    uint32_t count;
    enum error_code code = parquet_page_reader_next_indexes(reader, step, &slice, &error);
    *ret_rows = 0;
    if (code != ERROR_NONE)
        return code;
    check_slice(&slice, step);
    values = slice.values;
    if (slice.coded) {
        assert_int_equal(parquet_page_reader_dictionary(reader, &values, &count, &error),
                         ERROR_NONE);
        assert_int_equal(count, slice.dictionary_count);
    }
    add_cells(slice.row_count, slice.present, values, slice.indexes, slice.repeated);
    *ret_rows = slice.row_count;
    return code;
}

typedef enum error_code (*row_adder)(uint32_t step, uint32_t *ret_rows);

static inline enum error_code read_all(row_adder add, uint64_t rows, uint32_t step)
{
    uint32_t got = 1;
    enum error_code code = open_at(rows, NULL);
    cell_count = 0;
    coded_rows = 0;
    repeated_slices = 0;
    while (code == ERROR_NONE && got > 0)
        code = add(step, &got);
    if (code == ERROR_NONE)
        assert_int_equal(cell_count, rows);
    return code;
}

/* Values first: what indexes have to lead to. */
static inline void expect(uint64_t rows)
{
    assert_int_equal(read_all(add_values, rows, 100000), ERROR_NONE);
    memcpy(expected, cells, rows * sizeof *cells);
}

static inline void assert_same(uint64_t first, uint64_t rows)
{
    assert_int_equal(cell_count, rows);
    assert_memory_equal(cells, expected + first, rows * sizeof *cells);
}

static inline uint32_t show(const void **values)
{
    uint32_t count;
    assert_int_equal(parquet_page_reader_dictionary(reader, values, &count, &error), ERROR_NONE);
    assert_non_null(*values);
    return count;
}

#define INDEX_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

#endif
