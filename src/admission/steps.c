#include "admission/steps.h"

#include <string.h>

#define SMALLEST_CAPACITY 64

void steps_init(struct steps *steps, struct mem_account *account)
{
    *steps = (struct steps){.account = account};
}

void steps_release(struct steps *steps)
{
    mem_free(steps->records);
    steps_init(steps, steps->account);
}

static uint32_t ended_at_front(const struct steps *steps)
{
    uint32_t ended = 0;
    while (ended < steps->count && steps->records[ended].state == STEP_ENDED)
        ended++;
    return ended;
}

static void drop_front(struct steps *steps, uint32_t dropped)
{
    steps->count -= dropped;
    steps->first += dropped;
    memmove(steps->records, steps->records + dropped, steps->count * sizeof *steps->records);
}

static enum error_code grow(struct steps *steps, struct error *error)
{
    uint32_t capacity = steps->capacity > 0 ? steps->capacity : SMALLEST_CAPACITY / 2;
    void *memory;
    if (capacity > UINT32_MAX / 4)
        return error_set(error, ERROR_MEMORY, "more than %u steps at hand", capacity);
    capacity *= 2;
    TRY(mem_alloc_array(steps->account, capacity, sizeof *steps->records, &memory, error));
    if (steps->count > 0)
        memcpy(memory, steps->records, steps->count * sizeof *steps->records);
    mem_free(steps->records);
    steps->records = memory;
    steps->capacity = capacity;
    return ERROR_NONE;
}

enum error_code steps_reserve(struct steps *steps, struct error *error)
{
    if (steps->count == STEPS_NOBODY - steps->first)
        return error_set(error, ERROR_MEMORY, "all tickets are given");
    if (steps->count < steps->capacity)
        return ERROR_NONE;
    uint32_t ended = ended_at_front(steps);
    /* Moving is paid for by the tickets that the freed half will hold. */
    if (ended > 0 && ended >= steps->capacity / 2) {
        drop_front(steps, ended);
        return ERROR_NONE;
    }
    return grow(steps, error);
}

uint32_t steps_add(struct steps *steps)
{
    steps->records[steps->count] = (struct step){.state = STEP_ENDED};
    return steps->first + steps->count++;
}

struct step *steps_find(const struct steps *steps, uint32_t ticket)
{
    if (ticket < steps->first || ticket - steps->first >= steps->count)
        return NULL;
    return &steps->records[ticket - steps->first];
}
