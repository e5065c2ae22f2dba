/*
 * Children of weir that no cell could claim. Where weir adopts orphans, since there are no control
 * groups, a process that left its parents, its session and its environment between two looks is a
 * child of weir in the end. When no cell runs any more, every child that weir neither started nor
 * had before is such a one, and is ended.
 *
 * What weir had before is noted before the first cell starts: a shell that became weir by exec may
 * have children in the background. Their own descendants may come to weir as well; they are known
 * by weir's session, which no process of a cell has.
 */
#ifndef WEIR_CELL_STRAYS_H
#define WEIR_CELL_STRAYS_H

#include "mem/mem.h"

struct strays {
    struct mem_buffer had; /* pid_t: children before the first cell */
};

/* The account must outlive it. All zero is an object that ends nothing. */
CHECKED enum error_code strays_note(struct mem_account *account, struct strays *ret,
                                    struct error *error);

/* Ends them, and what they leave behind, and takes their status; waits at most two seconds. Returns
 * how many there were. Once no cell is under way. */
uint64_t strays_end(struct strays *strays);
void strays_release(struct strays *strays);

#endif
