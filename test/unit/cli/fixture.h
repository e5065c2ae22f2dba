/* A parsed command line, and text gathered from a stream, for the tests of this room. */
#ifndef WEIR_TEST_CLI_FIXTURE_H
#define WEIR_TEST_CLI_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/arguments.h"
#include "cli/parse.h"

#define WORDS_MOST 64

struct fixture {
    struct cli_call call;
    struct error error;
    char text[2048];
    char *words[WORDS_MOST];
};

/* Parses "weir ..." split at blanks; "_" stands for a blank within a word, "''" for an empty word.
 */
static inline enum error_code fixture_parse(struct fixture *fixture, const char *line)
{
    memset(fixture, 0, sizeof *fixture);
    error_init(&fixture->error);
    snprintf(fixture->text, sizeof fixture->text, "%s", line);
    int count = 0;
    char *rest = fixture->text;
    for (char *word; (word = strsep(&rest, " ")) != NULL;) {
        if (strcmp(word, "''") == 0)
            word[0] = '\0';
        for (char *at = word; *at != '\0'; at++)
            *at = *at == '_' ? ' ' : *at;
        assert_true(count < WORDS_MOST);
        fixture->words[count++] = word;
    }
    mem_account_init(&fixture->call.account, "command line", NULL, CLI_MEMORY);
    mem_arena_init(&fixture->call.arena, &fixture->call.account);
    fixture->call.argc = count;
    fixture->call.argv = fixture->words;
    return cli_parse(&fixture->call, &fixture->error);
}

static inline void fixture_release(struct fixture *fixture)
{
    mem_arena_release(&fixture->call.arena);
    assert_int_equal(atomic_load(&fixture->call.account.used), 0);
}

/* A stream whose text stands in *text once it is closed; freed by the test. */
static inline FILE *text_stream(char **text, size_t *size)
{
    FILE *stream = open_memstream(text, size);
    assert_non_null(stream);
    return stream;
}

#endif
