/*
 * Leaves of nested columns, read as their entries: levels of any width in every form of page, with
 * values in several encodings.
 */
#include "parquet/kernel_fixture.h"

#include "level_bytes.h"
#include "parquet/page_reader.h"

enum { MOST = 100000, PAGE_MOST = 65000 };

static struct bytes file, body;
static struct mem_account account;
static struct error error;
static struct parquet_page_reader *reader;
static struct parquet_column column;
static struct parquet_chunk chunk;
static uint64_t version; /* tells files from each other */

/* What the chunk holds. */
static uint16_t definition[MOST], repetition[MOST];
static int64_t values[MOST];
static uint32_t entry_count, value_count;

enum page_form { V1_RUNS, V1_PACKED, V1_MIXED, V2, FORMS };

static int setup(void **state)
{
    (void)state;
    file.size = 0;
    put(&file, "PAR1", 4);
    mem_account_init(&account, "test", NULL, MEM_NO_LIMIT);
    error_init(&error);
    column = (struct parquet_column){
        .name = "x", .path = "a.x", .type.physical = COLUMN_INT64, .nested = true};
    chunk = (struct parquet_chunk){.offset = 4};
    entry_count = value_count = 0;
    return parquet_page_reader_create(&account, (size_t)64 << 20, &reader, &error);
}

static int teardown(void **state)
{
    (void)state;
    parquet_page_reader_destroy(reader);
    assert_int_equal(account.used, 0);
    return 0;
}

static void add_entries(uint32_t count, uint64_t *seed)
{
    uint32_t end = entry_count + count;
    while (entry_count < end) {
        uint32_t run = 1 + (uint32_t)random_below(seed, random_below(seed, 4) == 0 ? 900 : 3);
        uint16_t level = (uint16_t)random_below(seed, column.max_definition + 1u);
        level = random_below(seed, 2) == 0 ? column.max_definition : level;
        for (; run > 0 && entry_count < end; run--) {
            definition[entry_count] = level;
            repetition[entry_count++] = (uint16_t)random_below(seed, column.max_repetition + 1u);
            if (level == column.max_definition)
                values[value_count++] = (int64_t)random_of(seed);
        }
    }
}

static void put_form(const uint16_t *levels, uint32_t count, uint16_t maximum, bool packed,
                     bool length)
{
    size_t at = body.size;
    if (maximum == 0)
        return;
    if (packed) {
        put_packed(&body, levels, count, level_width(maximum));
        return;
    }
    if (length)
        put_u32(&body, 0);
    put_hybrid(&body, levels, count, level_width(maximum));
    uint32_t size = (uint32_t)(body.size - at - sizeof size);
    if (length)
        memcpy(body.data + at, &size, sizeof size);
}

static void put_values(uint32_t first, int encoding)
{
    uint32_t count = value_count - first;
    if (encoding == PARQUET_PLAIN)
        put(&body, values + first, count * sizeof *values);
    for (unsigned byte = 0; byte < sizeof *values && encoding != PARQUET_PLAIN; byte++) {
        for (uint32_t i = first; i < value_count; i++)
            put_u8(&body, (unsigned)((uint64_t)values[i] >> 8 * byte & 0xff));
    }
}

static void put_head_v1(uint32_t count, int encoding, int definition_form, int repetition_form)
{
    put_i32(&file, 1, 0);
    put_i32(&file, 2, (int32_t)body.size);
    put_i32(&file, 3, (int32_t)body.size);
    put_struct(&file, 5);
    put_i32(&file, 1, (int32_t)count);
    put_i32(&file, 2, encoding);
    put_i32(&file, 3, definition_form);
    put_i32(&file, 4, repetition_form);
    put_stop(&file);
    put_stop(&file);
}

static void put_head_v2(uint32_t count, int encoding, size_t definition_size,
                        size_t repetition_size)
{
    put_i32(&file, 1, 3);
    put_i32(&file, 2, (int32_t)body.size);
    put_i32(&file, 3, (int32_t)body.size);
    put_struct(&file, 8);
    put_i32(&file, 1, (int32_t)count);
    put_i32(&file, 2, 0);
    put_i32(&file, 3, (int32_t)count);
    put_i32(&file, 4, encoding);
    put_i32(&file, 5, (int32_t)definition_size);
    put_i32(&file, 6, (int32_t)repetition_size);
    put_field(&file, 7, THRIFT_FALSE);
    put_stop(&file);
    put_stop(&file);
}

