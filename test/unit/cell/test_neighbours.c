/*
 * Programs that behave badly: each gets its right verdict and leaves nothing behind, and the cells
 * that run beside it in the same loop notice nothing. With weir's own watch and, where there are
 * any, with the machine's control groups.
 */
#include "cell/actor.h"
#include "cell/stage.h"

#define NEIGHBOURS 2

struct street {
    struct stage bad;
    struct stage neighbours[NEIGHBOURS];
};

static void open_street(struct street *street, bool groups)
{
    stage_open(&street->bad, groups);
    for (int i = 0; i < NEIGHBOURS; i++)
        stage_open(&street->neighbours[i], groups);
}

static int with_polling(void **state)
{
    static struct street street;
    open_street(&street, false);
    *state = &street;
    return 0;
}

static int with_groups(void **state)
{
    static struct street street;
    struct cgroup_place place;
    struct error error;
    open_street(&street,
                cgroup_find("/sys/fs/cgroup", "/proc/self/cgroup", &place, &error) == ERROR_NONE &&
                    place.kind != CGROUP_NONE && place.limits_memory);
    *state = &street;
    return 0;
}

static int clear(void **state)
{
    struct street *street = *state;
    stage_close(&street->bad);
    for (int i = 0; i < NEIGHBOURS; i++)
        stage_close(&street->neighbours[i]);
    assert_nothing_left();
    return 0;
}

static void start_neighbours(struct street *street)
{
    for (int i = 0; i < NEIGHBOURS; i++) {
        street->neighbours[i].options.memory = 256 * MEBIBYTE;
        stage_start(&street->neighbours[i],
                    PROGRAM("sh", "-c", "for i in 1 2 3 4; do echo $i; sleep 0.1; done"));
    }
}

static void assert_neighbours_ended_well(struct street *street)
{
    for (int i = 0; i < NEIGHBOURS; i++) {
        const struct cell_report *report = stage_finish(&street->neighbours[i]);
        assert_verdict(report, CELL_OK);
        assert_int_equal(report->leftovers, 0);
        assert_int_equal(report->output.total, 8);
        assert_int_equal(memcmp(report->output.start, "1\n2\n3\n4\n", 8), 0);
        assert_false(report->ended_by_weir);
    }
}

static void turn_all(struct street *street)
{
    if (!cell_is_over(street->bad.cell))
        stage_turn(&street->bad);
    for (int i = 0; i < NEIGHBOURS; i++)
        if (!cell_is_over(street->neighbours[i].cell))
            stage_turn(&street->neighbours[i]);
}

static const struct cell_report *finish_all(struct street *street)
{
    uint64_t until = os_now_ns() + 60 * SECOND;
    while (!cell_is_over(street->bad.cell)) {
        assert_true(os_now_ns() < until);
        turn_all(street);
    }
    assert_neighbours_ended_well(street);
    street->bad.report = cell_report(street->bad.cell);
    return street->bad.report;
}

static const struct cell_report *run_all(struct street *street, const char *const *arguments)
{
    start_neighbours(street);
    stage_start(&street->bad, arguments);
    return finish_all(street);
}

static bool is_polled(const struct street *street)
{
    return street->bad.report->watch == CELL_WATCH_POLL;
}

static void one_that_forks_without_end(void **state)
{
    struct street *street = *state;
    bool kept = street->bad.place.kind != CGROUP_NONE && street->bad.place.limits_processes;
    street->bad.options.processes = 30;
    /* Where the kernel keeps the limit only the time ends it. */
    street->bad.options.timeout_ns = (kept ? 1 : 50) * SECOND;
    const struct cell_report *report = run_all(street, ACTOR("bomb", "1500"));
    assert_true(report->ended_by_weir);
    if (is_polled(street)) {
        assert_verdict(report, CELL_ERROR);
        assert_non_null(strstr(report->evidence, "more than its 30 processes"));
    } else if (kept) {
        assert_verdict(report, CELL_TIMEOUT);
        assert_true(report->processes_most <= 30);
    }
}

