/*
 * Finding where groups can be made: each version looks for itself, and says why not where it
 * cannot be used.
 */
#ifndef WEIR_CGROUP_PLACE_H
#define WEIR_CGROUP_PLACE_H

#include "cgroup/cgroup.h"
#include "cgroup/kernel_file.h"

/* Why a version cannot be used. */
enum place_refusal {
    PLACE_USABLE,
    PLACE_NOT_MOUNTED,
    PLACE_NO_MEMORY,     /* no memory controller in this version */
    PLACE_NOT_DELEGATED, /* v2: the memory controller is not passed down to this group */
    PLACE_READ_ONLY,     /* mounted so */
    PLACE_NO_RIGHTS,
    PLACE_NOT_ALONE, /* v2: other processes sit in the group that would have to be divided */
    PLACE_THREADED,  /* v2: a threaded group, which has no memory controller */
    PLACE_ELSEWHERE  /* v2: what is mounted is not the part in which this process sits */
};

/* Fill in a usable place, but for its own, why and better. self is the text of /proc/self/cgroup.
 */
enum place_refusal place_find_v2(const char *root, const struct kernel_text *self,
                                 struct cgroup_place *ret);
enum place_refusal place_find_v1(const char *root, const struct kernel_text *self,
                                 struct cgroup_place *ret);

/* The sentences on what was found. */
void place_describe(struct cgroup_place *place, enum place_refusal v2, enum place_refusal v1);

/* The group path of the line of a v1 controller, or of v2 for an empty name: "/user.slice". False
 * when there is none, it does not fit, or it lies outside what this process sees. */
bool place_own_path(const struct kernel_text *self, const char *controller, char *ret, size_t size);

/* PLACE_USABLE when a file or folder may be written, else which of the refusals of rights it is. */
enum place_refusal place_may_write(const char *folder, const char *name);

#endif
