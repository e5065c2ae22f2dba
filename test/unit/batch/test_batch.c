/* Batches of real programs, with and without control groups. */
#include "runner.h"

static struct batch_view view_of(const struct runner *runner)
{
    struct batch_view view;
    batch_view(runner->batch, &view);
    return view;
}

static void check_counts(const struct runner *runner, uint32_t ok, uint32_t failed,
                         uint32_t skipped)
{
    struct batch_view view = view_of(runner);
    assert_int_equal(view.ok, ok);
    assert_int_equal(view.failed, failed);
    assert_int_equal(view.skipped, skipped);
    assert_int_equal(view.running, 0);
    assert_int_equal(view.memory_granted, 0);
}

static bool file_holds(const struct runner *runner, const char *name, const char *expected)
{
    char path[128], text[4096] = "";
    snprintf(path, sizeof path, "%s/%s", runner->folder, name);
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return expected[0] == '\0';
    size_t size = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[size] = '\0';
    return strcmp(text, expected) == 0;
}

/* Jobs write where the tests look: one line of the text may name the folder as @. */
static const char *in_folder(struct runner *runner, const char *lines)
{
    static char text[8192];
    size_t used = 0;
    for (; *lines != '\0' && used + 80 < sizeof text; lines++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%.*s",
                                 *lines == '@' ? (int)strlen(runner->folder) : 1,
                                 *lines == '@' ? runner->folder : lines);
    return text;
}

/* ---- order ---- */

static void successors_come_after(void **state)
{
    struct runner runner;
    runner_open(&runner, *state != NULL);
    runner_run(&runner,
               in_folder(&runner, "{'name':'c','command':'echo c >> @/out','after':['b']}\n"
                                  "{'name':'b','command':'echo b >> @/out','after':['a']}\n"
                                  "{'name':'a','command':'echo a >> @/out'}\n"));
    check_counts(&runner, 3, 0, 0);
    assert_true(file_holds(&runner, "out", "a\nb\nc\n"));
    assert_string_equal(runner.told, "start a 1\nend a ok 1\nstart b 1\nend b ok 1\n"
                                     "start c 1\nend c ok 1\n");
    runner_close(&runner);
}

static void failure_leaves_out_successors(void **state)
{
    struct runner runner;
    runner_open(&runner, *state != NULL);
    runner_run(&runner, "{'name':'bad','command':'exit 3'}\n"
                        "{'name':'next','command':'true','after':['bad']}\n"
                        "{'name':'last','command':'true','after':['next','good']}\n"
                        "{'name':'good','command':'true'}\n");
    check_counts(&runner, 1, 1, 2);
    assert_non_null(strstr(runner.told, "end bad error 1\n"));
    assert_non_null(strstr(runner.told, "left-out next bad\n"));
    assert_non_null(strstr(runner.told, "left-out last bad\n"));
    assert_non_null(strstr(runner.told, "end good ok 1\n"));
    runner_close(&runner);
}

/* A chain of failures longer than any stack would bear. */
static void long_chain_is_left_out(void **state)
{
    struct runner runner;
    static char lines[6000];
    size_t used = (size_t)snprintf(lines, sizeof lines, "{'name':'0','command':'false'}\n");
    for (int i = 1; i < 100; i++)
        used += (size_t)snprintf(lines + used, sizeof lines - used,
                                 "{'name':'%d','command':'true','after':['%d']}\n", i, i - 1);
    runner_open(&runner, *state != NULL);
    runner_run(&runner, lines);
    check_counts(&runner, 0, 1, 99);
    runner_close(&runner);
}

static void fail_fast_starts_nothing_more(void **state)
{
    struct runner runner;
    runner_open(&runner, *state != NULL);
    runner.options.fail_fast = true;
    runner.options.running_most = 1;
    runner_run(&runner, "{'name':'bad','command':'false'}\n{'name':'good','command':'true'}\n");
    check_counts(&runner, 0, 1, 0);
    assert_int_equal(view_of(&runner).waiting, 1);
    runner_close(&runner);
}

/* ---- room ---- */

static void grants_stay_within_the_pool(void **state)
{
    struct runner runner;
    static char lines[4096];
    size_t used = 0;
    for (int i = 0; i < 12; i++)
        used += (size_t)snprintf(lines + used, sizeof lines - used,
                                 "{'command':'sleep 0.02','memory':'%dMiB','cpus':0.1}\n",
                                 20 + i * 15 % 90);
    runner_open(&runner, *state != NULL);
    runner.options.pool = (struct admission_pool){200 * MEBIBYTE, 4000};
    runner_run(&runner, lines);
    check_counts(&runner, 12, 0, 0);
    assert_true(runner.granted_most > 100 * MEBIBYTE);
    assert_true(runner.running_most > 1);
    runner_close(&runner);
}