/* A page of count new entries. */
static void put_page(uint32_t count, enum page_form form, int encoding, uint64_t *seed)
{
    static const int names[] = {PARQUET_RLE, PARQUET_BIT_PACKED};
    uint32_t entry = entry_count, value = value_count;
    bool packed[2] = {form == V1_PACKED, form == V1_PACKED || form == V1_MIXED};
    add_entries(count, seed);
    body.size = 0;
    put_form(repetition + entry, count, column.max_repetition, packed[0], form != V2);
    size_t repetition_size = body.size;
    put_form(definition + entry, count, column.max_definition, packed[1], form != V2);
    size_t definition_size = body.size - repetition_size;
    put_values(value, encoding);
    if (form == V2)
        put_head_v2(count, encoding, definition_size, repetition_size);
    else
        put_head_v1(count, encoding, names[packed[1]], names[packed[0]]);
    put(&file, body.data, body.size);
}

static enum error_code open_entries(struct memory_object *memory)
{
    *memory = memory_object_over(&file);
    memory->object.identity.modified_ns = (int64_t)++version;
    chunk.length = file.size - chunk.offset;
    chunk.value_count = entry_count;
    error_init(&error);
    return parquet_page_reader_open(reader, &memory->object, &column, &chunk, NULL, &error);
}

static void expect_slice(const struct column_slice *slice, uint32_t entry, uint32_t value)
{
    uint32_t ones = 0;
    for (uint32_t i = 0; i < slice->row_count; i++) {
        bool present = slice->present == NULL || slice->present[i] != 0;
        assert_int_equal(present, definition[entry + i] == column.max_definition);
        ones += present;
    }
    assert_int_equal(slice->value_count, ones);
    assert_memory_equal(slice->values, values + value, ones * sizeof *values);
}

/* Reads the chunk in slices of at most step; the entries before skipped are passed over. */
static enum error_code read_entries(uint32_t step, uint32_t skipped)
{
    struct memory_object memory;
    uint32_t entry = skipped, value = 0;
    for (uint32_t i = 0; i < skipped; i++)
        value += definition[i] == column.max_definition;
    enum error_code code = open_entries(&memory);
    if (code == ERROR_NONE && skipped > 0)
        code = parquet_page_reader_skip(reader, skipped, &error);
    while (code == ERROR_NONE) {
        struct column_slice slice;
        code = parquet_page_reader_next(reader, step, &slice, &error);
        if (code != ERROR_NONE || slice.row_count == 0)
            break;
        assert_true(slice.row_count <= step && entry + slice.row_count <= entry_count);
        expect_slice(&slice, entry, value);
        entry += slice.row_count;
        value += slice.value_count;
    }
    if (code == ERROR_NONE)
        assert_true(entry == entry_count && value == value_count);
    return code;
}

static void expect_entries(void)
{
    static const uint32_t steps[] = {1, 7, 1000, 5000, MOST};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        if (steps[i] < 1000 && entry_count > 20000)
            continue;
        if (read_entries(steps[i], 0) != ERROR_NONE)
            fail_msg("%s", error.what);
        if (read_entries(steps[i], entry_count / 3) != ERROR_NONE)
            fail_msg("%s", error.what);
    }
}

static void restart(uint16_t max_definition, uint16_t max_repetition)
{
    file.size = 4;
    entry_count = value_count = 0;
    column.max_definition = max_definition;
    column.max_repetition = max_repetition;
}

static void entries_are_read_of_every_form(void **state)
{
    (void)state;
    static const uint16_t maxima[][2] = {
        {0, 0}, {1, 0}, {2, 0}, {5, 0},     {1, 1},   {2, 1},
        {3, 1}, {3, 2}, {6, 3}, {256, 255}, {256, 0},
    };
    uint64_t seed = test_seed();
    for (size_t i = 0; i < sizeof maxima / sizeof maxima[0]; i++) {
        for (int form = V1_RUNS; form < FORMS; form++) {
            restart(maxima[i][0], maxima[i][1]);
            put_page(1 + (uint32_t)random_below(&seed, 5000), form, PARQUET_PLAIN, &seed);
            put_page(3, form, PARQUET_BYTE_STREAM_SPLIT, &seed);
            put_page(0, form, PARQUET_PLAIN, &seed);
            put_page(1 + (uint32_t)random_below(&seed, 9000), form, PARQUET_BYTE_STREAM_SPLIT,
                     &seed);
            put_page(700, (form + 1) % FORMS, PARQUET_PLAIN, &seed);
            expect_entries();
        }
    }
}

