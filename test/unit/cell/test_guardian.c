/*
 * The guardian. A child of the test plays weir: it starts a guardian and a cell, tells of them, and
 * waits to be killed. The test is a subreaper, so all that such a weir leaves becomes its children.
 */
#include "cell/actor.h"
#include "cell/guardian.h"
#include "cell/stage.h"
#include "cell/temporary_folder.h"

#define WITHIN (20 * SECOND)

/* What a played weir has begun. */
struct begun {
    pid_t guardian;
    char folder[512];
};

static void play_weir(bool groups, int tell)
{
    static struct stage stage;
    struct begun begun = {.guardian = 0};
    struct companion guardian;
    struct temporary_folder folder;
    struct error error;
    stage_open(&stage, groups);
    assert_int_equal(guardian_start(&stage.place, &guardian, &error), ERROR_NONE);
    assert_int_equal(temporary_folder_make(&folder, &error), ERROR_NONE);
    stage_start(&stage, PROGRAM("/proc/self/exe", "hide"));
    while (cell_memory_now(stage.cell) == 0)
        stage_turn(&stage);
    begun.guardian = guardian.pid;
    memcpy(begun.folder, folder.path, sizeof begun.folder);
    if (write(tell, &begun, sizeof begun) != (ssize_t)sizeof begun)
        _exit(1);
    for (;;)
        pause(); /* not asked for its state any more, so nothing ends its leftovers */
}

static pid_t start_weir(bool groups, struct begun *ret)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        close(ends[0]);
        play_weir(groups, ends[1]);
    }
    close(ends[1]);
    assert_int_equal(read(ends[0], ret, sizeof *ret), (ssize_t)sizeof *ret);
    close(ends[0]);
    return pid;
}

/* Takes the status of children until there are none. */
static bool all_end_within(uint64_t time)
{
    uint64_t until = os_now_ns() + time;
    while (os_now_ns() < until) {
        pid_t pid = waitpid(-1, NULL, WNOHANG);
        if (pid < 0)
            return true;
        if (pid == 0)
            actor_sleep(1);
    }
    return false;
}

static void end_what_a_dead_weir_left(bool groups)
{
    struct begun begun;
    pid_t weir = start_weir(groups, &begun);
    assert_int_equal(access(begun.folder, F_OK), 0);
    assert_int_equal(kill(weir, SIGKILL), 0);
    assert_true(all_end_within(WITHIN)); /* weir, its guardian, the program that hides */
    assert_int_equal(access(begun.folder, F_OK), -1);
    assert_int_equal(kill(begun.guardian, 0), -1);
}

static void it_ends_processes_without_groups(void **state)
{
    (void)state;
    end_what_a_dead_weir_left(false);
}

static void it_ends_groups(void **state)
{
    (void)state;
    end_what_a_dead_weir_left(true);
}

/* Dead is dead, though nobody has asked for the status yet. */
static void it_does_not_wait_for_a_status(void **state)
{
    (void)state;
    struct begun begun;
    pid_t weir = start_weir(false, &begun);
    assert_int_equal(kill(weir, SIGKILL), 0);
    siginfo_t status;
    uint64_t until = os_now_ns() + WITHIN;
    assert_int_equal(waitid(P_PID, (id_t)weir, &status, WEXITED | WNOWAIT), 0);
    while (access(begun.folder, F_OK) == 0 && os_now_ns() < until)
        actor_sleep(1);
    assert_int_equal(access(begun.folder, F_OK), -1);
    assert_int_equal(waitpid(begun.guardian, NULL, 0), begun.guardian);
    assert_int_equal(waitpid(weir, NULL, 0), weir);
    assert_true(all_end_within(WITHIN));
}

static void it_harms_no_other_weir(void **state)
{
    (void)state;
    struct begun dead, living;
    pid_t first = start_weir(true, &dead);
    pid_t second = start_weir(true, &living);
    kill(first, SIGKILL);
    assert_int_equal(waitpid(first, NULL, 0), first);
    assert_int_equal(waitpid(dead.guardian, NULL, 0), dead.guardian);
    assert_int_equal(access(dead.folder, F_OK), -1);
    assert_int_equal(access(living.folder, F_OK), 0);
    assert_int_equal(kill(living.guardian, 0), 0);
    kill(second, SIGKILL);
    assert_true(all_end_within(WITHIN));
    assert_int_equal(access(living.folder, F_OK), -1);
}

