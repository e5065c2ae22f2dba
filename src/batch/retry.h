/*
 * When a job that failed is tried again, and with how much memory.
 *
 * Pure rules over a verdict. The figure grows only after an end that its own limit caused: a job
 * that the host killed, that ran out of time or that failed by itself gets what it had. An attempt
 * that was lost with weir counts for nothing.
 */
#ifndef WEIR_BATCH_RETRY_H
#define WEIR_BATCH_RETRY_H

#include "cell/cell.h"

enum retry_reason {
    RETRY_OOM = 1,     /* "oom": oom-limit and oom-host */
    RETRY_TIMEOUT = 2, /* "timeout" */
    RETRY_ERROR = 4    /* "error": exit status other than 0, or a signal */
};

struct retry_rule {
    uint32_t stop_after_attempt; /* attempts in all, the first included; 1: none again */
    uint64_t stop_after_ns;      /* no new attempt so long after the first began; 0: no bound */
    unsigned on;                 /* reasons, as bits */
    uint32_t grow_percent;       /* of the figure after oom-limit: 200 doubles it; at least 100 */
    uint64_t memory_most;        /* bytes that a figure may grow to; 0: the pool */
};

/* One attempt only; grows to the double where a line asks for more attempts and says no more. */
struct retry_rule retry_rule_default(void);

struct retry_decision {
    bool again;
    uint64_t memory; /* the next figure, or the same where not again */
    const char *why; /* where again is false, constant text: "its attempts are used up", "not tried
                        again after an error"; else NULL */
};

/*
 * attempts: those that ended, this one included, lost ones not counted. figure: bytes of this
 * attempt. suggestion: what its report says to try, 0 for none: the figure grows to the larger of
 * both, rounded up to whole MiB and cut to what it may be. A figure that should grow and cannot
 * is a reason to stop.
 */
struct retry_decision retry_decide(const struct retry_rule *rule, enum cell_verdict verdict,
                                   uint32_t attempts, uint64_t since_first_ns, uint64_t figure,
                                   uint64_t suggestion, uint64_t pool_memory);

/* "x1.5", "x2": percent; from x1 to x100, with at most two digits behind the dot. */
CHECKED bool retry_parse_factor(const char *text, uint32_t *ret_percent);

#endif
