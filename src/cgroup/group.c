#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cgroup/group.h"
#include "cgroup/identity.h"
#include "cgroup/kernel_file.h"
#include "cgroup/tree.h"
#include "os/os.h"

#define NAME_MOST   100
#define REMOVE_NS   ((uint64_t)2000000000)
#define PAUSE_LEAST ((uint64_t)100000)
#define PAUSE_MOST  ((uint64_t)10000000)

const struct group_operations *group_operations_of(enum cgroup_kind kind)
{
    return kind == CGROUP_V2 ? &group_v2 : kind == CGROUP_V1 ? &group_v1 : NULL;
}

const char *place_folder(const struct cgroup_place *place, enum group_hierarchy hierarchy)
{
    if (hierarchy == GROUP_MEMORY)
        return place->memory;
    if (place->kind != CGROUP_V1)
        return "";
    return hierarchy == GROUP_CPU    ? place->cpu
           : hierarchy == GROUP_PIDS ? place->pids
                                     : place->times;
}

static bool has(const struct cgroup *group, enum group_hierarchy hierarchy)
{
    return group->folder[hierarchy][0] != '\0';
}

static enum error_code write_failed(const struct cgroup *group, enum group_hierarchy hierarchy,
                                    const char *name, int failure, struct error *error)
{
    char path[2 * CGROUP_PATH];
    enum error_code code = error_set_errno(error, failure, "control group %s: %s cannot be set",
                                           cgroup_name(group), name);
    if (path_join(path, sizeof path, group->folder[hierarchy], name))
        error_in_file(error, path);
    return code;
}

enum error_code group_write(const struct cgroup *group, enum group_hierarchy hierarchy,
                            const char *name, const char *text, struct error *error)
{
    int failure = kernel_write(group->folder[hierarchy], name, text);
    return failure == 0 ? ERROR_NONE : write_failed(group, hierarchy, name, failure, error);
}

enum error_code group_write_number(const struct cgroup *group, enum group_hierarchy hierarchy,
                                   const char *name, uint64_t value, struct error *error)
{
    int failure = kernel_write_number(group->folder[hierarchy], name, value);
    return failure == 0 ? ERROR_NONE : write_failed(group, hierarchy, name, failure, error);
}

enum error_code group_write_optional(const struct cgroup *group, enum group_hierarchy hierarchy,
                                     const char *name, const char *text, struct error *error)
{
    int failure = kernel_write(group->folder[hierarchy], name, text);
    return failure == 0 || failure == ENOENT ? ERROR_NONE
                                             : write_failed(group, hierarchy, name, failure, error);
}

static bool is_name(const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
    size_t size = strlen(name);
    return size > 0 && size <= NAME_MOST && strspn(name, letters) == size;
}

/* Fills in the paths that the group will have. */
static enum error_code name_folders(struct cgroup *group, const struct cgroup_place *place,
                                    const char *name, const struct cgroup_limits *limits,
                                    struct error *error)
{
    char inner[sizeof place->own + NAME_MOST + 2];
    snprintf(inner, sizeof inner, "%s/%s", place->own, name);
    for (int i = 0; i < GROUP_HIERARCHIES; i++) {
        const char *base = place_folder(place, i);
        if (base[0] != '\0' && group->operations->wants(limits, i) &&
            !path_join(group->folder[i], CGROUP_PATH, base, inner))
            return error_set(error, ERROR_IO, "the path of control group %s is too long", inner);
    }
    group->name_at = strlen(place->memory) + 1;
    return ERROR_NONE;
}

/* Where two controllers are one hierarchy the folder of the second is there already; that of memory
 * comes first, and if it is there it belongs to another group. */
static int make_folder(const struct cgroup *group, enum group_hierarchy hierarchy)
{
    if (!has(group, hierarchy) || mkdir(group->folder[hierarchy], 0755) == 0)
        return 0;
    return errno == EEXIST && hierarchy != GROUP_MEMORY ? 0 : errno;
}

/* Makes all or none. */
static int make_folders(const struct cgroup *group)
{
    for (int i = 0; i < GROUP_HIERARCHIES; i++) {
        int failure = make_folder(group, i);
        for (int made = i - 1; failure != 0 && made >= 0; made--)
            rmdir(group->folder[made]);
        if (failure != 0)
            return failure;
    }
    return 0;
}

