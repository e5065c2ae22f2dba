/* Texts of any length are written whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "parquet/column_reader.h"
#include "parquet/writer.h"
#include "store/folder.h"

#define OK(call) assert_int_equal((call), ERROR_NONE)
#define LONGEST  ((uint32_t)9 << 20)
#define ROWS     4

static struct mem_account account;
static struct error error;
static uint8_t *text;

static int set_up(void **state)
{
    mem_account_init(&account, "texts", NULL, MEM_NO_LIMIT);
    text = calloc(LONGEST, 1);
    return folder_make(state);
}

static int tear_down(void **state)
{
    free(text);
    return atomic_load(&account.used) == 0 ? folder_remove(state) : -1;
}

static void write_rows(const struct column_slice *rows, bool dictionary)
{
    const struct column_field field = {
        "name", {.physical = COLUMN_BYTE_ARRAY, .logical = COLUMN_STRING}, false, {0}};
    struct parquet_writer_options options = parquet_writer_defaults();
    struct parquet_column_options column = {dictionary, PARQUET_PLAIN};
    struct output output;
    struct parquet_writer *writer;
    options.columns = &column;
    OK(output_open(&output, folder_file("long"), true, &account, &error));
    OK(parquet_writer_create(&account, &output, &field, 1, &options, &writer, &error));
    OK(parquet_writer_begin_row_group(writer, &error));
    OK(parquet_writer_append(writer, 0, rows, &error));
    OK(parquet_writer_end_row_group(writer, &error));
    OK(parquet_writer_finish(writer, NULL, 0, &error));
    parquet_writer_destroy(writer);
    OK(output_commit(&output, &error));
}

static void check_rows(const struct column_bytes *expected)
{
    struct store_object object;
    struct parquet_metadata metadata;
    struct parquet_column_reader reader;
    struct column_slice slice;
    uint32_t row = 0;
    OK(store_open(&object, folder_file("long"), &error));
    OK(parquet_metadata_read(&object, &account, &metadata, &error));
    OK(parquet_column_reader_open(&reader, &object, &metadata, 0, &account, SIZE_MAX / 2, &error));
    do {
        OK(parquet_column_reader_next(&reader, 1, &slice, &error));
        struct column_bytes found;
        if (slice.row_count == 1) {
            memcpy(&found, slice.values, sizeof found);
            assert_int_equal(found.size, expected[row].size);
            assert_memory_equal(found.data, text, found.size);
        }
        row += slice.row_count;
    } while (slice.row_count > 0);
    assert_int_equal(row, ROWS);
    parquet_column_reader_close(&reader);
    parquet_metadata_release(&metadata);
    store_close(&object);
}

/* One that is longer than a page gets a page of its own, with or without a dictionary before. */
static void long_texts_have_pages_of_their_own(void **state)
{
    (void)state;
    struct column_bytes values[ROWS] = {{text, 3}, {text, LONGEST}, {text, 0}, {text, 1 << 20}};
    struct column_slice rows = {ROWS, ROWS, NULL, values};
    for (int dictionary = 0; dictionary < 2; dictionary++) {
        write_rows(&rows, dictionary == 1);
        check_rows(values);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(long_texts_have_pages_of_their_own, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
