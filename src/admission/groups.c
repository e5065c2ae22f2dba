#include "admission/groups.h"

#include <string.h>

#define SMALLEST_CAPACITY 16
#define NO_NAME           UINT32_MAX
#define LOOKED_AT_MOST    64

void groups_init(struct groups *groups, struct mem_account *account, uint64_t pool_memory,
                 uint32_t passed_most)
{
    *groups = (struct groups){.account = account,
                              .pool_memory = pool_memory,
                              .passed_most = passed_most,
                              .free = GROUPS_NONE,
                              .first = GROUPS_NONE,
                              .last = GROUPS_NONE};
}

void groups_release(struct groups *groups)
{
    mem_free(groups->records);
    mem_free(groups->slots);
    groups_init(groups, groups->account, groups->pool_memory, groups->passed_most);
}

/* There are twice as many slots as records, so a free one always ends the search. */
static uint32_t slot_mask(const struct groups *groups)
{
    return 2 * groups->capacity - 1;
}

static uint32_t home_of(const struct groups *groups, uint32_t name)
{
    /* Fibonacci hashing: Knuth, The Art of Computer Programming 3, 6.4. */
    return (uint32_t)((name * 0x9e3779b97f4a7c15u) >> 32) & slot_mask(groups);
}

/* The slot of that name, or the free one in which it would stand. */
static uint32_t slot_of(const struct groups *groups, uint32_t name)
{
    uint32_t slot = home_of(groups, name);
    while (groups->slots[slot] != GROUPS_NONE && groups->records[groups->slots[slot]].name != name)
        slot = (slot + 1) & slot_mask(groups);
    return slot;
}

static void fill_slots(struct groups *groups)
{
    memset(groups->slots, 0xff, (size_t)2 * groups->capacity * sizeof *groups->slots);
    for (uint32_t i = 0; i < groups->count; i++) {
        if (groups->records[i].name != NO_NAME)
            groups->slots[slot_of(groups, groups->records[i].name)] = i;
    }
}

static enum error_code grow(struct groups *groups, struct error *error)
{
    uint32_t capacity = groups->capacity > 0 ? groups->capacity * 2 : SMALLEST_CAPACITY;
    void *records, *slots;
    if (capacity > UINT32_MAX / 4)
        return error_set(error, ERROR_MEMORY, "more than %u groups at hand", groups->capacity);
    TRY(mem_alloc_array(groups->account, capacity, sizeof *groups->records, &records, error));
    enum error_code code = mem_alloc_array(groups->account, (size_t)2 * capacity,
                                           sizeof *groups->slots, &slots, error);
    if (code != ERROR_NONE) {
        mem_free(records);
        return code;
    }
    if (groups->count > 0)
        memcpy(records, groups->records, groups->count * sizeof *groups->records);
    mem_free(groups->records);
    mem_free(groups->slots);
    groups->records = records;
    groups->slots = slots;
    groups->capacity = capacity;
    fill_slots(groups);
    return ERROR_NONE;
}

enum error_code groups_reserve(struct groups *groups, struct error *error)
{
    if (groups->free != GROUPS_NONE || groups->count < groups->capacity)
        return ERROR_NONE;
    return grow(groups, error);
}

uint32_t groups_find(const struct groups *groups, uint32_t name)
{
    return groups->capacity > 0 ? groups->slots[slot_of(groups, name)] : GROUPS_NONE;
}

static uint32_t take_record(struct groups *groups)
{
    uint32_t index = groups->free;
    if (index == GROUPS_NONE)
        return groups->count++;
    groups->free = groups->records[index].next;
    return index;
}

uint32_t groups_enter(struct groups *groups, uint32_t name)
{
    uint32_t slot = slot_of(groups, name);
    if (groups->slots[slot] == GROUPS_NONE) {
        uint32_t index = take_record(groups);
        groups->records[index] = (struct group){.name = name,
                                                .first = STEPS_NOBODY,
                                                .last = STEPS_NOBODY,
                                                .next = GROUPS_NONE,
                                                .previous = GROUPS_NONE};
        groups->slots[slot] = index;
    }
    return groups->slots[slot];
}

