#include "term/display.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "os/os.h"

#define SECOND_NS   UINT64_C(1000000000)
#define SAMPLE_NS   (SECOND_NS / 10)
#define STACK_BYTES (256 * 1024)

struct display_pace display_pace_of(enum display_mode mode, const struct terminal *terminal)
{
    bool always = mode == DISPLAY_ALWAYS;
    if (terminal->redraws) /* no flash for what is over at once */
        return (struct display_pace){always ? 0 : 3 * SAMPLE_NS, SAMPLE_NS, true};
    return (struct display_pace){always ? 0 : 2 * SECOND_NS, 5 * SECOND_NS, false};
}

static void take_sample(const struct display_options *options, struct progress_sample *ret)
{
    memset(ret, 0, sizeof *ret);
    options->sample(options->context, ret);
    ret->resident = os_resident_bytes();
    ret->peak = os_peak_resident_bytes();
    if (ret->peak < ret->resident)
        ret->peak = ret->resident;
    ret->now_ns = os_now_ns();
}

/* Each line ends with "erase to the end of the line"; then the cursor goes back to the first. */
static void draw(const struct progress_sample *sample, const struct progress_rates *rates,
                 bool utf8)
{
    char lines[1024], frame[1200];
    progress_live(sample, rates, terminal_width() - 1, utf8, lines, sizeof lines);
    char *second = strchr(lines, '\n');
    *second++ = '\0';
    int size = snprintf(frame, sizeof frame, "\r%s\033[K\n%s\033[K\r\033[A", lines, second);
    terminal_write(frame, (size_t)size);
}

static void print_line(const struct progress_sample *sample, const struct progress_rates *rates)
{
    char clock[16], line[1024];
    time_t now = time(NULL);
    struct tm local;
    localtime_r(&now, &local);
    strftime(clock, sizeof clock, "%H:%M:%S", &local);
    progress_line(sample, rates, clock, line, sizeof line - 1);
    size_t length = strlen(line);
    line[length] = '\n';
    terminal_write(line, length + 1);
}

/* One write each time, so that a reader sees whole texts. Where it cannot be made nothing is told.
 */
static int open_told(const char *path)
{
    return path == NULL ? -1 : open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
}

static void tell(int descriptor, const struct progress_sample *sample)
{
    char text[PROGRESS_TOLD + 1];
    if (descriptor < 0)
        return;
    progress_told(sample, text);
    ssize_t ignored = pwrite(descriptor, text, PROGRESS_TOLD, 0);
    (void)ignored;
}

static struct timespec monotonic_in(uint64_t ns)
{
    uint64_t due = os_now_ns() + ns;
    return (struct timespec){(time_t)(due / SECOND_NS), (long)(due % SECOND_NS)};
}

/* Waits for the next sample; false once the display is to end. */
static bool keep_going(struct display *display)
{
    struct timespec due = monotonic_in(SAMPLE_NS);
    pthread_mutex_lock(&display->mutex);
    int waited = 0;
    while (!display->stopping && waited == 0)
        waited = pthread_cond_timedwait(&display->wake, &display->mutex, &due);
    bool going = !display->stopping;
    pthread_mutex_unlock(&display->mutex);
    return going;
}

static void *display_main(void *argument)
{
    struct display *display = argument;
    const struct display_options *options = &display->options;
    struct display_pace pace = display_pace_of(options->mode, &options->terminal);
    struct progress_meter meter = {0};
    uint64_t due = options->mode == DISPLAY_NEVER ? UINT64_MAX : os_now_ns() + pace.first_ns;
    bool drawn = false;
    int told = open_told(options->told);
    do {
        struct progress_sample sample;
        take_sample(options, &sample);
        progress_meter_add(&meter, &sample);
        tell(told, &sample);
        if (sample.now_ns < due)
            continue;
        struct progress_rates rates = progress_meter_rates(&meter, &sample);
        if (pace.live)
            draw(&sample, &rates, options->terminal.utf8);
        else
            print_line(&sample, &rates);
        drawn = true;
        due = sample.now_ns + pace.every_ns - SAMPLE_NS / 2;
    } while (keep_going(display));
    if (drawn && pace.live)
        terminal_write("\r\033[J", 4);
    if (told >= 0)
        close(told);
    return NULL;
}

static bool start_thread(struct display *display)
{
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) != 0)
        return false;
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    bool started = pthread_create(&display->thread, &attributes, display_main, display) == 0;
    pthread_attr_destroy(&attributes);
    return started;
}

void display_start(struct display *display, const struct display_options *options)
{
    *display = (struct display){.options = *options};
    if (options->mode == DISPLAY_NEVER && options->told == NULL)
        return;
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&display->mutex, NULL);
    pthread_cond_init(&display->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    display->running = start_thread(display);
}

void display_stop(struct display *display)
{
    if (!display->running)
        return;
    pthread_mutex_lock(&display->mutex);
    display->stopping = true;
    pthread_cond_signal(&display->wake);
    pthread_mutex_unlock(&display->mutex);
    pthread_join(display->thread, NULL);
    pthread_cond_destroy(&display->wake);
    pthread_mutex_destroy(&display->mutex);
    display->running = false;
}
