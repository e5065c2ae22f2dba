/* Each verdict from its evidence, and none from less. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cell/plain_text.h"
#include "cell/verdict.h"

#define MEBIBYTE ((uint64_t)1 << 20)

/* A cell of version 2 that ended well. */
static struct verdict_evidence usual(void)
{
    struct verdict_evidence evidence = {.started = true,
                                        .watch = CELL_WATCH_V2,
                                        .group = "weir-1-2/a",
                                        .limit = 1024 * MEBIBYTE,
                                        .peak = 900 * MEBIBYTE,
                                        .wall_ns = 5000000000u,
                                        .host_kills_known = true};
    evidence.after.has_oom = evidence.after.has_oom_kills = true;
    evidence.before = evidence.after;
    return evidence;
}

static struct verdict reached(const struct verdict_evidence *evidence)
{
    struct verdict verdict;
    verdict_reach(evidence, &verdict);
    return verdict;
}

static void killed(struct verdict_evidence *evidence)
{
    evidence->exit_status = -1;
    evidence->signal = SIGKILL;
}

#define ASSERT_VERDICT(evidence, expected)                                                         \
    assert_string_equal(cell_verdict_name(reached(evidence).verdict), expected)

static void how_it_ended_is_the_verdict_without_more(void **state)
{
    (void)state;
    struct verdict_evidence evidence = usual();
    ASSERT_VERDICT(&evidence, "ok");
    evidence.exit_status = 137;
    ASSERT_VERDICT(&evidence, "error");
    killed(&evidence);
    ASSERT_VERDICT(&evidence, "signal");
    assert_string_equal(reached(&evidence).evidence,
                        "killed by signal 9, not by its memory limit: sender unknown; host-wide OOM"
                        " count unchanged");
    assert_int_equal(reached(&evidence).suggestion, 0);
    evidence.signal = SIGSEGV;
    ASSERT_VERDICT(&evidence, "signal");
}

static void only_its_own_count_is_its_limit(void **state)
{
    (void)state;
    struct verdict_evidence evidence = usual();
    killed(&evidence);
    evidence.after.oom = 1;
    evidence.after.oom_kills = 1;
    struct verdict verdict = reached(&evidence);
    assert_int_equal(verdict.verdict, CELL_OOM_LIMIT);
    assert_non_null(
        strstr(verdict.evidence, "memory.events.local oom 0 → 1, oom_kill 0 → 1 in group"));
    assert_int_equal(verdict.suggestion, 1536 * MEBIBYTE);
    evidence.after.oom = 0;
    ASSERT_VERDICT(&evidence, "oom-host");
    evidence.after.oom_kills = 0;
    evidence.host_kills = 3;
    ASSERT_VERDICT(&evidence, "signal");
}

static void a_killed_descendant_decides(void **state)
{
    (void)state;
    struct verdict_evidence evidence = usual();
    evidence.after.oom = 1;
    ASSERT_VERDICT(&evidence, "ok"); /* counted, but nobody was killed and it ended well */
    evidence.after.oom_kills = 1;
    ASSERT_VERDICT(&evidence, "oom-limit");
    evidence.exit_status = 1;
    ASSERT_VERDICT(&evidence, "oom-limit");
}

static void without_counters_the_host_count_tells(void **state)
{
    (void)state;
    struct verdict_evidence evidence = usual();
    evidence.watch = CELL_WATCH_POLL;
    evidence.group = NULL;
    evidence.after.has_oom = evidence.after.has_oom_kills = false;
    killed(&evidence);
    ASSERT_VERDICT(&evidence, "signal");
    evidence.host_kills = 1;
    ASSERT_VERDICT(&evidence, "oom-host");
    evidence.signal = SIGTERM;
    ASSERT_VERDICT(&evidence, "signal");
    evidence.signal = SIGKILL;
    evidence.stop = STOP_LIMIT;
    evidence.at_stop = 1025 * MEBIBYTE;
    ASSERT_VERDICT(&evidence, "oom-limit");
}

static void a_group_that_counts_no_own_needs_its_limit_hit(void **state)
{
    (void)state;
    struct verdict_evidence evidence = usual();
    evidence.watch = CELL_WATCH_V1;
    evidence.after.has_oom = false;
    killed(&evidence);
    evidence.after.oom_kills = 1;
    ASSERT_VERDICT(&evidence, "oom-host");
    evidence.after.memory_peak = 500 * MEBIBYTE;
    ASSERT_VERDICT(&evidence, "oom-host");
    evidence.after.memory_peak = 1024 * MEBIBYTE;
    ASSERT_VERDICT(&evidence, "oom-limit");
}

