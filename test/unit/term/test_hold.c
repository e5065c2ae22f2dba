#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "term/hold.h"

static void held_text_comes_out_at_the_end(void **state)
{
    (void)state;
    int pipe_ends[2], kept = dup(STDOUT_FILENO);
    char got[64] = "";
    fflush(stdout);
    assert_int_equal(pipe(pipe_ends), 0);
    dup2(pipe_ends[1], STDOUT_FILENO);
    struct hold hold;
    hold_begin(&hold);
    printf("a table\n");
    fflush(stdout);
    (void)!write(pipe_ends[1], "display\n", 8);
    hold_end(&hold);
    hold_end(&hold); /* harmless */
    dup2(kept, STDOUT_FILENO);
    close(kept);
    close(pipe_ends[1]);
    assert_int_equal(read(pipe_ends[0], got, sizeof got - 1), 16);
    close(pipe_ends[0]);
    assert_string_equal(got, "display\na table\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(held_text_comes_out_at_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
