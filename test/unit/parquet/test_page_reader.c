#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <libdeflate.h>

#include "bytes.h"
#include "parquet/page_reader.h"

static struct bytes file;
static struct mem_account account;
static struct error error;
static struct parquet_page_reader *reader;
static struct memory_object memory;
static struct parquet_column column;
static struct parquet_chunk chunk;
static size_t reads;
static uint64_t version; /* tells files from each other */

static int setup(void **state)
{
    (void)state;
    file.size = 0;
    put(&file, "PAR1", 4);
    mem_account_init(&account, "test", NULL, MEM_NO_LIMIT);
    error_init(&error);
    column = (struct parquet_column){.name = "x", .path = "x", .type.physical = COLUMN_INT64};
    chunk = (struct parquet_chunk){.offset = 4};
    reads = 0;
    return parquet_page_reader_create(&account, (size_t)64 << 20, &reader, &error);
}

static int teardown(void **state)
{
    (void)state;
    parquet_page_reader_destroy(reader);
    assert_int_equal(account.used, 0);
    return 0;
}

static void nullable(void)
{
    column.nullable = true;
    column.max_definition = 1;
}

/* Opens what has been put as a chunk of rows. */
static enum error_code open_at(uint64_t rows, const struct parquet_position *position)
{
    memory = memory_object_over(&file);
    memory.reads = &reads;
    memory.object.identity.modified_ns = (int64_t)++version;
    chunk.length = file.size - chunk.offset;
    chunk.value_count = rows;
    error_init(&error);
    return parquet_page_reader_open(reader, &memory.object, &column, &chunk, position, &error);
}

/* Reads all rows in slices of at most step; INT64 values go to out, levels to present. */
static int64_t values[2000000];
static uint8_t present[2000000];
static uint64_t value_total;

static enum error_code read_rest(uint32_t step, uint64_t *ret_rows)
{
    struct column_slice slice;
    *ret_rows = 0;
    value_total = 0;
    do {
        enum error_code code = parquet_page_reader_next(reader, step, &slice, &error);
        if (code != ERROR_NONE)
            return code;
        assert_true(slice.row_count <= step && slice.value_count <= slice.row_count);
        memcpy(values + value_total, slice.values, slice.value_count * sizeof *values);
        if (slice.present != NULL)
            memcpy(present + *ret_rows, slice.present, slice.row_count);
        else
            memset(present + *ret_rows, 1, slice.row_count);
        value_total += slice.value_count;
        *ret_rows += slice.row_count;
    } while (slice.row_count > 0);
    return ERROR_NONE;
}

static enum error_code read_all(uint64_t rows, uint32_t step)
{
    uint64_t got;
    enum error_code code = open_at(rows, NULL);
    if (code == ERROR_NONE)
        code = read_rest(step, &got);
    if (code == ERROR_NONE)
        assert_int_equal(got, rows);
    return code;
}

static void put_count(int64_t first, int count)
{
    for (int64_t i = first; i < first + count; i++)
        put(&file, &i, sizeof i);
}

static void put_plain_page(int64_t first, int count)
{
    put_page_v1(&file, (size_t)count * 8, (size_t)count * 8, count, PARQUET_PLAIN);
    put_count(first, count);
}

static void plain_values_are_given_in_place(void **state)
{
    (void)state;
    struct column_slice slice;
    put_plain_page(0, 10000);
    put_plain_page(10000, 0);
    put_plain_page(10000, 500);
    assert_int_equal(open_at(10500, NULL), ERROR_NONE);
    assert_int_equal(parquet_page_reader_next(reader, 100000, &slice, &error), ERROR_NONE);
    assert_int_equal(slice.row_count, 10000);
    assert_null(slice.present);
    assert_int_equal(parquet_page_reader_page(reader)->value_count, 10000);
    for (uint32_t step = 1; step < 20000; step = step * 3 + 1) {
        assert_int_equal(read_all(10500, step), ERROR_NONE);
        for (int i = 0; i < 10500; i++)
            assert_int_equal(values[i], i);
    }
}

/* Pages of about one size take one read each, once the first is known. */
static void a_page_takes_a_read(void **state)
{
    (void)state;
    for (int page = 0; page < 20; page++)
        put_plain_page(page * 1000, 1000);
    assert_int_equal(read_all(20000, 4096), ERROR_NONE);
    reads = 0;
    assert_int_equal(read_all(20000, 4096), ERROR_NONE);
    assert_true(reads <= 20);
    assert_true(parquet_page_reader_bytes_read(reader) <= 3 * file.size);
}

static void put_levels(const char *runs, size_t size)
{
    put_u32(&file, (uint32_t)size);
    put(&file, runs, size);
}