static void what_weir_ended_has_weirs_reason(void **state)
{
    (void)state;
    struct verdict_evidence evidence = usual();
    killed(&evidence);
    evidence.stop = STOP_TIMEOUT;
    evidence.timeout_ns = 1500000000;
    ASSERT_VERDICT(&evidence, "timeout");
    assert_non_null(strstr(reached(&evidence).evidence, "1.5 s"));
    evidence.after.oom = 1; /* only after it was told to end */
    ASSERT_VERDICT(&evidence, "timeout");
    evidence.oom_at_stop = 1;
    evidence.after.oom_kills = 1;
    ASSERT_VERDICT(&evidence, "oom-limit");
    evidence = usual();
    evidence.stop = STOP_CANCEL;
    ASSERT_VERDICT(&evidence, "cancelled");
    evidence.stop = STOP_PROCESSES;
    ASSERT_VERDICT(&evidence, "error");
}

static void what_was_never_seen_is_not_guessed(void **state)
{
    (void)state;
    struct verdict_evidence evidence = usual();
    evidence.lost = true;
    evidence.lost_reason = "gone";
    ASSERT_VERDICT(&evidence, "lost");
    evidence.started = false;
    evidence.not_started = "a cannot be run";
    ASSERT_VERDICT(&evidence, "error");
}

static void its_own_word_counts_if_it_ended_badly_by_itself(void **state)
{
    (void)state;
    struct verdict_evidence evidence = usual();
    static const char TEXT[] = "Unable to allocate 8.00 GiB for an array: MemoryError\n";
    said_read(TEXT, sizeof TEXT - 1, &evidence.said);
    ASSERT_VERDICT(&evidence, "ok");
    evidence.exit_status = 1;
    struct verdict verdict = reached(&evidence);
    assert_int_equal(verdict.verdict, CELL_OOM_LIMIT);
    assert_int_equal(verdict.suggestion, 10240 * MEBIBYTE);
    assert_non_null(strstr(verdict.why, "8 GiB more when it had 900 MiB"));
    evidence.machine = 4096 * MEBIBYTE;
    assert_int_equal(reached(&evidence).suggestion, 0);
    killed(&evidence);
    ASSERT_VERDICT(&evidence, "signal");
    evidence.signal = SIGABRT;
    ASSERT_VERDICT(&evidence, "oom-limit");
}

static void a_silent_end_at_a_full_limit_is_its_limit(void **state)
{
    (void)state;
    struct verdict_evidence evidence = usual();
    evidence.watch = CELL_WATCH_V1;
    evidence.exit_status = 1;
    ASSERT_VERDICT(&evidence, "error");
    evidence.after.memory_peak = evidence.limit;
    ASSERT_VERDICT(&evidence, "error"); /* a tenth of it was cache */
    evidence.peak = evidence.limit;
    ASSERT_VERDICT(&evidence, "oom-limit");
    snprintf(evidence.said.last, sizeof evidence.said.last, "ValueError: no");
    ASSERT_VERDICT(&evidence, "error");
}

/* What it told of its input is drawn on, and never makes a verdict. */
static void told_progress_gives_the_figure(void **state)
{
    (void)state;
    struct verdict_evidence evidence = usual();
    evidence.progress = (struct cell_progress){.has_read = true, .read = 31, .of = 100};
    ASSERT_VERDICT(&evidence, "ok");
    killed(&evidence);
    ASSERT_VERDICT(&evidence, "signal");
    assert_null(strstr(reached(&evidence).why, "input"));
    evidence.after.oom = evidence.after.oom_kills = 1;
    struct verdict verdict = reached(&evidence);
    assert_string_equal(verdict.why, "it had read 31 % of its input when it used 900 MiB; in a "
                                     "straight line all of it takes 2.8 GiB");
    assert_int_equal(verdict.suggestion, 3584 * MEBIBYTE);
}

/* Too little read, more than there is, or no end known: nothing is drawn on it. */
static void progress_that_says_little_is_left(void **state)
{
    (void)state;
    static const struct cell_progress told[] = {{.has_read = true, .read = 4, .of = 100},
                                                {.has_read = true, .read = 0, .of = 100},
                                                {.has_read = true, .read = 100, .of = 100},
                                                {.has_read = true, .read = 200, .of = 100},
                                                {.has_read = true, .read = 50},
                                                {.phase = "x"}};
    struct verdict_evidence evidence = usual();
    killed(&evidence);
    evidence.after.oom = evidence.after.oom_kills = 1;
    struct verdict plain = reached(&evidence);
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++) {
        evidence.progress = told[i];
        struct verdict verdict = reached(&evidence);
        assert_string_equal(verdict.why, plain.why);
        assert_int_equal(verdict.suggestion, plain.suggestion);
    }
    evidence.progress =
        (struct cell_progress){.has_read = true, .read = UINT64_MAX / 10, .of = UINT64_MAX};
    assert_true(reached(&evidence).suggestion >= plain.suggestion);
}

