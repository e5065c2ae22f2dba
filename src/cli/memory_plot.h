/*
 * Memory over time as a plot for a terminal: columns of blocks, a line where the limit is, sizes on
 * the left and the time below. Pure: points in, text out.
 */
#ifndef WEIR_CLI_MEMORY_PLOT_H
#define WEIR_CLI_MEMORY_PLOT_H

#include <stdio.h>

#include "explain/memory_history.h"

#define MEMORY_PLOT_ROWS    12
#define MEMORY_PLOT_COLUMNS 160 /* at most, whatever the terminal's width */

struct memory_plot {
    uint64_t limit;   /* bytes, 0: none */
    uint64_t peak;    /* bytes; may lie above all points, which are only samples; 0: not known */
    uint64_t wall_ns; /* of the whole attempt; 0: up to the last point */
    unsigned width;   /* columns of the terminal */
    bool utf8;
};

/* A history without points is told as such. A limit of more than four times the peak is named, and
 * not drawn, so that the course can be seen. */
void memory_plot_write(FILE *stream, const struct memory_plot *plot,
                       const struct memory_history *history);

#endif
