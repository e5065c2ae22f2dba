/* Cells in a PID namespace, with weir's own watch and with groups where the machine has any. */
#include <pthread.h>
#include <sys/stat.h>

#include "cell/actor.h"
#include "cell/stage.h"

struct room {
    struct stage stage;
    struct pid_namespace space;
};

static bool is_allowed(void)
{
    struct cgroup_place place = {.kind = CGROUP_NONE};
    struct pid_namespace space;
    struct error error;
    if (pid_namespace_open(&place, &space, &error) != ERROR_NONE)
        return false;
    pid_namespace_close(&space);
    return true;
}

static int open_room(void **state, bool groups)
{
    static struct room room;
    struct error error;
    stage_open(&room.stage, groups);
    room.space = (struct pid_namespace){.first.pid = 0};
    if (is_allowed() && pid_namespace_open(&room.stage.place, &room.space, &error) != ERROR_NONE)
        return 1;
    room.stage.options.space = &room.space;
    *state = &room;
    return 0;
}

static int with_polling(void **state)
{
    return open_room(state, false);
}

static int with_groups(void **state)
{
    return open_room(state, true);
}

static int clear(void **state)
{
    struct room *room = *state;
    stage_close(&room->stage);
    pid_namespace_close(&room->space);
    assert_nothing_left();
    return 0;
}

/* Skips where no namespace is allowed. */
static struct room *enter(void **state)
{
    struct room *room = *state;
    if (room->space.first.pid == 0)
        skip();
    return room;
}

static void assert_prints(struct room *room, const char *const *arguments, const char *text)
{
    const struct cell_report *report = stage_run(&room->stage, arguments);
    assert_verdict(report, CELL_OK);
    if (!text_has(&report->output, text))
        fail_msg("%.*s", (int)report->output.start_size, report->output.start);
}

static void numbers_are_its_own(void **state)
{
    assert_prints(enter(state),
                  PROGRAM("sh", "-c", "echo me $$ parent $PPID first $(cat /proc/1/comm)"),
                  "me 2 parent 0 first weir-init\n");
}

static void it_has_its_own_proc(void **state)
{
    assert_prints(enter(state), PROGRAM("sh", "-c", "exec readlink /proc/self"), "2\n");
}

static void reports_have_the_numbers_of_the_machine(void **state)
{
    struct room *room = enter(state);
    stage_start(&room->stage, PROGRAM("sleep", "1000"));
    actor_sleep(50);
    stage_turn(&room->stage);
    pid_t ours = 0;
    for (pid_t pid = room->space.first.pid + 1; ours == 0 && pid < room->space.first.pid + 100;)
        ours =
            waitid(P_PID, (id_t)pid, &(siginfo_t){0}, WEXITED | WNOHANG | WNOWAIT) == 0 ? pid : 0,
        pid++;
    assert_true(ours > 2);
    assert_int_equal(getsid(ours), ours);
    cell_cancel(room->stage.cell, SIGTERM);
    assert_verdict(stage_finish(&room->stage), CELL_CANCELLED);
}

/* All that it can see it may kill. */
static void it_cannot_harm_weir(void **state)
{
    struct room *room = enter(state);
    const struct cell_report *report = stage_run(
        &room->stage, PROGRAM("sh", "-c", "setsid sleep 1000 & kill -9 -1; kill -9 1; exit 5"));
    assert_verdict(report, CELL_ERROR);
    assert_int_equal(report->exit_status, 5);
    assert_false(report->ended_by_weir);
}

static void orphans_are_found(void **state)
{
    const struct cell_report *report = stage_run(&enter(state)->stage, ACTOR("hide"));
    assert_verdict(report, CELL_OK);
    assert_int_equal(report->leftovers, 1);
}

static void daemons_are_ended_in_time(void **state)
{
    struct room *room = enter(state);
    room->stage.options.timeout_ns = SECOND / 5;
    const struct cell_report *report =
        stage_run(&room->stage, PROGRAM("sh", "-c",
                                        "(setsid sh -c 'setsid sleep 1000 & sleep 1000' &);"
                                        " sleep 1000"));
    assert_verdict(report, CELL_TIMEOUT);
}

static void zombies_go_by_themselves(void **state)
{
    const struct cell_report *report = stage_run(&enter(state)->stage, ACTOR("zombies", "40"));
    assert_verdict(report, CELL_OK);
    assert_int_equal(report->leftovers, 0);
}

static void memory_is_limited(void **state)
{
    struct room *room = enter(state);
    room->stage.options.memory = 32 * MEBIBYTE;
    const struct cell_report *report = stage_run(&room->stage, ACTOR("leak", "400"));
    assert_verdict(report, CELL_OOM_LIMIT);
}

static void only_standard_descriptors_pass(void **state)
{
    assert_prints(enter(state), ACTOR("itself"), "session 1 group 1 descriptors 0 blocked 0");
}

/* ---- folders ---- */

static void it_stands_where_weir_stands(void **state)
{
    char here[512], wanted[600];
    assert_non_null(getcwd(here, sizeof here));
    snprintf(wanted, sizeof wanted, "%s\n", here);
    assert_prints(enter(state), PROGRAM("/bin/pwd"), wanted);
}

static void a_relative_folder_is_below_that(void **state)
{
    struct room *room = enter(state);
    char path[] = "weir-test-XXXXXX", wanted[64];
    assert_non_null(mkdtemp(path));
    snprintf(wanted, sizeof wanted, "/%s\n", path);
    room->stage.options.directory = path;
    const struct cell_report *report = stage_run(&room->stage, PROGRAM("/bin/pwd"));
    rmdir(path);
    assert_verdict(report, CELL_OK);
    assert_true(text_has(&report->output, wanted));
}

