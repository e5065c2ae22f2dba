/* docs/JOBS.md says what the tables of keys say, and its examples are what it says they are. */
#include <libgen.h>

#include "jobs_fixture.h"

static char *document;

static int load(void **state)
{
    (void)state;
    static char path[4096];
    snprintf(path, sizeof path, "%s", __FILE__);
    size_t used = strlen(dirname(path));
    snprintf(path + used, sizeof path - used, "/../../../docs/JOBS.md");
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return -1;
    document = calloc(1, 1 << 20);
    size_t size = document != NULL ? fread(document, 1, (1 << 20) - 1, file) : 0;
    fclose(file);
    return size > 0 ? 0 : -1;
}

static int drop(void **state)
{
    (void)state;
    free(document);
    return 0;
}

static unsigned count_of(const char *text, const char *end, const char *piece)
{
    unsigned count = 0;
    for (const char *at = strstr(text, piece); at != NULL && at < end; at = strstr(at + 1, piece))
        count++;
    return count;
}

/* Each key has its row in the part under a heading, and no other row stands there. */
static void assert_table(const char *heading, const struct jobs_key *keys)
{
    const char *part = strstr(document, heading);
    assert_non_null(part);
    const char *end = strstr(part, "\n\n- **");
    const char *example = strstr(part, "\n```");
    end = end == NULL || (example != NULL && example < end) ? example : end;
    assert_non_null(end);
    unsigned rows = 0;
    for (const struct jobs_key *key = keys; key->name != NULL; key++, rows++) {
        char row[1024];
        snprintf(row, sizeof row, "\n| `%s` | %s | %s |\n", key->name, key->form, key->meaning);
        const char *found = strstr(part, row);
        if (found == NULL || found >= end)
            fail_msg("docs/JOBS.md lacks this row:%s", row);
        assert_non_null(key->read);
    }
    assert_int_equal(count_of(part, end, "\n| `"), rows);
}

static void the_tables_are_those_of_the_parser(void **state)
{
    (void)state;
    assert_table("\n## Keys\n", jobs_keys);
    assert_table("\n## Trying again\n", jobs_retry_keys);
}

static void the_examples_can_be_read(void **state)
{
    (void)state;
    static const char fence[] = "\n```jsonl\n";
    unsigned examples = 0;
    for (const char *at = document; (at = strstr(at, fence)) != NULL; examples++) {
        at += strlen(fence);
        const char *end = strstr(at, "```");
        assert_non_null(end);
        struct jobs_fixture *fixture = fixture_open(MEM_NO_LIMIT);
        if (fixture_parse(fixture, at, (size_t)(end - at)) != ERROR_NONE)
            fail_msg("%s: %s", fixture->error.what, fixture->complaints[0].what);
        fixture_close(fixture);
    }
    assert_int_equal(examples, 2);
}

static void the_mistakes_are_told_as_it_says(void **state)
{
    (void)state;
    unsigned mistakes = 0;
    const char *at = strstr(document, "| mistake | what is told |");
    assert_non_null(at);
    while ((at = strstr(at, "\n| `{")) != NULL) {
        const char *text = at + strlen("\n| `"), *behind = strstr(text, "` | ");
        assert_non_null(behind);
        const char *told = behind + strlen("` | "), *end = strstr(told, " |\n");
        assert_non_null(end);
        struct jobs_fixture *fixture = fixture_open(MEM_NO_LIMIT);
        assert_int_equal(fixture_parse(fixture, text, (size_t)(behind - text)), ERROR_INPUT);
        assert_int_equal(fixture->told, 1);
        assert_int_equal(strlen(fixture->complaints[0].what), end - told);
        assert_memory_equal(fixture->complaints[0].what, told, end - told);
        fixture_close(fixture);
        mistakes++;
        at = end;
    }
    assert_int_equal(mistakes, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tables_are_those_of_the_parser),
        cmocka_unit_test(the_examples_can_be_read),
        cmocka_unit_test(the_mistakes_are_told_as_it_says),
    };
    return cmocka_run_group_tests(tests, load, drop);
}