static void nulls_are_told(void **state)
{
    (void)state;
    nullable();
    /* Sixteen levels: 0xf0 packed, then eight ones. */
    put_page_v1(&file, 8 + 12 * 8, 8 + 12 * 8, 16, PARQUET_PLAIN);
    put_levels("\x03\xf0\x10\x01", 4);
    put_count(0, 12);
    for (uint32_t step = 1; step < 20; step++) {
        assert_int_equal(read_all(16, step), ERROR_NONE);
        assert_int_equal(value_total, 12);
        for (int i = 0; i < 16; i++)
            assert_int_equal(present[i], i >= 4);
        for (int i = 0; i < 12; i++)
            assert_int_equal(values[i], i);
    }
}

static void put_dictionary_chunk(void)
{
    put_dictionary(&file, 4 * 8, 4 * 8, 4);
    put_count(100, 4);
    put_page_v1(&file, 4, 4, 8, PARQUET_RLE_DICTIONARY);
    put(&file, "\x02\x03\xe4\x1b", 4); /* two bits each: 0 1 2 3 3 2 1 0 */
    put_plain_page(7, 2);
    put_page_v1(&file, 3, 3, 5, PARQUET_PLAIN_DICTIONARY);
    put(&file, "\x02\x0a\x02", 3); /* five times 2 */
}

static void dictionaries_are_looked_up(void **state)
{
    (void)state;
    static const int64_t expected[] = {100, 101, 102, 103, 103, 102, 101, 100,
                                       7,   8,   102, 102, 102, 102, 102};
    put_dictionary_chunk();
    for (uint32_t step = 1; step < 20; step++) {
        assert_int_equal(read_all(15, step), ERROR_NONE);
        assert_memory_equal(values, expected, sizeof expected);
    }
    assert_int_equal(parquet_page_reader_sizes(reader).dictionary, 32);
}

/* From every row on, and from every page's position, come the rows that come there. */
static void rows_are_passed_over(void **state)
{
    (void)state;
    int64_t all[15];
    put_dictionary_chunk();
    assert_int_equal(read_all(15, 100), ERROR_NONE);
    memcpy(all, values, sizeof all);
    for (uint64_t skipped = 0; skipped <= 15; skipped++) {
        uint64_t rows;
        assert_int_equal(open_at(15, NULL), ERROR_NONE);
        assert_int_equal(parquet_page_reader_skip(reader, skipped / 2, &error), ERROR_NONE);
        assert_int_equal(parquet_page_reader_skip(reader, skipped - skipped / 2, &error),
                         ERROR_NONE);
        struct parquet_position position = parquet_page_reader_position(reader);
        assert_true(position.page_row <= skipped);
        assert_int_equal(read_rest(3, &rows), ERROR_NONE);
        assert_int_equal(rows, 15 - skipped);
        assert_memory_equal(values, all + skipped, rows * sizeof *all);
        assert_int_equal(open_at(15, &position), ERROR_NONE);
        assert_int_equal(read_rest(100, &rows), ERROR_NONE);
        assert_int_equal(rows, 15 - position.page_row);
        assert_memory_equal(values, all + position.page_row, rows * sizeof *all);
    }
    assert_int_equal(open_at(15, NULL), ERROR_NONE);
    assert_int_equal(parquet_page_reader_skip(reader, 16, &error), ERROR_INTERNAL);
}

static void whole_pages_are_passed_unread(void **state)
{
    (void)state;
    uint64_t rows;
    for (int page = 0; page < 50; page++)
        put_plain_page(page * 10000, 10000);
    assert_int_equal(open_at(500000, NULL), ERROR_NONE);
    assert_int_equal(parquet_page_reader_skip(reader, 490000, &error), ERROR_NONE);
    assert_true(parquet_page_reader_bytes_read(reader) < 50 * 10000);
    assert_int_equal(read_rest(4096, &rows), ERROR_NONE);
    assert_int_equal(values[0], 490000);
}

#define LONG_ROWS 200000

/* A page of LONG_ROWS ones as levels, and as many values; its checksum true, false or absent. */
static void put_long_page(const uint32_t *crc_xor)
{
    static struct bytes body;
    body.size = 0;
    put_u32(&body, 4);
    put(&body, "\x80\xb5\x18\x01", 4);
    for (int64_t i = 0; i < LONG_ROWS; i++)
        put(&body, &i, sizeof i);
    uint32_t crc = libdeflate_crc32(0, body.data, body.size) ^ (crc_xor != NULL ? *crc_xor : 0);
    file.size = 4;
    put_page_v1_crc(&file, body.size, body.size, LONG_ROWS, PARQUET_PLAIN,
                    crc_xor != NULL ? &crc : NULL);
    put(&file, body.data, body.size);
}

