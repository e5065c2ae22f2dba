/*
 * A batch as lines, one for each job: what is printed where nothing can be drawn over, and what
 * scrolls by above the live display where something can.
 *
 *   12:01:02  3 of 40 OK load-3 .............................. [OK in 1.20 s, peak 0.3 GiB of 0.5
 * GiB]
 *
 * Behind an attempt that failed stands its report. Pure: the time of day comes as text.
 */
#ifndef WEIR_CLI_BATCH_LINES_H
#define WEIR_CLI_BATCH_LINES_H

#include "cli/batch_scene.h"

enum batch_lines_level {
    BATCH_LINES_FAILURES, /* attempts that failed, and nothing else */
    BATCH_LINES_ENDS,     /* one line for each job that is over, and for each attempt that failed */
    BATCH_LINES_ALL       /* one for each attempt that begins as well */
};

struct batch_lines {
    enum batch_lines_level level;
    uint32_t over; /* jobs that are ok, failed or left out so far */
};

/* Counts the event, and writes what the level asks for. clock: "12:01:02". */
void batch_lines_write(struct batch_lines *lines, FILE *stream, const struct batch_scene *scene,
                       const struct batch_event *event, const char *clock);
/* Whether batch_lines_write would write something. */
bool batch_lines_shows(const struct batch_lines *lines, const struct batch_event *event);

#endif
