/* Folders are removed behind the scenes: all of them, and by a thread that takes no signals. */
#include <pthread.h>
#include <signal.h>

#include "batch/remover.h"
#include "batch/scratch.h"

struct stage {
    struct scratch scratch;
    struct mem_account account;
    struct error error;
};

static int setup(void **state)
{
    static struct stage stage;
    scratch_open(&stage.scratch);
    mem_account_init(&stage.account, "test", NULL, MEM_NO_LIMIT);
    *state = &stage;
    return 0;
}

static int teardown(void **state)
{
    struct stage *stage = *state;
    assert_int_equal(atomic_load(&stage->account.used), 0);
    scratch_close(&stage->scratch);
    return 0;
}

static const char *make_folder(struct stage *stage, int number)
{
    char name[40];
    snprintf(name, sizeof name, "folder-%d", number);
    const char *path = scratch_name(&stage->scratch, name);
    assert_int_equal(mkdir(path, 0700), 0);
    for (int i = 0; i < 20; i++) {
        char file[1300];
        snprintf(file, sizeof file, "%s/%d", path, i);
        write_file(file, "x");
    }
    return path;
}

static void all_are_gone_when_it_has_ended(void **state)
{
    struct stage *stage = *state;
    struct remover *remover;
    size_t before = count_descriptors();
    assert_int_equal(remover_start(&stage->account, &remover, &stage->error), ERROR_NONE);
    for (int i = 0; i < 200; i++)
        remover_add(remover, make_folder(stage, i));
    remover_add(remover, scratch_name(&stage->scratch, "never-there"));
    remover_end(remover);
    assert_int_equal(count_entries(stage->scratch.path), 0);
    assert_int_equal(count_descriptors(), before);
    remover_end(NULL);
}

static void what_waits_is_counted(void **state)
{
    struct stage *stage = *state;
    struct remover *remover;
    assert_int_equal(remover_start(&stage->account, &remover, &stage->error), ERROR_NONE);
    assert_int_equal(remover_waiting(remover), 0);
    remover_add(remover, make_folder(stage, 1));
    for (int i = 0; i < 10000 && remover_waiting(remover) > 0; i++)
        usleep(1000);
    assert_int_equal(remover_waiting(remover), 0);
    assert_int_equal(count_entries(stage->scratch.path), 0);
    remover_end(remover);
}

static void without_memory_it_is_done_at_once(void **state)
{
    struct stage *stage = *state;
    struct remover *remover;
    assert_int_equal(remover_start(&stage->account, &remover, &stage->error), ERROR_NONE);
    const char *path = make_folder(stage, 1);
    mem_fail_allocation(1);
    remover_add(remover, path);
    mem_fail_allocation(0);
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(remover_waiting(remover), 0);
    remover_end(remover);
}

static void no_memory_no_remover(void **state)
{
    struct stage *stage = *state;
    struct remover *remover = NULL;
    stage->account.limit = 0;
    assert_int_equal(remover_start(&stage->account, &remover, &stage->error), ERROR_MEMORY);
    assert_null(remover);
}

/* Signals blocked in each thread but this one, as /proc has them. */
static void assert_signals_blocked(void)
{
    size_t others = 0;
    DIR *tasks = opendir("/proc/self/task");
    for (const struct dirent *entry; (entry = readdir(tasks)) != NULL;) {
        char path[300], text[4096] = "";
        if (entry->d_name[0] == '.' || strtol(entry->d_name, NULL, 10) == getpid())
            continue;
        snprintf(path, sizeof path, "/proc/self/task/%s/status", entry->d_name);
        int file = open(path, O_RDONLY | O_CLOEXEC);
        assert_true(read(file, text, sizeof text - 1) > 0);
        close(file);
        const char *mask = strstr(text, "SigBlk:");
        assert_non_null(mask);
        uint64_t blocked = strtoull(mask + 7, NULL, 16);
        assert_true(blocked & UINT64_C(1) << (SIGTERM - 1));
        assert_true(blocked & UINT64_C(1) << (SIGINT - 1));
        assert_true(blocked & UINT64_C(1) << (SIGCHLD - 1));
        others++;
    }
    closedir(tasks);
    assert_true(others >= 1);
}

static void its_thread_takes_no_signals(void **state)
{
    struct stage *stage = *state;
    struct remover *remover;
    sigset_t before, after;
    pthread_sigmask(SIG_SETMASK, NULL, &before);
    assert_int_equal(remover_start(&stage->account, &remover, &stage->error), ERROR_NONE);
    pthread_sigmask(SIG_SETMASK, NULL, &after);
    assert_int_equal(sigismember(&before, SIGTERM), sigismember(&after, SIGTERM));
    assert_signals_blocked();
    remover_end(remover);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(all_are_gone_when_it_has_ended),    TEST(what_waits_is_counted),
        TEST(without_memory_it_is_done_at_once), TEST(no_memory_no_remover),
        TEST(its_thread_takes_no_signals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
