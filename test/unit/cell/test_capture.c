/* Output is passed on up to its bound, kept at both ends, and never waited for. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "cell/capture.h"

struct flow {
    struct mem_account account;
    struct capture capture;
    int writer;
};

static void open_flow(struct flow *flow, int sink, uint64_t most)
{
    struct error error;
    signal(SIGPIPE, SIG_IGN);
    mem_account_init(&flow->account, "test", NULL, MEM_NO_LIMIT);
    assert_int_equal(
        capture_open(&flow->capture, sink, most, &flow->account, &flow->writer, &error),
        ERROR_NONE);
}

static void close_flow(struct flow *flow)
{
    capture_close(&flow->capture);
    close(flow->writer);
    assert_int_equal(atomic_load(&flow->account.used), 0);
}

static bool pump(struct flow *flow)
{
    bool idle;
    struct error error;
    assert_int_equal(capture_pump(&flow->capture, &idle, &error), ERROR_NONE);
    return idle;
}

static uint8_t byte_at(size_t position)
{
    return (uint8_t)(position * 31 + position / 256 * 7);
}

/* Writes size bytes of the pattern, each at its place in the whole, as far as they are taken. */
static size_t feed(struct flow *flow, size_t from, size_t size)
{
    fcntl(flow->writer, F_SETFL, O_NONBLOCK);
    size_t done = 0;
    while (done < size) {
        uint8_t bytes[1000];
        size_t count = size - done < sizeof bytes ? size - done : sizeof bytes;
        for (size_t i = 0; i < count; i++)
            bytes[i] = byte_at(from + done + i);
        ssize_t got = write(flow->writer, bytes, count);
        if (got < 0)
            break;
        done += (size_t)got;
        if (flow->capture.waiting.size == 0)
            pump(flow);
    }
    return done;
}

static void both_ends_are_kept(void **state)
{
    (void)state;
    static const size_t SIZES[] = {0,     1,     1000,  32767, 32768, 32769,  40000,
                                   65535, 65536, 65537, 70000, 98304, 100000, 300001};
    for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++) {
        struct flow flow;
        open_flow(&flow, -1, 0);
        assert_int_equal(feed(&flow, 0, SIZES[i]), SIZES[i]);
        pump(&flow);
        struct cell_text text = capture_text(&flow.capture);
        assert_int_equal(text.total, SIZES[i]);
        assert_int_equal(text.dropped, 0);
        for (size_t j = 0; j < text.start_size; j++)
            assert_int_equal((uint8_t)text.start[j], byte_at(j));
        for (size_t j = 0; j < text.end_size; j++)
            assert_int_equal((uint8_t)text.end[j], byte_at(SIZES[i] - text.end_size + j));
        size_t tail;
        capture_tail(&text, &tail);
        assert_int_equal(tail, SIZES[i] <= CELL_OUTPUT_KEPT ? SIZES[i] : CAPTURE_HALF);
        close_flow(&flow);
    }
}

static void a_file_gets_all_in_order(void **state)
{
    (void)state;
    FILE *file = tmpfile();
    struct flow flow;
    open_flow(&flow, fileno(file), 0);
    feed(&flow, 0, 200000);
    pump(&flow);
    rewind(file);
    for (size_t i = 0; i < 200000; i++)
        assert_int_equal(getc(file), byte_at(i));
    assert_int_equal(getc(file), EOF);
    close_flow(&flow);
    fclose(file);
}

static void what_is_above_the_bound_is_counted(void **state)
{
    (void)state;
    FILE *file = tmpfile();
    struct flow flow;
    open_flow(&flow, fileno(file), 5000);
    feed(&flow, 0, 200000);
    pump(&flow);
    struct cell_text text = capture_text(&flow.capture);
    assert_int_equal(text.dropped, 195000);
    assert_int_equal(lseek(fileno(file), 0, SEEK_END), 5000);
    close_flow(&flow);
    fclose(file);
}

/* A reader that takes nothing stops the reading; once it takes, everything arrives. */
static void a_slow_receiver_is_waited_for_without_waiting(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    struct flow flow;
    open_flow(&flow, ends[1], 0);
    size_t fed = feed(&flow, 0, 1000000);
    assert_true(fed < 400000);
    struct pollfd wanted;
    assert_true(capture_poll(&flow.capture, &wanted));
    assert_int_equal(wanted.fd, ends[1]);
    assert_int_equal(wanted.events, POLLOUT);
    for (size_t i = 0; i < fed; i++) {
        uint8_t byte;
        assert_int_equal(read(ends[0], &byte, 1), 1);
        assert_int_equal(byte, byte_at(i));
        if (i % 1024 == 0)
            pump(&flow);
    }
    close_flow(&flow);
    close(ends[0]);
    close(ends[1]);
}