/* A page that is not compressed costs a piece, whatever its length; its checksum still counts. */
static void long_pages_are_read_in_pieces(void **state)
{
    (void)state;
    static const uint32_t right = 0, wrong = 1;
    nullable();
    put_long_page(&wrong);
    assert_int_equal(read_all(LONG_ROWS, 5000), ERROR_INPUT);
    put_long_page(&right);
    assert_int_equal(read_all(LONG_ROWS, 5000), ERROR_NONE);
    put_long_page(NULL);
    assert_int_equal(read_all(LONG_ROWS, 100000), ERROR_NONE);
    for (int i = 0; i < LONG_ROWS; i++)
        assert_int_equal(values[i], i);
    assert_true(account.peak < 3 * PARQUET_PIECE_BYTES);
}

static void values_passed_over_in_pieces_are_not_read(void **state)
{
    (void)state;
    uint64_t rows;
    nullable();
    put_long_page(&(uint32_t){0});
    assert_int_equal(open_at(LONG_ROWS, NULL), ERROR_NONE);
    assert_int_equal(parquet_page_reader_skip(reader, LONG_ROWS - 1000, &error), ERROR_NONE);
    assert_int_equal(read_rest(4096, &rows), ERROR_NONE);
    assert_int_equal(values[0], LONG_ROWS - 1000);
    assert_true(parquet_page_reader_bytes_read(reader) < 2 * PARQUET_PIECE_BYTES);
}

static void second_version_pages_are_read(void **state)
{
    (void)state;
    nullable();
    chunk.codec = CODEC_ZSTD;
    struct codec_state codec;
    uint8_t packed[1000];
    size_t size;
    int64_t plain[12];
    for (int i = 0; i < 12; i++)
        plain[i] = 1000 - i;
    codec_state_init(&codec, &account);
    assert_int_equal(codec_compress(&codec, CODEC_ZSTD, 0, (const uint8_t *)plain, sizeof plain,
                                    packed, sizeof packed, &size, &error),
                     ERROR_NONE);
    codec_state_release(&codec);
    put_page_v2(&file, 4 + sizeof plain, 4 + size, 16, 4, PARQUET_PLAIN, 4, true);
    put(&file, "\x03\xf0\x10\x01", 4);
    put(&file, packed, size);
    put_page_v2(&file, 2 + 8, 2 + 8, 1, 0, PARQUET_PLAIN, 2, false);
    put(&file, "\x02\x01", 2);
    put_count(5, 1);
    put_page_v2(&file, 2, 2, 3, 3, PARQUET_PLAIN, 2, true);
    put(&file, "\x06\x00", 2);
    assert_int_equal(read_all(20, 4096), ERROR_NONE);
    assert_int_equal(value_total, 13);
    assert_memory_equal(values, plain, sizeof plain);
    assert_int_equal(values[12], 5);
}

static void put_bytes_value(const char *text)
{
    put_u32(&file, (uint32_t)strlen(text));
    put(&file, text, strlen(text));
}

static void texts_are_read(void **state)
{
    (void)state;
    struct column_slice slice;
    struct column_bytes text[3];
    column.type.physical = COLUMN_BYTE_ARRAY;
    put_dictionary(&file, 13, 13, 2);
    put_bytes_value("apple");
    put_bytes_value("");
    put_page_v1(&file, 3, 3, 3, PARQUET_RLE_DICTIONARY);
    put(&file, "\x01\x03\x02", 3);
    put_page_v1(&file, 10, 10, 2, PARQUET_PLAIN);
    put_bytes_value("a");
    put_bytes_value("b");
    assert_int_equal(open_at(5, NULL), ERROR_NONE);
    assert_int_equal(parquet_page_reader_next(reader, 100, &slice, &error), ERROR_NONE);
    assert_int_equal(slice.row_count, 3);
    memcpy(text, slice.values, sizeof text);
    assert_int_equal(text[0].size, 5);
    assert_memory_equal(text[0].data, "apple", 5);
    assert_int_equal(text[1].size, 0);
    assert_int_equal(text[2].size, 5);
    assert_int_equal(parquet_page_reader_next(reader, 100, &slice, &error), ERROR_NONE);
    memcpy(text, slice.values, 2 * sizeof *text);
    assert_memory_equal(text[1].data, "b", 1);
}

