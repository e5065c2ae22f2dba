/* Version 2 against a fake: where groups are made, what is written into which file, how counters
 * are read. */
#include "cgroup/fake.h"

static void test_root_of_the_machine(void **state)
{
    struct fake *fake = *state;
    char folder[1024];
    sit_in(fake, "/");
    put_processes(fake->root, "1\n2\n3\n", getpid());
    assert_int_equal(find(fake), CGROUP_V2);
    assert_string_equal(fake->place.memory, fake->root);
    assert_true(fake->place.limits_memory && fake->place.limits_cpu &&
                fake->place.limits_processes && fake->place.has_swap_limit &&
                fake->place.counts_own_oom);
    assert_string_equal(fake->place.better, "");
    assert_holds(fake->root, "cgroup.subtree_control", ""); /* finding only looks */
    struct cgroup *group = make_group(fake, &(struct cgroup_limits){.memory = 1 << 20});
    assert_holds(fake->root, "cgroup.subtree_control", "+memory +cpu +pids");
    path_of(fake, fake->place.own, folder);
    assert_holds(folder, "cgroup.subtree_control", "+memory +cpu +pids");
    cgroup_destroy(group);
    assert_int_not_equal(access(folder, F_OK), 0);
}

static void test_every_limit_is_written(void **state)
{
    struct fake *fake = *state;
    char folder[1024];
    sit_in(fake, "/");
    assert_int_equal(find(fake), CGROUP_V2);
    struct cgroup *group = make_group(fake, &(struct cgroup_limits){.memory = 2147483648,
                                                                    .memory_high = 2040109465,
                                                                    .milli_cpus = 1500,
                                                                    .cpu_weight = 50,
                                                                    .processes = 64});
    path_of(fake, cgroup_name(group), folder);
    assert_holds(folder, "memory.max", "2147483648");
    assert_holds(folder, "memory.high", "2040109465");
    assert_holds(folder, "memory.swap.max", "0");
    assert_holds(folder, "memory.oom.group", "1");
    assert_holds(folder, "cpu.max", "150000 100000");
    assert_holds(folder, "cpu.weight", "50");
    assert_holds(folder, "pids.max", "64");
    assert_int_equal(cgroup_set_memory(group, 3221225472, &fake->error), ERROR_NONE);
    assert_holds(folder, "memory.max", "3221225472");
    assert_int_equal(cgroup_set_memory(group, 0, &fake->error), ERROR_NONE);
    assert_holds(folder, "memory.max", "max");
    assert_true(cgroup_enter(group));
    assert_holds(folder, "cgroup.procs", "0");
    put(folder, "cgroup.procs", "");
    assert_int_equal(cgroup_signal(group, SIGKILL), 0);
    assert_holds(folder, "cgroup.kill", "1");
    cgroup_destroy(group);
    assert_int_equal(atomic_load(&fake->account.used), 0);
}

static void test_no_limit_writes_nothing(void **state)
{
    struct fake *fake = *state;
    char folder[1024];
    sit_in(fake, "/");
    assert_int_equal(find(fake), CGROUP_V2);
    struct cgroup *group = make_group(fake, &(struct cgroup_limits){.milli_cpus = 1});
    path_of(fake, cgroup_name(group), folder);
    assert_holds(folder, "memory.max", "max\n");
    assert_holds(folder, "memory.high", "max\n");
    assert_holds(folder, "memory.swap.max", "max\n");
    assert_holds(folder, "cpu.max", "1000 100000"); /* the least that the kernel takes */
    assert_holds(folder, "cpu.weight", "100\n");
    assert_holds(folder, "pids.max", "max\n");
    cgroup_destroy(group);
}

