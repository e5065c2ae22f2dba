/*
 * A command as a report tells it: as it is, and of one longer than TOLD_COMMAND_MOST the beginning,
 * since each byte may take six in JSON and a ledger bounds reports. run.sh has it whole.
 */
#ifndef WEIR_BATCH_TOLD_COMMAND_H
#define WEIR_BATCH_TOLD_COMMAND_H

#include "mem/mem.h"

#define TOLD_COMMAND_MOST ((size_t)16 << 10) /* bytes of all words, each with its NUL */

/* The words end with NULL, as arguments do; where some were cut or left out, "..." ends the last
 * of the command's own, and another word tells how many are missing. What is not borrowed from
 * arguments lives in the arena. */
CHECKED enum error_code told_command(const char *const *arguments, struct mem_arena *arena,
                                     const char *const **ret, struct error *error);

#endif
