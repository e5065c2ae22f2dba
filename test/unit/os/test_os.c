/* What the system tells about itself is plausible, and threads end before the call returns. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "os/os.h"

static void clocks_go_forward(void **state)
{
    (void)state;
    uint64_t before = os_now_ns();
    uint64_t cpu_before = os_cpu_ns();
    volatile uint64_t work = 0;
    for (int i = 0; i < 3000000; i++)
        work = work + (uint64_t)i;
    assert_true(os_now_ns() > before);
    assert_true(os_cpu_ns() > cpu_before);
}

static void resident_memory_follows_use(void **state)
{
    (void)state;
    size_t size = (size_t)48 << 20;
    uint64_t before = os_resident_bytes();
    char *block = malloc(size);
    assert_non_null(block);
    memset(block, 1, size);
    assert_true(os_resident_bytes() >= before + size / 2);
    assert_true(os_peak_resident_bytes() >= before + size / 2);
    free(block);
    assert_true(os_peak_resident_bytes() >= before + size / 2);
}

static void the_machine_is_plausible(void **state)
{
    (void)state;
    assert_true(os_processor_count() >= 1);
    assert_true(os_memory_available() > (uint64_t)1 << 20);
    assert_true(os_l2_cache_bytes() >= (size_t)64 << 10);
    assert_true(os_l2_cache_bytes() <= (size_t)1 << 30);
    assert_true(os_open_files_limit() >= 3);
    assert_int_equal(os_instruction_set(), os_instruction_set());
    assert_string_equal(os_instruction_set_name(OS_SCALAR), "scalar");
    assert_string_equal(os_instruction_set_name(OS_AVX2), "avx2");
    assert_string_equal(os_instruction_set_name(OS_AVX512), "avx512");
}

struct counting {
    atomic_uint seen;
    atomic_uint running;
    atomic_bool abandoned;
};

static void count_index(void *context, unsigned index)
{
    struct counting *counting = context;
    atomic_fetch_add(&counting->running, 1);
    atomic_fetch_or(&counting->seen, 1u << index);
    struct timespec pause = {0, 2000000};
    nanosleep(&pause, NULL);
    atomic_fetch_sub(&counting->running, 1);
}

static void every_index_runs_once_and_ends(void **state)
{
    (void)state;
    for (unsigned count = 1; count <= 16; count += 5) {
        struct counting counting = {0};
        struct error error;
        assert_int_equal(os_run_threads(count, count_index, &counting, &counting.abandoned, &error),
                         ERROR_NONE);
        assert_int_equal(atomic_load(&counting.seen), (1u << count) - 1);
        assert_int_equal(atomic_load(&counting.running), 0);
        assert_false(atomic_load(&counting.abandoned));
    }
}

/* In a child, so that the flag of this process stays unset. */
static void a_signal_asks_to_stop(void **state)
{
    (void)state;
    static const int signals[] = {SIGINT, SIGTERM};
    for (int i = 0; i < 2; i++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            struct error error;
            error_init(&error);
            os_catch_stop_signals();
            bool before = os_stop_requested() == 0 && os_check_stop(&error) == ERROR_NONE;
            raise(signals[i]);
            bool after = os_stop_requested() == signals[i] &&
                         os_check_stop(&error) == ERROR_CANCELLED && error.what[0] != '\0';
            _exit(before && after ? 0 : 1);
        }
        int status;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
}

static void a_second_signal_ends_the_process(void **state)
{
    (void)state;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        os_catch_stop_signals();
        raise(SIGTERM);
        raise(SIGTERM);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_false(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void no_stop_without_a_signal(void **state)
{
    (void)state;
    struct error error;
    assert_int_equal(os_stop_requested(), 0);
    assert_int_equal(os_check_stop(&error), ERROR_NONE);
}

static void time_until_a_moment(void **state)
{
    (void)state;
    struct timespec past = os_time_until(0), far = os_time_until(UINT64_MAX);
    assert_int_equal(past.tv_sec, 0);
    assert_int_equal(past.tv_nsec, 0);
    assert_int_equal(far.tv_sec, 3600);
    assert_int_equal(far.tv_nsec, 0);
    struct timespec soon = os_time_until(os_now_ns() + UINT64_C(600500000000));
    assert_true(soon.tv_sec <= 600 && soon.tv_sec > 0);
    assert_true(soon.tv_nsec >= 0 && soon.tv_nsec < 1000000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clocks_go_forward),
        cmocka_unit_test(resident_memory_follows_use),
        cmocka_unit_test(the_machine_is_plausible),
        cmocka_unit_test(every_index_runs_once_and_ends),
        cmocka_unit_test(a_signal_asks_to_stop),
        cmocka_unit_test(a_second_signal_ends_the_process),
        cmocka_unit_test(no_stop_without_a_signal),
        cmocka_unit_test(time_until_a_moment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
