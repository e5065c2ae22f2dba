/* Every complaint, word for word: people read them, and scripts of theirs may. */
#include "jobs_fixture.h"

static const struct {
    const char *text;
    unsigned count, number; /* complaints in all, and which one this is */
    uint32_t line;
    const char *what, *hint;
} CASES[] = {
    {"{\"command\": \"true\", \"memroy\": 1}", 1, 0, 1,
     "there is no key \"memroy\"; did you mean \"memory\"?", ""},
    {"{\"command\": \"true\", \"cmd\": 1}", 1, 0, 1,
     "there is no key \"cmd\"; did you mean \"command\"?", ""},
    {"{\"command\": \"true\", \"xyzzy\": 1}", 1, 0, 1, "there is no key \"xyzzy\"",
     "one of name, command, memory, cpus, processes, timeout, directory, environment, after, "
     "retry_strategy"},
    {"{\"command\": \"true\", \"a\\u001b[31mb\": 1}", 1, 0, 1, "there is no key \"a\\x1b[31mb\"",
     "one of name, command, memory, cpus, processes, timeout, directory, environment, after, "
     "retry_strategy"},
    {"{\"command\": \"true\", \"retry_strategy\": {\"stop_after_attempts\": 3}}", 1, 0, 1,
     "there is no key \"retry_strategy.stop_after_attempts\"; did you mean \"stop_after_attempt\"?",
     ""},
    {"{\"command\": \"true\", \"retry_strategy\": {\"stop_after_attempt\": 3, \"qqq\": 3}}", 1, 0,
     1, "there is no key \"retry_strategy.qqq\"",
     "one of stop_after_attempt, stop_after_delay, on, memory, max_memory"},
    {"{\"command\": \"true\", \"retry_strategy\": {\"on\": [\"oom\"]}}", 1, 0, 1,
     "retry_strategy: without stop_after_attempt nothing is tried again",
     "\"stop_after_attempt\": 3, the first attempt included"},
    {"{\"command\": \"true\", \"retry_strategy\": {\"stop_after_attempt\": 0}}", 1, 0, 1,
     "retry_strategy.stop_after_attempt: 0 is no such number", "a whole number from 1 to 1000000"},
    {"{\"command\": \"true\", \"retry_strategy\": {\"stop_after_attempt\": 2, \"on\": [\"eror\"]}}",
     1, 0, 1, "retry_strategy.on: \"eror\" is no reason to try again; did you mean error?",
     "one of oom, timeout, error"},
    {"{\"command\": \"true\", \"retry_strategy\": {\"stop_after_attempt\": 2, \"on\": []}}", 1, 0,
     1, "retry_strategy.on: [] is no reason to try again", "one of oom, timeout, error"},
    {"{\"command\": \"true\", \"retry_strategy\": {\"stop_after_attempt\": 2, \"on\": 3}}", 1, 0, 1,
     "retry_strategy.on: 3 is no reason to try again", "one of oom, timeout, error"},
    {"{\"command\": \"true\", \"retry_strategy\": {\"stop_after_attempt\": 2, \"memory\": "
     "\"1.5\"}}",
     1, 0, 1, "retry_strategy.memory: \"1.5\" is no factor from x1 to x100", "\"x1.5\", \"x2\""},
    {"{\"command\": \"true\", \"retry_strategy\": {\"stop_after_attempt\": 2, \"memory\": 2}}", 1,
     0, 1, "retry_strategy.memory: 2 is no factor from x1 to x100", "\"x1.5\", \"x2\""},
    {"{\"command\": \"true\", \"memory\": \"2GiB\", \"retry_strategy\": {\"stop_after_attempt\": "
     "2, \"max_memory\": \"1GiB\"}}",
     1, 0, 1, "retry_strategy.max_memory: it is less than the job's memory",
     "a larger max_memory, or less memory"},
    {"{\"command\": \"true\", \"retry_strategy\": {\"stop_after_attempt\": 2, "
     "\"stop_after_delay\": \"soon\"}}",
     1, 0, 1, "retry_strategy.stop_after_delay: \"soon\" is no duration",
     "a duration such as \"90s\", \"1h30m\", or a number of seconds"},
    {"{\"command\": \"true\", \"retry_strategy\": 3}", 1, 0, 1,
     "retry_strategy: 3 is no set of keys", "{\"stop_after_attempt\": 3, \"on\": [\"oom\"]}"},
    {"{}", 1, 0, 1, "there is no command",
     "\"command\": [\"python\", \"job.py\"], or a text for the shell"},
    {"{\"command\": null}", 1, 0, 1, "there is no command",
     "\"command\": [\"python\", \"job.py\"], or a text for the shell"},
    {"{\"command\": \"\"}", 1, 0, 1, "command: it is empty", "a text with something in it"},
    {"{\"command\": \"  \"}", 1, 0, 1, "command: it is empty", "a text with something in it"},
    {"{\"command\": []}", 1, 0, 1, "command: [] is no command",
     "a list of words, [\"python\", \"job.py\"], or a text for the shell"},
    {"{\"command\": [\"\"]}", 1, 0, 1, "command: it is empty", "a text with something in it"},
    {"{\"command\": [\"sleep\", 5]}", 1, 0, 1, "command: 5 is no text", "quotes around it"},
    {"{\"command\": 5}", 1, 0, 1, "command: 5 is no command",
     "a list of words, [\"python\", \"job.py\"], or a text for the shell"},
    {"{\"command\": {\"a\": 1}}", 1, 0, 1, "command: {\"a\":1} is no command",
     "a list of words, [\"python\", \"job.py\"], or a text for the shell"},
    {"{\"command\": [\"a\", \"b\\u0000c\"]}", 1, 0, 1,
     "command: \"b\\u0000c\" has a NUL byte in it, which no program can be given",
     "the text without \\u0000"},
    {"{\"command\": \"a\\u0000b\"}", 1, 0, 1,
     "command: \"a\\u0000b\" has a NUL byte in it, which no program can be given",
     "the text without \\u0000"},
    {"{\"command\": \"true\", \"name\": \"\"}", 1, 0, 1, "name: it is empty",
     "a text with something in it"},
    {"{\"command\": \"true\", \"name\": \"a\\nb\"}", 1, 0, 1,
     "name: \"a\\x0ab\" has control characters in it", "a name without them"},
    {"{\"command\": \"true\", \"name\": \"a\\u0085b\"}", 1, 0, 1,
     "name: \"a\\xc2\\x85b\" has control characters in it", "a name without them"},
    {"{\"command\": \"true\", \"name\": \"a\\u0000b\"}", 1, 0, 1,
     "name: \"a\\u0000b\" has a NUL byte in it, which no program can be given",
     "the text without \\u0000"},
    {"{\"command\": \"true\", \"name\": 7}", 1, 0, 1, "name: 7 is no text", "quotes around it"},
    {"{\"command\": \"true\", \"memory\": \"lots\"}", 1, 0, 1, "memory: \"lots\" is no size",
     "a size such as \"2GiB\" or \"500MB\""},
    {"{\"command\": \"true\", \"memory\": 4096}", 1, 0, 1,
     "memory: 4096 is too little for any program",
     "a size with its unit, such as \"2GiB\"; a number alone is bytes"},
    {"{\"command\": \"true\", \"memory\": \"4KB\"}", 1, 0, 1,
     "memory: \"4KB\" is too little for any program",
     "a size with its unit, such as \"2GiB\"; a number alone is bytes"},
    {"{\"command\": \"true\", \"memory\": 1.5}", 1, 0, 1, "memory: 1.5 is no size",
     "a size such as \"2GiB\" or \"500MB\""},
    {"{\"command\": \"true\", \"memory\": true}", 1, 0, 1, "memory: true is no size",
     "a size such as \"2GiB\" or \"500MB\""},
    {"{\"command\": \"true\", \"memory\": 0}", 1, 0, 1, "memory: 0 is no size",
     "a size such as \"2GiB\" or \"500MB\""},
    {"{\"command\": \"true\", \"cpus\": 0}", 1, 0, 1, "cpus: 0 is no number of processors",
     "a number from 0.01 on: 0.5, 2"},
    {"{\"command\": \"true\", \"cpus\": \"2\"}", 1, 0, 1, "cpus: \"2\" is no number of processors",
     "a number from 0.01 on: 0.5, 2"},
    {"{\"command\": \"true\", \"cpus\": 0.001}", 1, 0, 1, "cpus: 0.001 is no number of processors",
     "a number from 0.01 on: 0.5, 2"},
    {"{\"command\": \"true\", \"cpus\": 1e300}", 1, 0, 1, "cpus: 1e300 is no number of processors",
     "a number from 0.01 on: 0.5, 2"},
    {"{\"command\": \"true\", \"processes\": 0}", 1, 0, 1, "processes: 0 is no such number",
     "a whole number from 1 to 4194304"},
    {"{\"command\": \"true\", \"processes\": 1.5}", 1, 0, 1, "processes: 1.5 is no such number",
     "a whole number from 1 to 4194304"},
    {"{\"command\": \"true\", \"timeout\": \"soon\"}", 1, 0, 1, "timeout: \"soon\" is no duration",
     "a duration such as \"90s\", \"1h30m\", or a number of seconds"},
    {"{\"command\": \"true\", \"timeout\": 0}", 1, 0, 1, "timeout: 0 is no duration",
     "a duration such as \"90s\", \"1h30m\", or a number of seconds"},
    {"{\"command\": \"true\", \"timeout\": -1}", 1, 0, 1, "timeout: -1 is no duration",
     "a duration such as \"90s\", \"1h30m\", or a number of seconds"},
    {"{\"command\": \"true\", \"timeout\": 1e10}", 1, 0, 1, "timeout: 1e10 is no duration",
     "a duration such as \"90s\", \"1h30m\", or a number of seconds"},
    {"{\"command\": \"true\", \"timeout\": 9223372037}", 1, 0, 1,
     "timeout: 9223372037 is no duration",
     "a duration such as \"90s\", \"1h30m\", or a number of seconds"},
    {"{\"command\": \"true\", \"directory\": \"\"}", 1, 0, 1, "directory: it is empty",
     "a text with something in it"},
    {"{\"command\": \"true\", \"directory\": [\"a\"]}", 1, 0, 1, "directory: [\"a\"] is no text",
     "a text in quotes"},
    {"{\"command\": \"true\", \"environment\": []}", 1, 0, 1,
     "environment: [] is no set of variables", "{\"NAME\": \"value\"}"},
    {"{\"command\": \"true\", \"environment\": {\"A\": 1}}", 1, 0, 1,
     "environment: A: 1 is no text", "quotes around it"},
    {"{\"command\": \"true\", \"environment\": {\"A=B\": \"x\"}}", 1, 0, 1,
     "environment: a variable cannot be called \"A=B\"", "a name without '='"},
    {"{\"command\": \"true\", \"environment\": {\"\": \"x\"}}", 1, 0, 1,
     "environment: a variable cannot be called \"\"", "a name without '='"},
    {"{\"command\": \"true\", \"environment\": {\"WEIR_CELL\": \"x\"}}", 1, 0, 1,
     "environment: WEIR_CELL is set by weir itself", ""},
    {"{\"command\": \"true\", \"environment\": {\"A\": \"x\\u0000\"}}", 1, 0, 1,
     "environment: A: \"x\\u0000\" has a NUL byte in it, which no program can be given",
     "the text without \\u0000"},
    {"{\"command\": \"true\", \"after\": 3}", 1, 0, 1, "after: 3 is no list of names",
     "[\"load\", \"clean\"], or one name"},
    {"{\"command\": \"true\", \"after\": [3]}", 1, 0, 1, "after: 3 is no text", "quotes around it"},
    {"{\"command\": \"true\", \"after\": \"\"}", 1, 0, 1, "after: it is empty",
     "a text with something in it"},
    {"{\"command\": \"true\", \"after\": \"nobody\"}", 1, 0, 1,
     "after: no job is called \"nobody\"", "the \"name\" of a job of this file"},
    {"{\"command\": \"true\", \"after\": \"job-11\"}", 1, 0, 1,
     "after: no job is called \"job-11\"; did you mean job-1?", ""},
    {"# comment", 1, 0, 1, "JSON has no comments, and this line is no job", "the line without it"},
    {"  # comment", 1, 0, 1, "JSON has no comments, and this line is no job",
     "the line without it"},
    {"[{\"command\": \"true\"}]", 1, 0, 1, "this is a list, not a job: {\"command\": ...}",
     "each job on a line of its own; jq -c '.[]' FILE writes it so"},
    {"{", 1, 0, 1, "not JSON: string or '}' expected near end of file (column 1)",
     "one whole job a line; jq -c . FILE writes it so"},
    {"\"command\"", 1, 0, 1, "not JSON: '[' or '{' expected near '\"command\"' (column 9)", ""},
    {"{\"command\": \"true\",}", 1, 0, 1, "not JSON: string or '}' expected near '}' (column 20)",
     ""},
    {"{\"command\": \"true\"", 1, 0, 1, "not JSON: '}' expected near end of file (column 18)",
     "one whole job a line; jq -c . FILE writes it so"},
    {"{\"command\": \"true\"} x", 1, 0, 1, "not JSON: end of file expected near 'x' (column 21)",
     ""},
    {"{\"command\": \"true\", \"command\": \"false\"}", 1, 0, 1,
     "cannot be read: duplicate object key near '\"command\"' (column 29)", ""},
    {"{\"command\": 'true'}", 1, 0, 1, "not JSON: invalid token near ''' (column 13)", ""},
    {"{\"a\\u0000b\": 1, \"command\": \"true\"}", 1, 0, 1,
     "cannot be read: NUL byte in object key not supported near '\"a\\u0000b\"' (column 11)", ""},
    {"{\"command\": \"true\", \"memory\": 99999999999999999999}", 1, 0, 1,
     "cannot be read: too big integer near '99999999999999999999' (column 50)", ""},
    {"{\"command\": \"true\", \"cpus\": 1e999}", 1, 0, 1,
     "cannot be read: real number overflow near '1e999' (column 33)", ""},
    {"{\"command\": \"true\", \"environment\": \"A=1\"}", 1, 0, 1,
     "environment: \"A=1\" is no set of variables", "{\"NAME\": \"value\"}"},
    {"{\"command\": \"true\", \"memory\": [\"2GiB\"], \"cpus\": {}, \"timeout\": [], "
     "\"processes\": \"4\", \"after\": {}}",
     5, 0, 1, "memory: [\"2GiB\"] is no size", "a size such as \"2GiB\" or \"500MB\""},
    {"{\"command\": \"true\", \"memory\": [\"2GiB\"], \"cpus\": {}, \"timeout\": [], "
     "\"processes\": \"4\", \"after\": {}}",
     5, 1, 1, "cpus: {} is no number of processors", "a number from 0.01 on: 0.5, 2"},
    {"{\"command\": \"true\", \"memory\": [\"2GiB\"], \"cpus\": {}, \"timeout\": [], "
     "\"processes\": \"4\", \"after\": {}}",
     5, 2, 1, "timeout: [] is no duration",
     "a duration such as \"90s\", \"1h30m\", or a number of seconds"},
    {"{\"command\": \"true\", \"memory\": [\"2GiB\"], \"cpus\": {}, \"timeout\": [], "
     "\"processes\": \"4\", \"after\": {}}",
     5, 3, 1, "processes: \"4\" is no such number", "a whole number from 1 to 4194304"},
    {"{\"command\": \"true\", \"memory\": [\"2GiB\"], \"cpus\": {}, \"timeout\": [], "
     "\"processes\": \"4\", \"after\": {}}",
     5, 4, 1, "after: {} is no list of names", "[\"load\", \"clean\"], or one name"},
    {"{\"command\": [\"a\", \"b\", [\"c\"]]}", 1, 0, 1, "command: [\"c\"] is no text",
     "a text in quotes"},
    {"{\"command\": [\"a\", \"b\", null]}", 1, 0, 1, "command: null is no text",
     "a text in quotes"},
    {"{\"command\": \"true\", \"memory\": \"a very long text that is no size at all and goes on "
     "and on and on and on\"}",
     1, 0, 1, "memory: \"a very long text that is no size at all and goes on and on ... is no size",
     "a size such as \"2GiB\" or \"500MB\""},
    {"{\"command\": \"true\", \"memory\": "
     "\"\303\244\303\244\303\244\303\244\303\244\303\244\303\244\303\244\303\244\303\244\303\244"
     "\303\244\303\244\303\244\303\244\303\244\303\244\303\244\303\244\303\244\303\244\303\244\303"
     "\244\303\244\303\244\303\244\303\244\303\244\303\244\303\244\303\244\303\244\303\244\303\244"
     "\303\244\303\244\303\244\303\244\303\244\303\244\303\244\303\244\303\244\303\244\303\244\303"
     "\244\303\244\303\244\303\244\"}",
     1, 0, 1,
     "memory: "
     "\"\303\244\303\244\303\244\303\244\303\244\303\244\303\244\303\244\303\244\303\244\303\244"
     "\303\244\303\244\303\244\303\244\303\244\303\244\303\244\303\244\303\244\303\244\303\244\303"
     "\244\303\244\303\244\303\244\303\244\303\244\303\244... is no size",
     "a size such as \"2GiB\" or \"500MB\""},
    {"{\"command\": \"true\", \"retries\": 3, \"deps\": [], \"id\": 4, \"mem\": \"2GiB\"}", 4, 0, 1,
     "there is no key \"retries\"; did you mean \"retry_strategy\"?", ""},
    {"{\"command\": \"true\", \"retries\": 3, \"deps\": [], \"id\": 4, \"mem\": \"2GiB\"}", 4, 1, 1,
     "there is no key \"deps\"; did you mean \"after\"?", ""},
    {"{\"command\": \"true\", \"retries\": 3, \"deps\": [], \"id\": 4, \"mem\": \"2GiB\"}", 4, 2, 1,
     "there is no key \"id\"; did you mean \"name\"?", ""},
    {"{\"command\": \"true\", \"retries\": 3, \"deps\": [], \"id\": 4, \"mem\": \"2GiB\"}", 4, 3, 1,
     "there is no key \"mem\"; did you mean \"memory\"?", ""},
    {"{\"command\": \"true\", \"memory\": \"2GiB\\u0000\"}", 1, 0, 1,
     "memory: \"2GiB\\u0000\" is no size", "a size such as \"2GiB\" or \"500MB\""},
    {"{\"command\": \"true\", \"timeout\": \"5m\\u0000\"}", 1, 0, 1,
     "timeout: \"5m\\u0000\" is no duration",
     "a duration such as \"90s\", \"1h30m\", or a number of seconds"},
    {"{\"command\": \"true\", \"retry_strategy\": {\"stop_after_attempt\": 2, \"on\": "
     "[\"oom\\u0000\"], \"memory\": \"x2\\u0000\"}}",
     2, 0, 1, "retry_strategy.on: \"oom\\u0000\" is no reason to try again; did you mean oom?",
     "one of oom, timeout, error"},
    {"{\"command\": \"true\", \"retry_strategy\": {\"stop_after_attempt\": 2, \"on\": "
     "[\"oom\\u0000\"], \"memory\": \"x2\\u0000\"}}",
     2, 1, 1, "retry_strategy.memory: \"x2\\u0000\" is no factor from x1 to x100",
     "\"x1.5\", \"x2\""},
    {"{\"command\": \"true\", \"retry_strategy\": {\"stop_after_attempt\": 1000001, "
     "\"max_memory\": 5}}",
     2, 0, 1, "retry_strategy.stop_after_attempt: 1000001 is no such number",
     "a whole number from 1 to 1000000"},
    {"{\"command\": \"true\", \"retry_strategy\": {\"stop_after_attempt\": 1000001, "
     "\"max_memory\": 5}}",
     2, 1, 1, "retry_strategy.max_memory: 5 is too little for any program",
     "a size with its unit, such as \"2GiB\"; a number alone is bytes"},
    {"{\"command\": \"true\", \"retry_strategy\": {\"stop_after_attempt\": 2, \"on\": [\"oom\", "
     "\"oom\", null]}}",
     1, 0, 1, "retry_strategy.on: null is no reason to try again", "one of oom, timeout, error"},
    {"{\"command\": \"true\", \"retry_strategy\": {\"memory\": \"x2\"}}", 1, 0, 1,
     "retry_strategy: without stop_after_attempt nothing is tried again",
     "\"stop_after_attempt\": 3, the first attempt included"},
    {"{\"command\": \"true\", \"retry_strategy\": {\"stop_after_attempt\": \"two\"}}", 1, 0, 1,
     "retry_strategy.stop_after_attempt: \"two\" is no such number",
     "a whole number from 1 to 1000000"},
    {"{\"command\": \"true\", \"name\": \"a\"}\n\n{\"command\": \"false\", \"name\": \"a\"}", 1, 0,
     3, "the job of line 1 is called \"a\" already",
     "another \"name\"; a line without one is called job- and its number"},
    {"{\"command\": \"true\", \"name\": \"job-2\"}\n{\"command\": \"false\"}", 1, 0, 2,
     "the job of line 1 is called \"job-2\" already",
     "another \"name\"; a line without one is called job- and its number"},
    {"{\"command\": \"true\", \"name\": 5}\n{\"command\": \"true\", \"after\": \"anybody\"}", 1, 0,
     1, "name: 5 is no text", "quotes around it"},
    {"{\"command\": \"true\", \"name\": \"load\"}\n{\"command\": \"true\", \"after\": [\"laod\", "
     "\"load\"]}",
     1, 0, 2, "after: no job is called \"laod\"; did you mean load?", ""},
    {"{\"command\": \"true\"\n{\"command\": \"true\", \"after\": \"anybody\"}", 1, 0, 1,
     "not JSON: '}' expected near end of file (column 18)",
     "one whole job a line; jq -c . FILE writes it so"},
    {"{\"command\": 1, \"name\": \"x\"}\n{\"command\": \"true\", \"after\": [\"x\", \"y\"]}", 2, 0,
     1, "command: 1 is no command",
     "a list of words, [\"python\", \"job.py\"], or a text for the shell"},
    {"{\"command\": 1, \"name\": \"x\"}\n{\"command\": \"true\", \"after\": [\"x\", \"y\"]}", 2, 1,
     2, "after: no job is called \"y\"", "the \"name\" of a job of this file"},
    {"{\"cmmand\": [\"x\"]}", 1, 0, 1, "there is no key \"cmmand\"; did you mean \"command\"?", ""},
    {"{\"cmd\": \"x\", \"cpus\": 0}", 2, 0, 1, "there is no key \"cmd\"; did you mean \"command\"?",
     ""},
    {"{\"cmd\": \"x\", \"cpus\": 0}", 2, 1, 1, "cpus: 0 is no number of processors",
     "a number from 0.01 on: 0.5, 2"},
};