/* Four lengths as a block of 128 in four miniblocks, the first of which has a byte a difference. */
static void put_lengths(struct bytes *bytes, const int64_t lengths[4])
{
    put_varint(bytes, 128);
    put_varint(bytes, 4);
    put_varint(bytes, 4);
    put_zigzag(bytes, lengths[0]);
    put_zigzag(bytes, -4);
    put(bytes, "\x08\0\0\0", 4);
    for (int i = 1; i < 33; i++)
        put_u8(bytes, i < 4 ? (unsigned)(lengths[i] - lengths[i - 1] + 4) : 0);
}

/* The example of Encodings.md. */
static void shared_beginnings_are_put_together(void **state)
{
    (void)state;
    static const char *const words[] = {"axis", "axle", "babble", "babyhood"};
    static struct bytes body;
    struct column_slice slice;
    column.type.physical = COLUMN_BYTE_ARRAY;
    put_lengths(&body, (const int64_t[4]){0, 2, 0, 3});
    put_lengths(&body, (const int64_t[4]){4, 2, 6, 5});
    put(&body, "axislebabbleyhood", 17);
    put_page_v1(&file, body.size, body.size, 4, PARQUET_DELTA_BYTE_ARRAY);
    put(&file, body.data, body.size);
    for (uint32_t step = 1; step < 5; step++) {
        assert_int_equal(open_at(4, NULL), ERROR_NONE);
        for (uint32_t row = 0; row < 4;) {
            assert_int_equal(parquet_page_reader_next(reader, step, &slice, &error), ERROR_NONE);
            for (uint32_t i = 0; i < slice.row_count; i++, row++) {
                struct column_bytes text;
                memcpy(&text, (const struct column_bytes *)slice.values + i, sizeof text);
                assert_int_equal(text.size, strlen(words[row]));
                assert_memory_equal(text.data, words[row], text.size);
            }
        }
    }
}

static void damage_is_told_with_its_place(void **state)
{
    (void)state;
    put_plain_page(0, 10);
    assert_int_equal(read_all(11, 100), ERROR_INPUT); /* too few rows */
    assert_string_equal(error.column, "x");
    assert_string_equal(error.file, "memory.parquet");
    assert_int_equal(read_all(9, 100), ERROR_INPUT); /* too many in a page */
    assert_int_equal(error.offset, 4);
    file.size -= 1;
    assert_int_equal(read_all(10, 100), ERROR_INPUT); /* the page reaches beyond its chunk */
    struct column_slice slice;
    assert_int_equal(parquet_page_reader_next(reader, 1, &slice, &error), ERROR_INTERNAL);
    file.size = 4;
    put_page_v1(&file, 79, 79, 10, PARQUET_PLAIN);
    put_count(0, 10);
    assert_int_equal(read_all(10, 100), ERROR_INPUT); /* values end early */
    file.size = 4;
    put_page_v1(&file, 80, 80, 10, PARQUET_DELTA_BYTE_ARRAY);
    put_count(0, 10);
    assert_int_equal(read_all(10, 100), ERROR_INPUT); /* an encoding for texts */
    file.size = 4;
    put_page_v1(&file, 80, 80, 10, 42);
    put_count(0, 10);
    assert_int_equal(read_all(10, 100), ERROR_UNSUPPORTED);
    file.size = 4;
    put_page_v1(&file, 2, 2, 10, PARQUET_RLE_DICTIONARY);
    put(&file, "\x02\x14\x00", 3);
    assert_int_equal(read_all(10, 100), ERROR_INPUT); /* no dictionary */
    file.size = 4;
    put_dictionary(&file, 16, 16, 2);
    put_count(0, 2);
    put_page_v1(&file, 3, 3, 10, PARQUET_RLE_DICTIONARY);
    put(&file, "\x02\x14\x02", 3);
    assert_int_equal(read_all(10, 100), ERROR_INPUT); /* index 2 of 2 */
}

static void what_cannot_be_read_is_refused(void **state)
{
    (void)state;
    put_plain_page(0, 10);
    column.unsupported = "a reason";
    assert_int_equal(open_at(10, NULL), ERROR_UNSUPPORTED);
    column.unsupported = NULL;
    chunk.encrypted = true;
    assert_int_equal(open_at(10, NULL), ERROR_UNSUPPORTED);
    chunk.encrypted = false;
    chunk.codec = CODEC_LZO;
    assert_int_equal(read_all(10, 100), ERROR_UNSUPPORTED);
}

