#include "clairvoyant.h"

#include <stdlib.h>

enum order { ORDER_CHAIN, ORDER_DURATION, ORDER_AREA, ORDER_MEMORY, ORDERS };

struct rank {
    double weight;
    uint32_t step;
};

struct list {
    const struct load *load;
    uint32_t rank_of[LOAD_STEPS_MOST], step_at[LOAD_STEPS_MOST];
    uint32_t ready[LOAD_STEPS_MOST], ready_count; /* ranks, first to start first */
    uint32_t from;                                /* those before did not fit at this moment */
    uint64_t memory, milli_cpus;                  /* free */
    bool group_rule;
    bool under_way[LOAD_STEPS_MOST]; /* by group */
    uint64_t reserved;               /* for the reducers of groups under way */
};

static double larger_share(const struct load *load, const struct load_step *step)
{
    double memory = (double)step->request.memory / (double)load->pool.memory;
    double cpus = (double)step->request.milli_cpus / (double)load->pool.milli_cpus;
    return memory > cpus ? memory : cpus;
}

static double weight_of(const struct load *load, enum order order, uint32_t i,
                        const uint64_t *chains)
{
    const struct load_step *step = &load->steps[i];
    switch (order) {
    case ORDER_CHAIN:
        return (double)chains[i];
    case ORDER_DURATION:
        return (double)step->duration;
    case ORDER_AREA:
        return larger_share(load, step) * (double)step->duration;
    default:
        return larger_share(load, step);
    }
}

static int heavier_first(const void *a, const void *b)
{
    const struct rank *x = a, *y = b;
    if (x->weight != y->weight)
        return x->weight > y->weight ? -1 : 1;
    return x->step < y->step ? -1 : x->step > y->step;
}

static void ready(void *context, uint32_t step)
{
    struct list *list = context;
    uint32_t rank = list->rank_of[step], i = list->ready_count++;
    for (; i > 0 && list->ready[i - 1] > rank; i--)
        list->ready[i] = list->ready[i - 1];
    list->ready[i] = rank;
    list->from = 0;
}

static bool is_leaf(const struct admission_request *request)
{
    return request->group != ADMISSION_NO_GROUP && !request->is_reducer;
}

static bool may_start(const struct list *list, const struct admission_request *request)
{
    if (request->memory > list->memory || request->milli_cpus > list->milli_cpus)
        return false;
    return !list->group_rule || !is_leaf(request) || list->under_way[request->group] ||
           request->reducer_memory <= list->load->pool.memory - list->reserved;
}

static void take_turn(struct list *list, const struct admission_request *request)
{
    if (is_leaf(request) && !list->under_way[request->group]) {
        list->under_way[request->group] = true;
        list->reserved += request->reducer_memory;
    } else if (request->is_reducer) {
        list->reserved -= request->memory;
        list->from = 0;
    }
}

static uint32_t next(void *context)
{
    struct list *list = context;
    for (uint32_t i = list->from; i < list->ready_count; i++) {
        uint32_t step = list->step_at[list->ready[i]];
        const struct admission_request *request = &list->load->steps[step].request;
        if (!may_start(list, request))
            continue;
        list->memory -= request->memory;
        list->milli_cpus -= request->milli_cpus;
        for (list->ready_count--, list->from = i; i < list->ready_count; i++)
            list->ready[i] = list->ready[i + 1];
        if (list->group_rule)
            take_turn(list, request);
        return step;
    }
    return LOAD_NOBODY;
}

static void end(void *context, uint32_t step)
{
    struct list *list = context;
    list->memory += list->load->steps[step].request.memory;
    list->milli_cpus += list->load->steps[step].request.milli_cpus;
    list->from = 0;
}

static uint64_t makespan_of(const struct load *load, enum order order, const uint64_t *chains,
                            bool group_rule)
{
    struct list list = {.load = load,
                        .memory = load->pool.memory,
                        .milli_cpus = load->pool.milli_cpus,
                        .group_rule = group_rule};
    struct rank ranks[LOAD_STEPS_MOST];
    for (uint32_t i = 0; i < load->count; i++)
        ranks[i] = (struct rank){weight_of(load, order, i, chains), i};
    qsort(ranks, load->count, sizeof *ranks, heavier_first);
    for (uint32_t i = 0; i < load->count; i++) {
        list.step_at[i] = ranks[i].step;
        list.rank_of[ranks[i].step] = i;
    }
    struct policy policy = {&list, ready, next, end};
    return play_load(load, &policy).makespan;
}

struct clairvoyant clairvoyant_makespans(const struct load *load, bool group_rule)
{
    struct clairvoyant result = {.best = UINT64_MAX};
    uint64_t chains[LOAD_STEPS_MOST];
    load_chains(load, chains);
    for (int order = 0; order < ORDERS; order++) {
        uint64_t makespan = makespan_of(load, (enum order)order, chains, group_rule);
        if (order == ORDER_DURATION)
            result.longest_first = makespan;
        if (makespan < result.best)
            result.best = makespan;
    }
    return result;
}