/* The program notices as it would without anybody in between: its next write fails. */
static void a_receiver_that_goes_away_is_told_to_the_program(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    struct flow flow;
    open_flow(&flow, ends[1], 0);
    assert_int_equal(feed(&flow, 0, 300000), 1000);
    assert_int_equal(errno, EPIPE);
    assert_int_equal(capture_text(&flow.capture).dropped, 1000);
    struct pollfd wanted;
    assert_false(capture_poll(&flow.capture, &wanted));
    close_flow(&flow);
    close(ends[1]);
}

static void draining_ends_though_a_writer_is_left(void **state)
{
    (void)state;
    struct flow flow;
    struct error error;
    bool done = false;
    open_flow(&flow, -1, 0);
    assert_int_equal(write(flow.writer, "abc", 3), 3);
    assert_int_equal(capture_drain(&flow.capture, &done, &error), ERROR_NONE);
    assert_true(done);
    assert_int_equal(capture_text(&flow.capture).total, 3);
    close_flow(&flow);
}

struct taken {
    size_t count[2];
    bool wrong;
};

static void take(void *context, bool is_error, const void *bytes, size_t size)
{
    struct taken *taken = context;
    for (size_t i = 0; i < size; i++)
        taken->wrong |= ((const uint8_t *)bytes)[i] != byte_at(taken->count[is_error] + i);
    taken->count[is_error] += size;
}

static void a_receiver_gets_all_in_order(void **state)
{
    (void)state;
    struct taken taken = {.wrong = false};
    struct cell_receiver receiver = {.context = &taken, .output = take};
    struct flow flow;
    open_flow(&flow, -1, 0);
    capture_give(&flow.capture, &receiver, true);
    feed(&flow, 0, 300000);
    pump(&flow);
    assert_false(taken.wrong);
    assert_int_equal(taken.count[1], 300000);
    assert_int_equal(taken.count[0], 0);
    assert_int_equal(capture_text(&flow.capture).dropped, 0);
    close_flow(&flow);
}

/* What it does not get is counted, and both ends are kept all the same. */
static void a_receiver_has_its_bound(void **state)
{
    (void)state;
    struct taken taken = {.wrong = false};
    struct cell_receiver receiver = {.context = &taken, .output = take};
    struct flow flow;
    open_flow(&flow, -1, 70000);
    capture_give(&flow.capture, &receiver, false);
    feed(&flow, 0, 70001);
    flow.capture.muted = true;
    feed(&flow, 70001, 200000);
    pump(&flow);
    struct cell_text text = capture_text(&flow.capture);
    assert_false(taken.wrong);
    assert_int_equal(taken.count[0], 70000);
    assert_int_equal(text.dropped, 200001);
    assert_int_equal(text.total, 270001);
    assert_int_equal((uint8_t)text.end[text.end_size - 1], byte_at(270000));
    close_flow(&flow);
}

static void a_receiver_of_samples_alone_drops_nothing(void **state)
{
    (void)state;
    struct cell_receiver receiver = {.output = NULL};
    struct flow flow;
    open_flow(&flow, -1, 100);
    capture_give(&flow.capture, &receiver, false);
    feed(&flow, 0, 5000);
    pump(&flow);
    assert_int_equal(capture_text(&flow.capture).total, 5000);
    assert_int_equal(capture_text(&flow.capture).dropped, 0);
    close_flow(&flow);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ends_are_kept),
        cmocka_unit_test(a_file_gets_all_in_order),
        cmocka_unit_test(what_is_above_the_bound_is_counted),
        cmocka_unit_test(a_slow_receiver_is_waited_for_without_waiting),
        cmocka_unit_test(a_receiver_that_goes_away_is_told_to_the_program),
        cmocka_unit_test(draining_ends_though_a_writer_is_left),
        cmocka_unit_test(a_receiver_gets_all_in_order),
        cmocka_unit_test(a_receiver_has_its_bound),
        cmocka_unit_test(a_receiver_of_samples_alone_drops_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