static void each_complaint_is_as_it_should_be(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct jobs_fixture *fixture = fixture_bad(CASES[i].text);
        if (fixture->told != CASES[i].count)
            fail_msg("%s: %u complaints", CASES[i].text, fixture->told);
        assert_complaint(fixture, CASES[i].number, CASES[i].line, CASES[i].what, CASES[i].hint);
        fixture_close(fixture);
    }
}

static void bytes_that_are_no_text_are_refused(void **state)
{
    (void)state;
    struct jobs_fixture *fixture = fixture_bad("{\"command\": \"\xff\"}");
    assert_complaint(fixture, 0, 1, "not JSON: unable to decode byte 0xff near '\"' (column 13)",
                     "");
    fixture_close(fixture);
    fixture = fixture_open(MEM_NO_LIMIT);
    static const char raw[] = "{\"command\": \"a\0b\"}";
    assert_int_equal(fixture_parse(fixture, raw, sizeof raw - 1), ERROR_INPUT);
    assert_complaint(fixture, 0, 1, "not JSON: control character 0x0 near '\"a' (column 14)", "");
    fixture_close(fixture);
}

static void deep_nesting_is_refused(void **state)
{
    (void)state;
    enum { DEPTH = 100000 };
    char *text = malloc(DEPTH + 64);
    int used = snprintf(text, 64, "{\"command\": ");
    memset(text + used, '[', DEPTH);
    text[used + DEPTH] = '\0';
    struct jobs_fixture *fixture = fixture_bad(text);
    assert_int_equal(fixture->told, 1);
    assert_non_null(strstr(fixture->complaints[0].what, "maximum parsing depth reached"));
    fixture_close(fixture);
    free(text);
}

