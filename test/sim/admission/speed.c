#include "speed.h"

#include <stdio.h>
#include <time.h>

#include "admission/admission.h"

static double nanoseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* A pool for some 1,000 at once. Large ones now and then, groups of ten with their reducer. */
static struct admission_request request_of(uint32_t i)
{
    uint64_t bits = (i + 1) * 0x9e3779b97f4a7c15u;
    struct admission_request request = {
        .memory = bits >> 44 << (i % 1000 == 0 ? 9 : 0),
        .milli_cpus = (bits >> 20 & 3) * 500,
        .group = i % 3 == 0 ? i / 30 : ADMISSION_NO_GROUP,
        .reducer_memory = 1 << 22,
    };
    return request;
}

static bool ask_for_all(struct admission *admission, uint32_t waiting)
{
    struct error error;
    uint32_t ticket;
    for (uint32_t i = 0; i < waiting; i++) {
        struct admission_request request = request_of(i);
        if (admission_ask(admission, &request, &ticket, &error) != ERROR_NONE)
            return false;
    }
    return true;
}

/* Ends what was granted first until nothing waits; groups are closed with their last leaf. */
static uint32_t run_all(struct admission *admission, uint32_t *granted, uint32_t waiting)
{
    uint32_t ended = 0, count = 0;
    while (admission_state(admission).waiting > 0 || ended < count) {
        while (count < waiting && admission_next(admission, &granted[count]))
            count++;
        if (ended == count)
            break;
        uint32_t ticket = granted[ended++];
        admission_end(admission, ticket);
        if (ticket % 30 == 27)
            admission_close_group(admission, ticket / 30);
    }
    return ended;
}

bool speed_print(uint32_t waiting)
{
    struct mem_account account;
    struct error error;
    struct admission *admission = NULL;
    void *granted = NULL;
    struct admission_pool pool = {(uint64_t)1 << 29, 500000};
    mem_account_init(&account, "speed", NULL, MEM_NO_LIMIT);
    if (mem_alloc_array(&account, waiting, sizeof(uint32_t), &granted, &error) != ERROR_NONE ||
        admission_create(&account, &pool, 0, &admission, &error) != ERROR_NONE)
        return false;
    double start = nanoseconds();
    bool good = ask_for_all(admission, waiting);
    double asked = nanoseconds();
    uint32_t ended = good ? run_all(admission, granted, waiting) : 0;
    double done = nanoseconds();
    printf(
        "%u waiting: %.0f ns an ask, %.0f ns an end with its grants, %.1f MiB at most; %u ended\n",
        waiting, (asked - start) / waiting, (done - asked) / waiting,
        (double)atomic_load(&account.peak) / 0x1p20, ended);
    admission_destroy(admission);
    mem_free(granted);
    return ended == waiting;
}
