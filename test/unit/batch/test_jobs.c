/* What each key of a line makes of a job, what is taken where it is not given, and what a digest
 * depends on. */
#include "jobs_fixture.h"

#define MIB    ((uint64_t)1 << 20)
#define GIB    ((uint64_t)1 << 30)
#define SECOND UINT64_C(1000000000)

static void a_command_is_enough(void **state)
{
    (void)state;
    struct jobs_fixture *fixture = fixture_good("{\"command\": [\"python\", \"a b.py\", \"\"]}");
    const struct job *job = &fixture->jobs.items[0];
    assert_int_equal(fixture->jobs.count, 1);
    assert_int_equal(fixture->jobs.group_count, 0);
    assert_string_equal(job->name, "job-1");
    assert_string_equal(job->arguments[0], "python");
    assert_string_equal(job->arguments[1], "a b.py");
    assert_string_equal(job->arguments[2], "");
    assert_null(job->arguments[3]);
    assert_null(job->environment[0]);
    assert_null(job->directory);
    assert_int_equal(job->memory, GIB);
    assert_true(job->memory_is_preset);
    assert_int_equal(job->milli_cpus, 1000);
    assert_int_equal(job->processes, 0);
    assert_int_equal(job->timeout_ns, 0);
    assert_int_equal(job->group, JOBS_NO_GROUP);
    assert_false(job->is_reducer);
    assert_int_equal(job->after_count, 0);
    assert_int_equal(job->before_count, 0);
    assert_int_equal(job->line, 1);
    assert_int_equal(strlen(job->digest), 32);
    assert_int_equal(strspn(job->digest, "0123456789abcdef"), 32);
    struct retry_rule rule = retry_rule_default();
    assert_memory_equal(&job->retry, &rule, sizeof rule);
    fixture_close(fixture);
}

static void every_key_is_read(void **state)
{
    (void)state;
    struct jobs_fixture *fixture = fixture_good(
        "{\"command\": \"true\", \"name\": \"load\"}\n"
        "{\"name\": \"sum/1 \\u00e4\", \"command\": \"python sum.py < in.csv\", "
        "\"memory\": \"500MB\", \"cpus\": 0.25, \"processes\": 40, \"timeout\": \"1h30m\", "
        "\"directory\": \"sub/folder\", \"environment\": {\"A\": \"1\", \"B_2\": \"x=y\", "
        "\"EMPTY\": \"\"}, \"after\": [\"load\"], \"retry_strategy\": {\"stop_after_attempt\": 4, "
        "\"stop_after_delay\": 600, \"on\": [\"oom\", \"timeout\"], \"memory\": \"x1.5\", "
        "\"max_memory\": \"16GB\"}}");
    const struct job *job = &fixture->jobs.items[1];
    assert_string_equal(job->name, "sum/1 \xc3\xa4");
    assert_string_equal(job->arguments[0], "/bin/sh");
    assert_string_equal(job->arguments[1], "-c");
    assert_string_equal(job->arguments[2], "python sum.py < in.csv");
    assert_null(job->arguments[3]);
    assert_int_equal(job->memory, 500000000);
    assert_false(job->memory_is_preset);
    assert_int_equal(job->milli_cpus, 250);
    assert_int_equal(job->processes, 40);
    assert_int_equal(job->timeout_ns, 5400 * SECOND);
    assert_string_equal(job->directory, "sub/folder");
    assert_string_equal(job->environment[0], "A=1");
    assert_string_equal(job->environment[1], "B_2=x=y");
    assert_string_equal(job->environment[2], "EMPTY=");
    assert_null(job->environment[3]);
    assert_int_equal(job->after_count, 1);
    assert_int_equal(fixture->jobs.edges[job->after], 0);
    assert_int_equal(fixture->jobs.items[0].before_count, 1);
    assert_int_equal(fixture->jobs.edges[fixture->jobs.items[0].before], 1);
    assert_int_equal(job->retry.stop_after_attempt, 4);
    assert_int_equal(job->retry.stop_after_ns, 600 * SECOND);
    assert_int_equal(job->retry.on, RETRY_OOM | RETRY_TIMEOUT);
    assert_int_equal(job->retry.grow_percent, 150);
    assert_int_equal(job->retry.memory_most, UINT64_C(16000000000));
    fixture_close(fixture);
}