/* ---- what is too long ---- */

/* A job whose key has a text of that many letters. */
static char *long_member(const char *before, size_t size, const char *behind)
{
    char *text = malloc(size + 256);
    int used = snprintf(text, 128, "{%s\"", before);
    memset(text + used, 'x', size);
    snprintf(text + used + size, 128, "\"%s}", behind);
    return text;
}

static void assert_longest(const char *before, size_t most, const char *behind, const char *told)
{
    char *text = long_member(before, most, behind);
    struct jobs_fixture *fixture = fixture_good(text);
    fixture_close(fixture);
    free(text);
    text = long_member(before, most + 1, behind);
    fixture = fixture_bad(text);
    assert_int_equal(fixture->told, 1);
    if (strstr(fixture->complaints[0].what, told) == NULL)
        fail_msg("%s", fixture->complaints[0].what);
    fixture_close(fixture);
    free(text);
}

static void what_cannot_be_handed_over_is_refused(void **state)
{
    (void)state;
    assert_longest("\"command\": ", 131071, "", "longer than the 131,071 bytes");
    assert_longest("\"command\": [\"true\", ", 131071, "]", "longer than the 131,071 bytes");
    assert_longest("\"command\": \"true\", \"environment\": {\"A\": ", 131069, "}",
                   "A is longer than a program can be given");
    assert_longest("\"command\": \"true\", \"name\": ", 200, "",
                   "is longer than the 200 bytes of a name");
    assert_longest("\"command\": \"true\", \"directory\": ", 4095, "",
                   "is longer than a path can be");
}

