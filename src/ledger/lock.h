/* The writer's lock; ledger_lock takes it. */
#ifndef WEIR_LEDGER_LOCK_H
#define WEIR_LEDGER_LOCK_H

#include "ledger/database.h"

/* Gives the lock back, if held; what still runs becomes lost. If that cannot be written, the next
 * who takes the lock does it. */
void lock_release(struct ledger *ledger);

#endif