static void one_that_hides(void **state)
{
    struct street *street = *state;
    const struct cell_report *report = run_all(street, ACTOR("hide"));
    assert_verdict(report, CELL_OK);
    assert_int_equal(report->leftovers, 1);
}

static void one_that_ignores_being_asked(void **state)
{
    struct street *street = *state;
    street->bad.options.timeout_ns = SECOND / 5;
    const struct cell_report *report =
        run_all(street, PROGRAM("sh", "-c",
                                "trap '' TERM INT HUP QUIT; setsid sh -c 'while :; do sleep 1;"
                                " done' & while :; do wait; done"));
    assert_verdict(report, CELL_TIMEOUT);
    assert_int_equal(report->signal, SIGKILL);
    assert_true(report->ended_by_weir);
}

static void one_that_closes_its_outputs_and_lives_on(void **state)
{
    struct street *street = *state;
    const struct cell_report *report =
        run_all(street, PROGRAM("sh", "-c", "echo a; exec >&- 2>&- <&-; sleep 0.3; exit 3"));
    assert_verdict(report, CELL_ERROR);
    assert_int_equal(report->exit_status, 3);
    assert_true(report->wall_ns >= 3 * SECOND / 10);
    assert_int_equal(report->output.total, 2);
}

static void count_bytes_of_output(void *context, bool is_error, const void *bytes, size_t size)
{
    (void)bytes;
    *(uint64_t *)context += is_error ? 0 : size;
}

static void one_that_prints_200_megabytes(void **state)
{
    struct street *street = *state;
    uint64_t received = 0;
    struct cell_receiver receiver = {.context = &received, .output = count_bytes_of_output};
    street->bad.options.receiver = &receiver;
    street->bad.options.output_most = 1000000;
    const struct cell_report *report = run_all(street, ACTOR("flood", "200"));
    assert_verdict(report, CELL_OK);
    assert_int_equal(received, 1000000);
    assert_int_equal(report->output.total, 200 * MEBIBYTE);
    assert_int_equal(report->output.dropped, 200 * MEBIBYTE - 1000000);
    assert_int_equal(report->output.start_size + report->output.end_size, CELL_OUTPUT_KEPT);
}

static void one_that_stops_itself(void **state)
{
    struct street *street = *state;
    street->bad.options.timeout_ns = SECOND / 5;
    const struct cell_report *report =
        run_all(street, PROGRAM("sh", "-c", "(kill -STOP 0); sleep 1000"));
    assert_verdict(report, CELL_TIMEOUT);
    assert_int_equal(report->signal, SIGTERM);
}

static void one_that_loses_its_directory(void **state)
{
    struct street *street = *state;
    char path[] = "weir-test-XXXXXX";
    assert_non_null(mkdtemp(path));
    street->bad.options.directory = path;
    const struct cell_report *report = run_all(street, ACTOR("nowhere", "0", "gone"));
    rmdir(path);
    assert_verdict(report, CELL_OK);
    assert_true(text_has(&report->output, "in nowhere\n"));
}

static void one_that_kills_its_group(void **state)
{
    struct street *street = *state;
    const struct cell_report *report =
        run_all(street, PROGRAM("sh", "-c", "sleep 1000 & kill -9 0; exit 0"));
    assert_verdict(report, CELL_SIGNAL);
    assert_int_equal(report->signal, SIGKILL);
    assert_false(report->ended_by_weir);
}

/* SIGTERM is what weir itself catches; nothing protects it from a SIGKILL of its own user, so that
 * is tried at the group of its parent's session alone, which is not there. */
static void one_that_attacks_its_parent(void **state)
{
    struct street *street = *state;
    void (*before)(int) = signal(SIGTERM, SIG_IGN);
    const struct cell_report *report =
        run_all(street, PROGRAM("sh", "-c",
                                "trap '' TERM; kill -TERM $PPID; kill -TERM 0; kill -KILL -$$0;"
                                " echo still here; exit 5"));
    signal(SIGTERM, before);
    assert_verdict(report, CELL_ERROR);
    assert_int_equal(report->exit_status, 5);
    assert_true(text_has(&report->output, "still here"));
}