/* Files that a kernel without swap, or before 4.19, does not have. */
static void test_missing_files_are_done_without(void **state)
{
    struct fake *fake = *state;
    sit_in(fake, "/");
    put(fake->root, "cgroup.controllers", "memory\n");
    assert_int_equal(find(fake), CGROUP_V2);
    assert_false(fake->place.limits_cpu || fake->place.limits_processes);
    assert_string_equal(fake->place.cpu, "");
    assert_non_null(strstr(fake->place.better, "cpu controller is missing"));
    struct cgroup *group = make_group(
        fake, &(struct cgroup_limits){.memory = 1 << 20, .milli_cpus = 500, .processes = 3});
    char folder[1024];
    path_of(fake, cgroup_name(group), folder);
    assert_holds(fake->root, "cgroup.subtree_control", "+memory");
    assert_holds(folder, "cpu.max", "max 100000\n");
    assert_holds(folder, "pids.max", "max\n");
    cgroup_destroy(group);
}

static void test_counters(void **state)
{
    struct fake *fake = *state;
    char folder[1024];
    struct cgroup_counters counters;
    sit_in(fake, "/");
    assert_int_equal(find(fake), CGROUP_V2);
    struct cgroup *group = make_group(fake, &(struct cgroup_limits){.memory = 1 << 20});
    path_of(fake, cgroup_name(group), folder);
    put(folder, "memory.current", "1048576\n");
    put(folder, "memory.stat",
        "anon 700000\nfile 300000\nkernel 9\nfile_mapped 5\nshmem 120000\nanon_thp 3\n");
    put(folder, "memory.events.local",
        "low 1\nhigh 12\nmax 34\noom 5\noom_kill 2\noom_group_kill 1\n");
    put(folder, "memory.events", "low 1\nhigh 12\nmax 99\noom 9\noom_kill 4\noom_group_kill 1\n");
    put(folder, "cpu.stat",
        "usage_usec 1500000\nuser_usec 1\nsystem_usec 2\nnr_periods 3\nthrottled_usec 250\n");
    put(folder, "cgroup.procs", "4000001\n4000002\n4000003\n");
    assert_int_equal(cgroup_read(group, &counters, &fake->error), ERROR_NONE);
    assert_int_equal(counters.memory, 1048576);
    assert_int_equal(counters.memory_peak, 0);
    assert_int_equal(counters.anonymous, 820000);
    assert_int_equal(counters.cache, 180000);
    assert_int_equal(counters.limit_hits, 34);
    assert_int_equal(counters.high_hits, 12);
    assert_true(counters.has_oom && counters.has_oom_kills && !counters.under_oom);
    assert_int_equal(counters.oom, 5);
    assert_int_equal(counters.oom_kills, 4); /* those in groups below as well */
    assert_int_equal(counters.cpu_ns, 1500000000);
    assert_int_equal(counters.throttled_ns, 250000);
    assert_int_equal(counters.processes, 3);
    int descriptor = cgroup_open_folder(group);
    struct stat status;
    assert_true(descriptor >= 0 && fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode));
    assert_int_equal(close(descriptor), 0);
    put(folder, "memory.peak", "2097152\n");
    assert_int_equal(cgroup_read(group, &counters, &fake->error), ERROR_NONE);
    assert_int_equal(counters.memory_peak, 2097152);
    put(folder, "memory.current", "900\n");
    put(folder, "memory.stat", "anon 500\nfile 40\nshmem 30\n");
    put(folder, "memory.events.local", "low 1\nhigh 13\nmax 35\noom 6\noom_kill 7\n");
    assert_int_equal(cgroup_look(group, &counters, &fake->error), ERROR_NONE);
    assert_int_equal(counters.memory, 900);
    assert_int_equal(counters.anonymous, 530);
    assert_int_equal(counters.cache, 10);
    assert_int_equal(counters.high_hits, 13);
    assert_int_equal(counters.processes, 3);
    assert_int_equal(counters.oom, 5); /* as it was read before */
    assert_int_equal(counters.memory_peak, 2097152);
    drop(folder, "memory.peak");
    put(folder, "cgroup.procs", "");
    cgroup_destroy(group);
}

