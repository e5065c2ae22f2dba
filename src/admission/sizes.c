#include "admission/sizes.h"

/* A share of the whole pool, and of the largest step of the last class. */
#define WHOLE 65536u
#define LEAST 256u

void sizes_init(struct sizes *sizes, struct mem_account *account, struct room pool)
{
    sizes->pool = pool;
    for (int i = 0; i < SIZES_CLASSES; i++) {
        queue_init(&sizes->reducers[i], account);
        queue_init(&sizes->others[i], account);
    }
}

void sizes_release(struct sizes *sizes)
{
    for (int i = 0; i < SIZES_CLASSES; i++) {
        queue_release(&sizes->reducers[i]);
        queue_release(&sizes->others[i]);
    }
}

static uint32_t share_of(uint64_t part, uint64_t whole)
{
    return part > 0 ? (uint32_t)((double)part / (double)whole * WHOLE) : 0;
}

/* The exponent of the share and the three bits that follow its highest. */
static uint8_t class_of(const struct sizes *sizes, struct room wanted)
{
    uint32_t share = share_of(wanted.memory, sizes->pool.memory);
    uint32_t cpus = share_of(wanted.milli_cpus, sizes->pool.milli_cpus);
    if (cpus > share)
        share = cpus;
    if (share < LEAST)
        share = LEAST;
    uint32_t exponent = 31 - (uint32_t)__builtin_clz(share);
    return (uint8_t)((exponent - 8) * 8 + ((share >> (exponent - 3)) & 7));
}

static struct queue *line_of(struct sizes *sizes, const struct step *step)
{
    return step->is_reducer ? &sizes->reducers[step->size] : &sizes->others[step->size];
}

enum error_code sizes_reserve(struct sizes *sizes, struct steps *steps, struct step *step,
                              struct error *error)
{
    bool moved;
    step->size = class_of(sizes, step->wanted);
    struct queue *line = line_of(sizes, step);
    TRY(queue_reserve(line, &moved, error));
    for (uint32_t place = 0; moved && place < line->used; place++)
        steps_find(steps, line->tickets[place])->size_place = place;
    return ERROR_NONE;
}

void sizes_add(struct sizes *sizes, struct step *step, uint32_t ticket)
{
    step->size_place = queue_add(line_of(sizes, step), ticket);
}

void sizes_show(struct sizes *sizes, const struct step *step)
{
    queue_show(line_of(sizes, step), step->size_place, step->wanted);
}

void sizes_remove(struct sizes *sizes, const struct step *step)
{
    queue_remove(line_of(sizes, step), step->size_place);
}

static uint32_t largest_of(const struct queue lines[SIZES_CLASSES], struct room room)
{
    for (int i = SIZES_CLASSES; i-- > 0;) {
        if (lines[i].waiting == 0)
            continue;
        uint32_t ticket = queue_first(&lines[i], room);
        if (ticket != QUEUE_NOBODY)
            return ticket;
    }
    return QUEUE_NOBODY;
}

uint32_t sizes_largest(const struct sizes *sizes, struct room room)
{
    uint32_t reducer = largest_of(sizes->reducers, room);
    return reducer != QUEUE_NOBODY ? reducer : largest_of(sizes->others, room);
}
