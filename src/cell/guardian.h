/*
 * The guardian: one small process beside weir that ends what weir leaves behind when it dies with
 * cells running, by SIGKILL or however else.
 *
 * It sleeps until weir is gone, holding nothing but weir's pidfd, and then does at once what the
 * next start of a weir would do: groups of dead weirs, processes with their marker, their temporary
 * folders. Sweeps know the dead from the living, so several weirs and guardians do not harm each
 * other. A weir that ends well ends its guardian last.
 */
#ifndef WEIR_CELL_GUARDIAN_H
#define WEIR_CELL_GUARDIAN_H

#include "cell/companion.h"
#include "cgroup/cgroup.h"

/* To be called before this process has a second thread, memory that changes much, or anything to be
 * swept. The place, found before (a guardian in its group would count as a stranger there), is told
 * of the guardian. Fails where no process can be had; weir can go on without. */
CHECKED enum error_code guardian_start(struct cgroup_place *place, struct companion *ret,
                                       struct error *error);

#endif
