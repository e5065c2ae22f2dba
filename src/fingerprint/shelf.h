/*
 * A shelf: one of the sixteen folders in which the entries of a cache stand, by the first digit of
 * their names, and its share of the cache's size.
 *
 * Private to the fingerprint room. Nobody keeps count for all processes: each looks at a shelf
 * again after it has put an eighth of what the shelf holds there by itself, so the bound may be
 * passed by that much for each process that writes at the moment.
 */
#ifndef WEIR_FINGERPRINT_SHELF_H
#define WEIR_FINGERPRINT_SHELF_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "mem/mem.h"

#define SHELF_COUNT 16

struct shelf {
    char name[2];
    uint64_t most;       /* entries */
    atomic_llong unseen; /* entries that may still be added before it is looked at again */
    atomic_flag busy;    /* a thread is looking */
};

void shelf_init(struct shelf *shelf, unsigned number, uint64_t most);

/* An entry was added. Where there are too many, the least recently used go, down to four fifths. */
void shelf_note_added(struct shelf *shelf, int cache_folder, struct mem_account *account);

/* How entries are written before they have their names begins so. */
#define SHELF_ASIDE '.'

#endif