static enum error_code make_failed(const struct cgroup *group, int failure, struct error *error)
{
    enum error_code code = failure == EEXIST
                               ? error_set(error, ERROR_EXISTS, "control group %s is already there",
                                           cgroup_name(group))
                               : error_set_errno(error, failure, "control group %s cannot be made",
                                                 cgroup_name(group));
    error_in_file(error, group->folder[GROUP_MEMORY]);
    return code;
}

/* The last group of another thread may take this weir's folder with it: then it is made again. */
static enum error_code make_group(const struct cgroup *group, const struct cgroup_place *place,
                                  struct error *error)
{
    int failure = ENOENT;
    for (int i = 0; i < 4 && failure == ENOENT; i++) {
        TRY(group->operations->prepare(group, place, error));
        failure = make_folders(group);
    }
    return failure == 0 ? ERROR_NONE : make_failed(group, failure, error);
}

/* The folders of this weir, if this was the last group in them. */
static void remove_parents(struct cgroup *group)
{
    for (int i = 0; i < GROUP_HIERARCHIES; i++) {
        char *slash = strrchr(group->folder[i], '/');
        if (slash != NULL) {
            *slash = '\0';
            rmdir(group->folder[i]);
        }
    }
}

static enum error_code fill_group(struct cgroup *group, const struct cgroup_place *place,
                                  const char *name, const struct cgroup_limits *limits,
                                  struct error *error)
{
    TRY(name_folders(group, place, name, limits, error));
    enum error_code code = make_group(group, place, error);
    if (code == ERROR_NONE) {
        code = group->operations->limit(group, place, limits, error);
        if (code == ERROR_NONE) {
            group->memory = limits->memory;
            group->operations->watch(group);
            return ERROR_NONE;
        }
        group_remove(group, 0);
    }
    remove_parents(group);
    return code;
}

enum error_code cgroup_create(const struct cgroup_place *place, const char *name,
                              const struct cgroup_limits *limits, struct mem_account *account,
                              struct cgroup **ret, struct error *error)
{
    struct cgroup *group;
    const struct group_operations *operations = group_operations_of(place->kind);
    if (operations == NULL)
        return error_set(error, ERROR_UNSUPPORTED, "control groups cannot be made here: %s",
                         place->why);
    if (!is_name(name))
        return error_set(error, ERROR_USAGE,
                         "'%s' is no name for a control group: letters, digits, '-' and '_' are, "
                         "at most %d",
                         name, NAME_MOST);
    TRY(mem_alloc(account, sizeof *group, (void **)&group, error));
    group->operations = operations;
    group->event = -1;
    enum error_code code = fill_group(group, place, name, limits, error);
    if (code == ERROR_NONE)
        *ret = group;
    else
        mem_free(group);
    return code;
}

static void sleep_ns(uint64_t duration)
{
    struct timespec time = {(time_t)(duration / 1000000000), (long)(duration % 1000000000)};
    nanosleep(&time, NULL);
}

/* Sleeps longer each time, while there is time left. */
static bool pause_before(uint64_t deadline, uint64_t *pause)
{
    if (os_now_ns() >= deadline)
        return false;
    sleep_ns(*pause);
    *pause = *pause * 2 < PAUSE_MOST ? *pause * 2 : PAUSE_MOST;
    return true;
}

/* A process may sit in one hierarchy only: all are looked through. */
static uint64_t signal_once(const struct cgroup *group, int number)
{
    uint64_t most = 0;
    for (int i = 0; i < GROUP_HIERARCHIES; i++) {
        uint64_t count = has(group, i) ? tree_signal(group->folder[i], number) : 0;
        most = count > most ? count : most;
    }
    return most;
}

/* Nothing may be started any more, so that killing comes to an end. */
static void forbid_forks(const struct cgroup *group)
{
    enum group_hierarchy pids = has(group, GROUP_PIDS) ? GROUP_PIDS : GROUP_MEMORY;
    if (has(group, pids) && kernel_write(group->folder[pids], "pids.max", "0") != 0)
        return; /* without that controller the loop alone must do */
}

