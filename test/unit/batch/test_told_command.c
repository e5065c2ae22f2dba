/* Commands as reports tell them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "batch/told_command.h"

struct stage {
    struct mem_account account;
    struct mem_arena arena;
    struct error error;
};

static int setup(void **state)
{
    static struct stage stage;
    memset(&stage, 0, sizeof stage);
    mem_account_init(&stage.account, "test", NULL, MEM_NO_LIMIT);
    mem_arena_init(&stage.arena, &stage.account);
    *state = &stage;
    return 0;
}

static int teardown(void **state)
{
    struct stage *stage = *state;
    mem_arena_release(&stage->arena);
    assert_int_equal(atomic_load(&stage->account.used), 0);
    return 0;
}

static const char *const *tell(struct stage *stage, const char *const *arguments)
{
    const char *const *told = NULL;
    assert_int_equal(told_command(arguments, &stage->arena, &told, &stage->error), ERROR_NONE);
    return told;
}

static void short_ones_are_told_as_they_are(void **state)
{
    static const char *const words[] = {"python", "", "job.py", NULL};
    assert_ptr_equal(tell(*state, words), words);
}

static void up_to_the_bound_nothing_is_cut(void **state)
{
    static char word[TOLD_COMMAND_MOST + 1];
    const char *const words[] = {"ab", word, NULL};
    memset(word, 'x', sizeof word - 1);
    word[TOLD_COMMAND_MOST - 4] = '\0';
    assert_ptr_equal(tell(*state, words), words);
    word[TOLD_COMMAND_MOST - 4] = 'x';
    word[TOLD_COMMAND_MOST - 2] = '\0';
    const char *const *told = tell(*state, words);
    assert_string_equal(told[0], "ab");
    assert_int_equal(strlen(told[1]), TOLD_COMMAND_MOST);
    assert_string_equal(told[1] + TOLD_COMMAND_MOST - 6, "xxx...");
    assert_null(told[2]);
}

static void of_long_ones_the_beginning_is_told(void **state)
{
    static char word[3 * TOLD_COMMAND_MOST];
    static const char *words[10001];
    memset(word, 'w', sizeof word - 1);
    for (size_t i = 0; i < 10000; i++)
        words[i] = "some words";
    const char *const *told = tell(*state, words);
    size_t count = 0;
    while (told[count] != NULL)
        count++;
    assert_int_equal(count, TOLD_COMMAND_MOST / strlen("some words ") + 2);
    assert_string_equal(told[count - 1], "(8510 more)");
    words[0] = word;
    told = tell(*state, words);
    assert_int_equal(strlen(told[0]), TOLD_COMMAND_MOST + 3);
    assert_string_equal(told[1], "(9999 more)");
    assert_null(told[2]);
}

static void without_memory_it_is_told(void **state)
{
    struct stage *stage = *state;
    static char word[TOLD_COMMAND_MOST + 1];
    const char *const words[] = {word, NULL}, *const * told;
    memset(word, 'x', sizeof word - 1);
    stage->account.limit = 0;
    assert_int_equal(told_command(words, &stage->arena, &told, &stage->error), ERROR_MEMORY);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(short_ones_are_told_as_they_are),
        TEST(up_to_the_bound_nothing_is_cut),
        TEST(of_long_ones_the_beginning_is_told),
        TEST(without_memory_it_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