/* ---- how many ---- */

static void problems_of_all_lines_are_told(void **state)
{
    (void)state;
    struct jobs_fixture *fixture = fixture_bad("{\"command\": \"true\", \"name\": \"a\"}\n"
                                               "{\"command\": \"true\", \"memroy\": 1}\n"
                                               "# no\n"
                                               "{\"command\": 5, \"cpus\": 0, \"name\": \"b\"}\n"
                                               "{\"command\": \"true\", \"name\": \"a\"}\n"
                                               "{\"command\": \"true\", \"after\": \"b\"}\n");
    static const uint32_t lines[] = {2, 3, 4, 4, 5};
    assert_int_equal(fixture->told, 5);
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal(fixture->complaints[i].line, lines[i]);
    assert_string_equal(fixture->error.what, "the jobs have 5 problems");
    fixture_close(fixture);
}

/* That many lines with a problem each. */
static struct jobs_fixture *many_problems(unsigned count)
{
    static char text[8192];
    size_t used = 0;
    for (unsigned i = 0; i < count; i++)
        used += (size_t)snprintf(text + used, sizeof text - used,
                                 "{\"command\": \"true\", \"q\": 1}\n");
    return fixture_bad(text);
}

static void the_first_fifty_problems_are_told(void **state)
{
    (void)state;
    struct jobs_fixture *fixture = many_problems(50);
    assert_int_equal(fixture->told, 50);
    assert_string_equal(fixture->error.what, "the jobs have 50 problems");
    fixture_close(fixture);
    fixture = many_problems(123);
    assert_int_equal(fixture->told, 50);
    assert_int_equal(fixture->complaints[49].line, 50);
    assert_string_equal(fixture->error.what,
                        "the jobs have 123 problems, of which the first 50 are told");
    fixture_close(fixture);
}

