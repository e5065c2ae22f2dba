/*
 * What "weir exec" shows while a command runs: its memory over time, on standard error.
 *
 * The command may write to the same terminal, in the middle of a line as well. So the cursor is
 * left where the command put it: the curve stands on the line below and is erased before output
 * passes. Elsewhere a plain line is printed now and then. There is no thread: the caller's loop
 * says what is to be shown and asks when the next drawing is due.
 */
#ifndef WEIR_CLI_EXEC_DISPLAY_H
#define WEIR_CLI_EXEC_DISPLAY_H

#include "term/display.h"

#define EXEC_CURVE_COLUMNS 32

/* Memory over the whole of a run in a fixed number of columns: when they are full, neighbours are
 * joined, and each column stands for twice the time. All zero is a curve without a point. */
struct exec_curve {
    uint64_t columns[EXEC_CURVE_COLUMNS]; /* the most of its time */
    size_t count;                         /* columns begun */
    uint64_t points_each;                 /* points that a column holds; 0: 1 */
    uint64_t points_last;                 /* points in the last column */
};

void exec_curve_add(struct exec_curve *curve, uint64_t memory);
/* Columns as blocks of eight heights, top being the highest; ASCII where utf8 is false. Returns
 * buffer. */
char *exec_curve_draw(const struct exec_curve *curve, uint64_t top, bool utf8, char *buffer,
                      size_t size);

/* A moment of the command's life. */
struct exec_moment {
    uint64_t elapsed_ns;
    uint64_t memory, peak;
    uint64_t limit; /* 0: none */
    uint64_t processes;
};

/* The line below the command's output, at most width columns wide. Returns buffer. */
char *exec_display_line(const struct exec_curve *curve, const struct exec_moment *moment,
                        unsigned width, bool utf8, char *buffer, size_t size);

struct exec_display {
    struct exec_curve curve;
    struct display_pace pace;
    struct terminal terminal;
    bool shown;        /* nothing is ever drawn where this is false */
    bool drawn;        /* the line stands on the terminal now */
    uint64_t point_at; /* when the next point of the curve is due, os_now_ns */
    uint64_t draw_at;
};

void exec_display_init(struct exec_display *display, enum display_mode mode,
                       const struct terminal *terminal, uint64_t now_ns);
/* When exec_display_update is to be called at the latest; UINT64_MAX: never. */
uint64_t exec_display_wake_at(const struct exec_display *display);
void exec_display_update(struct exec_display *display, const struct exec_moment *moment,
                         uint64_t now_ns);
/* Takes the line away, before the command's output and at the end. The next update draws it
 * again. */
void exec_display_erase(struct exec_display *display);

#endif