/* Bytes that are no numbers, or too large ones, are not believed. */
static void test_odd_counters(void **state)
{
    struct fake *fake = *state;
    char folder[1024];
    struct cgroup_counters counters = {.memory = 7};
    sit_in(fake, "/");
    assert_int_equal(find(fake), CGROUP_V2);
    struct cgroup *group = make_group(fake, &(struct cgroup_limits){.memory = 1 << 20});
    path_of(fake, cgroup_name(group), folder);
    put(folder, "memory.stat", "anon\nfile x\nshmem 99999999999999999999999\n\n\nanonymous 3");
    put(folder, "memory.events.local", "");
    drop(folder, "memory.events");
    put(folder, "cgroup.procs", "99999999999999\nabc\n-\n");
    assert_int_equal(cgroup_read(group, &counters, &fake->error), ERROR_NONE);
    assert_true(counters.anonymous == 0 && counters.cache == 0 && !counters.has_oom);
    assert_int_equal(counters.processes, 1);
    put(folder, "memory.current", "-5\n");
    assert_int_equal(cgroup_read(group, &counters, &fake->error), ERROR_IO);
    put(folder, "cgroup.procs", "");
    cgroup_destroy(group);
}

static void test_events(void **state)
{
    struct fake *fake = *state;
    char folder[1024];
    short events;
    sit_in(fake, "/");
    assert_int_equal(find(fake), CGROUP_V2);
    struct cgroup *group = make_group(fake, &(struct cgroup_limits){.memory = 1 << 20});
    path_of(fake, cgroup_name(group), folder);
    assert_true(cgroup_event_descriptor(group, &events) >= 0);
    assert_int_equal(events, POLLPRI);
    assert_false(cgroup_event_take(group));
    put(folder, "memory.events.local", "low 0\nhigh 5\nmax 7\noom 0\noom_kill 1\n");
    assert_false(cgroup_event_take(group)); /* killed by another's need */
    put(folder, "memory.events.local", "low 0\nhigh 5\nmax 7\noom 1\noom_kill 2\n");
    assert_true(cgroup_event_take(group));
    assert_false(cgroup_event_take(group));
    assert_int_equal(cgroup_hold_at_limit(group, true, &fake->error), ERROR_UNSUPPORTED);
    cgroup_destroy(group);
}

/* As systemd gives it to a service: this process is alone in its group. */
static void test_delegated_service(void **state)
{
    struct fake *fake = *state;
    char path[256];
    char folder[1024];
    make_folder(fake, "system.slice", path);
    put(path, "cgroup.controllers", "cpu memory pids\n");
    make_folder(fake, "system.slice/weir.service", path);
    put_process(path, getpid());
    sit_in(fake, "/system.slice/weir.service");
    assert_int_equal(find(fake), CGROUP_V2);
    assert_string_equal(fake->place.memory, path);
    struct cgroup *group = make_group(fake, &(struct cgroup_limits){.memory = 1 << 20});
    assert_holds(path, "cgroup.subtree_control", "+memory +cpu +pids");
    path_of(fake, cgroup_name(group), folder);
    assert_holds(folder, "memory.max", "1048576");
    cgroup_destroy(group);
}

/* A terminal: its group has the shell in it too, but the slice above already divides. */
static void test_terminal_of_a_user(void **state)
{
    struct fake *fake = *state;
    char path[256];
    char above[256];
    make_folder(fake, "app.slice", above);
    put(above, "cgroup.subtree_control", "memory pids\n");
    make_folder(fake, "app.slice/terminal.scope", path);
    put(path, "cgroup.procs", "1\n");
    sit_in(fake, "/app.slice/terminal.scope");
    assert_int_equal(find(fake), CGROUP_V2);
    assert_string_equal(fake->place.memory, above);
    assert_true(fake->place.limits_processes && !fake->place.limits_cpu);
    struct cgroup *group = make_group(fake, &(struct cgroup_limits){.memory = 1 << 20});
    assert_holds(above, "cgroup.subtree_control", "memory pids\n"); /* not ours to change */
    cgroup_destroy(group);
}