static void number_at_once_is_bounded(void **state)
{
    struct runner runner;
    runner_open(&runner, *state != NULL);
    runner.options.running_most = 2;
    runner_run(&runner, "{'command':'sleep 0.02','cpus':0.1}\n{'command':'sleep 0.02','cpus':0.1}\n"
                        "{'command':'sleep 0.02','cpus':0.1}\n{'command':'sleep 0.02','cpus':0.1}\n"
                        "{'command':'sleep 0.02','cpus':0.1}\n");
    check_counts(&runner, 5, 0, 0);
    assert_int_equal(runner.running_most, 2);
    runner_close(&runner);
}

static void count_refusal(void *context, const struct job *job, enum admission_fit fit)
{
    char *told = context;
    size_t used = strlen(told);
    snprintf(told + used, 128 - used, "%s %d\n", job->name, (int)fit);
}

static void what_never_fits_is_refused(void **state)
{
    struct runner runner;
    struct error error;
    int64_t run;
    char told[128] = "";
    runner_open(&runner, *state != NULL);
    runner_jobs(&runner, "{'name':'big','command':'true','memory':'2GiB'}\n"
                         "{'name':'wide','command':'true','cpus':8}\n"
                         "{'name':'good','command':'true'}\n");
    runner_open_ledger(&runner);
    run = runner_begin(&runner);
    runner_prepare(&runner, run);
    assert_int_equal(batch_refusals(&runner.jobs, &runner.options.pool, count_refusal, told), 2);
    assert_string_equal(told, "big 1\nwide 2\n");
    assert_int_equal(batch_create(&runner.options, &runner.account, &runner.batch, &error),
                     ERROR_USAGE);
    runner_close(&runner);
}

/* ---- ends ---- */

static void grows_after_its_limit(void **state)
{
    struct runner runner;
    runner_open(&runner, *state != NULL);
    runner_run(&runner, "{'name':'hungry','memory':'24MiB',"
                        "'command':'head -c 60000000 /dev/zero | tail -c 60000000 | wc -c',"
                        "'retry_strategy':{'stop_after_attempt':3,'on':['oom'],'memory':'x6'}}\n"
                        "{'name':'good','command':'true'}\n");
    check_counts(&runner, 2, 0, 0);
    assert_non_null(strstr(runner.told, "end hungry oom-limit 1\n"));
    assert_non_null(strstr(runner.told, "end hungry ok 2\n"));
    assert_int_equal(view_of(&runner).oom, 1);
    runner_close(&runner);
}

static void errors_are_tried_again_where_asked(void **state)
{
    struct runner runner;
    runner_open(&runner, *state != NULL);
    runner_run(&runner,
               in_folder(&runner, "{'name':'a','command':'test -e @/there || ! touch @/there',"
                                  "'retry_strategy':{'stop_after_attempt':2,'on':['error']}}\n"
                                  "{'name':'b','command':'false',"
                                  "'retry_strategy':{'stop_after_attempt':3,'on':['oom']}}\n"));
    check_counts(&runner, 1, 1, 0);
    assert_non_null(strstr(runner.told, "end a error 1\n"));
    assert_non_null(strstr(runner.told, "end a ok 2\n"));
    assert_null(strstr(runner.told, "b 2"));
    runner_close(&runner);
}

static void missing_program_harms_nobody(void **state)
{
    struct runner runner;
    runner_open(&runner, *state != NULL);
    runner_run(&runner, "{'name':'bad','command':['/no/such/program']}\n"
                        "{'name':'lost','command':'true','directory':'/no/such/folder'}\n"
                        "{'name':'good','command':'true'}\n");
    check_counts(&runner, 1, 2, 0);
    assert_non_null(strstr(runner.told, "end bad error 1\n"));
    assert_non_null(strstr(runner.told, "end lost error 1\n"));
    runner_close(&runner);
}

static void timeout_is_kept(void **state)
{
    struct runner runner;
    runner_open(&runner, *state != NULL);
    runner_run(&runner, "{'name':'slow','command':'sleep 60','timeout':'100ms'}\n");
    check_counts(&runner, 0, 1, 0);
    assert_non_null(strstr(runner.told, "end slow timeout 1\n"));
    runner_close(&runner);
}

/* Where nothing can be kept of them they run all the same. */
static void unkept_attempts_run(void **state)
{
    struct runner runner;
    char path[128];
    runner_open(&runner, *state != NULL);
    snprintf(path, sizeof path, "%s/work", runner.folder);
    FILE *file = fopen(path, "w"); /* a file where the folder should be */
    assert_non_null(file);
    fclose(file);
    runner_run(&runner, "{'name':'a','command':'true'}\n{'name':'b','command':'false'}\n");
    check_counts(&runner, 1, 1, 0);
    runner_close(&runner);
}

