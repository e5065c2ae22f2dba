/* The live display of a batch, without a terminal or a clock. */
#include "batch_fixture.h"
#include "cli/batch_display.h"
#include "term/text.h"

static const struct batch_view half = {
    .jobs = 40,
    .ok = 10,
    .failed = 2,
    .running = 2,
    .waiting = 26,
    .pool = {.memory = 4096 * MIB, .milli_cpus = 4000},
    .memory_granted = 3072 * MIB,
    .memory_used = 1024 * MIB,
    .milli_cpus_granted = 3000,
    .waits_for_room = 22,
    .wait = {.reason = ADMISSION_FOR_MEMORY, .memory_missing = 512 * MIB},
};

static const struct batch_running running[] = {
    {.job = 0, .attempt = 1, .memory = 512 * MIB, .used = 256 * MIB, .elapsed_ns = 2 * SECOND},
    {.job = 2, .attempt = 12, .memory = 2048 * MIB, .used = 2048 * MIB, .elapsed_ns = 90 * SECOND},
};

static const struct batch_picture picture = {
    .view = &half, .running = running, .running_count = 2, .elapsed_ns = 125 * SECOND};

static void all_of_it_in_utf8(void **state)
{
    (void)state;
    struct batch_scene scene = batch_scene();
    char text[4096];
    assert_string_equal(batch_display_text(&scene, &picture, 79, 20, text, sizeof text),
                        "12 of 40 done · 2 running · 2 failed · 26 waiting · 2:05 min\n"
                        "memory ▕███▒▒▒▒▒  ▏ 1 GiB used · 3 GiB granted of 4 GiB\n"
                        "22 wait for memory: the oldest needs 1.5 GiB, 1 GiB are free\n"
                        "  load-1       ▕█████     ▏ 256 MiB of 512 MiB · 2.00 s\n"
                        "  sum up (12)  ▕██████████▏ 2 GiB of 2 GiB · 90.0 s");
}

static void all_of_it_in_ascii_and_wide(void **state)
{
    (void)state;
    struct batch_scene scene = batch_scene();
    char text[4096];
    scene.utf8 = false;
    assert_string_equal(batch_display_text(&scene, &picture, 120, 20, text, sizeof text),
                        "12 of 40 done  2 running  2 failed  26 waiting  2:05 min\n"
                        "memory [#####++++++++++.....] 1 GiB used  3 GiB granted of 4 GiB\n"
                        "22 wait for memory: the oldest needs 1.5 GiB, 1 GiB are free\n"
                        "  load-1       [#####.....] 256 MiB of 512 MiB  2.00 s\n"
                        "  sum up (12)  [##########] 2 GiB of 2 GiB  90.0 s");
}

static unsigned count_lines(const char *text)
{
    unsigned lines = text[0] != '\0';
    for (; *text != '\0'; text++)
        lines += *text == '\n';
    return lines;
}

static void assert_fits(const char *text, unsigned width, unsigned height)
{
    char line[1024];
    assert_true(count_lines(text) <= height);
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        snprintf(line, sizeof line, "%.*s", (int)length, text);
        assert_true(text_width(line) <= width);
        assert_true(line[0] != '\0');
        text += length + (text[length] == '\n');
    }
}

/* Whatever the terminal: no line is wider, none too many, and nothing is written beyond. */
static void it_fits_every_terminal(void **state)
{
    (void)state;
    struct batch_scene scene = batch_scene();
    struct batch_running many[BATCH_DISPLAY_ATTEMPTS];
    struct batch_view view = half;
    char text[BATCH_DISPLAY_BYTES];
    for (size_t i = 0; i < BATCH_DISPLAY_ATTEMPTS; i++)
        many[i] = (struct batch_running){.job = i % 4, .attempt = (int64_t)(i * 7777), .memory = i};
    view.running = 1000;
    struct batch_picture crowd = {&view, many, BATCH_DISPLAY_ATTEMPTS, SECOND};
    for (unsigned width = 1; width < 250; width += width < 100 ? 1 : 40)
        for (unsigned height = 1; height < 45; height++) {
            batch_display_text(&scene, &crowd, width, height, text, sizeof text);
            assert_fits(text, width, height);
        }
    for (size_t size = 1; size < 600; size++) {
        memset(text, 'x', sizeof text);
        batch_display_text(&scene, &crowd, 80, 20, text, size);
        assert_true(strlen(text) < size);
    }
}