/* Reads a job with one more key, "true" being its command. */
static struct jobs_fixture *with_key(const char *member)
{
    char line[1024];
    snprintf(line, sizeof line, "{\"command\": \"true\", %s}\n", member);
    return fixture_good(line);
}

static void sizes_have_many_forms(void **state)
{
    (void)state;
    static const struct {
        const char *form;
        uint64_t bytes;
    } cases[] = {
        {"\"2GiB\"", 2 * GIB},     {"\"1.5G\"", 1536 * MIB}, {"\"512m\"", 512 * MIB},
        {"\"70000\"", 70000},      {"70000", 70000},         {"65536", 65536},
        {"\"64KiB\"", 65536},      {"\"2 GB\"", 2000000000}, {"1152921504606846976", 1ull << 60},
        {"\"1TB\"", 1000000000000}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char member[128];
        snprintf(member, sizeof member, "\"memory\": %s", cases[i].form);
        struct jobs_fixture *fixture = with_key(member);
        assert_int_equal(fixture->jobs.items[0].memory, cases[i].bytes);
        fixture_close(fixture);
    }
}

static void durations_are_texts_or_seconds(void **state)
{
    (void)state;
    static const struct {
        const char *form;
        uint64_t ns;
    } cases[] = {{"\"250ms\"", SECOND / 4},
                 {"\"90\"", 90 * SECOND},
                 {"90", 90 * SECOND},
                 {"0.5", SECOND / 2},
                 {"\"2d\"", 172800 * SECOND},
                 {"1e3", 1000 * SECOND},
                 {"9223372036", 9223372036 * SECOND}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char member[128];
        snprintf(member, sizeof member, "\"timeout\": %s", cases[i].form);
        struct jobs_fixture *fixture = with_key(member);
        assert_int_equal(fixture->jobs.items[0].timeout_ns, cases[i].ns);
        fixture_close(fixture);
    }
}

static void processors_are_counted_in_thousandths(void **state)
{
    (void)state;
    static const struct {
        const char *form;
        uint32_t milli;
    } cases[] = {{"1", 1000},
                 {"0.01", 10},
                 {"0.5", 500},
                 {"2.0", 2000},
                 {"1.2345", 1235},
                 {"64", 64000},
                 {"1000000", 1000000000},
                 {"0.29", 290}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char member[128];
        snprintf(member, sizeof member, "\"cpus\": %s", cases[i].form);
        struct jobs_fixture *fixture = with_key(member);
        assert_int_equal(fixture->jobs.items[0].milli_cpus, cases[i].milli);
        fixture_close(fixture);
    }
}

static void null_is_as_if_it_were_not_there(void **state)
{
    (void)state;
    struct jobs_fixture *plain = fixture_good("{\"command\": [\"true\"]}");
    struct jobs_fixture *fixture = fixture_good(
        "{\"name\": null, \"command\": [\"true\"], \"memory\": null, \"cpus\": null, "
        "\"processes\": null, \"timeout\": null, \"directory\": null, \"environment\": null, "
        "\"after\": null, \"retry_strategy\": null}");
    assert_string_equal(fixture->jobs.items[0].name, "job-1");
    assert_string_equal(fixture->jobs.items[0].digest, plain->jobs.items[0].digest);
    assert_true(fixture->jobs.items[0].memory_is_preset);
    fixture_close(fixture);
    fixture_close(plain);
    fixture = with_key("\"retry_strategy\": {\"stop_after_attempt\": 2, \"max_memory\": null}");
    assert_int_equal(fixture->jobs.items[0].retry.memory_most, 0);
    fixture_close(fixture);
}

static void empty_sets_and_lists_are_fine(void **state)
{
    (void)state;
    struct jobs_fixture *fixture =
        with_key("\"environment\": {}, \"after\": [], \"retry_strategy\": {}");
    assert_null(fixture->jobs.items[0].environment[0]);
    assert_int_equal(fixture->jobs.items[0].after_count, 0);
    fixture_close(fixture);
}

static void one_name_or_reason_needs_no_list(void **state)
{
    (void)state;
    struct jobs_fixture *fixture =
        fixture_good("{\"name\": \"a\", \"command\": \"true\"}\n"
                     "{\"command\": \"true\", \"after\": \"a\", "
                     "\"retry_strategy\": {\"on\": \"error\", \"stop_after_attempt\": 2}}");
    assert_int_equal(fixture->jobs.items[1].after_count, 1);
    assert_int_equal(fixture->jobs.items[1].retry.on, RETRY_ERROR);
    fixture_close(fixture);
}

