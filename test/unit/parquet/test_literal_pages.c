/* Values read where they stand in a Snappy page are those read from the same page decompressed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "parquet/column_reader.h"
#include "parquet/writer.h"
#include "store/folder.h"

#define ROWS     50000
#define OK(call) assert_int_equal((call), ERROR_NONE)

static struct mem_account account;
static struct error error;
static double values[ROWS];
static uint8_t present[ROWS];

static int set_up(void **state)
{
    mem_account_init(&account, "literals", NULL, MEM_NO_LIMIT);
    return folder_make(state);
}

static int tear_down(void **state)
{
    return atomic_load(&account.used) == 0 ? folder_remove(state) : -1;
}

/* Random bits: no copies in Snappy's block. Every step-th row is NULL, so that levels have any
 * length and values lie across the ends of runs. */
static struct column_slice make_rows(uint32_t step)
{
    uint64_t state = step;
    uint32_t count = 0;
    for (uint32_t row = 0; row < ROWS; row++) {
        present[row] = step == 0 || row % step != step - 1;
        state = state * 6364136223846793005u + 1442695040888963407u;
        uint64_t bits = (state ^ state >> 29) & 0xbfffffffffffffffu;
        if (present[row] != 0)
            memcpy(&values[count++], &bits, sizeof bits);
    }
    return (struct column_slice){ROWS, count, step == 0 ? NULL : present, values};
}

static void write_rows(const char *path, const struct column_field *field, enum codec codec,
                       const struct column_slice *rows)
{
    struct output output;
    struct parquet_writer *writer;
    struct parquet_writer_options options = parquet_writer_defaults();
    options.codec = codec;
    options.page_rows = 23456;
    OK(output_open(&output, path, true, &account, &error));
    OK(parquet_writer_create(&account, &output, field, 1, &options, &writer, &error));
    OK(parquet_writer_begin_row_group(writer, &error));
    OK(parquet_writer_append(writer, 0, rows, &error));
    OK(parquet_writer_end_row_group(writer, &error));
    OK(parquet_writer_finish(writer, NULL, 0, &error));
    parquet_writer_destroy(writer);
    OK(output_commit(&output, &error));
}

static void read_rows(const char *path, uint32_t most, const struct column_slice *expected)
{
    struct store_object object;
    struct parquet_metadata metadata;
    struct parquet_column_reader reader;
    struct column_slice slice;
    uint64_t row = 0, value = 0;
    OK(store_open(&object, path, &error));
    OK(parquet_metadata_read(&object, &account, &metadata, &error));
    OK(parquet_column_reader_open(&reader, &object, &metadata, 0, &account, SIZE_MAX / 2, &error));
    do {
        OK(parquet_column_reader_next(&reader, most, &slice, &error));
        for (uint32_t i = 0; i < slice.row_count; i++)
            assert_int_equal(slice.present == NULL || slice.present[i] != 0,
                             expected->present == NULL || expected->present[row + i] != 0);
        assert_memory_equal(slice.values, (const double *)expected->values + value,
                            slice.value_count * sizeof(double));
        row += slice.row_count;
        value += slice.value_count;
    } while (slice.row_count > 0);
    assert_int_equal(row, ROWS);
    parquet_column_reader_close(&reader);
    parquet_metadata_release(&metadata);
    store_close(&object);
}

static void values_are_the_same(void **state)
{
    (void)state;
    for (uint32_t step = 0; step <= 9; step++) {
        struct column_field field = {"v", {.physical = COLUMN_DOUBLE}, step > 0, {0}};
        if (step == 1)
            continue; /* nothing but NULLs */
        struct column_slice rows = make_rows(step);
        write_rows(folder_file("literal"), &field, CODEC_SNAPPY, &rows);
        write_rows(folder_file("plain"), &field, CODEC_UNCOMPRESSED, &rows);
        read_rows(folder_file("plain"), 4096, &rows);
        read_rows(folder_file("literal"), 4096, &rows);
        read_rows(folder_file("literal"), 1u << 20, &rows);
        read_rows(folder_file("literal"), 7, &rows);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(values_are_the_same, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