/* Sizes that only a header vouches for take no memory; true ones beyond the limit are told. */
static void sizes_are_limited(void **state)
{
    (void)state;
    chunk.codec = CODEC_SNAPPY;
    put_page_v1(&file, INT32_MAX, 20, 10, PARQUET_PLAIN);
    put_count(0, 3);
    assert_int_equal(read_all(10, 100), ERROR_INPUT);
    assert_true(account.peak < 1 << 20);

    parquet_page_reader_destroy(reader);
    assert_int_equal(parquet_page_reader_create(&account, 50000, &reader, &error), ERROR_NONE);
    chunk.codec = CODEC_UNCOMPRESSED;
    file.size = 4;
    put_plain_page(0, 10000);
    assert_int_equal(read_all(10000, 100), ERROR_MEMORY);
    assert_non_null(strstr(error.hint, "--memory"));
}

/* A fresh reader and no peak, for pages of one kind. */
static void start_over(void)
{
    parquet_page_reader_destroy(reader);
    atomic_store(&account.peak, 0);
    file.size = 4;
    assert_int_equal(parquet_page_reader_create(&account, (size_t)64 << 20, &reader, &error),
                     ERROR_NONE);
}

static void assert_bounded(uint64_t rows, uint64_t page, uint64_t levels, uint64_t dictionary)
{
    assert_int_equal(read_all(rows, 4096), ERROR_NONE);
    assert_true(account.peak <=
                parquet_page_reader_size(&column, chunk.codec, page, levels, dictionary));
}

/* What is said beforehand is at least what is charged, for each kind of page. */
static void the_size_bounds_the_charge(void **state)
{
    (void)state;
    put_plain_page(0, 10000);
    assert_bounded(10000, 80000, 80000, 0);

    start_over();
    put_dictionary(&file, 4000 * 8, 4000 * 8, 4000);
    put_count(0, 4000);
    put_page_v1(&file, 6, 6, 10000, PARQUET_RLE_DICTIONARY);
    put(&file, "\x0c\xa0\x9c\x01\x9f\x0f", 6); /* ten thousand times 3999 */
    assert_bounded(10000, 6, 6, 32000);
    assert_int_equal(values[9999], 3999);

    start_over();
    chunk.encodings = 1u << PARQUET_PLAIN;
    put_plain_page(0, 100000);
    assert_true(parquet_chunk_in_pieces(&column, &chunk));
    assert_bounded(100000, PARQUET_PIECE_BYTES, 0, 0);
}

static void refused_memory_is_an_error(void **state)
{
    (void)state;
    enum error_code code = ERROR_MEMORY;
    put_dictionary_chunk();
    for (uint64_t n = 1; code != ERROR_NONE; n++) {
        teardown(NULL);
        mem_fail_allocation(n);
        code = parquet_page_reader_create(&account, (size_t)64 << 20, &reader, &error);
        if (code != ERROR_NONE)
            reader = NULL;
        else
            code = read_all(15, 100);
        mem_fail_allocation(0);
        assert_true(code == ERROR_NONE || code == ERROR_MEMORY);
        assert_true(n < 100);
    }
}

static enum error_code count_page(void *context, const struct parquet_page *page,
                                  struct error *failure)
{
    uint32_t *kinds = context;
    kinds[page->kind]++;
    if (page->value_count == 77)
        return error_set(failure, ERROR_CANCELLED, "enough");
    return ERROR_NONE;
}

static void pages_are_visited(void **state)
{
    (void)state;
    uint32_t kinds[3] = {0};
    put_dictionary_chunk();
    assert_int_equal(open_at(15, NULL), ERROR_NONE);
    assert_int_equal(
        parquet_visit_pages(&memory.object, &column, &chunk, count_page, kinds, &error),
        ERROR_NONE);
    assert_int_equal(kinds[PARQUET_PAGE_DATA], 3);
    assert_int_equal(kinds[PARQUET_PAGE_DICTIONARY], 1);
    file.size = 4;
    put_plain_page(0, 77);
    assert_int_equal(open_at(77, NULL), ERROR_NONE);
    assert_int_equal(
        parquet_visit_pages(&memory.object, &column, &chunk, count_page, kinds, &error),
        ERROR_CANCELLED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(plain_values_are_given_in_place),
        TEST(a_page_takes_a_read),
        TEST(nulls_are_told),
        TEST(dictionaries_are_looked_up),
        TEST(rows_are_passed_over),
        TEST(whole_pages_are_passed_unread),
        TEST(long_pages_are_read_in_pieces),
        TEST(values_passed_over_in_pieces_are_not_read),
        TEST(second_version_pages_are_read),
        TEST(texts_are_read),
        TEST(shared_beginnings_are_put_together),
        TEST(damage_is_told_with_its_place),
        TEST(what_cannot_be_read_is_refused),
        TEST(sizes_are_limited),
        TEST(the_size_bounds_the_charge),
        TEST(refused_memory_is_an_error),
        TEST(pages_are_visited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