static void presets_stand_where_a_line_says_nothing(void **state)
{
    (void)state;
    static const char text[] =
        "{\"command\": \"true\"}\n"
        "{\"command\": \"true\", \"memory\": \"3GiB\", \"retry_strategy\": {\"on\": [\"error\"]}}\n"
        "{\"command\": \"true\", \"retry_strategy\": {\"stop_after_attempt\": 1}}\n";
    struct jobs_fixture *fixture = fixture_open(MEM_NO_LIMIT);
    fixture->presets.memory = 7 * MIB;
    fixture->presets.retry = (struct retry_rule){5, SECOND, RETRY_TIMEOUT, 300, 9 * GIB};
    assert_int_equal(fixture_parse(fixture, text, strlen(text)), ERROR_NONE);
    const struct job *jobs = fixture->jobs.items;
    assert_int_equal(jobs[0].memory, 7 * MIB);
    assert_memory_equal(&jobs[0].retry, &fixture->presets.retry, sizeof jobs[0].retry);
    assert_int_equal(jobs[1].memory, 3 * GIB);
    assert_int_equal(jobs[1].retry.on, RETRY_ERROR);
    assert_int_equal(jobs[1].retry.stop_after_attempt, 5);
    assert_int_equal(jobs[1].retry.grow_percent, 300);
    assert_int_equal(jobs[2].retry.stop_after_attempt, 1);
    assert_int_equal(jobs[2].retry.on, RETRY_TIMEOUT);
    fixture_close(fixture);
}

static void odd_names_are_names(void **state)
{
    (void)state;
    static const char *const names[] = {"/data/in/1.parquet", "..",    "-x", "a b", "/",
                                        "\xe2\x86\x92",       "job-2", "Ä",  "*"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char member[128];
        snprintf(member, sizeof member, "\"name\": \"%s\"", names[i]);
        struct jobs_fixture *fixture = with_key(member);
        assert_string_equal(fixture->jobs.items[0].name, names[i]);
        fixture_close(fixture);
    }
    char member[256], name[JOBS_NAME_MOST + 1];
    memset(name, 'n', JOBS_NAME_MOST);
    name[JOBS_NAME_MOST] = '\0';
    snprintf(member, sizeof member, "\"name\": \"%s\"", name);
    struct jobs_fixture *fixture = with_key(member);
    assert_string_equal(fixture->jobs.items[0].name, name);
    fixture_close(fixture);
}

/* ---- digests ---- */

#define BASE                                                                                       \
    "\"command\": [\"a\", \"b\"], \"environment\": {\"X\": \"1\", \"Y\": \"2\"}, "                 \
    "\"directory\": \"d\""

/* Digest of the last job. */
static void digest_of(const char *text, char ret[static 33])
{
    struct jobs_fixture *fixture = fixture_good(text);
    memcpy(ret, fixture->jobs.items[fixture->jobs.count - 1].digest, 33);
    fixture_close(fixture);
}

static void assert_digests(const char *a, const char *b, bool same)
{
    char first[33], second[33];
    digest_of(a, first);
    digest_of(b, second);
    if ((strcmp(first, second) == 0) != same)
        fail_msg("%s\nand\n%s", a, b);
}

