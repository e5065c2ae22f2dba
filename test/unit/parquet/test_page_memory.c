/* The limit that the buffers of a reader keep together, and what is said beforehand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bytes.h"
#include "parquet/page_memory.h"
#include "parquet/page_reader.h"

static struct mem_account root, account;
static struct error error;
static struct page_reader_memory memory;

static void open_memory(size_t ceiling, size_t limit)
{
    mem_account_init(&root, "run", NULL, ceiling);
    mem_account_init(&account, "pages", &root, MEM_NO_LIMIT);
    error_init(&error);
    page_memory_init(&memory, &account, limit);
}

static void close_memory(void)
{
    page_memory_release(&memory);
    assert_int_equal(root.used, 0);
}

static enum error_code renew(enum page_buffer buffer, size_t size)
{
    return page_memory_renew(&memory, &memory.buffers[buffer], size, &error);
}

static void idle_buffers_give_way(void **state)
{
    (void)state;
    open_memory(MEM_NO_LIMIT, 1000);
    assert_int_equal(renew(PAGE_BUFFER_BODY, 600), ERROR_NONE);
    assert_int_equal(renew(PAGE_BUFFER_INPUT, 600), ERROR_MEMORY);
    memory.idle = 1u << PAGE_BUFFER_BODY | 1u << PAGE_BUFFER_INPUT;
    assert_int_equal(renew(PAGE_BUFFER_INPUT, 600), ERROR_NONE);
    assert_int_equal(memory.buffers[PAGE_BUFFER_BODY].capacity, 0);
    assert_int_equal(renew(PAGE_BUFFER_INPUT, 1000), ERROR_NONE); /* but not the one that grows */
    assert_int_equal(renew(PAGE_BUFFER_INPUT, 1001), ERROR_MEMORY);
    assert_int_equal(renew(PAGE_BUFFER_VALUES, SIZE_MAX / 4), ERROR_MEMORY);
    close_memory();
}

/* A limit that was lowered, as it were: what is held already is more. */
static void more_than_the_limit_is_refused(void **state)
{
    (void)state;
    open_memory(MEM_NO_LIMIT, 1000);
    assert_int_equal(renew(PAGE_BUFFER_BODY, 900), ERROR_NONE);
    memory.limit = 500;
    assert_int_equal(renew(PAGE_BUFFER_INPUT, 100), ERROR_MEMORY);
    close_memory();
}

/* The hint names the ceiling that would do: the account's where it has one, else the reader's. */
static void the_hint_names_a_ceiling(void **state)
{
    (void)state;
    const size_t mebibyte = (size_t)1 << 20;
    open_memory(MEM_NO_LIMIT, mebibyte);
    assert_int_equal(renew(PAGE_BUFFER_BODY, 3 * mebibyte), ERROR_MEMORY);
    assert_string_equal(error.hint, "--memory 3MiB");
    close_memory();
    open_memory(8 * mebibyte, mebibyte);
    assert_int_equal(renew(PAGE_BUFFER_BODY, 3 * mebibyte), ERROR_MEMORY);
    assert_string_equal(error.hint, "--memory 10MiB");
    close_memory();
    open_memory(2 * mebibyte, 100 * mebibyte);
    assert_int_equal(renew(PAGE_BUFFER_BODY, 3 * mebibyte), ERROR_MEMORY);
    assert_string_equal(error.hint, "--memory 6MiB");
    close_memory();
}

static size_t size_for(enum column_physical physical, uint32_t length, uint64_t dictionary)
{
    struct parquet_column column = {.type = {.physical = physical, .type_length = length}};
    return parquet_page_reader_size(&column, CODEC_ZSTD, 1000, 200000, dictionary);
}

/* Texts take room for where they are, and for being put together. */
static void texts_take_more_than_numbers(void **state)
{
    (void)state;
    size_t numbers = size_for(COLUMN_INT64, 0, 0);
    assert_true(size_for(COLUMN_FIXED, 8, 0) > numbers + 200000);
    assert_true(size_for(COLUMN_BYTE_ARRAY, 0, 0) > numbers + 200000);
    size_t with_entries = size_for(COLUMN_BYTE_ARRAY, 0, 50000);
    assert_true(with_entries - size_for(COLUMN_BYTE_ARRAY, 0, 0) >
                size_for(COLUMN_INT64, 0, 50000) - numbers);
}

static void pieces_need_plain_values_of_one_width(void **state)
{
    (void)state;
    static const struct {
        enum codec codec;
        uint32_t encodings;
        enum column_physical physical;
        bool pieces;
    } cases[] = {
        {CODEC_UNCOMPRESSED, 1u << PARQUET_PLAIN | 1u << PARQUET_RLE, COLUMN_INT64, true},
        {CODEC_UNCOMPRESSED, 1u << PARQUET_PLAIN | 1u << PARQUET_BIT_PACKED, COLUMN_INT96, true},
        {CODEC_UNCOMPRESSED, 1u << PARQUET_PLAIN, COLUMN_FIXED, true},
        {CODEC_UNCOMPRESSED, 1u << PARQUET_PLAIN, COLUMN_BOOLEAN, false},
        {CODEC_UNCOMPRESSED, 1u << PARQUET_PLAIN, COLUMN_BYTE_ARRAY, false},
        {CODEC_UNCOMPRESSED, 1u << PARQUET_RLE_DICTIONARY, COLUMN_INT64, false},
        {CODEC_SNAPPY, 1u << PARQUET_PLAIN, COLUMN_INT64, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct parquet_column column = {.type = {.physical = cases[i].physical, .type_length = 4}};
        struct parquet_chunk chunk = {.codec = cases[i].codec, .encodings = cases[i].encodings};
        assert_int_equal(parquet_chunk_in_pieces(&column, &chunk), cases[i].pieces);
    }
}

/* A reader told to give no rows gives one, so that it always ends. */
static void every_slice_has_a_row(void **state)
{
    (void)state;
    static struct bytes file;
    struct parquet_page_reader *reader;
    struct column_slice slice;
    struct parquet_column column = {.name = "x", .path = "x", .type.physical = COLUMN_INT32};
    put(&file, "PAR1", 4);
    put_page_v1(&file, 8, 8, 2, PARQUET_PLAIN);
    put(&file, "abcdefgh", 8);
    struct memory_object object = memory_object_over(&file);
    struct parquet_chunk chunk = {.offset = 4, .length = file.size - 4, .value_count = 2};
    mem_account_init(&account, "pages", NULL, MEM_NO_LIMIT);
    assert_int_equal(parquet_page_reader_create(&account, 1 << 20, &reader, &error), ERROR_NONE);
    assert_int_equal(
        parquet_page_reader_open(reader, &object.object, &column, &chunk, NULL, &error),
        ERROR_NONE);
    for (int row = 0; row < 3; row++) {
        assert_int_equal(parquet_page_reader_next(reader, 0, &slice, &error), ERROR_NONE);
        assert_int_equal(slice.row_count, row < 2);
    }
    parquet_page_reader_destroy(reader);
    assert_int_equal(account.used, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(idle_buffers_give_way),
        cmocka_unit_test(more_than_the_limit_is_refused),
        cmocka_unit_test(the_hint_names_a_ceiling),
        cmocka_unit_test(texts_take_more_than_numbers),
        cmocka_unit_test(pieces_need_plain_values_of_one_width),
        cmocka_unit_test(every_slice_has_a_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