/* Closes the gap that a removed name leaves in its run of slots. */
static void free_slot(struct groups *groups, uint32_t gap)
{
    uint32_t mask = slot_mask(groups);
    for (uint32_t slot = (gap + 1) & mask; groups->slots[slot] != GROUPS_NONE;
         slot = (slot + 1) & mask) {
        uint32_t home = home_of(groups, groups->records[groups->slots[slot]].name);
        if (((slot - home) & mask) >= ((slot - gap) & mask)) {
            groups->slots[gap] = groups->slots[slot];
            gap = slot;
        }
    }
    groups->slots[gap] = GROUPS_NONE;
}

void groups_leave(struct groups *groups, uint32_t index)
{
    struct group *group = &groups->records[index];
    free_slot(groups, slot_of(groups, group->name));
    group->name = NO_NAME;
    group->next = groups->free;
    groups->free = index;
}

static void wait_for_turn(struct groups *groups, uint32_t index)
{
    struct group *group = &groups->records[index];
    group->next = GROUPS_NONE;
    group->previous = groups->last;
    group->reducer_memory = 0;
    if (groups->last == GROUPS_NONE)
        groups->first = index;
    else
        groups->records[groups->last].next = index;
    groups->last = index;
}

static void wait_no_longer(struct groups *groups, uint32_t index)
{
    const struct group *group = &groups->records[index];
    if (group->previous == GROUPS_NONE) {
        groups->first = group->next;
        groups->passed = 0;
    } else {
        groups->records[group->previous].next = group->next;
    }
    if (group->next == GROUPS_NONE)
        groups->last = group->previous;
    else
        groups->records[group->next].previous = group->previous;
}

void groups_park(struct groups *groups, uint32_t index, struct steps *steps, uint32_t ticket,
                 uint64_t reducer_memory)
{
    struct group *group = &groups->records[index];
    struct step *step = steps_find(steps, ticket);
    if (group->first == STEPS_NOBODY) {
        wait_for_turn(groups, index);
        group->first = ticket;
    } else {
        steps_find(steps, group->last)->next = ticket;
    }
    step->previous = group->last;
    step->next = STEPS_NOBODY;
    group->last = ticket;
    if (reducer_memory > group->reducer_memory)
        group->reducer_memory = reducer_memory;
}

void groups_unpark(struct groups *groups, struct steps *steps, uint32_t ticket)
{
    const struct step *step = steps_find(steps, ticket);
    struct group *group = &groups->records[step->group];
    if (step->previous == STEPS_NOBODY)
        group->first = step->next;
    else
        steps_find(steps, step->previous)->next = step->next;
    if (step->next == STEPS_NOBODY)
        group->last = step->previous;
    else
        steps_find(steps, step->next)->previous = step->previous;
    if (group->first == STEPS_NOBODY && !group->under_way)
        wait_no_longer(groups, step->group);
}

uint32_t groups_next(const struct groups *groups)
{
    const struct group *records = groups->records;
    uint64_t left = groups->pool_memory - groups->reserved;
    int looked_at = groups->passed < groups->passed_most ? LOOKED_AT_MOST : 1;
    uint32_t next = GROUPS_NONE;
    for (uint32_t i = groups->first; i != GROUPS_NONE && looked_at > 0; looked_at--) {
        if (records[i].reducer_memory <= left &&
            (next == GROUPS_NONE || records[i].reducer_memory < records[next].reducer_memory))
            next = i;
        i = records[i].next;
    }
    return next;
}

void groups_begin(struct groups *groups, uint32_t index)
{
    struct group *group = &groups->records[index];
    if (index != groups->first)
        groups->passed++;
    wait_no_longer(groups, index);
    group->under_way = true;
    group->started = false;
    /* Where a turn is given out of need, only what is left is taken. */
    uint64_t left = groups->pool_memory - groups->reserved;
    if (group->reducer_memory > left)
        group->reducer_memory = left;
    groups->reserved += group->reducer_memory;
}

void groups_close(struct groups *groups, uint32_t index)
{
    struct group *group = &groups->records[index];
    if (group->under_way)
        groups->reserved -= group->reducer_memory;
    group->under_way = false;
}
