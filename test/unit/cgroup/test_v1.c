/* Version 1 on this machine, for real: skipped where its memory controller cannot be written. */
#include "cgroup/scenario.h"

/* A process at the limit waits; it goes on once it has more. */
static void test_hold_at_the_limit(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    uint64_t size = 48 * MIB;
    struct cgroup *group = make_group(&world, "hold", &(struct cgroup_limits){.memory = 24 * MIB});
    assert_int_equal(cgroup_hold_at_limit(group, true, &world.error), ERROR_NONE);
    pid_t child = spawn(group, take_memory, &size);
    assert_true(is_ready(group, 5000));
    assert_int_equal(read_group(&world, group).oom, 1); /* not taken yet, and counted */
    assert_true(cgroup_event_take(group));
    struct cgroup_counters held = read_group(&world, group);
    assert_true(held.under_oom && held.oom >= 1 && held.oom_kills == 0);
    struct cgroup_counters looked = {.oom = 0};
    assert_int_equal(cgroup_look(group, &looked, &world.error), ERROR_NONE);
    assert_true(looked.under_oom);
    assert_int_equal(cgroup_open_folder(group), -1); /* there is no such way in version 1 */
    assert_int_equal(waitpid(child, NULL, WNOHANG), 0);
    assert_int_equal(cgroup_set_memory(group, 160 * MIB, &world.error), ERROR_NONE);
    assert_int_equal(cgroup_hold_at_limit(group, false, &world.error), ERROR_NONE);
    assert_int_equal(wait_for(child), 0);
    assert_false(read_group(&world, group).under_oom);
    destroy_wholly(&world, group);
}

static void test_held_process_can_be_killed(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    uint64_t size = 48 * MIB;
    struct cgroup *group = make_group(&world, "stuck", &(struct cgroup_limits){.memory = 24 * MIB});
    assert_int_equal(cgroup_hold_at_limit(group, true, &world.error), ERROR_NONE);
    pid_t child = spawn(group, take_memory, &size);
    assert_true(is_ready(group, 5000));
    destroy_wholly(&world, group);
    assert_int_equal(wait_for(child), SIGKILL);
}

static uint64_t number_in(const char *folder, const char *name, const char *file)
{
    char path[1024];
    uint64_t value = 0;
    assert_true(path_join(path, sizeof path, folder, name));
    assert_true(kernel_read_number(path, file, &value));
    return value;
}

static void test_limits_stand_in_the_kernel(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    struct cgroup *group =
        make_group(&world, "limits",
                   &(struct cgroup_limits){
                       .memory = 64 * MIB, .milli_cpus = 1500, .cpu_weight = 50, .processes = 7});
    const char *name = cgroup_name(group);
    assert_int_equal(number_in(world.place.memory, name, "memory.limit_in_bytes"), 64 * MIB);
    assert_int_equal(number_in(world.place.memory, name, "memory.swappiness"), 0);
    if (world.place.has_swap_limit)
        assert_int_equal(number_in(world.place.memory, name, "memory.memsw.limit_in_bytes"),
                         64 * MIB);
    if (world.place.limits_cpu) {
        assert_int_equal(number_in(world.place.cpu, name, "cpu.cfs_quota_us"), 150000);
        assert_int_equal(number_in(world.place.cpu, name, "cpu.shares"), 512);
    }
    if (world.place.limits_processes)
        assert_int_equal(number_in(world.place.pids, name, "pids.max"), 7);
    destroy_wholly(&world, group);
}

static void test_place_is_described(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    assert_true(world.place.limits_memory && world.place.counts_own_oom);
    assert_non_null(strstr(world.place.why, "cgroup v1 with a writable memory controller"));
    assert_non_null(strstr(world.place.better, "cgroup v2"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO_TESTS,
        cmocka_unit_test(test_hold_at_the_limit),
        cmocka_unit_test(test_held_process_can_be_killed),
        cmocka_unit_test(test_limits_stand_in_the_kernel),
        cmocka_unit_test(test_place_is_described),
    };
    return world_has(CGROUP_V1) ? cmocka_run_group_tests(tests, NULL, NULL) : 0;
}