static void a_digest_is_of_what_decides_the_result(void **state)
{
    (void)state;
    static const char base[] = "{" BASE "}";
    static const char *const same[] = {
        "{\"name\": \"other\", \"memory\": \"3GiB\", \"cpus\": 2, \"timeout\": 5, "
        "\"processes\": 9, \"retry_strategy\": {\"stop_after_attempt\": 2}, " BASE "}",
        "{\"directory\": \"d\", \"environment\": {\"Y\": \"2\", \"X\": \"1\"}, "
        "\"command\": [\"a\", \"b\"]}",
        "\n\n{" BASE "}\n"};
    static const char *const others[] = {
        "{\"command\": [\"a\", \"c\"], \"environment\": {\"X\": \"1\", \"Y\": \"2\"}, "
        "\"directory\": \"d\"}",
        "{\"command\": [\"b\", \"a\"], \"environment\": {\"X\": \"1\", \"Y\": \"2\"}, "
        "\"directory\": \"d\"}",
        "{\"command\": [\"ab\"], \"environment\": {\"X\": \"1\", \"Y\": \"2\"}, "
        "\"directory\": \"d\"}",
        "{\"command\": [\"a\", \"b\", \"\"], \"environment\": {\"X\": \"1\", \"Y\": \"2\"}, "
        "\"directory\": \"d\"}",
        "{\"command\": [\"a\", \"b\"], \"environment\": {\"X\": \"2\", \"Y\": \"1\"}, "
        "\"directory\": \"d\"}",
        "{\"command\": [\"a\", \"b\"], \"environment\": {\"X\": \"1\"}, \"directory\": \"d\"}",
        "{\"command\": [\"a\", \"b\"], \"environment\": {\"X\": \"1\", \"Y\": \"2\"}, "
        "\"directory\": \"e\"}",
        "{\"command\": [\"a\", \"b\"], \"environment\": {\"X\": \"1\", \"Y\": \"2\"}}",
        "{\"command\": \"true\", \"name\": \"p\"}\n{" BASE ", \"after\": \"p\"}"};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        assert_digests(base, same[i], true);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_digests(base, others[i], false);
}

#define THREE(first, order)                                                                        \
    "{\"name\": \"p\", \"command\": \"" first "\"}\n{\"name\": \"q\", \"command\": \"q\"}\n"       \
    "{\"name\": \"r\", \"command\": \"r\", \"after\": \"p\"}\n"                                    \
    "{\"name\": \"s\", \"command\": \"s\", \"after\": [" order "]}\n"

static void a_change_reaches_all_that_is_behind_it(void **state)
{
    (void)state;
    assert_digests(THREE("p", "\"q\", \"r\""), THREE("p", "\"r\", \"q\""), true);
    assert_digests(THREE("p", "\"q\", \"r\""), THREE("p", "\"r\", \"q\", \"r\""), true);
    assert_digests(THREE("p", "\"q\", \"r\""), THREE("other", "\"q\", \"r\""), false);
    assert_digests(THREE("p", "\"q\""), THREE("other", "\"q\""), true);
    assert_digests(THREE("p", "\"q\""), THREE("p", "\"r\""), false);
}

static void the_whole_has_a_digest(void **state)
{
    (void)state;
    static const char *const texts[] = {
        THREE("p", "\"q\""), THREE("p", "\"r\""), THREE("p2", "\"q\""),
        "{\"name\": \"p\", \"command\": \"p\"}", "{\"name\": \"o\", \"command\": \"p\"}"};
    char digests[5][33];
    for (size_t i = 0; i < 5; i++) {
        struct jobs_fixture *fixture = fixture_good(texts[i]);
        memcpy(digests[i], fixture->jobs.digest, 33);
        fixture_close(fixture);
        assert_int_equal(strlen(digests[i]), 32);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(digests[i], digests[k]);
    }
    struct jobs_fixture *again = fixture_good(texts[0]);
    assert_string_equal(again->jobs.digest, digests[0]);
    fixture_close(again);
}

/* A ledger keeps digests: they must be the same in every build and release. */
static void digests_stay_what_they_are(void **state)
{
    (void)state;
    char digest[33];
    digest_of("{\"name\": \"p\", \"command\": \"p\"}\n{" BASE ", \"after\": \"p\"}", digest);
    assert_string_equal(digest, "7063651ea11ad2521ca7611d67095d70");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_command_is_enough),
        cmocka_unit_test(every_key_is_read),
        cmocka_unit_test(sizes_have_many_forms),
        cmocka_unit_test(durations_are_texts_or_seconds),
        cmocka_unit_test(processors_are_counted_in_thousandths),
        cmocka_unit_test(null_is_as_if_it_were_not_there),
        cmocka_unit_test(empty_sets_and_lists_are_fine),
        cmocka_unit_test(one_name_or_reason_needs_no_list),
        cmocka_unit_test(presets_stand_where_a_line_says_nothing),
        cmocka_unit_test(odd_names_are_names),
        cmocka_unit_test(a_digest_is_of_what_decides_the_result),
        cmocka_unit_test(a_change_reaches_all_that_is_behind_it),
        cmocka_unit_test(the_whole_has_a_digest),
        cmocka_unit_test(digests_stay_what_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