/* Each wrong name is held against all: where there are very many, none is suggested. */
static void among_very_many_names_none_is_suggested(void **state)
{
    (void)state;
    enum { MANY = 5001, LINE = 48 };
    char *text = malloc((MANY + 1) * LINE);
    size_t used = 0;
    for (unsigned i = 0; i < MANY; i++) {
        if (i == MANY - 1)
            used += (size_t)snprintf(
                text + used, 2 * LINE,
                "{\"name\": \"n%u\", \"command\": \"true\", \"after\": \"n12x\"}\n", i);
        else
            used += (size_t)snprintf(text + used, LINE,
                                     "{\"name\": \"n%u\", \"command\": \"true\"}\n", i);
    }
    struct jobs_fixture *fixture = fixture_bad(text);
    assert_complaint(fixture, 0, MANY, "after: no job is called \"n12x\"",
                     "the \"name\" of a job of this file");
    fixture_close(fixture);
    char *second = strchr(text, '\n') + 1; /* one less */
    fixture = fixture_bad(second);
    assert_complaint(fixture, 0, MANY - 1, "after: no job is called \"n12x\"; did you mean n12?",
                     "");
    fixture_close(fixture);
    free(text);
}

static void no_jobs_are_a_mistake(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "\n", " \t\r\n\n   ", "\xef\xbb\xbf"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct jobs_fixture *fixture = fixture_bad(texts[i]);
        assert_int_equal(fixture->told, 0);
        assert_string_equal(fixture->error.what, "there are no jobs");
        assert_string_equal(
            fixture->error.hint,
            "one job a line: {\"command\": [\"python\", \"job.py\"], \"memory\": \"2GiB\"}");
        fixture_close(fixture);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_complaint_is_as_it_should_be),
        cmocka_unit_test(bytes_that_are_no_text_are_refused),
        cmocka_unit_test(deep_nesting_is_refused),
        cmocka_unit_test(what_cannot_be_handed_over_is_refused),
        cmocka_unit_test(problems_of_all_lines_are_told),
        cmocka_unit_test(the_first_fifty_problems_are_told),
        cmocka_unit_test(among_very_many_names_none_is_suggested),
        cmocka_unit_test(no_jobs_are_a_mistake),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
