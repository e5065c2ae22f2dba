/*
 * How much memory a cell without a control group holds now: the sum over its processes.
 *
 * The kernel tells cheaply what each process maps, but then a page that several of them share
 * (after a fork, or shared memory) counts several times. The true share costs a walk of the page
 * tables, so it is taken now and then; in between the overlap found last is taken off.
 */
#ifndef WEIR_CELL_METER_H
#define WEIR_CELL_METER_H

#include "cell/process_tree.h"

struct meter {
    uint64_t overlap;       /* bytes counted more than once when it was last looked at */
    uint64_t look_again_at; /* os_now_ns time */
};

/* Bytes held by the processes of the tree's last look. limit: what must not be passed, 0: none;
 * near it the true share is looked at more often. */
uint64_t meter_read(struct meter *meter, const struct process_tree *tree, uint64_t limit);

#endif
