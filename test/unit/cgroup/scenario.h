/* Children that do things inside real groups, and what the groups must then say. Used by the tests
 * of both versions; every child is one of the test's own. */
#ifndef TEST_CGROUP_SCENARIO_H
#define TEST_CGROUP_SCENARIO_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgroup/cgroup.h"
#include "cgroup/kernel_file.h"

#define MIB ((uint64_t)1 << 20)

struct world {
    struct cgroup_place place;
    struct mem_account account;
    struct error error;
};

static void world_open(struct world *world)
{
    error_init(&world->error);
    mem_account_init(&world->account, "test", NULL, MEM_NO_LIMIT);
    assert_int_equal(
        cgroup_find("/sys/fs/cgroup", "/proc/self/cgroup", &world->place, &world->error),
        ERROR_NONE);
}

/* Skips the whole program where this machine does not have the version. */
static bool world_has(enum cgroup_kind kind)
{
    struct world world;
    world_open(&world);
    if (world.place.kind == kind) {
        cgroup_sweep(&world.place); /* of tests that failed before */
        return true;
    }
    printf("skipped: this machine has no usable cgroup v%d (%s)\n", kind == CGROUP_V1 ? 1 : 2,
           world.place.why);
    return false;
}

static struct cgroup *make_group(struct world *world, const char *name,
                                 const struct cgroup_limits *limits)
{
    struct cgroup *group;
    if (cgroup_create(&world->place, name, limits, &world->account, &group, &world->error) !=
        ERROR_NONE)
        fail_msg("%s: %s", world->error.what, world->error.file);
    return group;
}

static struct cgroup_counters read_group(struct world *world, const struct cgroup *group)
{
    struct cgroup_counters counters;
    assert_int_equal(cgroup_read(group, &counters, &world->error), ERROR_NONE);
    return counters;
}

/* Runs body in a child that has entered the group; it exits with what body returns. */
static pid_t spawn(const struct cgroup *group, int (*body)(void *), void *argument)
{
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails leaves nothing */
        if (!cgroup_enter(group))
            _exit(99);
        _exit(body(argument));
    }
    return child;
}

