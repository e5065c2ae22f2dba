/*
 * What "weir doctor" looks at: each check is a fact about this machine or container, how much it
 * matters, and what would make it better. Nothing is changed, except that one empty program is run
 * in a cell and leaves nothing.
 */
#ifndef WEIR_CLI_DOCTOR_H
#define WEIR_CLI_DOCTOR_H

#include "cgroup/cgroup.h"

enum doctor_state {
    DOCTOR_OK,
    DOCTOR_NOTE,    /* good to know */
    DOCTOR_WARNING, /* something is lost */
    DOCTOR_MISSING  /* weir exec cannot work */
};
const char *doctor_state_name(enum doctor_state state);

struct doctor_check {
    const char *name;
    enum doctor_state state;
    char text[512];   /* what is so */
    char better[384]; /* what would make it better, or empty */
};

#define DOCTOR_CHECKS 12

struct doctor {
    struct cgroup_place place;
    uint64_t memory_available, memory_total; /* bytes */
    uint64_t swap_total;
    char kernel[96];
    size_t count;
    struct doctor_check checks[DOCTOR_CHECKS];
};

CHECKED enum error_code doctor_look(struct doctor *ret, struct error *error);

/* The worst state of all checks. */
enum doctor_state doctor_worst(const struct doctor *doctor);

/* "v2", "v1" or "none". */
const char *doctor_kind_name(enum cgroup_kind kind);

#endif
