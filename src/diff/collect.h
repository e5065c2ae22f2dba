/*
 * Collects what a report shows: counts, the largest differences in a bounded heap, examples of keys
 * on one side only.
 */
#ifndef WEIR_DIFF_COLLECT_H
#define WEIR_DIFF_COLLECT_H

#include "diff/stream.h"

/* A difference that is shown if no larger ones come. */
struct collected {
    double difference;
    uint64_t sequence;      /* earlier ones are preferred where differences are equal */
    uint32_t column;        /* of struct diff_columns */
    uint32_t left, right;   /* where the values begin in text; the key stands at 0 */
    struct mem_buffer text; /* three strings */
};

struct collector {
    const struct diff_columns *columns;
    struct mem_account *account;
    uint32_t shown;
    double tolerance;
    struct diff_report counts; /* only its numbers are used */
    uint64_t sequence;
    struct mem_buffer heap; /* struct collected, the first to go on top */
    uint32_t heap_count;
    struct mem_buffer only_text[DIFF_SIDES]; /* strings, one behind the other */
    uint32_t only_count[DIFF_SIDES];         /* strings there */
};

void collector_init(struct collector *collector, const struct diff_options *options,
                    const struct diff_columns *columns, struct mem_account *account);
void collector_release(struct collector *collector);

/* Rows with equal keys: compares the values. */
CHECKED enum error_code collector_pair(struct collector *collector, const struct diff_stream *left,
                                       const struct diff_stream *right, struct error *error);

/* A row whose key the other side does not have. */
CHECKED enum error_code collector_only(struct collector *collector, enum diff_side side,
                                       const struct diff_stream *stream, struct error *error);

/* Fills a report, whose arena is ready. Empties the collector. */
CHECKED enum error_code collector_report(struct collector *collector, struct diff_report *report,
                                         struct error *error);

#endif