static int wait_for(pid_t child)
{
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void pause_ms(unsigned duration)
{
    usleep(duration * 1000);
}

/* Conditions are waited for as long as a slow machine may need. */
#define PATIENCE_MS 60000

static void wait_for_processes(const struct cgroup *group, size_t least)
{
    for (int i = 0; i < PATIENCE_MS / 10 && cgroup_processes(group, NULL, 0) < least; i++)
        pause_ms(10);
}

/* Takes memory page by page. */
static int take_memory(void *argument)
{
    uint64_t size = *(uint64_t *)argument;
    volatile char *memory =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (uint64_t at = 0; memory != MAP_FAILED && at < size; at += 4096)
        memory[at] = 1;
    return memory == MAP_FAILED ? 1 : 0;
}

static int take_memory_and_wait(void *argument)
{
    int failed = take_memory(argument);
    pause();
    return failed;
}

static int wait_forever(void *argument)
{
    (void)argument;
    while (pause() != 0)
        continue;
    return 1;
}

/* Every process starts two more, until the system refuses. */
static int fork_bomb(void *argument)
{
    (void)argument;
    for (int i = 0; i < 8; i++)
        fork();
    return wait_forever(NULL);
}

/* A process that is never the one that was there a moment ago. */
static int run_away(void *argument)
{
    (void)argument;
    signal(SIGCHLD, SIG_IGN);
    for (int i = 0; i < 20000; i++)
        if (fork() > 0)
            _exit(0);
    return 0;
}

static bool is_ready(const struct cgroup *group, int timeout_ms)
{
    short events;
    int descriptor = cgroup_event_descriptor(group, &events);
    assert_true(descriptor >= 0);
    struct pollfd fds = {descriptor, events, 0};
    return poll(&fds, 1, timeout_ms) == 1;
}

static void folder_of(const struct world *world, const char *name, char ret[1024])
{
    assert_true(path_join(ret, 1024, world->place.memory, name));
}

/* Destroys the group and holds that nothing is left, in any hierarchy. */
static void destroy_wholly(const struct world *world, struct cgroup *group)
{
    const char *bases[] = {world->place.memory, world->place.cpu, world->place.pids,
                           world->place.times};
    char name[200];
    snprintf(name, sizeof name, "%s", cgroup_name(group));
    cgroup_destroy(group);
    for (int i = 0; i < 4; i++) {
        char path[1024];
        assert_true(path_join(path, sizeof path, bases[i], name));
        assert_false(bases[i][0] != '\0' && access(path, F_OK) == 0);
    }
}

static void death_at_the_limit(struct world *world)
{
    uint64_t size = 64 * MIB;
    struct cgroup *group =
        make_group(world, "greedy", &(struct cgroup_limits){.memory = 16 * MIB, .processes = 10});
    assert_false(is_ready(group, 0));
    struct cgroup_counters before = read_group(world, group);
    assert_true(before.has_oom && before.has_oom_kills);
    assert_int_equal(before.oom, 0);
    int status = wait_for(spawn(group, take_memory, &size));
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    struct cgroup_counters after = read_group(world, group);
    assert_true(after.oom >= 1 && after.oom_kills >= 1);
    assert_true(after.limit_hits >= 1 || world->place.kind == CGROUP_V1);
    assert_int_equal(after.processes, 0);
    assert_true(after.memory_peak == 0 ||
                (after.memory_peak > 15 * MIB && after.memory_peak <= 16 * MIB));
    assert_true(is_ready(group, 1000));
    assert_true(cgroup_event_take(group));
    assert_false(cgroup_event_take(group));
    assert_int_equal(read_group(world, group).oom, after.oom);
    destroy_wholly(world, group);
}

static void honest_use_is_counted(struct world *world)
{
    uint64_t size = 24 * MIB;
    struct cgroup *group = make_group(
        world, "honest", &(struct cgroup_limits){.memory = 128 * MIB, .milli_cpus = 1000});
    pid_t child = spawn(group, take_memory_and_wait, &size);
    struct cgroup_counters now = {0};
    for (int i = 0; i < PATIENCE_MS / 10 && now.anonymous < size; i++) {
        pause_ms(10);
        now = read_group(world, group);
    }
    assert_in_range(now.anonymous, size, size + 40 * MIB);
    assert_true(now.memory >= now.anonymous);
    assert_int_equal(now.processes, 1);
    assert_true(now.cpu_ns > 0);
    struct cgroup_counters looked = {.memory_peak = 7};
    assert_int_equal(cgroup_look(group, &looked, &world->error), ERROR_NONE);
    assert_in_range(looked.anonymous, size, size + 40 * MIB);
    assert_int_equal(looked.processes, 1);
    assert_true(looked.memory_peak == 7 && looked.cpu_ns == 0);
    pid_t inside[4];
    assert_int_equal(cgroup_processes(group, inside, 4), 1);
    assert_int_equal(inside[0], child);
    /* A death that has nothing to do with memory leaves no trace in its counters. */
    kill(child, SIGKILL);
    wait_for(child);
    struct cgroup_counters after = read_group(world, group);
    assert_true(after.oom == 0 && after.oom_kills == 0 && after.limit_hits == 0);
    assert_false(cgroup_event_take(group));
    destroy_wholly(world, group);
}

static void limit_can_be_raised(struct world *world)
{
    uint64_t size = 32 * MIB;
    struct cgroup *group = make_group(world, "raised", &(struct cgroup_limits){.memory = 16 * MIB});
    assert_int_equal(cgroup_set_memory(group, 96 * MIB, &world->error), ERROR_NONE);
    assert_int_equal(wait_for(spawn(group, take_memory, &size)), 0);
    assert_int_equal(cgroup_set_memory(group, 16 * MIB, &world->error), ERROR_NONE);
    assert_true(WIFSIGNALED(wait_for(spawn(group, take_memory, &size))));
    assert_int_equal(cgroup_set_memory(group, 0, &world->error), ERROR_NONE);
    assert_int_equal(wait_for(spawn(group, take_memory, &size)), 0);
    destroy_wholly(world, group);
}

/* The limit of a group above is none of the group's own. */
static void limit_of_an_ancestor_is_not_own(struct world *world)
{
    uint64_t size = 48 * MIB;
    struct world inner = *world;
    struct cgroup *outer = make_group(world, "outer", &(struct cgroup_limits){.memory = 24 * MIB});
    assert_true(path_join(inner.place.memory, sizeof inner.place.memory, world->place.memory,
                          cgroup_name(outer)));
    inner.place.cpu[0] = inner.place.pids[0] = inner.place.times[0] = '\0';
    inner.place.limits_cpu = inner.place.limits_processes = false;
    mem_account_init(&inner.account, "test", NULL, MEM_NO_LIMIT);
    struct cgroup *group = make_group(&inner, "inner", &(struct cgroup_limits){.memory = 96 * MIB});
    assert_true(WIFSIGNALED(wait_for(spawn(group, take_memory, &size))));
    struct cgroup_counters counters = read_group(&inner, group);
    assert_int_equal(counters.oom, 0);
    assert_true(counters.oom_kills >= 1);
    assert_false(cgroup_event_take(group));
    assert_true(cgroup_event_take(outer));
    assert_true(read_group(world, outer).oom >= 1);
    cgroup_destroy(group);
    destroy_wholly(world, outer);
}

static void kill_until_empty(const struct cgroup *group)
{
    for (int i = 0; i < PATIENCE_MS && cgroup_signal(group, SIGKILL) > 0; i++)
        pause_ms(1);
    assert_int_equal(cgroup_processes(group, NULL, 0), 0);
}

static void fork_bomb_is_ended(struct world *world)
{
    struct cgroup *group =
        make_group(world, "bomb", &(struct cgroup_limits){.memory = 256 * MIB, .processes = 60});
    pid_t child = spawn(group, fork_bomb, NULL);
    wait_for_processes(group, 20);
    assert_in_range(cgroup_processes(group, NULL, 0), 20, 60); /* threads count, processes fewer */
    assert_in_range(cgroup_signal(group, SIGKILL), 20, 60);
    kill_until_empty(group);
    wait_for(child);
    destroy_wholly(world, group);
}

static void runaway_is_ended(struct world *world)
{
    for (int i = 0; i < 5; i++) {
        struct cgroup *group =
            make_group(world, "runaway", &(struct cgroup_limits){.memory = 256 * MIB});
        pid_t child = spawn(group, run_away, NULL);
        pause_ms(10);
        wait_for(child);
        kill_until_empty(group);
        destroy_wholly(world, group);
    }
}

static void signal_reaches_all(struct world *world)
{
    struct cgroup *group = make_group(world, "signal", &(struct cgroup_limits){.processes = 20});
    pid_t children[5];
    for (int i = 0; i < 5; i++)
        children[i] = spawn(group, wait_forever, NULL);
    wait_for_processes(group, 5);
    assert_int_equal(cgroup_signal(group, SIGTERM), 5);
    for (int i = 0; i < 5; i++)
        assert_int_equal(wait_for(children[i]), SIGTERM);
    destroy_wholly(world, group);
}

/* Makes a group below the one it is in, and hides there. */
static int hide_below(void *argument)
{
    const char *folder = argument;
    FILE *file;
    char path[1100];
    if (mkdir(folder, 0755) != 0)
        return 1;
    if (!path_join(path, sizeof path, folder, "cgroup.procs") ||
        (file = fopen(path, "w")) == NULL || fputs("0", file) < 0 || fclose(file) != 0)
        return 2;
    return wait_forever(NULL);
}

static void groups_below_are_included(struct world *world)
{
    char folder[1024];
    char below[1100];
    struct cgroup *group = make_group(world, "nest", &(struct cgroup_limits){.memory = 64 * MIB});
    folder_of(world, cgroup_name(group), folder);
    assert_true(path_join(below, sizeof below, folder, "below"));
    pid_t child = spawn(group, hide_below, below);
    pid_t inside;
    for (int i = 0; i < PATIENCE_MS / 10 &&
                    (access(below, F_OK) != 0 || cgroup_processes(group, NULL, 0) != 1);
         i++)
        pause_ms(10);
    pause_ms(50);
    assert_int_equal(cgroup_processes(group, &inside, 1), 1);
    assert_int_equal(inside, child);
    destroy_wholly(world, group);
    assert_int_equal(wait_for(child), SIGKILL);
}

/* What runs in a group when it is destroyed ends with it. */
static void destroying_ends_what_runs(struct world *world)
{
    struct cgroup *group = make_group(world, "ends", &(struct cgroup_limits){.memory = 64 * MIB});
    pid_t child = spawn(group, wait_forever, NULL);
    wait_for_processes(group, 1);
    destroy_wholly(world, group);
    assert_int_equal(wait_for(child), SIGKILL);
}

static int outlive(void *argument)
{
    prctl(PR_SET_PDEATHSIG, 0);
    return take_memory_and_wait(argument);
}

/* A weir of its own that is about to die: tells the name of its folder, and waits. */
static void run_doomed_weir(int pipe_end)
{
    struct world world;
    uint64_t size = 4 * MIB;
    world_open(&world);
    struct cgroup *group = make_group(&world, "left", &(struct cgroup_limits){.memory = 64 * MIB});
    spawn(group, outlive, &size);
    while (cgroup_processes(group, NULL, 0) < 1)
        pause_ms(1);
    bool told = write(pipe_end, world.place.own, sizeof world.place.own) > 0;
    pause();
    _exit(told ? 0 : 1);
}

/* The pipe stays open as long as the doomed weir or what it started lives. */
static void dead_weir_is_swept(struct world *world)
{
    int ends[2];
    char own[sizeof world->place.own];
    char folder[1024];
    struct cgroup *mine = make_group(world, "mine", &(struct cgroup_limits){.memory = 64 * MIB});
    pid_t living = spawn(mine, wait_forever, NULL);
    wait_for_processes(mine, 1);
    assert_int_equal(pipe(ends), 0);
    fflush(NULL);
    pid_t doomed = fork();
    if (doomed == 0)
        run_doomed_weir(ends[1]);
    close(ends[1]);
    assert_int_equal(read(ends[0], own, sizeof own), sizeof own);
    folder_of(world, own, folder);
    cgroup_sweep(&world->place); /* it lives */
    assert_int_equal(access(folder, F_OK), 0);
    kill(doomed, SIGKILL);
    wait_for(doomed);
    assert_true(cgroup_sweep(&world->place) >= 1);
    assert_int_not_equal(access(folder, F_OK), 0);
    assert_int_equal(read(ends[0], own, 1), 0); /* what it had started is gone */
    close(ends[0]);
    cgroup_sweep(&world->place);
    assert_int_equal(kill(living, 0), 0);
    assert_int_equal(waitpid(living, NULL, WNOHANG), 0);
    destroy_wholly(world, mine);
    assert_int_equal(wait_for(living), SIGKILL);
}

static void few_descriptors_are_held(struct world *world)
{
    struct cgroup *groups[8];
    int before = dup(0);
    for (int i = 0; i < 8; i++) {
        char name[16];
        snprintf(name, sizeof name, "many-%d", i);
        groups[i] = make_group(world, name, &(struct cgroup_limits){.memory = 64 * MIB});
    }
    int after = dup(0);
    assert_true(after - before <= 9); /* one a group, and the first dup */
    close(before);
    close(after);
    for (int i = 0; i < 8; i++)
        destroy_wholly(world, groups[i]);
    assert_int_equal(atomic_load(&world->account.used), 0);
}

static void this_weirs_folder_goes_with_the_last_group(struct world *world)
{
    const char *bases[] = {world->place.memory, world->place.cpu, world->place.pids,
                           world->place.times};
    struct cgroup *group = make_group(world, "last", &(struct cgroup_limits){.memory = 64 * MIB});
    destroy_wholly(world, group);
    for (int i = 0; i < 4; i++) {
        char path[1024];
        assert_true(path_join(path, sizeof path, bases[i], world->place.own));
        assert_false(world->place.kind == CGROUP_V1 && bases[i][0] != '\0' &&
                     access(path, F_OK) == 0);
    }
}

/* A second group of a name is refused, and the first goes on as it was. */
static void names_are_unique(struct world *world)
{
    struct cgroup *second;
    struct cgroup *group = make_group(world, "twice", &(struct cgroup_limits){.memory = 64 * MIB});
    pid_t child = spawn(group, wait_forever, NULL);
    wait_for_processes(group, 1);
    assert_int_equal(cgroup_create(&world->place, "twice", &(struct cgroup_limits){.memory = MIB},
                                   &world->account, &second, &world->error),
                     ERROR_EXISTS);
    assert_int_equal(cgroup_processes(group, NULL, 0), 1);
    destroy_wholly(world, group);
    assert_int_equal(wait_for(child), SIGKILL);
    assert_int_equal(atomic_load(&world->account.used), 0);
}

#define SCENARIO(name)                                                                             \
    static void test_##name(void **state)                                                          \
    {                                                                                              \
        (void)state;                                                                               \
        struct world world;                                                                        \
        world_open(&world);                                                                        \
        name(&world);                                                                              \
    }

SCENARIO(death_at_the_limit)
SCENARIO(honest_use_is_counted)
SCENARIO(limit_can_be_raised)
SCENARIO(limit_of_an_ancestor_is_not_own)
SCENARIO(fork_bomb_is_ended)
SCENARIO(runaway_is_ended)
SCENARIO(signal_reaches_all)
SCENARIO(groups_below_are_included)
SCENARIO(destroying_ends_what_runs)
SCENARIO(dead_weir_is_swept)
SCENARIO(few_descriptors_are_held)
SCENARIO(names_are_unique)
SCENARIO(this_weirs_folder_goes_with_the_last_group)

#define SCENARIO_TESTS                                                                             \
    cmocka_unit_test(test_death_at_the_limit), cmocka_unit_test(test_honest_use_is_counted),       \
        cmocka_unit_test(test_limit_can_be_raised),                                                \
        cmocka_unit_test(test_limit_of_an_ancestor_is_not_own),                                    \
        cmocka_unit_test(test_fork_bomb_is_ended), cmocka_unit_test(test_runaway_is_ended),        \
        cmocka_unit_test(test_signal_reaches_all),                                                 \
        cmocka_unit_test(test_groups_below_are_included),                                          \
        cmocka_unit_test(test_destroying_ends_what_runs),                                          \
        cmocka_unit_test(test_dead_weir_is_swept), cmocka_unit_test(test_names_are_unique),        \
        cmocka_unit_test(test_few_descriptors_are_held),                                           \
        cmocka_unit_test(test_this_weirs_folder_goes_with_the_last_group)

#endif