static void what_does_not_fit_is_counted(void **state)
{
    (void)state;
    struct batch_scene scene = batch_scene();
    struct batch_view view = half;
    char text[4096];
    struct batch_picture crowd = picture;
    crowd.view = &view;
    batch_display_text(&scene, &crowd, 79, 4, text, sizeof text);
    assert_non_null(strstr(text, "\n  and 2 more"));
    batch_display_text(&scene, &crowd, 79, 5, text, sizeof text);
    assert_null(strstr(text, "more"));
    view.running = 1500;
    batch_display_text(&scene, &crowd, 79, 20, text, sizeof text);
    assert_non_null(strstr(text, "\n  and 1,498 more"));
}

static const char *wait_for(enum admission_reason reason, char *text, size_t size)
{
    struct batch_view view = half;
    view.wait.reason = reason;
    view.wait.milli_cpus_missing = 500;
    return batch_wait_text(&view, text, size);
}

static void why_the_oldest_waits(void **state)
{
    (void)state;
    char text[256];
    assert_string_equal(wait_for(ADMISSION_FOR_CPUS, text, sizeof text),
                        "22 wait for processors: the oldest needs 1.5, 1 are free");
    assert_string_equal(wait_for(ADMISSION_FOR_ANOTHER, text, sizeof text),
                        "22 wait for one that was overtaken often and has room kept for it");
    assert_string_equal(wait_for(ADMISSION_FOR_REDUCER, text, sizeof text),
                        "22 wait for room for the job that takes up what their group makes");
    assert_string_equal(wait_for(ADMISSION_FOR_ITS_TURN, text, sizeof text),
                        "22 wait for their turn");
    assert_string_equal(wait_for(ADMISSION_FOR_HOST, text, sizeof text),
                        "the host is short of memory: nothing new is started");
    struct batch_view view = half;
    view.waits_for_room = 1;
    assert_string_equal(batch_wait_text(&view, text, sizeof text),
                        "1 waits for memory: the oldest needs 1.5 GiB, 1 GiB are free");
    view.waits_for_room = 0;
    assert_string_equal(batch_wait_text(&view, text, sizeof text), "");
    view.paused = true;
    assert_string_equal(batch_wait_text(&view, text, sizeof text),
                        "the host is short of memory: nothing new is started");
}

static void where_it_is_drawn(void **state)
{
    (void)state;
    struct batch_display display;
    const struct terminal terminal = {.stderr_is_tty = true, .redraws = true}, file = {0};
    batch_display_init(&display, DISPLAY_AUTO, &terminal, 5 * SECOND);
    assert_true(batch_display_wake_at(&display) > 5 * SECOND);
    assert_true(batch_display_wake_at(&display) < 6 * SECOND);
    batch_display_init(&display, DISPLAY_ALWAYS, &terminal, 5 * SECOND);
    assert_int_equal(batch_display_wake_at(&display), 5 * SECOND);
    batch_display_init(&display, DISPLAY_ALWAYS, &file, 5 * SECOND);
    assert_int_equal(batch_display_wake_at(&display), UINT64_MAX);
    batch_display_init(&display, DISPLAY_NEVER, &terminal, 5 * SECOND);
    assert_int_equal(batch_display_wake_at(&display), UINT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_of_it_in_utf8),      cmocka_unit_test(all_of_it_in_ascii_and_wide),
        cmocka_unit_test(it_fits_every_terminal), cmocka_unit_test(what_does_not_fit_is_counted),
        cmocka_unit_test(why_the_oldest_waits),   cmocka_unit_test(where_it_is_drawn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