/* Pages longer than a piece: their levels are kept, their values stay in the file. */
static void pages_in_pieces_have_both_levels(void **state)
{
    (void)state;
    static const uint16_t maxima[][2] = {{2, 0}, {3, 2}, {1, 1}, {0, 0}};
    uint64_t seed = test_seed();
    for (size_t i = 0; i < sizeof maxima / sizeof maxima[0]; i++) {
        for (int form = V1_RUNS; form < FORMS; form++) {
            restart(maxima[i][0], maxima[i][1]);
            put_page(PAGE_MOST, form, PARQUET_PLAIN, &seed);
            assert_true(body.size > PARQUET_PIECE_BYTES);
            put_page(500, form, PARQUET_PLAIN, &seed);
            expect_entries();
        }
    }
}

/* A page without a value of which the levels alone are longer than a piece. */
static void levels_may_be_longer_than_a_piece(void **state)
{
    (void)state;
    uint64_t seed = test_seed();
    for (int form = V1_RUNS; form < FORMS; form++) {
        restart(256, 255);
        put_page(PAGE_MOST, form, PARQUET_PLAIN, &seed);
        for (uint32_t i = 0; i < PAGE_MOST; i++)
            definition[i] = (uint16_t)(i % 256);
        value_count = 0;
        body.size = 0;
        put_form(repetition, PAGE_MOST, 255, form == V1_PACKED, form != V2);
        size_t size = body.size;
        put_form(definition, PAGE_MOST, 256, form == V1_PACKED || form == V1_MIXED, form != V2);
        assert_true(size <= PARQUET_PIECE_BYTES && body.size > PARQUET_PIECE_BYTES);
        file.size = 4;
        int forms[2] = {form == V1_PACKED ? PARQUET_BIT_PACKED : PARQUET_RLE,
                        form == V1_RUNS ? PARQUET_RLE : PARQUET_BIT_PACKED};
        if (form == V2)
            put_head_v2(PAGE_MOST, PARQUET_PLAIN, body.size - size, size);
        else
            put_head_v1(PAGE_MOST, PARQUET_PLAIN, forms[1], forms[0]);
        put(&file, body.data, body.size);
        expect_entries();
    }
}

/* Snappy blocks of one literal, whose values could be used where they stand. */
static void literal_pages_with_levels_are_read(void **state)
{
    (void)state;
    static const uint16_t maxima[][2] = {{2, 0}, {2, 1}, {1, 1}, {0, 1}};
    uint64_t seed = test_seed();
    chunk.codec = CODEC_SNAPPY;
    for (size_t i = 0; i < sizeof maxima / sizeof maxima[0]; i++) {
        restart(maxima[i][0], maxima[i][1]);
        put_page(3000, V1_RUNS, PARQUET_PLAIN, &seed);
        size_t plain = body.size;
        file.size = 4;
        put_i32(&file, 1, 0);
        put_i32(&file, 2, (int32_t)plain);
        put_i32(&file, 3, (int32_t)(plain + 6 - (plain < 1 << 14)));
        put_struct(&file, 5);
        put_i32(&file, 1, 3000);
        put_i32(&file, 2, PARQUET_PLAIN);
        put_stop(&file);
        put_stop(&file);
        put_varint(&file, plain);
        put_u8(&file, 61 << 2); /* a literal whose length less 1 is in two bytes */
        put_u8(&file, (plain - 1) & 0xff);
        put_u8(&file, (unsigned)(plain - 1) >> 8);
        put(&file, body.data, plain);
        expect_entries();
    }
}

/* A page of eight entries that are to be refused, or not: levels of up to 2, then eight values. */
static enum error_code read_text(int definition_form, int repetition_form, const char *levels,
                                 size_t size)
{
    restart(2, 2);
    entry_count = value_count = 8;
    for (uint32_t i = 0; i < 8; i++) {
        definition[i] = 2;
        values[i] = (int64_t)i;
    }
    body.size = 0;
    put(&body, levels, size);
    put_values(0, PARQUET_PLAIN);
    put_head_v1(8, PARQUET_PLAIN, definition_form, repetition_form);
    put(&file, body.data, body.size);
    return read_entries(100, 0);
}

#define V1(definition_form, repetition_form, levels)                                               \
    read_text(definition_form, repetition_form, levels, sizeof(levels) - 1)

