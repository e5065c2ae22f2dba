#include <errno.h>
#include <stdio.h>

#include "cgroup/identity.h"
#include "cgroup/place.h"

/* "cpu,cpuacct" has cpu. */
static bool names_controller(struct span names, const char *controller)
{
    struct span name;
    if (controller[0] == '\0')
        return names.size == 0;
    while (span_take(&names, ',', &name))
        if (span_is(name, controller))
            return true;
    return false;
}

/* A path that begins with "/.." is that of a group above the root of this control group namespace
 * (cgroup_namespaces(7)). */
static bool copy_path(struct span path, char *ret, size_t size)
{
    if (path.size == 0 || path.size >= size || path.at[0] != '/' ||
        memchr(path.at, '\0', path.size) != NULL)
        return false;
    if (path.size >= 3 && memcmp(path.at, "/..", 3) == 0)
        return false;
    memcpy(ret, path.at, path.size);
    ret[path.size] = '\0';
    return true;
}

/* Lines are "4:memory:/user.slice"; version 2 is "0::/user.slice" (cgroups(7)). */
bool place_own_path(const struct kernel_text *self, const char *controller, char *ret, size_t size)
{
    struct cursor cursor = kernel_cursor(self);
    struct span line;
    struct span number;
    struct span names;
    while (text_line(&cursor, &line))
        if (span_take(&line, ':', &number) && span_take(&line, ':', &names) &&
            names_controller(names, controller))
            return copy_path(line, ret, size);
    return false;
}

enum place_refusal place_may_write(const char *folder, const char *name)
{
    if (kernel_may_write(folder, name))
        return PLACE_USABLE;
    return errno == EROFS ? PLACE_READ_ONLY : PLACE_NO_RIGHTS;
}

enum error_code cgroup_find(const char *root, const char *self, struct cgroup_place *ret,
                            struct error *error)
{
    struct kernel_text text = {.size = 0};
    struct cgroup_place v2 = {.kind = CGROUP_V2};
    struct cgroup_place v1 = {.kind = CGROUP_V1};
    struct cgroup_place found = {.kind = CGROUP_NONE};
    if (!kernel_read(self, "", &text))
        text.size = 0; /* a kernel without control groups: nothing is mounted either */
    enum place_refusal no_v2 = place_find_v2(root, &text, &v2);
    enum place_refusal no_v1 = place_find_v1(root, &text, &v1);
    if (no_v2 == PLACE_USABLE)
        found = v2;
    else if (no_v1 == PLACE_USABLE)
        found = v1;
    if (!identity_own(found.own, sizeof found.own))
        return error_set_errno(error, errno, "/proc does not tell when this process started");
    place_describe(&found, no_v2, no_v1);
    *ret = found;
    return ERROR_NONE;
}

void cgroup_accompany(struct cgroup_place *place, pid_t companion)
{
    size_t at = 0;
    while (at < CGROUP_COMPANIONS && place->companions[at] != 0)
        at++;
    if (at < CGROUP_COMPANIONS)
        place->companions[at] = companion;
}
