/*
 * Removes folders behind the scenes, so that a job that leaves a million files holds nobody up.
 *
 * One thread takes paths in the order given. It blocks all signals and starts no process. Ending
 * waits until all is removed, as nothing may be left over.
 */
#ifndef WEIR_BATCH_REMOVER_H
#define WEIR_BATCH_REMOVER_H

#include "mem/mem.h"

struct remover;

/* The account must outlive it. ERROR_MEMORY, ERROR_IO: no thread can be had. */
CHECKED enum error_code remover_start(struct mem_account *account, struct remover **ret,
                                      struct error *error);
/* The path is copied. Where there is no memory for it, it is removed at once. */
void remover_add(struct remover *remover, const char *path);
/* Folders that still wait or are being removed. */
uint32_t remover_waiting(struct remover *remover);
/* Waits, ends the thread, frees. NULL is allowed. */
void remover_end(struct remover *remover);

#endif
