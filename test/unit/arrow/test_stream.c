/* Arrow streams become slices: every layout, and what is wrong with a stream is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <sys/wait.h>

#include "arrow/ipc.h"
#include "arrow/stream_maker.h"

#define ROWS 10001

static enum error_code collect(void *context, const void *bytes, size_t size, struct error *failure)
{
    return mem_buffer_append(context, bytes, size, failure);
}

/* Columns that weir's own writer writes, rows i with i % 3 == 1 null where nullable. */
struct written {
    int64_t numbers[ROWS];
    int64_t dense[ROWS];
    uint8_t flags[ROWS];
    uint8_t present[ROWS];
    char letters[ROWS];
    struct column_bytes texts[ROWS];
    uint32_t dense_count;
};

static const struct column_field written_fields[] = {
    {.name = "number", .type = {.physical = COLUMN_INT64}},
    {.name = "maybe", .type = {.physical = COLUMN_INT64}, .nullable = true},
    {.name = "flag", .type = {.physical = COLUMN_BOOLEAN}},
    {.name = "text",
     .type = {.physical = COLUMN_BYTE_ARRAY, .logical = COLUMN_STRING},
     .nullable = true},
};

static void fill(struct written *data)
{
    for (uint32_t i = 0; i < ROWS; i++) {
        data->numbers[i] = (int64_t)i * 1000003 - 7;
        data->flags[i] = i % 5 == 2;
        data->present[i] = i % 3 != 1;
        data->letters[i] = (char)('a' + i % 26);
        if (data->present[i] == 0)
            continue;
        data->texts[data->dense_count] =
            (struct column_bytes){(const uint8_t *)&data->letters[i], i % 2};
        data->dense[data->dense_count++] = data->numbers[i];
    }
}

static void write_it(const struct written *data)
{
    struct arrow_writer writer;
    const struct column_slice slices[] = {{ROWS, ROWS, NULL, data->numbers},
                                          {ROWS, data->dense_count, data->present, data->dense},
                                          {ROWS, ROWS, NULL, data->flags},
                                          {ROWS, data->dense_count, data->present, data->texts}};
    const struct column_batch batch = {ROWS, 4, written_fields, slices};
    assert_int_equal(arrow_writer_open(&writer, &account, written_fields, 4, ARROW_STREAM, collect,
                                       &made, &error),
                     ERROR_NONE);
    assert_int_equal(arrow_writer_batch(&writer, &batch, &error), ERROR_NONE);
    assert_int_equal(arrow_writer_batch(&writer, &batch, &error), ERROR_NONE);
    assert_int_equal(arrow_writer_finish(&writer, NULL, 0, &error), ERROR_NONE);
    arrow_writer_release(&writer);
}

static void check_rows(const struct written *data, uint32_t first, uint32_t count)
{
    uint32_t before = 0;
    for (uint32_t i = 0; i < first; i++)
        before += data->present[i];
    struct column_slice all = slice_of(0, first, count);
    assert_null(all.present);
    assert_memory_equal(all.values, data->numbers + first, count * sizeof(int64_t));
    struct column_slice some = slice_of(1, first, count);
    struct column_slice texts = slice_of(3, first, count);
    if (some.present != NULL)
        assert_memory_equal(some.present, data->present + first, count);
    assert_memory_equal(some.values, data->dense + before, some.value_count * sizeof(int64_t));
    assert_int_equal(texts.value_count, some.value_count);
    for (uint32_t i = 0; i < texts.value_count; i++) {
        const struct column_bytes *text = (const struct column_bytes *)texts.values + i;
        assert_int_equal(text->size, data->texts[before + i].size);
        assert_memory_equal(text->data, data->texts[before + i].data, text->size);
    }
    struct column_slice flags = slice_of(2, first, count);
    assert_memory_equal(flags.values, data->flags + first, count);
}

static void what_the_writer_wrote_is_read(void **state)
{
    (void)state;
    static struct written data;
    data.dense_count = 0;
    fill(&data);
    write_it(&data);
    struct arrow_stream *stream = open_made();
    assert_int_equal(arrow_stream_column_count(stream), 4);
    assert_string_equal(arrow_stream_field(stream, 1)->name, "maybe");
    assert_true(arrow_stream_field(stream, 1)->nullable);
    for (int i = 0; i < 2; i++) {
        expect_batch(stream, ROWS);
        for (uint32_t first = 0; first < ROWS; first += 4096)
            check_rows(&data, first, ROWS - first < 4096 ? ROWS - first : 4096);
        for (uint32_t first = 0; first < 40; first++)
            check_rows(&data, first, first * 3 % 29);
        check_rows(&data, ROWS, 0);
    }
    expect_end(stream);
    expect_end(stream);
    struct column_slice slice;
    assert_int_equal(arrow_batch_slice(the_batch, 0, ROWS, 1, &slice, &error), ERROR_INTERNAL);
    close_made(stream);
}

