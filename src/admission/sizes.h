/*
 * The waiting steps by size: the largest that fits into a given room, reducers before others.
 *
 * A step's size is the larger of its shares of the pool's memory and processors, in classes eight
 * to a doubling down to a 256th of the pool; what is smaller is one class. A class is a line of its
 * own, so among alike steps the one that asked first goes first.
 */
#ifndef WEIR_ADMISSION_SIZES_H
#define WEIR_ADMISSION_SIZES_H

#include "admission/steps.h"

#define SIZES_CLASSES 65

struct sizes {
    struct room pool;
    struct queue reducers[SIZES_CLASSES], others[SIZES_CLASSES];
};

void sizes_init(struct sizes *sizes, struct mem_account *account, struct room pool);
void sizes_release(struct sizes *sizes);

/* Says which class a step belongs to, and makes sure of a place there for one more. */
CHECKED enum error_code sizes_reserve(struct sizes *sizes, struct steps *steps, struct step *step,
                                      struct error *error);
/* Gives the step that place; nothing finds it before it is shown. */
void sizes_add(struct sizes *sizes, struct step *step, uint32_t ticket);
void sizes_show(struct sizes *sizes, const struct step *step);
void sizes_remove(struct sizes *sizes, const struct step *step);

/* Ticket of a step of the largest class of which one fits, or QUEUE_NOBODY. */
uint32_t sizes_largest(const struct sizes *sizes, struct room room);

#endif