static void attempts_run_without_a_temporary_folder(void **state)
{
    struct runner runner;
    runner_open(&runner, *state != NULL);
    runner.temporary_path = "/proc/self/no-such-folder";
    runner_run(&runner, "{'name':'a','command':'true'}\n");
    check_counts(&runner, 1, 0, 0);
    runner_close(&runner);
}

/* ---- stopping and resuming ---- */

static void cancelled_jobs_wait_for_a_resumption(void **state)
{
    struct runner runner;
    const char *lines = "{'name':'quick','command':'true','cpus':0.5}\n"
                        "{'name':'slow','command':'test -e @/go || sleep 60','after':['quick']}\n"
                        "{'name':'last','command':'true','after':['slow']}\n";
    runner_open(&runner, *state != NULL);
    runner.cancel_after = 2;
    int64_t run = runner_run(&runner, in_folder(&runner, lines));
    check_counts(&runner, 1, 0, 0);
    assert_int_equal(view_of(&runner).waiting, 2);
    assert_non_null(strstr(runner.told, "end slow cancelled 1\n"));

    char path[128];
    snprintf(path, sizeof path, "%s/go", runner.folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fclose(file);
    runner_resume(&runner, run, in_folder(&runner, lines));
    check_counts(&runner, 3, 0, 0);
    assert_string_equal(runner.told, "passed quick\nstart slow 2\nend slow ok 2\n"
                                     "start last 1\nend last ok 1\n");
    runner_close(&runner);
}

static void changed_job_is_done_again(void **state)
{
    struct runner runner;
    runner_open(&runner, *state != NULL);
    int64_t run = runner_run(&runner, "{'name':'a','command':'true'}\n"
                                      "{'name':'b','command':'false'}\n"
                                      "{'name':'c','command':'true'}\n");
    check_counts(&runner, 2, 1, 0);
    runner_resume(&runner, run,
                  "{'name':'a','command':'true'}\n"
                  "{'name':'b','command':'true'}\n"
                  "{'name':'c','command':'true; true'}\n");
    check_counts(&runner, 3, 0, 0);
    assert_int_equal(view_of(&runner).passed, 1);
    assert_non_null(strstr(runner.told, "passed a\n"));
    assert_non_null(strstr(runner.told, "end b ok 2\n"));
    assert_non_null(strstr(runner.told, "end c ok 2\n"));
    runner_close(&runner);
}

/* ---- faults ---- */

static bool run_with_failing_allocation(uint64_t number)
{
    struct runner runner;
    struct error error;
    int64_t run;
    runner_open(&runner, false);
    runner_jobs(&runner, "{'name':'a','command':'true'}\n{'name':'b','command':'exit 1'}\n"
                         "{'name':'c','command':'true','after':['b']}\n");
    runner_open_ledger(&runner);
    run = runner_begin(&runner);
    runner_prepare(&runner, run);
    mem_fail_allocation(number);
    enum error_code code = batch_create(&runner.options, &runner.account, &runner.batch, &error);
    if (code == ERROR_NONE)
        code = runner_drive(&runner, &error);
    bool well = mem_fail_allocation(0) < number && code == ERROR_NONE;
    assert_true(code == ERROR_NONE || code == ERROR_MEMORY);
    runner_close(&runner);
    return well;
}

/* Every allocation once: an error or an end that is told, nothing left over. */
static void failing_allocations_are_survived(void **state)
{
    (void)state;
    uint64_t number = 1;
    while (!run_with_failing_allocation(number))
        assert_true(++number < 1000);
    assert_true(number > 10);
}

#define BOTH(test)                                                                                 \
    {#test " (groups)", test, NULL, NULL, (void *)"groups"},                                       \
    {                                                                                              \
#test, test, NULL, NULL, NULL                                                              \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(successors_come_after),
        BOTH(failure_leaves_out_successors),
        BOTH(long_chain_is_left_out),
        BOTH(fail_fast_starts_nothing_more),
        BOTH(grants_stay_within_the_pool),
        BOTH(number_at_once_is_bounded),
        BOTH(what_never_fits_is_refused),
        BOTH(grows_after_its_limit),
        BOTH(errors_are_tried_again_where_asked),
        BOTH(missing_program_harms_nobody),
        BOTH(timeout_is_kept),
        BOTH(unkept_attempts_run),
        BOTH(attempts_run_without_a_temporary_folder),
        BOTH(cancelled_jobs_wait_for_a_resumption),
        BOTH(changed_job_is_done_again),
        cmocka_unit_test(failing_allocations_are_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