static void what_cannot_be_run_is_told(void **state)
{
    struct room *room = enter(state);
    room->stage.options.directory = "/none";
    const struct cell_report *report = stage_run(&room->stage, PROGRAM("true"));
    assert_verdict(report, CELL_ERROR);
    assert_false(report->started);
}

/* In a folder that was removed. */
static void weir_may_stand_nowhere(void **state)
{
    struct room *room = enter(state);
    char path[] = "weir-test-XXXXXX";
    int before = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_non_null(mkdtemp(path));
    assert_int_equal(chdir(path), 0);
    char up[64];
    snprintf(up, sizeof up, "../%s", path);
    assert_int_equal(rmdir(up), 0);
    const struct cell_report *report = stage_run(&room->stage, PROGRAM("true"));
    assert_int_equal(fchdir(before), 0);
    close(before);
    assert_verdict(report, CELL_OK);
}

/* ---- what weir keeps ---- */

static void *nothing(void *argument)
{
    return argument;
}

/* A thread that is half in another namespace could have no others. */
static void weir_stays_outside(void **state)
{
    struct room *room = enter(state);
    pthread_t thread;
    assert_verdict(stage_run(&room->stage, PROGRAM("true")), CELL_OK);
    assert_int_equal(pthread_create(&thread, NULL, nothing, NULL), 0);
    pthread_join(thread, NULL);
    pid_t child = fork();
    if (child == 0)
        _exit(getpid() > 2 && getppid() > 0 ? 0 : 1);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void one_descriptor_is_all(void **state)
{
    struct room *room = enter(state);
    struct pid_namespace more;
    struct error error;
    int before = actor_count_descriptors();
    assert_int_equal(pid_namespace_open(&room->stage.place, &more, &error), ERROR_NONE);
    assert_int_equal(actor_count_descriptors(), before + 1);
    pid_namespace_close(&more);
    stage_run(&room->stage, PROGRAM("true"));
    cell_destroy(room->stage.cell);
    room->stage.cell = NULL;
    assert_int_equal(actor_count_descriptors(), before);
}

static void all_ends_with_the_first(void **state)
{
    struct room *room = enter(state);
    struct error error;
    stage_start(&room->stage, PROGRAM("sh", "-c", "setsid sleep 1000 & sleep 1000"));
    actor_sleep(50);
    kill(room->space.first.pid, SIGKILL);
    const struct cell_report *report = stage_finish(&room->stage);
    assert_verdict(report, CELL_SIGNAL);
    assert_int_equal(report->signal, SIGKILL);
    cell_destroy(room->stage.cell);
    room->stage.cell = NULL;
    room->stage.options.name = "late";
    assert_int_not_equal(cell_start(&room->stage.place, &room->stage.options, &room->stage.account,
                                    &room->stage.cell, &error),
                         ERROR_NONE);
    assert_non_null(strstr(error.hint, "weir-init"));
}

/* ---- where there can be none ---- */

/* Status of a child that does it: 0, or what it found wrong. */
static int status_of(int (*body)(void))
{
    int status;
    pid_t child = fork();
    if (child == 0)
        _exit(body());
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static int open_without_rights(void)
{
    struct cgroup_place place = {.kind = CGROUP_NONE};
    struct pid_namespace space;
    struct error error;
    if (geteuid() == 0 && setuid(65534) != 0)
        return 1;
    if (pid_namespace_open(&place, &space, &error) != ERROR_UNSUPPORTED)
        return 2;
    return strstr(error.hint, "CAP_SYS_ADMIN") != NULL && place.companions[0] == 0 ? 0 : 3;
}

static int open_in_chroot(void)
{
    struct cgroup_place place = {.kind = CGROUP_NONE};
    struct pid_namespace space;
    struct error error;
    char folder[] = "weir-test-XXXXXX";
    if (mkdtemp(folder) == NULL)
        return 1;
    int outside = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int result = chroot(folder) != 0                                               ? 4
                 : pid_namespace_open(&place, &space, &error) != ERROR_UNSUPPORTED ? 2
                 : strstr(error.what, "chroot") == NULL                            ? 3
                                                                                   : 0;
    return fchdir(outside) == 0 && rmdir(folder) == 0 ? result : 5;
}

static void it_needs_rights(void **state)
{
    (void)state;
    assert_int_equal(status_of(open_without_rights), 0);
}

static void it_needs_the_root_folder(void **state)
{
    enter(state);
    assert_int_equal(status_of(open_in_chroot), 0);
}

#define INSIDE(test)                                                                               \
    cmocka_unit_test_setup_teardown(test, with_polling, clear),                                    \
        cmocka_unit_test_setup_teardown(test, with_groups, clear)

int main(int count, char **arguments)
{
    if (count > 1)
        return actor_play(count, arguments);
    const struct CMUnitTest tests[] = {
        INSIDE(numbers_are_its_own),
        INSIDE(it_has_its_own_proc),
        INSIDE(reports_have_the_numbers_of_the_machine),
        INSIDE(it_cannot_harm_weir),
        INSIDE(orphans_are_found),
        INSIDE(daemons_are_ended_in_time),
        INSIDE(zombies_go_by_themselves),
        INSIDE(memory_is_limited),
        INSIDE(only_standard_descriptors_pass),
        INSIDE(it_stands_where_weir_stands),
        INSIDE(a_relative_folder_is_below_that),
        INSIDE(what_cannot_be_run_is_told),
        INSIDE(weir_may_stand_nowhere),
        INSIDE(weir_stays_outside),
        INSIDE(one_descriptor_is_all),
        INSIDE(all_ends_with_the_first),
        cmocka_unit_test_setup_teardown(it_needs_rights, with_polling, clear),
        cmocka_unit_test_setup_teardown(it_needs_the_root_folder, with_polling, clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