/* The root that a container sees is none: it has cgroup.events, and the rule of inner processes. */
static void test_container(void **state)
{
    struct fake *fake = *state;
    sit_in(fake, "/");
    put(fake->root, "cgroup.events", "populated 1\n");
    put(fake->root, "cgroup.type", "domain\n");
    put_process(fake->root, getpid());
    assert_int_equal(find(fake), CGROUP_V2);
    assert_string_equal(fake->place.memory, fake->root);
    put_processes(fake->root, "1\n4000001\n", getpid());
    assert_int_equal(find(fake), CGROUP_NONE);
    assert_non_null(strstr(fake->place.why, "other processes"));
    assert_non_null(strstr(fake->place.better, "first process"));
}

/* A namespace of its own, but the mount of the whole machine: groups made there would be outside
 * the container's limits. */
static void test_container_that_sees_the_machine(void **state)
{
    struct fake *fake = *state;
    put(fake->root, "cgroup.procs", "0\n0\n4000001\n");
    sit_in(fake, "/");
    assert_int_equal(find(fake), CGROUP_NONE);
    assert_non_null(strstr(fake->place.why, "not the part in which this process sits"));
    assert_non_null(strstr(fake->place.better, "umount"));
    sit_in(fake, "/below");
    assert_int_equal(find(fake), CGROUP_NONE);
    put_processes(fake->root, "0\n", getpid());
    sit_in(fake, "/");
    put(fake->root, "cgroup.subtree_control", "memory\n");
    assert_int_equal(find(fake), CGROUP_V2);
}

/* A container whose path is that of the host, but which sees its own part alone. */
static void test_container_with_the_hosts_path(void **state)
{
    struct fake *fake = *state;
    sit_in(fake, "/kubepods/pod1/box");
    assert_int_equal(find(fake), CGROUP_V2);
    assert_string_equal(fake->place.memory, fake->root);
}

static void test_nested_weir_stays_in_its_cell(void **state)
{
    struct fake *fake = *state;
    char path[256];
    make_folder(fake, "weir-1-2", path);
    put(path, "cgroup.subtree_control", "memory\n");
    make_folder(fake, "weir-1-2/job-9", path);
    put(path, "cgroup.procs", "4000001\n");
    sit_in(fake, "/weir-1-2/job-9");
    assert_int_equal(find(fake), CGROUP_NONE);
    put(path, "cgroup.procs", "");
    assert_int_equal(find(fake), CGROUP_V2);
    assert_string_equal(fake->place.memory, path);
    /* One that moved itself aside makes its groups where it was. */
    make_folder(fake, "weir-1-2/weir.supervisor", path);
    sit_in(fake, "/weir-1-2/weir.supervisor");
    assert_int_equal(find(fake), CGROUP_V2);
    assert_string_equal(fake->place.memory, fake->root);
}

static void test_what_is_missing_is_said(void **state)
{
    struct fake *fake = *state;
    char path[256];
    sit_in(fake, "/");
    put(fake->root, "cgroup.controllers", "cpu io pids\n");
    assert_int_equal(find(fake), CGROUP_NONE);
    assert_non_null(strstr(fake->place.why, "without its memory controller"));
    put(fake->root, "cgroup.controllers", "cpu memory pids\n");
    make_folder(fake, "threads", path);
    put(path, "cgroup.type", "threaded\n");
    sit_in(fake, "/../elsewhere");
    assert_int_equal(find(fake), CGROUP_NONE);
    assert_non_null(strstr(fake->place.better, "Delegate=yes"));
    drop(fake->root, "cgroup.controllers");
    sit_in(fake, "/");
    assert_int_equal(find(fake), CGROUP_NONE);
    assert_non_null(strstr(fake->place.why, "no control groups"));
    struct cgroup *group;
    assert_int_equal(cgroup_create(&fake->place, "a", &(struct cgroup_limits){.memory = 1},
                                   &fake->account, &group, &fake->error),
                     ERROR_UNSUPPORTED);
    assert_int_equal(cgroup_sweep(&fake->place), 0);
}

