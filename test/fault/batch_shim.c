/*
 * Stands between weir and the system, as a library loaded before the others (LD_PRELOAD): the clock
 * of dates jumps, or one call fails. What weir starts does not have it.
 *
 * WEIR_SHIM_CLOCK=1: CLOCK_REALTIME is another one every 30 ms of the monotonic clock, by years
 * back and forth. WEIR_SHIM_FAIL=NAME:ERRNO:N: the N-th call of that name, counted from 1, fails,
 * and the file WEIR_SHIM_TOLD is made.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* ---- the clock ---- */

static long jump(void)
{
    static const long years[] = {0, 9, -25, 40, -1, -20, 30, 0, -26, 8};
    struct timespec now;
    if (getenv("WEIR_SHIM_CLOCK") == NULL)
        return 0;
    syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
    long moment = now.tv_sec * 33 + now.tv_nsec / 30000000;
    return years[moment % (long)(sizeof years / sizeof years[0])] * 31556952;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    int result = (int)syscall(SYS_clock_gettime, clock, now);
    if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)
        now->tv_sec += jump();
    return result;
}

time_t time(time_t *ret)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (ret != NULL)
        *ret = now.tv_sec;
    return now.tv_sec;
}

int gettimeofday(struct timeval *restrict ret, void *restrict zone)
{
    struct timespec now;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    *ret = (struct timeval){now.tv_sec, now.tv_nsec / 1000};
    return 0;
}

/* ---- one call that fails ---- */

/* Whether this call is the one. */
static int fails(const char *name)
{
    static atomic_long calls;
    const char *order = getenv("WEIR_SHIM_FAIL"), *told = getenv("WEIR_SHIM_TOLD");
    size_t length = strlen(name);
    if (order == NULL || strncmp(order, name, length) != 0 || order[length] != ':')
        return 0;
    char *rest;
    long number = strtol(order + length + 1, &rest, 10), wanted = strtol(rest + 1, NULL, 10);
    if (atomic_fetch_add(&calls, 1) + 1 != wanted)
        return 0;
    if (told != NULL)
        syscall(SYS_close,
                syscall(SYS_openat, AT_FDCWD, told, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    errno = (int)number;
    return 1;
}

#define CALL(name, number, type, list, ...)                                                        \
    type name list                                                                                 \
    {                                                                                              \
        return fails(#name) ? -1 : (type)syscall(number, __VA_ARGS__);                             \
    }
#define SAME(name, as, number, type, list, ...)                                                    \
    type name list                                                                                 \
    {                                                                                              \
        return fails(as) ? -1 : (type)syscall(number, __VA_ARGS__);                                \
    }

CALL(write, SYS_write, ssize_t, (int file, const void *bytes, size_t size), file, bytes, size)
CALL(pwrite, SYS_pwrite64, ssize_t, (int file, const void *bytes, size_t size, off_t at), file,
     bytes, size, at)
SAME(pwrite64, "pwrite", SYS_pwrite64, ssize_t,
     (int file, const void *bytes, size_t size, off_t at), file, bytes, size, at)
CALL(fsync, SYS_fsync, int, (int file), file)
SAME(fdatasync, "fsync", SYS_fdatasync, int, (int file), file)
CALL(ftruncate, SYS_ftruncate, int, (int file, off_t size), file, size)
SAME(ftruncate64, "ftruncate", SYS_ftruncate, int, (int file, off_t size), file, size)
CALL(mkdir, SYS_mkdir, int, (const char *path, mode_t mode), path, mode)
CALL(renameat, SYS_renameat, int, (int from, const char *path, int to, const char *other), from,
     path, to, other)

static mode_t mode_of(int flags, va_list list)
{
    return (flags & (O_CREAT | __O_TMPFILE)) != 0 ? va_arg(list, mode_t) : 0;
}

static int open_at(int folder, const char *path, int flags, mode_t mode)
{
    return fails("open") ? -1 : (int)syscall(SYS_openat, folder, path, flags, mode);
}

#define OPEN(name)                                                                                 \
    int name(const char *path, int flags, ...)                                                     \
    {                                                                                              \
        va_list list;                                                                              \
        va_start(list, flags);                                                                     \
        mode_t mode = mode_of(flags, list);                                                        \
        va_end(list);                                                                              \
        return open_at(AT_FDCWD, path, flags, mode);                                               \
    }
OPEN(open)
OPEN(open64)

int openat(int folder, const char *path, int flags, ...)
{
    va_list list;
    va_start(list, flags);
    mode_t mode = mode_of(flags, list);
    va_end(list);
    return open_at(folder, path, flags, mode);
}
