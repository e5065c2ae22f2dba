/* Version 2 on a machine that has its memory controller; skipped elsewhere. Start it where weir may
 * make groups: as root, as the only process of a container, or under systemd with Delegate=yes. */
#include "cgroup/scenario.h"

/* From memory_high on a process is slowed down, and the event descriptor tells before any death. */
static void test_slowed_before_killed(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    uint64_t size = 40 * MIB;
    struct cgroup *group = make_group(
        &world, "slow", &(struct cgroup_limits){.memory = 64 * MIB, .memory_high = 16 * MIB});
    pid_t child = spawn(group, take_memory_and_wait, &size);
    assert_true(is_ready(group, PATIENCE_MS));
    assert_false(cgroup_event_take(group));
    struct cgroup_counters counters = read_group(&world, group);
    assert_true(counters.high_hits > 0 && counters.oom == 0);
    assert_int_equal(waitpid(child, NULL, WNOHANG), 0);
    destroy_wholly(&world, group);
    assert_int_equal(wait_for(child), SIGKILL);
}

/* One process over the limit ends all of the group together. */
static void test_group_ends_together(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    uint64_t size = 48 * MIB;
    struct cgroup *group =
        make_group(&world, "together", &(struct cgroup_limits){.memory = 24 * MIB});
    pid_t bystander = spawn(group, wait_forever, NULL);
    wait_for_processes(group, 1);
    assert_int_equal(wait_for(spawn(group, take_memory, &size)), SIGKILL);
    assert_int_equal(wait_for(bystander), SIGKILL);
    /* Some kernels count the process that was chosen twice. */
    assert_true(read_group(&world, group).oom_kills >= 2);
    destroy_wholly(&world, group);
}

static void test_nothing_is_held(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    struct cgroup *group = make_group(&world, "hold", &(struct cgroup_limits){.memory = 24 * MIB});
    assert_int_equal(cgroup_hold_at_limit(group, true, &world.error), ERROR_UNSUPPORTED);
    destroy_wholly(&world, group);
}

/* Found again from where the first group may have moved this process to. */
static void test_place_stays(void **state)
{
    (void)state;
    struct world world;
    struct world again;
    world_open(&world);
    struct cgroup *group = make_group(&world, "stay", &(struct cgroup_limits){.memory = 24 * MIB});
    world_open(&again);
    assert_int_equal(again.place.kind, CGROUP_V2);
    assert_string_equal(again.place.memory, world.place.memory);
    destroy_wholly(&world, group);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIO_TESTS,
        cmocka_unit_test(test_slowed_before_killed),
        cmocka_unit_test(test_group_ends_together),
        cmocka_unit_test(test_nothing_is_held),
        cmocka_unit_test(test_place_stays),
    };
    return world_has(CGROUP_V2) ? cmocka_run_group_tests(tests, NULL, NULL) : 0;
}