static void test_rights_are_missing(void **state)
{
    struct fake *fake = *state;
    char path[256];
    if (geteuid() == 0)
        skip(); /* root may write everywhere */
    make_folder(fake, "session.scope", path);
    sit_in(fake, "/session.scope");
    chmod(path, 0555);
    chmod(fake->root, 0555);
    enum cgroup_kind kind = find(fake);
    chmod(path, 0755);
    chmod(fake->root, 0755);
    assert_int_equal(kind, CGROUP_NONE);
    assert_non_null(strstr(fake->place.better, "Delegate=yes"));
}

static void test_hybrid(void **state)
{
    struct fake *fake = *state;
    char path[256];
    drop(fake->root, "cgroup.controllers");
    make_folder(fake, "unified", path);
    drop(path, "cgroup.events");
    put(fake->top, "self", "4:memory:/a\n1:name=systemd:/\n0::/\n");
    assert_int_equal(find(fake), CGROUP_V2);
    assert_string_equal(fake->place.memory, path);
    /* With memory in version 1, that is taken. */
    put(path, "cgroup.controllers", "hugetlb\n");
    make_folder(fake, "memory", path);
    make_folder(fake, "memory/a", path);
    make_folder(fake, "cpu", path);
    assert_int_equal(find(fake), CGROUP_V1);
    snprintf(path, sizeof path, "%s/memory/a", fake->root);
    assert_string_equal(fake->place.memory, path);
    assert_true(fake->place.limits_cpu && !fake->place.limits_processes);
    assert_non_null(strstr(fake->place.why, "without pids"));
}

static void test_names(void **state)
{
    static const char *const wrong[] = {"", "a/b", "..", "a b", "weir.supervisor", "\xc3\xa4"};
    struct fake *fake = *state;
    struct cgroup *group;
    char longest[102];
    sit_in(fake, "/");
    assert_int_equal(find(fake), CGROUP_V2);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_int_equal(cgroup_create(&fake->place, wrong[i], &(struct cgroup_limits){0},
                                       &fake->account, &group, &fake->error),
                         ERROR_USAGE);
    memset(longest, 'a', sizeof longest);
    longest[101] = '\0';
    assert_int_equal(cgroup_create(&fake->place, longest, &(struct cgroup_limits){0},
                                   &fake->account, &group, &fake->error),
                     ERROR_USAGE);
    longest[100] = '\0';
    assert_int_equal(cgroup_create(&fake->place, longest, &(struct cgroup_limits){0},
                                   &fake->account, &group, &fake->error),
                     ERROR_NONE);
    cgroup_destroy(group);
    cgroup_destroy(NULL);
}

/* When memory cannot be limited nothing stays behind. */
static void test_failure_leaves_nothing(void **state)
{
    struct fake *fake = *state;
    struct cgroup *group;
    char folder[1024];
    sit_in(fake, "/");
    assert_int_equal(find(fake), CGROUP_V2);
    mem_fail_allocation(1);
    assert_int_equal(cgroup_create(&fake->place, "job", &(struct cgroup_limits){.memory = 1},
                                   &fake->account, &group, &fake->error),
                     ERROR_MEMORY);
    mem_fail_allocation(0);
    drop(fake->root, "cgroup.subtree_control");
    assert_int_equal(cgroup_create(&fake->place, "job", &(struct cgroup_limits){.memory = 1},
                                   &fake->account, &group, &fake->error),
                     ERROR_IO);
    path_of(fake, fake->place.own, folder);
    assert_int_not_equal(access(folder, F_OK), 0);
    assert_int_equal(atomic_load(&fake->account.used), 0);
}