uint64_t group_kill(const struct cgroup *group, uint64_t patience_ns)
{
    uint64_t deadline = os_now_ns() + patience_ns;
    uint64_t pause = PAUSE_LEAST;
    forbid_forks(group);
    uint64_t most = cgroup_processes(group, NULL, 0);
    bool at_once = group->operations->kill_all(group);
    for (;;) {
        uint64_t left = at_once ? cgroup_processes(group, NULL, 0) : signal_once(group, SIGKILL);
        most = left > most ? left : most;
        if (left == 0 || !pause_before(deadline, &pause))
            return most;
    }
}

static bool remove_folders(const struct cgroup *group)
{
    bool gone = true;
    for (int i = 0; i < GROUP_HIERARCHIES; i++)
        if (has(group, i))
            gone = tree_remove(group->folder[i]) && gone;
    return gone;
}

bool group_remove(const struct cgroup *group, uint64_t patience_ns)
{
    uint64_t deadline = os_now_ns() + patience_ns;
    uint64_t pause = PAUSE_LEAST;
    while (!remove_folders(group)) {
        group_kill(group, 0);
        if (!pause_before(deadline, &pause))
            return remove_folders(group);
    }
    return true;
}

void cgroup_destroy(struct cgroup *group)
{
    if (group == NULL)
        return;
    if (group->event >= 0)
        close(group->event);
    group_remove(group, REMOVE_NS);
    remove_parents(group);
    mem_free(group);
}

bool cgroup_enter(const struct cgroup *group)
{
    for (int i = 0; i < GROUP_HIERARCHIES; i++) {
        if (!has(group, i))
            continue;
        int failure = kernel_write(group->folder[i], group->operations->entrance, "0");
        if (failure != 0) {
            errno = failure;
            return false;
        }
    }
    return true;
}

int cgroup_open_folder(const struct cgroup *group)
{
    if (group->operations != &group_v2)
        return -1;
    return open(group->folder[GROUP_MEMORY], O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
}

static enum error_code read_failed(const struct cgroup *group, struct error *error)
{
    enum error_code code = error_set_errno(
        error, errno, "the counters of control group %s cannot be read", cgroup_name(group));
    error_in_file(error, group->folder[GROUP_MEMORY]);
    return code;
}

enum error_code cgroup_read(const struct cgroup *group, struct cgroup_counters *ret,
                            struct error *error)
{
    struct cgroup_counters counters = {0};
    if (!group->operations->read(group, &counters))
        return read_failed(group, error);
    counters.processes = cgroup_processes(group, NULL, 0);
    *ret = counters;
    return ERROR_NONE;
}

enum error_code cgroup_look(const struct cgroup *group, struct cgroup_counters *ret,
                            struct error *error)
{
    if (!group->operations->look(group, ret))
        return read_failed(group, error);
    ret->processes = cgroup_processes(group, NULL, 0);
    return ERROR_NONE;
}

int cgroup_event_descriptor(const struct cgroup *group, short *ret_events)
{
    *ret_events = group->operations->events;
    return group->event;
}

bool cgroup_event_take(struct cgroup *group)
{
    return group->event >= 0 && group->operations->event_take(group);
}

enum error_code cgroup_hold_at_limit(struct cgroup *group, bool hold, struct error *error)
{
    return group->operations->hold(group, hold, error);
}

enum error_code cgroup_set_memory(struct cgroup *group, uint64_t bytes, struct error *error)
{
    TRY(group->operations->set_memory(group, bytes, error));
    group->memory = bytes;
    return ERROR_NONE;
}

uint64_t cgroup_signal(const struct cgroup *group, int number)
{
    return number == SIGKILL ? group_kill(group, 0) : signal_once(group, number);
}

size_t cgroup_processes(const struct cgroup *group, pid_t *pids, size_t capacity)
{
    return has(group, GROUP_MEMORY) ? tree_processes(group->folder[GROUP_MEMORY], pids, capacity)
                                    : 0;
}

const char *cgroup_name(const struct cgroup *group)
{
    return group->folder[GROUP_MEMORY] + group->name_at;
}
