#include "admission/admission.h"

#include <inttypes.h>

#include "admission/groups.h"
#include "admission/sizes.h"

#define NOBODY STEPS_NOBODY

struct admission {
    struct room pool, granted;
    uint32_t overtakes_most;
    uint32_t running;
    bool paused;
    uint32_t held;      /* the step that room is kept for, or NOBODY */
    uint64_t hold;      /* counts the holds from 1 on */
    struct room passed; /* granted past the present hold and still running */
    struct steps steps;
    struct queue queue; /* all who wait, and what they ask for where they are not parked */
    struct sizes sizes;
    struct groups groups;
};

enum admission_fit admission_could_fit(const struct admission_pool *pool,
                                       const struct admission_request *request)
{
    bool leaf = request->group != ADMISSION_NO_GROUP && !request->is_reducer;
    if (request->memory > pool->memory || (leaf && request->reducer_memory > pool->memory))
        return ADMISSION_NEEDS_MEMORY;
    return request->milli_cpus > pool->milli_cpus ? ADMISSION_NEEDS_CPUS : ADMISSION_FITS;
}

enum error_code admission_create(struct mem_account *account, const struct admission_pool *pool,
                                 uint32_t overtakes_most, struct admission **ret,
                                 struct error *error)
{
    void *memory;
    if (pool->memory == UINT64_MAX || pool->milli_cpus == UINT64_MAX)
        return error_set(error, ERROR_USAGE, "a pool needs a limit");
    TRY(mem_alloc(account, sizeof(struct admission), &memory, error));
    struct admission *admission = memory;
    admission->pool = (struct room){pool->memory, pool->milli_cpus};
    admission->overtakes_most = overtakes_most > 0 ? overtakes_most : ADMISSION_OVERTAKES_MOST;
    admission->held = NOBODY;
    steps_init(&admission->steps, account);
    queue_init(&admission->queue, account);
    sizes_init(&admission->sizes, account, admission->pool);
    groups_init(&admission->groups, account, pool->memory, admission->overtakes_most);
    *ret = admission;
    return ERROR_NONE;
}

void admission_destroy(struct admission *admission)
{
    if (admission == NULL)
        return;
    steps_release(&admission->steps);
    queue_release(&admission->queue);
    sizes_release(&admission->sizes);
    groups_release(&admission->groups);
    mem_free(admission);
}

static enum error_code refuse_memory(uint64_t memory, uint64_t pool, const char *who,
                                     struct error *error)
{
    char asked[24], there[24];
    mem_format_size(memory, asked);
    mem_format_size(pool, there);
    error_set(error, ERROR_USAGE,
              "%s asks for %s of memory (%" PRIu64 " bytes), the pool has %s (%" PRIu64 " bytes)",
              who, asked, memory, there, pool);
    error_hint(error, "a pool of at least %s, or a step that needs no more than %s", asked, there);
    return ERROR_USAGE;
}

static enum error_code refuse_cpus(uint64_t asked, uint64_t pool, struct error *error)
{
    error_set(error, ERROR_USAGE, "the step asks for %g processors, the pool has %g",
              (double)asked / 1000, (double)pool / 1000);
    error_hint(error, "a pool of at least %g processors, or a step that asks for no more than %g",
               (double)asked / 1000, (double)pool / 1000);
    return ERROR_USAGE;
}

static enum error_code refuse_misfit(const struct admission *admission,
                                     const struct admission_request *request, struct error *error)
{
    struct admission_pool pool = {admission->pool.memory, admission->pool.milli_cpus};
    switch (admission_could_fit(&pool, request)) {
    case ADMISSION_NEEDS_MEMORY:
        if (request->memory > pool.memory)
            return refuse_memory(request->memory, pool.memory, "the step", error);
        return refuse_memory(request->reducer_memory, pool.memory,
                             "the reducer of the step's group", error);
    case ADMISSION_NEEDS_CPUS:
        return refuse_cpus(request->milli_cpus, pool.milli_cpus, error);
    case ADMISSION_FITS:
        break;
    }
    return ERROR_NONE;
}

/* Whatever can fail, before anything is changed. */
static enum error_code make_sure_of_places(struct admission *admission, struct step *step,
                                           struct error *error)
{
    struct queue *queue = &admission->queue;
    bool moved;
    TRY(steps_reserve(&admission->steps, error));
    TRY(groups_reserve(&admission->groups, error));
    TRY(sizes_reserve(&admission->sizes, &admission->steps, step, error));
    TRY(queue_reserve(queue, &moved, error));
    for (uint32_t place = 0; moved && place < queue->used; place++)
        steps_find(&admission->steps, queue->tickets[place])->place = place;
    return ERROR_NONE;
}

