#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cell/cell.h"
#include "cell/process_tree.h"
#include "os/process.h"

/* Numbers of processes mean something only within their namespace, so it stands there too. */
static uint64_t own_namespace(void)
{
    char text[64] = "";
    ssize_t size = readlink("/proc/self/ns/pid", text, sizeof text - 1);
    const char *number = size > 0 ? strchr(text, '[') : NULL;
    return number == NULL ? 0 : strtoull(number + 1, NULL, 10);
}

void process_tree_marker(const char *name, char ret[static PROCESS_TREE_MARKER])
{
    uint64_t start;
    if (!process_start_time(getpid(), &start))
        start = 0;
    snprintf(ret, PROCESS_TREE_MARKER, "WEIR_CELL=%" PRIu64 "-%d-%" PRIu64 "/%.48s",
             own_namespace(), (int)getpid(), start, name);
}

/* Whatever cannot be known counts as alive: no file may be opened, or /proc hides the process. */
static bool has_ended(pid_t pid, uint64_t started)
{
    struct os_process now;
    if (kill(pid, 0) != 0 && errno == ESRCH)
        return true;
    return os_process_read(pid, &now) && (now.start != started || os_process_has_ended(&now));
}

/* Whether the marker is of a weir of this namespace that lives no more. */
static bool is_of_dead_weir(const char *marker)
{
    char *rest;
    uint64_t space = strtoull(marker, &rest, 10);
    if (*rest != '-' || space == 0 || space != own_namespace())
        return false;
    unsigned long pid = strtoul(rest + 1, &rest, 10);
    if (*rest != '-' || pid == 0 || pid > INT32_MAX)
        return false;
    uint64_t started = strtoull(rest + 1, &rest, 10);
    return *rest == '/' && started > 0 && has_ended((pid_t)pid, started);
}

static bool is_left(pid_t pid)
{
    char marker[PROCESS_TREE_MARKER];
    return process_entry(pid, "WEIR_CELL", marker, sizeof marker) && is_of_dead_weir(marker);
}

/* The second look is at a process that is held by now: its number cannot pass to another. */
static bool end_if_left(pid_t pid)
{
    if (!is_left(pid))
        return false;
    int descriptor = (int)syscall(SYS_pidfd_open, pid, 0);
    if (descriptor < 0)
        return false;
    bool ended = is_left(pid) && syscall(SYS_pidfd_send_signal, descriptor, SIGKILL, NULL, 0) == 0;
    close(descriptor);
    return ended;
}

uint64_t cell_sweep(void)
{
    uint64_t count = 0;
    DIR *folder = opendir("/proc");
    const struct dirent *entry;
    while (folder != NULL && (entry = readdir(folder)) != NULL) {
        unsigned long pid = strtoul(entry->d_name, NULL, 10);
        if (pid > 1 && pid <= INT32_MAX)
            count += end_if_left((pid_t)pid);
    }
    if (folder != NULL)
        closedir(folder);
    return count;
}
