#include "play.h"

struct table {
    const struct load *load;
    const struct policy *policy;
    uint64_t now, memory, milli_cpus, fingerprint;
    uint32_t ended;
    uint32_t needs[LOAD_STEPS_MOST];
    uint32_t running[LOAD_STEPS_MOST], running_count;
    uint64_t ends[LOAD_STEPS_MOST];                 /* by step */
    uint32_t coming[LOAD_STEPS_MOST], coming_count; /* not yet ready, by number */
};

static void start(struct table *table, uint32_t step)
{
    const struct load_step *started = &table->load->steps[step];
    table->memory += started->request.memory;
    table->milli_cpus += started->request.milli_cpus;
    table->ends[step] = table->now + started->duration;
    table->running[table->running_count++] = step;
    table->fingerprint = (table->fingerprint ^ (table->now << 16 | step)) * 0x100000001b3u;
}

static void end(struct table *table, uint32_t step)
{
    const struct load_step *ended = &table->load->steps[step];
    table->memory -= ended->request.memory;
    table->milli_cpus -= ended->request.milli_cpus;
    for (uint32_t e = ended->first_after; e != LOAD_NOBODY; e = table->load->edges[e].next)
        table->needs[table->load->edges[e].to]--;
    table->ended++;
    table->policy->end(table->policy->context, step);
}

static void end_those_due(struct table *table)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < table->running_count; i++) {
        uint32_t step = table->running[i];
        if (table->ends[step] <= table->now)
            end(table, step);
        else
            table->running[kept++] = step;
    }
    table->running_count = kept;
}

static void ask_for_those_ready(struct table *table)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < table->coming_count; i++) {
        uint32_t step = table->coming[i];
        if (table->needs[step] == 0 && table->load->steps[step].arrival <= table->now)
            table->policy->ready(table->policy->context, step);
        else
            table->coming[kept++] = step;
    }
    table->coming_count = kept;
}

static bool start_those_chosen(struct table *table)
{
    uint32_t step;
    while ((step = table->policy->next(table->policy->context)) != LOAD_NOBODY) {
        start(table, step);
        if (table->memory > table->load->pool.memory ||
            table->milli_cpus > table->load->pool.milli_cpus)
            return false;
    }
    return true;
}

/* The next moment at which something ends or arrives; UINT64_MAX where nothing does. */
static uint64_t next_moment(const struct table *table)
{
    uint64_t moment = UINT64_MAX;
    for (uint32_t i = 0; i < table->running_count; i++) {
        if (table->ends[table->running[i]] < moment)
            moment = table->ends[table->running[i]];
    }
    for (uint32_t i = 0; i < table->coming_count; i++) {
        uint64_t arrival = table->load->steps[table->coming[i]].arrival;
        if (arrival > table->now && arrival < moment)
            moment = arrival;
    }
    return moment;
}

struct play play_load(const struct load *load, const struct policy *policy)
{
    struct table table = {.load = load, .policy = policy, .fingerprint = 0xcbf29ce484222325u};
    enum play_fault fault = PLAY_WELL;
    for (uint32_t i = 0; i < load->count; i++) {
        table.needs[i] = load->steps[i].needs;
        table.coming[table.coming_count++] = i;
    }
    while (fault == PLAY_WELL && table.ended < load->count) {
        end_those_due(&table);
        ask_for_those_ready(&table);
        if (!start_those_chosen(&table))
            fault = PLAY_OVER_COMMITTED;
        else if (table.ended < load->count && next_moment(&table) == UINT64_MAX)
            fault = PLAY_STARVED;
        else if (table.ended < load->count)
            table.now = next_moment(&table);
    }
    return (struct play){fault, table.now, table.fingerprint};
}