static enum error_code drain(struct arrow_stream *stream)
{
    for (bool more = true; more;) {
        uint64_t rows = 0;
        bool within = true;
        TRY(arrow_stream_next_schema(stream, &more, &error));
        while (more && within) {
            TRY(next_batch(stream, &rows, &within, &error));
            for (uint32_t i = 0; within && i < arrow_stream_column_count(stream); i++) {
                struct column_slice slice;
                uint32_t count = rows < 4096 ? (uint32_t)rows : 4096;
                TRY(arrow_batch_slice(the_batch, i, 0, count, &slice, &error));
            }
        }
    }
    return ERROR_NONE;
}

static enum error_code drain_bytes(const void *bytes, size_t size, size_t limit)
{
    struct arrow_stream *stream = NULL;
    error_init(&error);
    enum error_code code = open_bytes(bytes, size, limit, &stream);
    if (code == ERROR_NONE)
        code = drain(stream);
    close_made(stream);
    return code;
}

static void streams_follow_each_other(void **state)
{
    (void)state;
    static const int64_t values[] = {1, 2, 3};
    const struct column_field field = {.name = "x", .type = {.physical = COLUMN_INT64}};
    bool more = true;
    for (int i = 0; i < 3; i++) {
        put_schema(i == 1 ? &text_field : &field, 1);
        if (i != 1)
            put_column(3, NULL, &(struct piece)PIECE(values), 1);
        if (i < 2)
            put_end(); /* the last one ends with its bytes */
    }
    struct arrow_stream *stream = open_made();
    assert_int_equal(arrow_stream_next_schema(stream, &more, &error), ERROR_NONE);
    assert_true(more && arrow_stream_field(stream, 0)->type.logical == COLUMN_STRING);
    assert_int_equal(arrow_stream_next_schema(stream, &more, &error), ERROR_NONE);
    expect_batch(stream, 3);
    expect_end(stream);
    assert_int_equal(arrow_stream_next_schema(stream, &more, &error), ERROR_NONE);
    assert_false(more);
    close_made(stream);
    assert_int_equal(drain_bytes("", 0, MEM_NO_LIMIT), ERROR_NONE);
}

static void other_forms_are_named(void **state)
{
    (void)state;
    assert_int_equal(drain_bytes("ARROW1\0\0rest", 12, MEM_NO_LIMIT), ERROR_INPUT);
    assert_non_null(strstr(error.what, "Arrow file"));
    assert_int_equal(drain_bytes("PAR1rest", 8, MEM_NO_LIMIT), ERROR_INPUT);
    assert_non_null(strstr(error.what, "Parquet"));
    assert_int_equal(drain_bytes("\0\0\0\0", 4, MEM_NO_LIMIT), ERROR_INPUT);
    assert_int_equal(drain_bytes("\xff\xff\xff\xff\xff\xff\xff\xff", 8, MEM_NO_LIMIT), ERROR_INPUT);
    assert_int_equal(drain_bytes("\xff\xff\xff\xff\xff\xff\xff\x7f", 8, 1 << 20), ERROR_MEMORY);
}

/* A stream with a dictionary, a batch and another stream behind it. */
static void make_some(void)
{
    static const int8_t indices[] = {1, 0, 2, 1, 3};
    static const uint8_t validity[] = {0x1b};
    made.size = 0;
    put_schema(&encoded_field, 1);
    put_letters("abc", false, true);
    put_letters("d", true, false);
    put_column(5, validity, &(struct piece)PIECE(indices), 1);
    put_end();
    put_schema(&text_field, 1);
    const int32_t offsets[] = {0, 2, 3};
    const struct piece rest[] = {PIECE(offsets), {"abc", 3}};
    put_column(2, NULL, rest, 2);
    put_end();
}

static void streams_cut_anywhere_are_errors(void **state)
{
    (void)state;
    int whole = 0;
    make_some();
    for (size_t size = 0; size <= made.size; size++) {
        enum error_code code = drain_bytes(made.data, size, MEM_NO_LIMIT);
        assert_true(code == ERROR_NONE || code == ERROR_INPUT);
        whole += code == ERROR_NONE;
    }
    /* Between messages a stream may end: nothing, schema, two dictionaries, batch, mark, twice. */
    assert_int_equal(whole, 1 + 5 + 3);
}