static void show(struct admission *admission, struct step *step)
{
    step->state = STEP_WAITING;
    queue_show(&admission->queue, step->place, step->wanted);
    sizes_show(&admission->sizes, step);
}

static void begin_group(struct admission *admission, uint32_t index)
{
    struct group *group = &admission->groups.records[index];
    groups_begin(&admission->groups, index);
    while (group->first != NOBODY) {
        uint32_t ticket = group->first;
        groups_unpark(&admission->groups, &admission->steps, ticket);
        show(admission, steps_find(&admission->steps, ticket));
    }
}

/* Not before it is asked who may start: turns are for the best of all who asked together. */
static void give_turns(struct admission *admission)
{
    uint32_t index;
    while ((index = groups_next(&admission->groups)) != GROUPS_NONE)
        begin_group(admission, index);
}

static void join_group(struct admission *admission, uint32_t ticket,
                       const struct admission_request *request)
{
    struct step *step = steps_find(&admission->steps, ticket);
    step->group = groups_enter(&admission->groups, request->group);
    struct group *group = &admission->groups.records[step->group];
    group->members++;
    if (!request->is_reducer && !group->under_way) {
        step->state = STEP_PARKED;
        groups_park(&admission->groups, step->group, &admission->steps, ticket,
                    request->reducer_memory);
    }
}

enum error_code admission_ask(struct admission *admission, const struct admission_request *request,
                              uint32_t *ret_ticket, struct error *error)
{
    TRY(refuse_misfit(admission, request, error));
    struct step asking = {.wanted = {request->memory, request->milli_cpus},
                          .is_reducer = request->is_reducer,
                          .group = GROUPS_NONE};
    TRY(make_sure_of_places(admission, &asking, error));
    uint32_t ticket = steps_add(&admission->steps);
    struct step *step = steps_find(&admission->steps, ticket);
    *step = asking;
    step->place = queue_add(&admission->queue, ticket);
    sizes_add(&admission->sizes, step, ticket);
    if (request->group != ADMISSION_NO_GROUP)
        join_group(admission, ticket, request);
    if (step->state != STEP_PARKED)
        show(admission, step);
    *ret_ticket = ticket;
    return ERROR_NONE;
}

static struct room room_free(const struct admission *admission)
{
    return room_less(admission->pool, admission->granted);
}

static uint32_t overtaken_of(const struct admission *admission, uint32_t ticket)
{
    return queue_overtaken(&admission->queue, steps_find(&admission->steps, ticket)->place);
}

/* The oldest of those that are not parked, or NOBODY. */
static uint32_t oldest_of(const struct admission *admission)
{
    return queue_first(&admission->queue, admission->pool);
}

/* Every grant that passed another step passed the oldest too: only it can be at the bound. */
static uint32_t whom_to_hold_for(const struct admission *admission)
{
    uint32_t oldest = oldest_of(admission);
    if (oldest == NOBODY || overtaken_of(admission, oldest) < admission->overtakes_most)
        return NOBODY;
    return oldest;
}

static void hold_room(struct admission *admission)
{
    uint32_t held = whom_to_hold_for(admission);
    if (held == admission->held)
        return;
    admission->held = held;
    admission->hold++;
    admission->passed = (struct room){0, 0};
}

/* What those may take that go before the held step: beside it, all of them fit into the pool. */
static struct room room_beside(const struct admission *admission, struct room free)
{
    struct room held = steps_find(&admission->steps, admission->held)->wanted;
    struct room beside = room_less(room_less(admission->pool, held), admission->passed);
    return (struct room){beside.memory < free.memory ? beside.memory : free.memory,
                         beside.milli_cpus < free.milli_cpus ? beside.milli_cpus : free.milli_cpus};
}

static uint32_t choose(struct admission *admission)
{
    struct room room = room_free(admission);
    uint32_t oldest = oldest_of(admission);
    hold_room(admission);
    if (oldest != NOBODY && room_holds(room, steps_find(&admission->steps, oldest)->wanted))
        return oldest;
    if (admission->held != NOBODY)
        room = room_beside(admission, room);
    return sizes_largest(&admission->sizes, room);
}

static void grant(struct admission *admission, uint32_t ticket)
{
    struct step *step = steps_find(&admission->steps, ticket);
    queue_overtake(&admission->queue, step->place);
    queue_remove(&admission->queue, step->place);
    sizes_remove(&admission->sizes, step);
    step->state = STEP_RUNNING;
    admission->running++;
    admission->granted.memory += step->wanted.memory;
    admission->granted.milli_cpus += step->wanted.milli_cpus;
    if (step->group != GROUPS_NONE)
        admission->groups.records[step->group].started = true;
    if (admission->held == ticket) {
        admission->held = NOBODY;
    } else if (admission->held != NOBODY) {
        step->hold = admission->hold;
        admission->passed.memory += step->wanted.memory;
        admission->passed.milli_cpus += step->wanted.milli_cpus;
    }
    if (step->is_reducer && step->group != GROUPS_NONE)
        groups_close(&admission->groups, step->group);
}

