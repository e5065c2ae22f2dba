/* Synthetic files hold the keys they should, in the layout they should, and are the same every
 * time. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "parquet/column_reader.h"
#include "store/folder.h"
#include "synth/synth.h"

static struct mem_account account;
static struct error error;

#define OK(call) assert_int_equal((call), ERROR_NONE)

static int set_up(void **state)
{
    mem_account_init(&account, "synth", NULL, MEM_NO_LIMIT);
    return folder_make(state);
}

static int tear_down(void **state)
{
    return atomic_load(&account.used) == 0 ? folder_remove(state) : -1;
}

struct seen {
    uint64_t calls, files, bytes;
};

static void note(void *context, uint64_t files_done, uint64_t bytes)
{
    struct seen *seen = context;
    seen->calls++;
    assert_int_equal(files_done, seen->files + 1);
    assert_true(bytes > seen->bytes);
    seen->files = files_done;
    seen->bytes = bytes;
}

static struct synth_options options_of(enum synth_layout layout)
{
    return (struct synth_options){.folder = folder_path,
                                  .files = 2,
                                  .paths = 61,
                                  .dates = 30,
                                  .seed = 1,
                                  .layout = layout,
                                  .overwrite = true};
}

struct sums {
    double total, squares;
};

static void check_row(uint32_t column, uint64_t row, const void *value, struct sums *sums)
{
    int64_t whole;
    double number;
    memcpy(&whole, value, sizeof whole);
    memcpy(&number, value, sizeof number);
    if (column == 0)
        assert_int_equal(whole, row / 30);
    if (column == 1) /* 2025-01-01 in microseconds, and days from there */
        assert_int_equal(whole, 1735689600000000 + (int64_t)(row % 30) * 86400000000);
    if (column == 2) {
        sums->total += number;
        sums->squares += number * number;
    }
}

static void check_column(const struct store_object *object, const struct parquet_metadata *metadata,
                         uint32_t column, struct sums *sums)
{
    struct parquet_column_reader reader;
    struct column_slice slice;
    uint64_t row = 0;
    OK(parquet_column_reader_open(&reader, object, metadata, column, &account, MEM_NO_LIMIT,
                                  &error));
    for (;;) {
        OK(parquet_column_reader_next(&reader, 1000, &slice, &error));
        if (slice.row_count == 0)
            break;
        assert_int_equal(slice.value_count, slice.row_count);
        for (uint32_t i = 0; i < slice.row_count; i++)
            check_row(column, row++, (const uint8_t *)slice.values + 8 * i, sums);
    }
    assert_int_equal(row, 61 * 30);
    parquet_column_reader_close(&reader);
}

static void check_file(const char *name)
{
    struct store_object object;
    struct parquet_metadata metadata;
    struct sums sums = {0, 0};
    OK(store_open(&object, folder_file(name), &error));
    OK(parquet_metadata_read(&object, &account, &metadata, &error));
    for (uint32_t column = 0; column < 3; column++) {
        assert_true(metadata.columns[column].nullable);
        check_column(&object, &metadata, column, &sums);
    }
    assert_true(fabs(sums.total / 1830) < 0.1);
    assert_true(fabs(sums.squares / 1830 - 1) < 0.1);
    parquet_metadata_release(&metadata);
    store_close(&object);
}

static void every_layout_holds_the_rows(void **state)
{
    (void)state;
    static const char *const names[] = {"pyarrow", "plain", "zstd", "polars", "spark"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        enum synth_layout layout;
        struct seen seen = {0};
        assert_true(synth_layout_from_name(names[i], &layout));
        struct synth_options options = options_of(layout);
        OK(synth_write(&options, &account, note, &seen, &error));
        assert_int_equal(seen.calls, 2);
        check_file("sim-00000.parquet");
        check_file("sim-00001.parquet");
    }
    enum synth_layout layout;
    assert_false(synth_layout_from_name("paper", &layout));
}

static size_t read_whole(const char *name, uint8_t *bytes, size_t size)
{
    struct store_object object;
    OK(store_open(&object, folder_file(name), &error));
    assert_true(object.identity.size <= size);
    OK(store_read(&object, 0, bytes, (size_t)object.identity.size, &error));
    store_close(&object);
    return (size_t)object.identity.size;
}

static void the_same_options_give_the_same_bytes(void **state)
{
    (void)state;
    static uint8_t first[1 << 17], second[1 << 17];
    struct synth_options options = options_of(SYNTH_PYARROW);
    OK(synth_write(&options, &account, NULL, NULL, &error));
    size_t size = read_whole("sim-00001.parquet", first, sizeof first);
    OK(synth_write(&options, &account, NULL, NULL, &error));
    assert_int_equal(read_whole("sim-00001.parquet", second, sizeof second), size);
    assert_memory_equal(first, second, size);
    read_whole("sim-00000.parquet", second, sizeof second);
    assert_memory_not_equal(first, second, size);
    options.seed = 2;
    OK(synth_write(&options, &account, NULL, NULL, &error));
    read_whole("sim-00001.parquet", second, sizeof second);
    assert_memory_not_equal(first, second, size);
}

static void bad_requests_are_refused(void **state)
{
    (void)state;
    struct synth_options options = options_of(SYNTH_PYARROW);
    options.paths = 0;
    assert_int_equal(synth_write(&options, &account, NULL, NULL, &error), ERROR_USAGE);
    options.paths = UINT64_MAX;
    assert_int_equal(synth_write(&options, &account, NULL, NULL, &error), ERROR_USAGE);
    options = options_of(SYNTH_PYARROW);
    OK(synth_write(&options, &account, NULL, NULL, &error));
    options.overwrite = false;
    assert_int_equal(synth_write(&options, &account, NULL, NULL, &error), ERROR_EXISTS);
    options.folder = "/proc/none/such";
    assert_int_equal(synth_write(&options, &account, NULL, NULL, &error), ERROR_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_layout_holds_the_rows),
        cmocka_unit_test(the_same_options_give_the_same_bytes),
        cmocka_unit_test(bad_requests_are_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
