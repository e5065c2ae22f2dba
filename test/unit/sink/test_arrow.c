#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <fcntl.h>

#include "arrow/stream.h"
#include "sink/gathered.h"
#include "sink/sink.h"

#define ROWS      1000
#define TEXT_MOST 40

static struct mem_account account;
static struct error error;
static char folder[64];
static char path[128];

static const struct column_field fields[] = {
    {.name = "number", .type = {.physical = COLUMN_INT64}},
    {.name = "flag", .type = {.physical = COLUMN_BOOLEAN}, .nullable = true},
    {.name = "text",
     .type = {.physical = COLUMN_BYTE_ARRAY, .logical = COLUMN_STRING},
     .nullable = true},
};
#define COLUMNS 3

static int setup(void **state)
{
    (void)state;
    mem_account_init(&account, "test", NULL, MEM_NO_LIMIT);
    error_init(&error);
    snprintf(folder, sizeof folder, "/tmp/weir_test_sink_XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/out.arrow", folder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    unlink(path);
    rmdir(folder);
    return atomic_load(&account.used) == 0 ? 0 : -1;
}

/* What stands in a row depends on its number alone. */
static bool has_value(uint64_t row)
{
    return row % 7 != 3;
}

static uint32_t text_of(uint64_t row, char text[static TEXT_MOST])
{
    return (uint32_t)snprintf(text, TEXT_MOST, "%.*s%llu", (int)(row % 20), "....................",
                              (unsigned long long)row);
}

struct made {
    int64_t numbers[ROWS];
    uint8_t flags[ROWS], present[ROWS];
    struct column_bytes texts[ROWS];
    char letters[ROWS][TEXT_MOST];
    struct column_slice slices[COLUMNS];
};

static struct column_batch make(struct made *made, uint64_t first, uint32_t rows)
{
    uint32_t values = 0;
    for (uint32_t i = 0; i < rows; i++) {
        made->numbers[i] = (int64_t)(first + i);
        made->present[i] = has_value(first + i);
        if (!has_value(first + i))
            continue;
        made->flags[values] = (first + i) % 2;
        made->texts[values].size = text_of(first + i, made->letters[values]);
        made->texts[values].data = (const uint8_t *)made->letters[values];
        values++;
    }
    made->slices[0] = (struct column_slice){rows, rows, NULL, made->numbers};
    made->slices[1] = (struct column_slice){rows, values, made->present, made->flags};
    made->slices[2] = (struct column_slice){rows, values, made->present, made->texts};
    return (struct column_batch){rows, COLUMNS, fields, made->slices};
}

/* Writes batches of these sizes, the last one 0, as a stream; all in the memory that was told. */
static void write_stream(const uint32_t *sizes)
{
    static struct made made;
    struct output output;
    struct sink *sink;
    struct mem_account own;
    uint64_t first = 0;
    const struct sink_options options = {.format = SINK_ARROW, .arrow_stream = true};
    mem_account_init(&own, "sink", &account, sink_size(fields, COLUMNS, &options));
    assert_int_equal(output_open(&output, path, false, &account, &error), ERROR_NONE);
    assert_int_equal(sink_open(&own, &output, fields, COLUMNS, &options, &sink, &error),
                     ERROR_NONE);
    for (; *sizes != 0; first += *sizes++) {
        const struct column_batch batch = make(&made, first, *sizes);
        assert_int_equal(sink_write(sink, &batch, &error), ERROR_NONE);
    }
    assert_int_equal(sink_finish(sink, NULL, 0, &error), ERROR_NONE);
    sink_destroy(sink);
    assert_int_equal(output_commit(&output, &error), ERROR_NONE);
}

static void check_rows(struct arrow_batch *batch, uint64_t before, uint64_t first, uint32_t count)
{
    struct column_slice slices[COLUMNS];
    uint32_t value = 0;
    char text[TEXT_MOST];
    for (uint32_t i = 0; i < COLUMNS; i++)
        assert_int_equal(arrow_batch_slice(batch, i, first, count, &slices[i], &error), ERROR_NONE);
    for (uint32_t i = 0; i < count; i++) {
        uint64_t row = before + first + i;
        assert_int_equal(((const int64_t *)slices[0].values)[i], row);
        assert_int_equal(slices[2].present == NULL || slices[2].present[i] != 0, has_value(row));
        if (!has_value(row))
            continue;
        const struct column_bytes *found = (const struct column_bytes *)slices[2].values + value;
        assert_int_equal(((const uint8_t *)slices[1].values)[value++], row % 2);
        assert_int_equal(found->size, text_of(row, text));
        assert_memory_equal(found->data, text, found->size);
    }
}

/* Reads the stream: every row is there, in batches of these sizes, the last one 0. */
static void expect_stream(const uint32_t *sizes)
{
    struct arrow_stream *stream;
    struct arrow_batch *batch;
    enum arrow_step step;
    uint64_t bytes, before = 0;
    bool more;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    assert_int_equal(arrow_stream_open(&account, descriptor, MEM_NO_LIMIT, &stream, &error),
                     ERROR_NONE);
    assert_int_equal(arrow_batch_open(stream, &batch, &error), ERROR_NONE);
    assert_int_equal(arrow_stream_next_schema(stream, &more, &error), ERROR_NONE);
    for (; *sizes != 0; before += *sizes++) {
        assert_int_equal(arrow_stream_next(stream, &step, &bytes, &error), ERROR_NONE);
        assert_int_equal(step, ARROW_STEP_BATCH);
        assert_int_equal(arrow_stream_take(stream, batch, &error), ERROR_NONE);
        assert_int_equal(arrow_batch_rows(batch), *sizes);
        for (uint64_t row = 0; row < *sizes; row += ROWS)
            check_rows(batch, before, row, *sizes - row < ROWS ? (uint32_t)(*sizes - row) : ROWS);
    }
    assert_int_equal(arrow_stream_next(stream, &step, &bytes, &error), ERROR_NONE);
    assert_int_equal(step, ARROW_STEP_END);
    arrow_batch_close(batch);
    arrow_stream_close(stream);
    close(descriptor);
}

static void small_batches_become_one(void **state)
{
    (void)state;
    write_stream((const uint32_t[]){1, 7, ROWS, 13, 500, 0});
    expect_stream((const uint32_t[]){1 + 7 + ROWS + 13 + 500, 0});
}

static void batches_end_where_they_are_full(void **state)
{
    (void)state;
    uint32_t sizes[151];
    for (int i = 0; i < 150; i++)
        sizes[i] = ROWS;
    sizes[150] = 0;
    write_stream(sizes);
    expect_stream((const uint32_t[]){65000, 65000, 20000, 0});
}

static void nothing_is_no_batch(void **state)
{
    (void)state;
    write_stream((const uint32_t[]){0});
    expect_stream((const uint32_t[]){0});
}

/* ---- what is gathered ---- */

static void large_batches_are_not_copied(void **state)
{
    (void)state;
    struct gathered gathered;
    const struct column_field field = {.name = "n", .type = {.physical = COLUMN_INT32}};
    struct column_slice slice = {40000, 40000, NULL, ""};
    struct column_batch batch = {40000, 1, &field, &slice};
    assert_int_equal(gathered_open(&gathered, &account, &field, 1, &error), ERROR_NONE);
    assert_false(gathered_wants(&gathered, &batch));
    batch.row_count = slice.row_count = slice.value_count = 4096;
    assert_true(gathered_wants(&gathered, &batch));
    gathered_close(&gathered);
}

static void text_is_bounded(void **state)
{
    (void)state;
    static uint8_t letters[GATHERED_BYTES / 2];
    struct gathered gathered;
    struct column_bytes texts[2] = {{letters, sizeof letters}, {letters, 1}};
    struct column_slice slice = {1, 1, NULL, texts};
    struct column_batch batch = {1, 1, &fields[2], &slice};
    assert_int_equal(gathered_open(&gathered, &account, &fields[2], 1, &error), ERROR_NONE);
    for (int i = 0; i < 2; i++) {
        assert_true(gathered_wants(&gathered, &batch));
        assert_true(gathered_add(&gathered, &batch));
    }
    assert_false(gathered_add(&gathered, &batch));
    assert_int_equal(gathered_batch(&gathered).row_count, 2);
    gathered_clear(&gathered);
    assert_int_equal(gathered_batch(&gathered).row_count, 0);
    assert_true(gathered_add(&gathered, &batch));
    batch.row_count = slice.row_count = slice.value_count = 2;
    assert_false(gathered_wants(&gathered, &batch));
    gathered_close(&gathered);
}

static void many_columns_have_fewer_rows(void **state)
{
    (void)state;
    enum { MANY = 2000 };
    static struct column_field many[MANY];
    struct gathered gathered;
    for (int i = 0; i < MANY; i++)
        many[i] = fields[0];
    assert_in_range(gathered_size(many, MANY), GATHERED_BYTES / 2, 3 * GATHERED_BYTES);
    size_t before = atomic_load(&account.used);
    assert_int_equal(gathered_open(&gathered, &account, many, MANY, &error), ERROR_NONE);
    assert_int_equal(atomic_load(&account.used) - before, gathered_size(many, MANY));
    assert_in_range(gathered.rows_most, 1, GATHERED_BYTES / MANY / 9);
    gathered_close(&gathered);
}

static void memory_that_is_refused_is_an_error(void **state)
{
    (void)state;
    struct gathered gathered;
    enum error_code code = ERROR_MEMORY;
    for (uint64_t n = 1; code != ERROR_NONE; n++) {
        mem_fail_allocation(n);
        code = gathered_open(&gathered, &account, fields, COLUMNS, &error);
        mem_fail_allocation(0);
        gathered_close(&gathered);
        assert_true(code == ERROR_NONE || code == ERROR_MEMORY);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(small_batches_become_one, setup, teardown),
        cmocka_unit_test_setup_teardown(batches_end_where_they_are_full, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_is_no_batch, setup, teardown),
        cmocka_unit_test_setup_teardown(large_batches_are_not_copied, setup, teardown),
        cmocka_unit_test_setup_teardown(text_is_bounded, setup, teardown),
        cmocka_unit_test_setup_teardown(many_columns_have_fewer_rows, setup, teardown),
        cmocka_unit_test_setup_teardown(memory_that_is_refused_is_an_error, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
