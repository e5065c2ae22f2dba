/*
 * Bytes taken for a file of jobs: what is read is a table that holds together, the same when it is
 * read again, and within its bounds; what is not is told, and nothing stays charged.
 */
#include <stdio.h>

#include "batch/jobs.h"
#include "memory.h"

struct told {
    unsigned count;
    uint32_t lines;
};

static void take(void *context, uint32_t line, const char *what, const char *hint)
{
    struct told *told = context;
    demand(++told->count <= JOBS_PROBLEMS_TOLD);
    demand(line >= 1 && line <= told->lines);
    demand(what[0] != '\0');
    for (const char *at = what; *at != '\0'; at++)
        demand((unsigned char)*at >= 0x20);
    demand(strlen(hint) < 1024);
}

static uint32_t count_lines(const uint8_t *data, size_t size)
{
    uint32_t count = 1;
    for (size_t i = 0; i < size; i++)
        count += data[i] == '\n';
    return count;
}

static void check_job(const struct jobs *jobs, const struct job *job)
{
    demand(job->name[0] != '\0' && strlen(job->name) <= JOBS_NAME_MOST);
    demand(job->arguments[0] != NULL && job->arguments[0][0] != '\0');
    for (size_t i = 0; job->environment[i] != NULL; i++)
        demand(strchr(job->environment[i], '=') > job->environment[i]);
    demand(job->memory > 0 && job->milli_cpus >= 10 && job->retry.stop_after_attempt >= 1);
    demand(job->retry.grow_percent >= 100 && job->retry.grow_percent <= 10000);
    demand(job->processes <= JOBS_PROCESSES_MOST && job->timeout_ns <= INT64_MAX);
    demand(job->group == JOBS_NO_GROUP || job->group < jobs->group_count);
    demand(!job->is_reducer || (job->group != JOBS_NO_GROUP && job->after_count >= 2));
    demand(strlen(job->digest) == 32);
}

/* Each edge stands in both directions. */
static void check_edges(const struct jobs *jobs, uint32_t number)
{
    const struct job *job = &jobs->items[number];
    for (uint32_t i = 0; i < job->after_count; i++) {
        uint32_t other = jobs->edges[job->after + i];
        demand(other < jobs->count && other != number);
        const struct job *awaited = &jobs->items[other];
        uint32_t found = 0;
        for (uint32_t k = 0; k < awaited->before_count; k++)
            found += jobs->edges[awaited->before + k] == number;
        demand(found == 1);
        if (job->is_reducer)
            demand(awaited->before_count == 1 &&
                   (awaited->is_reducer || awaited->group == job->group));
    }
}

/* Every job can run once those it waits for have. Quadratic, but the inputs are small. */
static bool is_ready(const struct jobs *jobs, const struct job *job, const uint8_t *done)
{
    uint32_t ready = 0;
    for (uint32_t k = 0; k < job->after_count; k++)
        ready += done[jobs->edges[job->after + k]];
    return ready == job->after_count;
}

static void check_order(const struct jobs *jobs)
{
    uint8_t *done = calloc(jobs->count, 1);
    for (bool moved = true; moved;) {
        moved = false;
        for (uint32_t i = 0; i < jobs->count; i++) {
            if (!done[i] && is_ready(jobs, &jobs->items[i], done)) {
                done[i] = 1;
                moved = true;
            }
        }
    }
    demand(memchr(done, 0, jobs->count) == NULL);
    free(done);
}

static enum error_code read_jobs(const uint8_t *data, size_t size, struct mem_arena *arena,
                                 struct jobs *ret, struct told *told)
{
    struct error error;
    const struct jobs_presets presets = {(uint64_t)1 << 30, retry_rule_default()};
    error_init(&error);
    *told = (struct told){0, count_lines(data, size)};
    enum error_code code =
        jobs_parse((const char *)data, size, &presets, take, told, arena, ret, &error);
    demand(code == ERROR_NONE || code == ERROR_INPUT || code == ERROR_MEMORY);
    demand(code != ERROR_NONE || told->count == 0);
    demand(code == ERROR_NONE || error.what[0] != '\0');
    return code;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mem_account account;
    struct mem_arena arena;
    struct jobs jobs, again;
    struct told told;
    mem_account_init(&account, "fuzz", NULL, (size_t)64 << 20);
    mem_arena_init(&arena, &account);
    if (read_jobs(data, size, &arena, &jobs, &told) == ERROR_NONE) {
        demand(jobs.count > 0);
        for (uint32_t i = 0; i < jobs.count; i++) {
            check_job(&jobs, &jobs.items[i]);
            check_edges(&jobs, i);
        }
        check_order(&jobs);
        demand(read_jobs(data, size, &arena, &again, &told) == ERROR_NONE);
        demand(strcmp(jobs.digest, again.digest) == 0);
    }
    mem_arena_release(&arena);
    demand(atomic_load(&account.used) == 0);
    return 0;
}
