#include <time.h>

#include "os/os.h"

static uint64_t read_clock(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t os_now_ns(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

int64_t os_wall_ns(void)
{
    return (int64_t)read_clock(CLOCK_REALTIME);
}

struct timespec os_time_until(uint64_t due_ns)
{
    const uint64_t second = 1000000000u, hour = 3600 * second;
    uint64_t now_ns = os_now_ns();
    uint64_t left = due_ns > now_ns ? due_ns - now_ns : 0;
    left = left < hour ? left : hour;
    return (struct timespec){(time_t)(left / second), (long)(left % second)};
}

uint64_t os_cpu_ns(void)
{
    return read_clock(CLOCK_PROCESS_CPUTIME_ID);
}
