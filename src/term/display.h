/*
 * The progress display: a thread of its own that samples a run and draws on stderr.
 *
 * On a terminal two lines are drawn over again and again, and erased at the end; elsewhere a line
 * is printed every few seconds. The cursor is never hidden, and rests at the start of the lines
 * between two drawings: whatever ends the process leaves a terminal that needs no repair.
 */
#ifndef WEIR_TERM_DISPLAY_H
#define WEIR_TERM_DISPLAY_H

#include <pthread.h>

#include "term/progress.h"
#include "term/terminal.h"

enum display_mode {
    DISPLAY_AUTO,   /* on a terminal soon, elsewhere once a run has lasted some seconds */
    DISPLAY_ALWAYS, /* at once */
    DISPLAY_NEVER
};

/* Fills everything but resident, peak and now_ns; called from the display's thread. */
typedef void (*display_sample)(const void *context, struct progress_sample *ret);

struct display_options {
    enum display_mode mode;
    struct terminal terminal;
    display_sample sample;
    const void *context;
    const char *told; /* file that the phase and what was read are written to, for whoever watches
                         this process from outside (see progress_told), or NULL */
};

/* Owned by the caller and not moved between start and stop. */
struct display {
    struct display_options options;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    bool stopping; /* under mutex */
    bool running;
};

/* When the next drawing is due, and how: decided without a clock or a thread. */
struct display_pace {
    uint64_t first_ns; /* nothing is shown before this much time has passed */
    uint64_t every_ns;
    bool live; /* draws over, else prints lines */
};
struct display_pace display_pace_of(enum display_mode mode, const struct terminal *terminal);

/* Starts the thread; where none can be had there is no display, which is no error. */
void display_start(struct display *display, const struct display_options *options);
/* Ends the thread and erases what it drew. Harmless when none runs. */
void display_stop(struct display *display);

#endif
