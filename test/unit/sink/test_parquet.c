#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "parquet/column_reader.h"
#include "sink/sink.h"

#define ROWS       5
#define BATCHES    3
#define GROUP_ROWS 4

static struct mem_account account;
static struct error error;
static char folder[64];
static char path[128];

static int setup(void **state)
{
    (void)state;
    mem_account_init(&account, "test", NULL, MEM_NO_LIMIT);
    error_init(&error);
    snprintf(folder, sizeof folder, "/tmp/weir_test_sink_XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/out.parquet", folder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    unlink(path);
    rmdir(folder);
    return atomic_load(&account.used) == 0 ? 0 : -1;
}

/* Values count up over all batches; the second and fourth row of each batch have none. */
static const uint8_t present[ROWS] = {1, 0, 1, 0, 1};
static const struct column_field field = {
    .name = "v", .type = {.physical = COLUMN_INT64}, .nullable = true};

static void write_file(void)
{
    struct output output;
    struct sink *sink;
    const struct sink_options options = {.format = SINK_PARQUET, .row_group_rows = GROUP_ROWS};
    const struct parquet_key_value entry = {"who", "weir", 4};
    assert_int_equal(output_open(&output, path, false, &account, &error), ERROR_NONE);
    assert_int_equal(sink_open(&account, &output, &field, 1, &options, &sink, &error), ERROR_NONE);
    for (int64_t batch = 0; batch < BATCHES; batch++) {
        const int64_t values[] = {batch * 3, batch * 3 + 1, batch * 3 + 2};
        const struct column_slice slice = {ROWS, 3, present, values};
        const struct column_batch rows = {ROWS, 1, &field, &slice};
        assert_int_equal(sink_write(sink, &rows, &error), ERROR_NONE);
    }
    assert_int_equal(sink_finish(sink, &entry, 1, &error), ERROR_NONE);
    sink_destroy(sink);
    assert_int_equal(output_commit(&output, &error), ERROR_NONE);
}

/* Reads all rows and holds them against what was written. */
static void check_rows(const struct store_object *object, const struct parquet_metadata *metadata)
{
    struct parquet_column_reader reader;
    uint32_t row = 0;
    int64_t expected = 0;
    assert_int_equal(
        parquet_column_reader_open(&reader, object, metadata, 0, &account, 1 << 24, &error),
        ERROR_NONE);
    for (;;) {
        struct column_slice slice;
        assert_int_equal(parquet_column_reader_next(&reader, ROWS, &slice, &error), ERROR_NONE);
        if (slice.row_count == 0)
            break;
        for (uint32_t i = 0, value = 0; i < slice.row_count; i++, row++) {
            bool has_value = slice.present == NULL || slice.present[i] != 0;
            assert_int_equal(has_value, present[row % ROWS]);
            int64_t found;
            if (!has_value)
                continue;
            memcpy(&found, (const uint8_t *)slice.values + 8 * (size_t)value++, sizeof found);
            assert_int_equal(found, expected++);
        }
    }
    assert_int_equal(row, ROWS * BATCHES);
    parquet_column_reader_close(&reader);
}

static void batches_are_cut_at_row_groups(void **state)
{
    (void)state;
    struct store_object object;
    struct parquet_metadata metadata;
    write_file();
    assert_int_equal(store_open(&object, path, &error), ERROR_NONE);
    assert_int_equal(parquet_metadata_read(&object, &account, &metadata, &error), ERROR_NONE);
    assert_int_equal(metadata.row_group_count, 4);
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(metadata.row_groups[i].row_count, GROUP_ROWS);
    assert_int_equal(metadata.row_groups[3].row_count, 3);
    assert_non_null(parquet_key_value(&metadata, "who"));
    check_rows(&object, &metadata);
    parquet_metadata_release(&metadata);
    store_close(&object);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(batches_are_cut_at_row_groups, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
