/* What happened to a command, as text. */
#include "ends.h"

static char *summary_of(const struct cell_report *report)
{
    char *text;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    explain_write_summary(stream, report);
    fclose(stream);
    return text;
}

static char *failure_of(const struct explain_facts *told, const struct cell_report *report)
{
    char *text;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    explain_write_failure(stream, told, report);
    fclose(stream);
    return text;
}

static void check_summary(const struct cell_report *report, const char *expected)
{
    char *text = summary_of(report);
    assert_string_equal(text, expected);
    free(text);
}

static void check_failure(const struct explain_facts *told, const struct cell_report *report,
                          const char *expected)
{
    char *text = failure_of(told, report);
    assert_string_equal(text, expected);
    free(text);
}

static void one_line_when_it_went_well(void **state)
{
    (void)state;
    struct cell_report report = ended(0);
    check_summary(&report, "weir: ok in 12.3 s, peak 1.4 GiB of 2 GiB (70 %)\n");
    report.peak_is_sampled = true;
    report.limit = 0;
    check_summary(&report, "weir: ok in 12.3 s, peak ~1.4 GiB, no limit\n");
    report.leftovers = 1;
    check_summary(&report, "weir: ok in 12.3 s, peak ~1.4 GiB, no limit; 1 process that outlived "
                           "it ended\n");
}

static void the_report_of_an_end_for_memory(void **state)
{
    (void)state;
    const struct cell_report report = out_of_memory();
    check_failure(&facts, &report,
                  "error: python job.py ran out of memory\n"
                  "  limit 2 GiB (--memory) · peak 2 GiB · memory.oom_control oom_kill 0 to 1 in "
                  "weir-1-2/exec\n"
                  "  after 12.3 s · growing 96 MiB/s at the end · 3 processes at most\n"
                  "  line:  job.py:41 in load: `data = [bytes(n) for n in sizes]`\n"
                  "  why:   it still grew when it reached the limit\n"
                  "  try:   --memory 3GiB\n");
}

static void assert_told(const struct cell_progress *progress, const char *expected)
{
    struct cell_report report = ended(1);
    report.progress = *progress;
    char *text = failure_of(&facts, &report);
    if (strstr(text, expected) == NULL)
        fail_msg("%s\n%s", expected, text);
    free(text);
}

static void what_the_program_told_of_itself(void **state)
{
    (void)state;
    assert_told(&(struct cell_progress){"hash aggregate", true, 5580, 18000, "files"},
                "\n  phase: hash aggregate · 5,580 of 18,000 files read (31 %)\n");
    assert_told(&(struct cell_progress){"sort", false, 0, 0, ""}, "\n  phase: sort\n");
    assert_told(&(struct cell_progress){"", true, 512 * MIB, 2 * GIB, "bytes"},
                "\n  input: 512 MiB of 2 GiB read (25 %)\n");
    assert_told(&(struct cell_progress){"", true, 7, 0, ""}, "\n  input: 7 read\n");
    assert_told(&(struct cell_progress){"", true, 7, 5, "rows"}, "\n  input: 7 of 5 rows read\n");
    assert_told(&(struct cell_progress){"\033[2J", false, 0, 0, ""}, "\n  phase: \\x1b[2J\n");
}

/* Without evidence of memory no word about it. */
static void an_end_by_itself_is_no_end_for_memory(void **state)
{
    (void)state;
    struct cell_report report = ended(137);
    check_failure(&facts, &report,
                  "error: python job.py failed with exit status 137\n"
                  "  limit 2 GiB (--memory) · peak 1.4 GiB · after 12.3 s\n");
    struct explain_facts withheld = facts;
    withheld.variables_withheld = 12;
    withheld.utf8 = false;
    report = ended(7);
    report.limit = 0;
    check_failure(&withheld, &report,
                  "error: python job.py failed with exit status 7\n"
                  "  no limit of memory, peak 1.4 GiB, after 12.3 s\n"
                  "  note:  12 variables of the environment not passed on; --env NAME or --env-all "
                  "does\n");
}

/* More processes than allowed, where only weir counts them. */
static void an_end_by_weir_that_is_none_of_the_words(void **state)
{
    (void)state;
    struct cell_report report = ended(-1);
    report.verdict = CELL_ERROR;
    report.signal = SIGTERM;
    report.ended_by_weir = true;
    snprintf(report.evidence, sizeof report.evidence, "it had more than its 20 processes");
    check_failure(&facts, &report,
                  "error: python job.py was ended by weir\n"
                  "  limit 2 GiB (--memory) · peak 1.4 GiB · it had more than its 20 processes\n"
                  "  after 12.3 s\n");
    report.exit_status = 1; /* a shell that saw its child die, a moment before its own end */
    report.signal = 0;
    char *text = failure_of(&facts, &report);
    assert_non_null(strstr(text, "job.py was ended by weir\n"));
    free(text);
}

static void headlines_of_the_other_ends(void **state)
{
    (void)state;
    struct explain_facts told = facts;
    told.stopped_by = SIGINT;
    static const struct {
        enum cell_verdict verdict;
        int signal, sender;
        const char *line;
    } cases[] = {
        {CELL_TIMEOUT, SIGTERM, 0, "error: python job.py was stopped after 30.0 s (--timeout)\n"},
        {CELL_CANCELLED, SIGTERM, 0, "error: python job.py was stopped, because weir got SIGINT\n"},
        {CELL_SIGNAL, SIGSEGV, 0, "error: python job.py was ended by SIGSEGV\n"},
        {CELL_SIGNAL, SIGKILL, 4711,
         "error: python job.py was ended by SIGKILL from process 4711\n"},
        {CELL_OOM_HOST, SIGKILL, 0,
         "error: python job.py was killed because the machine had no memory left\n"},
        {CELL_LOST, 0, 0, "error: python job.py is lost: how it ended is not known\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct cell_report report = ended(-1);
        report.verdict = cases[i].verdict;
        report.signal = cases[i].signal;
        report.sender = cases[i].sender;
        char *text = failure_of(&told, &report);
        assert_memory_equal(text, cases[i].line, strlen(cases[i].line));
        free(text);
    }
}

static void what_could_not_be_started(void **state)
{
    (void)state;
    struct cell_report report = {.verdict = CELL_ERROR, .exit_status = -1};
    struct explain_facts told = facts;
    snprintf(report.why, sizeof report.why, "job.py cannot be run: Permission denied");
    check_failure(&told, &report, "error: job.py cannot be run: Permission denied\n");
    told.found = false;
    snprintf(report.why, sizeof report.why, "job.py cannot be run: No such file or directory");
    check_failure(&told, &report, "error: job.py cannot be run: No such file or directory\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_line_when_it_went_well),
        cmocka_unit_test(the_report_of_an_end_for_memory),
        cmocka_unit_test(what_the_program_told_of_itself),
        cmocka_unit_test(an_end_by_itself_is_no_end_for_memory),
        cmocka_unit_test(an_end_by_weir_that_is_none_of_the_words),
        cmocka_unit_test(headlines_of_the_other_ends),
        cmocka_unit_test(what_could_not_be_started),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
