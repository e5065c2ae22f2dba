/*
 * Records of the steps that wait or run, by ticket.
 *
 * Tickets count up from 0 and are never given twice. A run of records is kept, from the oldest
 * step that still waits or runs to the newest ticket; older ones are dropped when room is needed,
 * so memory follows the steps at hand and not all there ever were.
 */
#ifndef WEIR_ADMISSION_STEPS_H
#define WEIR_ADMISSION_STEPS_H

#include "admission/queue.h"

#define STEPS_NOBODY UINT32_MAX

enum step_state { STEP_ENDED, STEP_PARKED, STEP_WAITING, STEP_RUNNING };

struct step {
    struct room wanted;
    uint32_t group;          /* index into groups, or GROUPS_NONE */
    uint32_t place;          /* in the line of all, while it waits */
    uint32_t size_place;     /* in the line of its size */
    uint8_t size;            /* see sizes.h */
    uint32_t next, previous; /* parked leaves of its group, by ticket */
    uint64_t hold;           /* running: the hold that it passed, 0 for none */
    uint8_t state;           /* enum step_state */
    bool is_reducer;
};

struct steps {
    struct mem_account *account;
    struct step *records;
    uint32_t first; /* ticket of records[0] */
    uint32_t count, capacity;
};

void steps_init(struct steps *steps, struct mem_account *account);
void steps_release(struct steps *steps);

/* Makes sure of a record for one more; records may move. */
CHECKED enum error_code steps_reserve(struct steps *steps, struct error *error);
/* The next ticket, with an empty record that steps_reserve made sure of. */
uint32_t steps_add(struct steps *steps);
/* NULL for a ticket that was never given or whose record is dropped. */
struct step *steps_find(const struct steps *steps, uint32_t ticket);

#endif
