/* Memory over time, drawn. */
#include "cli/memory_plot.h"
#include "fixture.h"

#define MIB UINT64_C(1048576)

static struct mem_account account;
static struct memory_history history;
static struct error error;

static int set_up(void **state)
{
    (void)state;
    mem_account_init(&account, "test", NULL, MEM_NO_LIMIT);
    memory_history_init(&history, &account);
    error_init(&error);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    memory_history_release(&history);
    return atomic_load(&account.used) == 0 ? 0 : -1;
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

static enum error_code read_pairs(const char *text)
{
    memory_history_clear(&history);
    return memory_history_read_pairs(&history, text, &error);
}

static char *plotted(const struct memory_plot *plot)
{
    char *text;
    size_t size;
    FILE *stream = text_stream(&text, &size);
    memory_plot_write(stream, plot, &history);
    fclose(stream);
    return text;
}

static void a_plot_has_its_limit_and_its_axis(void **state)
{
    (void)state;
    assert_int_equal(read_pairs("[[0,0],[1000,6291456],[2000,12582912]]"), ERROR_NONE);
    struct memory_plot plot = {
        .limit = 24 * MIB, .peak = 12 * MIB, .wall_ns = UINT64_C(2000000000), .width = 36};
    char *text = plotted(&plot);
    assert_string_equal(text, "    24 MiB |----------------- limit\n"
                              "           |\n"
                              "           |\n"
                              "           |\n"
                              "           |\n"
                              "           |\n"
                              "    12 MiB |                #\n"
                              "           |                #\n"
                              "           |                #\n"
                              "           |        #########\n"
                              "           |        #########\n"
                              "           |        #########\n"
                              "         0 +-----------------\n"
                              "           0 s         2.00 s\n"
                              "           peak 12 MiB of 24 MiB\n");
    free(text);
}

/* Widths from nothing to a wall, limits from none to far above, a single point, no time at all. */
static void plots_of_all_sizes(void **state)
{
    (void)state;
    static const uint64_t limits[] = {0, 1, 5, MIB, 3 * MIB, 100 * MIB, UINT64_MAX};
    static const char *const samples[] = {"[[0,0]]", "[[0,1048576]]", "[[5,7],[5,9]]",
                                          "[[0,9223372036854775807]]", "[[0,1],[1000000000000,3]]"};
    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        assert_int_equal(read_pairs(samples[i]), ERROR_NONE);
        for (size_t j = 0; j < sizeof limits / sizeof limits[0]; j++) {
            for (unsigned width = 0; width < 400; width += 13) {
                struct memory_plot plot = {
                    .limit = limits[j], .peak = 2 * MIB, .width = width, .utf8 = width % 2};
                char *text = plotted(&plot);
                size_t lines = 0;
                for (const char *at = text; *at != '\0'; at++)
                    lines += *at == '\n';
                assert_int_equal(lines, MEMORY_PLOT_ROWS + 3);
                assert_null(strstr(text, " \n"));
                free(text);
            }
        }
    }
}

static void a_limit_far_above_is_only_named(void **state)
{
    (void)state;
    assert_int_equal(read_pairs("[[0,1048576]]"), ERROR_NONE);
    struct memory_plot plot = {.limit = 1024 * MIB, .peak = MIB, .width = 60, .utf8 = true};
    char *text = plotted(&plot);
    assert_null(strstr(text, "limit"));
    assert_non_null(strstr(text, "peak 1 MiB of 1 GiB, which lies far above"));
    assert_non_null(strstr(text, "1 MiB │█"));
    free(text);
}

static void nothing_to_draw_is_told(void **state)
{
    (void)state;
    struct memory_plot plot = {.width = 80};
    char *text = plotted(&plot);
    assert_string_equal(text, "no samples of memory were kept\n");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_plot_has_its_limit_and_its_axis),
        TEST(plots_of_all_sizes),
        TEST(a_limit_far_above_is_only_named),
        TEST(nothing_to_draw_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