static void damaged_levels_are_refused(void **state)
{
    (void)state;
    enum { RUNS = PARQUET_RLE, BITS = PARQUET_BIT_PACKED };
    assert_int_equal(V1(RUNS, RUNS, "\2\0\0\0\x10\0\2\0\0\0\x10\2"), ERROR_NONE);
    assert_int_equal(V1(BITS, RUNS, "\2\0\0\0\x10\0\xaa\xaa"), ERROR_NONE);
    assert_int_equal(V1(RUNS, BITS, "\x1a\xaa\2\0\0\0\x10\2"), ERROR_NONE);
    assert_int_equal(V1(RUNS, RUNS, "\2\0\0\0\x10\3\2\0\0\0\x10\2"), ERROR_INPUT);
    assert_non_null(strstr(error.what, "repetition"));
    assert_int_equal(V1(RUNS, BITS, "\x1b\xaa\2\0\0\0\x10\2"), ERROR_INPUT);
    assert_int_equal(V1(RUNS, RUNS, "\2\0\0\0\x10\0\2\0\0\0\x10\3"), ERROR_INPUT);
    assert_non_null(strstr(error.what, "definition"));
    assert_int_equal(V1(BITS, RUNS, "\2\0\0\0\x10\0\xaa\xab"), ERROR_INPUT);
    assert_int_equal(V1(RUNS, RUNS, "\2\0\0\0\x0e\0\2\0\0\0\x10\2"), ERROR_INPUT);
    assert_int_equal(V1(RUNS, RUNS, "\xff\xff\0\0\x10\0\2\0\0\0\x10\2"), ERROR_INPUT);
    assert_int_equal(V1(RUNS, 2, "\2\0\0\0\x10\0\2\0\0\0\x10\2"), ERROR_INPUT);
    assert_int_equal(V1(2, RUNS, "\2\0\0\0\x10\0\2\0\0\0\x10\2"), ERROR_INPUT);
}

static enum error_code read_v2(size_t definition_size, size_t repetition_size)
{
    restart(2, 2);
    entry_count = value_count = 8;
    body.size = 0;
    put(&body, "\x10\0\x10\2", 4);
    put_values(0, PARQUET_PLAIN);
    put_head_v2(8, PARQUET_PLAIN, definition_size, repetition_size);
    put(&file, body.data, body.size);
    return read_entries(100, 0);
}

static void damaged_sizes_of_levels_are_refused(void **state)
{
    (void)state;
    assert_int_equal(read_v2(2, 2), ERROR_NONE);
    assert_int_equal(read_v2(2, 0), ERROR_INPUT);
    assert_int_equal(read_v2(0, 2), ERROR_INPUT);
    assert_int_equal(read_v2(1, 2), ERROR_INPUT);
    assert_int_equal(read_v2(2, 1), ERROR_INPUT);
    assert_int_equal(read_v2(500, 2), ERROR_INPUT);
}

/* The length of levels in a page that is read in pieces. */
static void damaged_levels_in_pieces_are_refused(void **state)
{
    (void)state;
    uint64_t seed = test_seed();
    static const uint32_t lengths[] = {0, 1, 0x7fffffff, 0xffffffff};
    for (size_t i = 0; i < 2 * sizeof lengths / sizeof lengths[0]; i++) {
        restart(2, 1);
        put_page(PAGE_MOST, V1_RUNS, PARQUET_PLAIN, &seed);
        uint32_t length = lengths[i / 2], first;
        memcpy(&first, body.data, sizeof first);
        size_t at = file.size - body.size + (i % 2 == 0 ? 0 : first + sizeof first);
        memcpy(file.data + at, &length, sizeof length);
        assert_int_equal(read_entries(1000, 0), ERROR_INPUT);
    }
    restart(2, 1); /* repetition levels up to the page's end leave no room for a length */
    put_page(PAGE_MOST, V1_RUNS, PARQUET_PLAIN, &seed);
    uint32_t length = (uint32_t)body.size - 6;
    memcpy(file.data + file.size - body.size, &length, sizeof length);
    assert_int_equal(read_entries(1000, 0), ERROR_INPUT);
}

static void a_chunk_that_ends_early_is_refused(void **state)
{
    (void)state;
    uint64_t seed = test_seed();
    struct memory_object memory;
    struct column_slice slice;
    restart(2, 1);
    put_page(10, V1_RUNS, PARQUET_PLAIN, &seed);
    entry_count++;
    assert_int_equal(open_entries(&memory), ERROR_NONE);
    assert_int_equal(parquet_page_reader_next(reader, 100, &slice, &error), ERROR_NONE);
    assert_int_equal(slice.row_count, 10);
    assert_int_equal(parquet_page_reader_next(reader, 100, &slice, &error), ERROR_INPUT);
    assert_non_null(strstr(error.what, "10 values"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(entries_are_read_of_every_form),       TEST(pages_in_pieces_have_both_levels),
        TEST(levels_may_be_longer_than_a_piece),    TEST(literal_pages_with_levels_are_read),
        TEST(damaged_levels_are_refused),           TEST(damaged_sizes_of_levels_are_refused),
        TEST(damaged_levels_in_pieces_are_refused), TEST(a_chunk_that_ends_early_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