/* ---- what it is ---- */

static struct companion start_guardian(struct cgroup_place *place)
{
    struct companion guardian;
    struct error error;
    assert_int_equal(guardian_start(place, &guardian, &error), ERROR_NONE);
    return guardian;
}

static bool status_has(pid_t pid, const char *line)
{
    char path[64], text[4096];
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = read(file, text, sizeof text - 1);
    close(file);
    text[size > 0 ? size : 0] = '\0';
    return strstr(text, line) != NULL;
}

static int open_descriptors(pid_t pid)
{
    int count = 0;
    for (int i = 0; i < 256; i++) {
        char path[64], target[64];
        snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)pid, i);
        count += readlink(path, target, sizeof target) > 0;
    }
    return count;
}

static void it_keeps_nothing_of_weirs(void **state)
{
    (void)state;
    struct cgroup_place place = {.kind = CGROUP_NONE};
    struct companion guardian = start_guardian(&place);
    uint64_t until = os_now_ns() + WITHIN;
    while (open_descriptors(guardian.pid) != 4 && os_now_ns() < until)
        actor_sleep(1);
    assert_int_equal(open_descriptors(guardian.pid), 4);
    assert_int_equal(getsid(guardian.pid), guardian.pid);
    assert_true(status_has(guardian.pid, "Name:\tweir-guardian\n"));
    assert_true(status_has(guardian.pid, "SigBlk:\tfffffffe7ffbfeff\n")); /* but KILL and STOP */
    assert_int_equal(place.companions[0], guardian.pid);
    companion_end(&guardian);
}

static void a_weir_that_ends_well_takes_it_along(void **state)
{
    (void)state;
    struct cgroup_place place = {.kind = CGROUP_NONE};
    struct companion guardian = start_guardian(&place);
    pid_t pid = guardian.pid;
    companion_end(&guardian);
    assert_int_equal(guardian.pid, 0);
    assert_int_equal(kill(pid, 0), -1);
    assert_nothing_left();
    companion_end(&guardian);
}

/* The signals that end weir must not end it first; here all at once. */
static void it_is_deaf(void **state)
{
    (void)state;
    struct cgroup_place place = {.kind = CGROUP_NONE};
    struct companion guardian = start_guardian(&place);
    for (int number = 1; number < 32; number++)
        if (number != SIGKILL && number != SIGSTOP)
            kill(guardian.pid, number);
    actor_sleep(20);
    assert_int_equal(waitpid(guardian.pid, NULL, WNOHANG), 0);
    companion_end(&guardian);
    assert_nothing_left();
}

/* Neither its child, nor among those of cells, nor in doubt: with an empty environment it cannot be
 * asked whose it is. */
static void cells_do_not_mind_it(void **state)
{
    (void)state;
    struct stage stage;
    stage_open(&stage, false);
    struct companion guardian = start_guardian(&stage.place);
    const struct cell_report *report = stage_run(&stage, ACTOR("hide"));
    assert_verdict(report, CELL_OK);
    assert_int_equal(report->leftovers, 1);
    assert_int_equal(waitpid(guardian.pid, NULL, WNOHANG), 0);
    stage_close(&stage);
    companion_end(&guardian);
    assert_nothing_left();
}

static int make_folder(void **state)
{
    static char folder[] = "weir-test-XXXXXX";
    char path[600], current[512];
    if (mkdtemp(folder) == NULL || getcwd(current, sizeof current) == NULL)
        return 1;
    snprintf(path, sizeof path, "%s/%s", current, folder);
    *state = folder;
    return setenv("TMPDIR", path, 1) != 0 || prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0;
}

static int remove_folder(void **state)
{
    return rmdir(*state);
}

int main(int count, char **arguments)
{
    if (count > 1)
        return actor_play(count, arguments);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_ends_processes_without_groups),
        cmocka_unit_test(it_ends_groups),
        cmocka_unit_test(it_does_not_wait_for_a_status),
        cmocka_unit_test(it_harms_no_other_weir),
        cmocka_unit_test(it_keeps_nothing_of_weirs),
        cmocka_unit_test(a_weir_that_ends_well_takes_it_along),
        cmocka_unit_test(it_is_deaf),
        cmocka_unit_test(cells_do_not_mind_it),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