/* Groups of weirs that are gone, or whose number another process has now; not those of this one. */
static void test_sweep(void **state)
{
    struct fake *fake = *state;
    char path[256];
    char name[128];
    sit_in(fake, "/");
    assert_int_equal(find(fake), CGROUP_V2);
    struct cgroup *mine = make_group(fake, &(struct cgroup_limits){.memory = 1 << 20});
    make_folder(fake, "weir-4194300-5", path); /* beyond any process number in use */
    make_folder(fake, "weir-4194300-5/job-1", path);
    make_folder(fake, "weir-4194300-5/job-2", path);
    make_folder(fake, "weir-4194300-5/job-2/below", path);
    make_folder(fake, "weir-4194300-5/weir.supervisor", path);
    snprintf(name, sizeof name, "weir-%d-1", (int)getpid());
    make_folder(fake, name, path);
    snprintf(name, sizeof name, "weir-%d-1/job-3", (int)getpid());
    make_folder(fake, name, path);
    make_folder(fake, "weir-abc-1", path);
    make_folder(fake, "weir-4194300-5x", path);
    make_folder(fake, "weird", path);
    assert_int_equal(cgroup_sweep(&fake->place), 3);
    snprintf(path, sizeof path, "%s/weir-4194300-5", fake->root);
    assert_int_not_equal(access(path, F_OK), 0);
    snprintf(path, sizeof path, "%s/weir-%d-1", fake->root, (int)getpid());
    assert_int_not_equal(access(path, F_OK), 0);
    snprintf(path, sizeof path, "%s/weir-4194300-5x", fake->root);
    assert_int_equal(access(path, F_OK), 0);
    snprintf(path, sizeof path, "%s/weird", fake->root);
    assert_int_equal(access(path, F_OK), 0);
    assert_int_equal(cgroup_sweep(&fake->place), 0);
    cgroup_destroy(mine);
}

/* As the companion of a weir that died: it sits in one of the folders, and has work to do yet. */
static void test_sweep_spares_its_own_folder(void **state)
{
    struct fake *fake = *state;
    char job[256];
    char own[256];
    char path[256];
    sit_in(fake, "/");
    assert_int_equal(find(fake), CGROUP_V2);
    make_folder(fake, "weir-4194300-5", path);
    make_folder(fake, "weir-4194300-5/weir.supervisor", own);
    make_folder(fake, "weir-4194300-5/job-1", job);
    put_process(own, getpid());
    assert_int_equal(cgroup_sweep(&fake->place), 1);
    assert_int_not_equal(access(job, F_OK), 0);
    assert_int_equal(access(own, F_OK), 0);
}

static void test_companions_are_few(void **state)
{
    struct fake *fake = *state;
    for (pid_t pid = 11; pid < 14; pid++)
        cgroup_accompany(&fake->place, pid);
    assert_int_equal(fake->place.companions[0], 11);
    assert_int_equal(fake->place.companions[1], 12);
}

#define FAKE_TEST(name) cmocka_unit_test_setup_teardown(name, fake_open, fake_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE_TEST(test_root_of_the_machine),
        FAKE_TEST(test_every_limit_is_written),
        FAKE_TEST(test_no_limit_writes_nothing),
        FAKE_TEST(test_missing_files_are_done_without),
        FAKE_TEST(test_counters),
        FAKE_TEST(test_odd_counters),
        FAKE_TEST(test_events),
        FAKE_TEST(test_delegated_service),
        FAKE_TEST(test_terminal_of_a_user),
        FAKE_TEST(test_container),
        FAKE_TEST(test_container_that_sees_the_machine),
        FAKE_TEST(test_container_with_the_hosts_path),
        FAKE_TEST(test_nested_weir_stays_in_its_cell),
        FAKE_TEST(test_what_is_missing_is_said),
        FAKE_TEST(test_rights_are_missing),
        FAKE_TEST(test_hybrid),
        FAKE_TEST(test_names),
        FAKE_TEST(test_failure_leaves_nothing),
        FAKE_TEST(test_sweep),
        FAKE_TEST(test_sweep_spares_its_own_folder),
        FAKE_TEST(test_companions_are_few),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