bool admission_next(struct admission *admission, uint32_t *ret_ticket)
{
    if (admission->paused)
        return false;
    give_turns(admission);
    uint32_t ticket = choose(admission);
    if (ticket == NOBODY && admission->running == 0 && admission->groups.first != GROUPS_NONE) {
        /* Groups under way whose reducers never come must not stop the rest for good. */
        begin_group(admission, admission->groups.first);
        ticket = choose(admission);
    }
    if (ticket == NOBODY)
        return false;
    grant(admission, ticket);
    *ret_ticket = ticket;
    return true;
}

static void leave_group(struct admission *admission, const struct step *step)
{
    if (step->group == GROUPS_NONE)
        return;
    struct group *group = &admission->groups.records[step->group];
    group->members--;
    if (group->members == 0 && !group->started)
        groups_close(&admission->groups, step->group);
    if (group->members == 0 && !group->under_way)
        groups_leave(&admission->groups, step->group);
}

bool admission_end(struct admission *admission, uint32_t ticket)
{
    struct step *step = steps_find(&admission->steps, ticket);
    if (step == NULL || step->state != STEP_RUNNING)
        return false;
    step->state = STEP_ENDED;
    admission->running--;
    admission->granted = room_less(admission->granted, step->wanted);
    if (step->hold == admission->hold)
        admission->passed = room_less(admission->passed, step->wanted);
    leave_group(admission, step);
    return true;
}

bool admission_withdraw(struct admission *admission, uint32_t ticket)
{
    struct step *step = steps_find(&admission->steps, ticket);
    if (step == NULL || (step->state != STEP_WAITING && step->state != STEP_PARKED))
        return false;
    if (step->state == STEP_PARKED)
        groups_unpark(&admission->groups, &admission->steps, ticket);
    queue_remove(&admission->queue, step->place);
    sizes_remove(&admission->sizes, step);
    step->state = STEP_ENDED;
    if (admission->held == ticket)
        admission->held = NOBODY;
    leave_group(admission, step);
    return true;
}

void admission_close_group(struct admission *admission, uint32_t group)
{
    uint32_t index =
        group != ADMISSION_NO_GROUP ? groups_find(&admission->groups, group) : GROUPS_NONE;
    if (index == GROUPS_NONE)
        return;
    groups_close(&admission->groups, index);
    if (admission->groups.records[index].members == 0)
        groups_leave(&admission->groups, index);
}

void admission_pause(struct admission *admission, bool paused)
{
    admission->paused = paused;
}

struct admission_state admission_state(const struct admission *admission)
{
    return (struct admission_state){.memory_granted = admission->granted.memory,
                                    .milli_cpus_granted = admission->granted.milli_cpus,
                                    .running = admission->running,
                                    .waiting = admission->queue.waiting,
                                    .paused = admission->paused};
}

static void explain_parked(const struct admission *admission, const struct step *step,
                           struct admission_wait *wait)
{
    const struct groups *groups = &admission->groups;
    uint64_t needed = groups->records[step->group].reducer_memory;
    uint64_t left = groups->pool_memory - groups->reserved;
    wait->reason = ADMISSION_FOR_REDUCER;
    wait->memory_missing = needed > left ? needed - left : 0;
}

static void explain_room(const struct admission *admission, const struct step *step,
                         struct admission_wait *wait)
{
    struct room missing = room_less(step->wanted, room_free(admission));
    wait->memory_missing = missing.memory;
    wait->milli_cpus_missing = missing.milli_cpus;
    if (missing.memory > 0)
        wait->reason = ADMISSION_FOR_MEMORY;
    else if (missing.milli_cpus > 0)
        wait->reason = ADMISSION_FOR_CPUS;
    else
        wait->reason = wait->ahead != NOBODY ? ADMISSION_FOR_ANOTHER : ADMISSION_FOR_ITS_TURN;
}

struct admission_wait admission_explain(const struct admission *admission, uint32_t ticket)
{
    const struct step *step = steps_find(&admission->steps, ticket);
    struct admission_wait wait = {.reason = ADMISSION_NOT_WAITING, .ahead = ADMISSION_NOBODY};
    if (step == NULL || (step->state != STEP_WAITING && step->state != STEP_PARKED))
        return wait;
    wait.overtaken = queue_overtaken(&admission->queue, step->place);
    if (admission->held != ticket)
        wait.ahead = admission->held;
    if (step->state == STEP_PARKED)
        explain_parked(admission, step, &wait);
    else
        explain_room(admission, step, &wait);
    if (admission->paused)
        wait.reason = ADMISSION_FOR_HOST;
    return wait;
}