static void sizes_are_round(void **state)
{
    (void)state;
    assert_int_equal(verdict_nice_size(0), 0);
    assert_int_equal(verdict_nice_size(7), 7);
    assert_int_equal(verdict_nice_size(9), 10);
    assert_int_equal(verdict_nice_size(72 * MEBIBYTE), 80 * MEBIBYTE);
    assert_int_equal(verdict_nice_size(1536 * MEBIBYTE), 1536 * MEBIBYTE);
    assert_true(verdict_nice_size(UINT64_MAX) > UINT64_MAX / 2);
}

static void assert_said(const char *text, bool memory, uint64_t requested)
{
    struct said said;
    said_read(text, strlen(text), &said);
    if (said.out_of_memory != memory || said.requested != requested)
        fail_msg("%s: %d, %llu", text, said.out_of_memory, (unsigned long long)said.requested);
}

static void the_last_error_is_what_was_said(void **state)
{
    (void)state;
    assert_said("", false, 0);
    assert_said("\n\n", false, 0);
    assert_said("Traceback (most recent call last):\n  File \"a.py\", line 1\nMemoryError\n", true,
                0);
    assert_said("MemoryError\n\nDuring handling\nTraceback:\n  File \"a\"\nValueError: x\n", false,
                0);
    assert_said("a.MemoryError: Unable to allocate 1.50 KiB for an array\n", true, 1536);
    assert_said("terminate called after throwing an instance of 'std::bad_alloc'\n"
                "  what():  std::bad_alloc\n",
                true, 0);
    assert_said("memory allocation of 800000 bytes failed\n", true, 800000);
    assert_said("OutOfMemoryException: Out of Memory Error: failed to allocate data of size 2.0 MiB"
                " (90 MiB/95 MiB used)\n\nPossible solutions:\n* Reducing the number of threads\n"
                "* Disabling insertion-order preservation\n",
                true, 2 << 20);
    assert_said("Exception in thread \"main\" java.lang.OutOfMemoryError: Java heap space\n"
                "\tat A.main(A.java:3)\n",
                true, 0);
    assert_said("OSError: [Errno 12] Cannot allocate memory\n", true, 0);
    assert_said("OSError: [Errno 28] No space left on device\n", false, 0);
}

static void an_old_word_of_memory_is_forgotten(void **state)
{
    (void)state;
    char text[2000] = "retry: Cannot allocate memory\n";
    for (int i = 0; i < 20; i++)
        memcpy(text + strlen(text), "step done\n", 11);
    assert_said(text, false, 0);
}

static void text_is_made_plain(void **state)
{
    (void)state;
    char text[] = "a\n\xc3\xa4\xff\xe2\x86\x92\x1b[0m\xed\xa0\x80\xf0\x9f\x90\x8d\xc3";
    plain_text(text);
    assert_string_equal(text, "a?\xc3\xa4?\xe2\x86\x92?[0m???\xf0\x9f\x90\x8d?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(how_it_ended_is_the_verdict_without_more),
        cmocka_unit_test(only_its_own_count_is_its_limit),
        cmocka_unit_test(a_killed_descendant_decides),
        cmocka_unit_test(without_counters_the_host_count_tells),
        cmocka_unit_test(a_group_that_counts_no_own_needs_its_limit_hit),
        cmocka_unit_test(what_weir_ended_has_weirs_reason),
        cmocka_unit_test(what_was_never_seen_is_not_guessed),
        cmocka_unit_test(its_own_word_counts_if_it_ended_badly_by_itself),
        cmocka_unit_test(a_silent_end_at_a_full_limit_is_its_limit),
        cmocka_unit_test(told_progress_gives_the_figure),
        cmocka_unit_test(progress_that_says_little_is_left),
        cmocka_unit_test(sizes_are_round),
        cmocka_unit_test(the_last_error_is_what_was_said),
        cmocka_unit_test(an_old_word_of_memory_is_forgotten),
        cmocka_unit_test(text_is_made_plain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