static void streams_damaged_anywhere_harm_nobody(void **state)
{
    (void)state;
    int wrong = 0;
    make_some();
    for (size_t bit = 0; bit < 8 * made.size; bit++) {
        made.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        wrong += drain_bytes(made.data, made.size, 1 << 20) != ERROR_NONE;
        made.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_true(wrong > 500);
    assert_int_equal(drain_bytes(made.data, made.size, 1 << 20), ERROR_NONE);
}

static void memory_that_is_refused_is_an_error(void **state)
{
    (void)state;
    enum error_code code = ERROR_MEMORY;
    make_some();
    for (uint64_t n = 1; code != ERROR_NONE; n++) {
        struct arrow_stream *stream = NULL;
        mem_fail_allocation(n);
        code = open_bytes(made.data, made.size, MEM_NO_LIMIT, &stream);
        if (code == ERROR_NONE)
            code = drain(stream);
        mem_fail_allocation(0);
        close_made(stream);
        assert_true(code == ERROR_NONE || code == ERROR_MEMORY);
    }
}

/* Two batches of one stream, the first looked at after the second was taken. */
static void batches_are_their_own(void **state)
{
    (void)state;
    static struct written data;
    struct arrow_batch *second;
    struct column_slice here, there;
    enum arrow_step step;
    uint64_t size;
    bool more;
    data.dense_count = 0;
    fill(&data);
    write_it(&data);
    struct arrow_stream *stream = open_made();
    expect_batch(stream, ROWS);
    assert_int_equal(arrow_batch_open(stream, &second, &error), ERROR_NONE);
    assert_int_equal(arrow_batch_rows(second), 0);
    assert_int_equal(arrow_stream_next(stream, &step, &size, &error), ERROR_NONE);
    assert_int_equal(step, ARROW_STEP_BATCH);
    assert_int_equal(arrow_stream_take(stream, second, &error), ERROR_NONE);
    assert_int_equal(arrow_stream_take(stream, second, &error), ERROR_INTERNAL);
    assert_int_equal(arrow_batch_rows(second), 0);
    assert_true(arrow_batch_bytes(second) >= size);
    assert_int_equal(arrow_batch_slice(the_batch, 0, 5, 9, &here, &error), ERROR_NONE);
    assert_memory_equal(here.values, data.numbers + 5, 9 * sizeof(int64_t));
    assert_int_equal(arrow_stream_next(stream, &step, &size, &error), ERROR_NONE);
    assert_int_equal(step, ARROW_STEP_END);
    assert_int_equal(arrow_stream_next_schema(stream, &more, &error), ERROR_NONE);
    assert_false(more);
    assert_int_equal(arrow_batch_rows(the_batch), 0);
    assert_int_equal(arrow_batch_slice(the_batch, 0, 0, 1, &there, &error), ERROR_INTERNAL);
    arrow_batch_clear(second);
    assert_true(arrow_batch_bytes(second) < 4096);
    arrow_batch_close(second);
    close_made(stream);
}

static void what_is_not_taken_is_passed_over(void **state)
{
    (void)state;
    enum arrow_step step;
    uint64_t size;
    make_some();
    struct arrow_stream *stream = open_made();
    for (int i = 0; i < 3; i++) {
        do
            assert_int_equal(arrow_stream_next(stream, &step, &size, &error), ERROR_NONE);
        while (step != ARROW_STEP_END);
        assert_int_equal(size, 0);
    }
    assert_int_equal(arrow_stream_take(stream, the_batch, &error), ERROR_INTERNAL);
    assert_int_equal(arrow_stream_take_dictionary(stream, &error), ERROR_INTERNAL);
    close_made(stream);
}

static void another_thread_stops_it(void **state)
{
    (void)state;
    atomic_bool stop = true;
    bool more;
    int ends[2];
    struct arrow_stream *stream = NULL;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(open_stream(ends[0], MEM_NO_LIMIT, &stream), ERROR_NONE);
    arrow_stream_stop_at(stream, &stop);
    error_init(&error);
    assert_int_equal(arrow_stream_next_schema(stream, &more, &error), ERROR_CANCELLED);
    assert_int_equal(error.code, ERROR_NONE);
    close_stream(stream);
    close(ends[0]);
    close(ends[1]);
}

static void a_batch_keeps_to_its_limit(void **state)
{
    (void)state;
    static struct written data;
    data.dense_count = 0;
    fill(&data);
    write_it(&data);
    size_t before = atomic_load(&account.used), limit = 700000;
    atomic_store(&account.peak, before);
    assert_int_equal(drain_bytes(made.data, made.size, limit), ERROR_NONE);
    assert_in_range(atomic_load(&account.peak) - before, 250000, limit + 4096);
    assert_int_equal(drain_bytes(made.data, made.size, 250000), ERROR_MEMORY);
}

static void pipes_give_a_little_at_a_time(void **state)
{
    (void)state;
    static struct written data;
    int ends[2];
    data.dense_count = 0;
    fill(&data);
    write_it(&data);
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        size_t step = 1;
        for (size_t at = 0; at < made.size; at += step) {
            step = (at * 7 + 1) % 1733 + 1;
            step = step < made.size - at ? step : made.size - at;
            if (write(ends[1], made.data + at, step) != (ssize_t)step)
                _exit(1);
        }
        _exit(0);
    }
    close(ends[1]);
    struct arrow_stream *stream = NULL;
    assert_int_equal(open_stream(ends[0], MEM_NO_LIMIT, &stream), ERROR_NONE);
    assert_int_equal(drain(stream), ERROR_NONE);
    close_stream(stream);
    close(ends[0]);
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, maker_set_up, maker_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_the_writer_wrote_is_read),
        TEST(streams_follow_each_other),
        TEST(other_forms_are_named),
        TEST(streams_cut_anywhere_are_errors),
        TEST(streams_damaged_anywhere_harm_nobody),
        TEST(memory_that_is_refused_is_an_error),
        TEST(batches_are_their_own),
        TEST(what_is_not_taken_is_passed_over),
        TEST(another_thread_stops_it),
        TEST(a_batch_keeps_to_its_limit),
        TEST(pipes_give_a_little_at_a_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
