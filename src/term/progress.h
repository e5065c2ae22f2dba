/*
 * Progress as text: samples in, lines out. Pure: the time is part of the sample.
 *
 * A sample is what a run tells at one moment; a meter keeps the last few seconds of them, from
 * which rates and the time left follow. Nothing here writes anywhere.
 */
#ifndef WEIR_TERM_PROGRESS_H
#define WEIR_TERM_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress_sample {
    const char *phase;                /* "proving" */
    const char *unit;                 /* what done and total count: "files" */
    uint64_t done, total;             /* of the phase; total 0: not known */
    uint64_t rows;                    /* rows done so far */
    uint64_t bytes_done, bytes_total; /* of the whole run; total 0: not known */
    uint64_t resident, peak;          /* memory, bytes */
    uint64_t ceiling;                 /* 0: none said */
    uint64_t now_ns;                  /* of a monotonic clock */
};

#define PROGRESS_POINTS 64

/* All zero is a meter without samples. */
struct progress_meter {
    struct progress_point {
        uint64_t now_ns, rows, bytes;
    } points[PROGRESS_POINTS]; /* a ring */
    uint64_t count;            /* points ever added */
    uint64_t started_ns;
};

struct progress_rates {
    double rows_per_second;
    double bytes_per_second;
    double fraction; /* of the run by bytes, else of the phase; negative: not known */
    bool has_left;
    uint64_t left_ns;
    uint64_t elapsed_ns;
};

void progress_meter_add(struct progress_meter *meter, const struct progress_sample *sample);
/* Rates over the points kept; sample is the newest one. */
struct progress_rates progress_meter_rates(const struct progress_meter *meter,
                                           const struct progress_sample *sample);

/* A bar of cells columns: eighths of blocks in UTF-8, '#' and '.' in ASCII. Returns buffer. */
char *progress_bar(double fraction, unsigned cells, bool utf8, char *buffer, size_t size);

/*
 * Two lines for a terminal, separated by a newline, neither wider than width columns: parts that do
 * not fit are left out, the least important first. Returns buffer.
 */
char *progress_live(const struct progress_sample *sample, const struct progress_rates *rates,
                    unsigned width, bool utf8, char *buffer, size_t size);

#define PROGRESS_TOLD 160

/* For programs that watch this one: "phase adding\nread 5580 of 18000 files\n", or the bytes of the
 * whole run where they are known. Always as long as PROGRESS_TOLD, filled up with line breaks, so
 * that one can be written over another. */
void progress_told(const struct progress_sample *sample, char buffer[static PROGRESS_TOLD + 1]);

/* One line for a log: "12:01:01  proving 37/100 files, ...". clock is the time of day as text. */
char *progress_line(const struct progress_sample *sample, const struct progress_rates *rates,
                    const char *clock, char *buffer, size_t size);

#endif
