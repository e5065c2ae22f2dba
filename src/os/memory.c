#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "os/os.h"

/* Reads the start of a small system file; false when it is not there. */
static bool read_small_file(const char *path, char *buffer, size_t size)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return false;
    ssize_t got = read(descriptor, buffer, size - 1);
    close(descriptor);
    if (got < 0)
        return false;
    buffer[got] = '\0';
    return true;
}

uint64_t os_resident_bytes(void)
{
    char text[128];
    if (!read_small_file("/proc/self/statm", text, sizeof text))
        return 0;
    char *resident;
    strtoull(text, &resident, 10);
    return strtoull(resident, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE);
}

/*
 * The peak of this program's own address space. getrusage would not do: its figure is carried over
 * exec, so that of a small program started by a large one is the large one's.
 */
uint64_t os_peak_resident_bytes(void)
{
    char text[4096];
    if (!read_small_file("/proc/self/status", text, sizeof text))
        return 0;
    const char *line = strstr(text, "VmHWM:");
    return line != NULL ? strtoull(line + 6, NULL, 10) * 1024 : 0;
}

/* A limit file holds a number, or "max" for none. */
static uint64_t read_limit(const char *path)
{
    char text[64];
    if (!read_small_file(path, text, sizeof text) || text[0] < '0' || text[0] > '9')
        return UINT64_MAX;
    return strtoull(text, NULL, 10);
}

/* The smallest limit from the process's group up to the root of one hierarchy. */
static uint64_t group_limit(const char *mount, const char *group, const char *file)
{
    char path[1024];
    char relative[512];
    uint64_t limit = UINT64_MAX;
    snprintf(relative, sizeof relative, "%s", group);
    for (;;) {
        snprintf(path, sizeof path, "%s%s/%s", mount, relative, file);
        uint64_t here = read_limit(path);
        limit = here < limit ? here : limit;
        char *slash = strrchr(relative, '/');
        if (slash == NULL)
            return limit;
        *slash = '\0';
    }
}

/* /proc/self/cgroup has lines "0::/group" (v2) and "N:memory:/group" (v1). */
static uint64_t cgroup_limit(void)
{
    char text[4096];
    uint64_t limit = UINT64_MAX;
    if (!read_small_file("/proc/self/cgroup", text, sizeof text))
        return limit;
    char *rest = NULL;
    for (char *line = strtok_r(text, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        char *v1 = strstr(line, ":memory:");
        uint64_t here = UINT64_MAX;
        if (strncmp(line, "0::", 3) == 0)
            here = group_limit("/sys/fs/cgroup", line + 3, "memory.max");
        else if (v1 != NULL)
            here = group_limit("/sys/fs/cgroup/memory", v1 + 8, "memory.limit_in_bytes");
        limit = here < limit ? here : limit;
    }
    return limit;
}

/* MemAvailable: what can be had without swapping. */
static uint64_t machine_available(void)
{
    char text[512];
    if (read_small_file("/proc/meminfo", text, sizeof text)) {
        const char *line = strstr(text, "MemAvailable:");
        if (line != NULL)
            return strtoull(line + 13, NULL, 10) * 1024;
    }
    struct sysinfo info;
    return sysinfo(&info) == 0 ? (uint64_t)info.totalram * info.mem_unit / 2 : (uint64_t)1 << 30;
}

uint64_t os_memory_available(void)
{
    uint64_t machine = machine_available();
    uint64_t group = cgroup_limit();
    return group < machine ? group : machine;
}

size_t os_open_files_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return 64;
    return limit.rlim_cur == RLIM_INFINITY ? (size_t)1 << 20 : (size_t)limit.rlim_cur;
}