static void one_that_leaves_zombies(void **state)
{
    struct street *street = *state;
    const struct cell_report *report = run_all(street, ACTOR("zombies", "40"));
    assert_verdict(report, CELL_OK);
    assert_int_equal(report->leftovers, 0);
}

/* It is asked as the user asked weir: Python unwinds and says where it was. */
static void python_is_interrupted(void **state)
{
    struct street *street = *state;
    if (access("/usr/bin/python3", X_OK) != 0 && access("/usr/local/bin/python3", X_OK) != 0)
        skip();
    static const char CODE[] = "import time\ntry:\n    print('ready')\n    time.sleep(1000)\n"
                               "finally:\n    print('cleaned')";
    uint64_t received = 0;
    struct cell_receiver receiver = {.context = &received, .output = count_bytes_of_output};
    street->bad.options.receiver = &receiver;
    street->bad.options.grace_ns = 30 * SECOND;
    start_neighbours(street);
    stage_start(&street->bad, PROGRAM("python3", "-u", "-c", CODE));
    uint64_t until = os_now_ns() + 60 * SECOND;
    while (received == 0) {
        assert_true(os_now_ns() < until);
        turn_all(street);
    }
    cell_cancel(street->bad.cell, SIGINT);
    const struct cell_report *report = finish_all(street);
    assert_verdict(report, CELL_CANCELLED);
    assert_true(report->ended_by_weir);
    assert_int_equal(report->signal, SIGINT);
    assert_true(text_has(&report->output, "cleaned"));
    assert_true(text_has(&report->errors, "KeyboardInterrupt"));
}

/* One that stands still takes the signal too. */
static void a_stopped_one_is_interrupted(void **state)
{
    struct street *street = *state;
    start_neighbours(street);
    stage_start(&street->bad, PROGRAM("sh", "-c", "kill -STOP $$; exit 9"));
    assert_neighbours_ended_well(street);
    cell_cancel(street->bad.cell, SIGINT);
    const struct cell_report *report = finish_all(street);
    assert_verdict(report, CELL_CANCELLED);
    assert_int_equal(report->signal, SIGINT);
}

/* Nobody has looked since it ended: the request comes too late to change its verdict. */
static void one_that_has_ended_is_not_cancelled(void **state)
{
    struct street *street = *state;
    start_neighbours(street);
    stage_start(&street->bad, PROGRAM("sh", "-c", "sleep 1000 & exit 0"));
    assert_neighbours_ended_well(street);
    cell_cancel(street->bad.cell, SIGTERM);
    const struct cell_report *report = finish_all(street);
    assert_verdict(report, CELL_OK);
    assert_false(report->ended_by_weir);
    assert_int_equal(report->leftovers, 1);
}

#define BESIDE(test)                                                                               \
    cmocka_unit_test_setup_teardown(test, with_polling, clear),                                    \
        cmocka_unit_test_setup_teardown(test, with_groups, clear)

int main(int count, char **arguments)
{
    if (count > 1)
        return actor_play(count, arguments);
    const struct CMUnitTest tests[] = {
        BESIDE(one_that_forks_without_end),
        BESIDE(one_that_hides),
        BESIDE(one_that_ignores_being_asked),
        BESIDE(one_that_closes_its_outputs_and_lives_on),
        BESIDE(one_that_prints_200_megabytes),
        BESIDE(one_that_stops_itself),
        BESIDE(one_that_loses_its_directory),
        BESIDE(one_that_kills_its_group),
        BESIDE(one_that_attacks_its_parent),
        BESIDE(one_that_leaves_zombies),
        BESIDE(python_is_interrupted),
        BESIDE(a_stopped_one_is_interrupted),
        BESIDE(one_that_has_ended_is_not_cancelled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
