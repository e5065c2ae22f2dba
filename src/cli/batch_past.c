#include "cli/batch_past.h"

#include <stdlib.h>
#include <string.h>

#include "cli/parse.h"

/* Jobs by name, so that a run's steps find theirs. */
struct name_index {
    const struct jobs *jobs;
    uint32_t *by_name;
    bool *was_finished; /* by job */
    uint32_t gone;
};

static int compare_names(const void *left, const void *right, void *context)
{
    const struct jobs *jobs = context;
    return strcmp(jobs->items[*(const uint32_t *)left].name,
                  jobs->items[*(const uint32_t *)right].name);
}

static enum error_code make_index(const struct jobs *jobs, struct mem_arena *arena,
                                  struct name_index *ret, struct error *error)
{
    void *by_name, *was_finished;
    TRY(mem_arena_alloc_array(arena, jobs->count, sizeof(uint32_t), &by_name, error));
    TRY(mem_arena_alloc_array(arena, jobs->count, sizeof(bool), &was_finished, error));
    *ret = (struct name_index){jobs, by_name, was_finished, 0};
    for (uint32_t i = 0; i < jobs->count; i++)
        ret->by_name[i] = i;
    qsort_r(ret->by_name, jobs->count, sizeof(uint32_t), compare_names, (void *)jobs);
    return ERROR_NONE;
}

/* The job of that name, or NULL. */
static const uint32_t *find(const struct name_index *index, const char *name)
{
    size_t first = 0, end = index->jobs->count;
    while (first < end) {
        size_t middle = first + (end - first) / 2;
        int order = strcmp(index->jobs->items[index->by_name[middle]].name, name);
        if (order == 0)
            return &index->by_name[middle];
        if (order < 0)
            first = middle + 1;
        else
            end = middle;
    }
    return NULL;
}

static enum error_code note_step(void *context, const struct ledger_step_row *row,
                                 struct error *error)
{
    (void)error;
    struct name_index *index = context;
    if (strcmp(row->state, "ok") != 0)
        return ERROR_NONE;
    const uint32_t *job = find(index, row->name);
    if (job != NULL)
        index->was_finished[*job] = true;
    else
        index->gone++;
    return ERROR_NONE;
}

/* A step counts as finished only with the digest that its job has now. */
static enum error_code compare_digests(struct ledger *ledger, const struct name_index *index,
                                       uint32_t *changed, struct batch_past *past,
                                       struct error *error)
{
    for (uint32_t i = 0; i < index->jobs->count; i++) {
        const struct job *job = &index->jobs->items[i];
        bool same = false;
        if (!index->was_finished[i])
            continue;
        TRY(ledger_is_finished(ledger, past->run, job->name, job->digest, &same, error));
        past->finished += same;
        if (!same)
            changed[past->changed_count++] = i;
    }
    past->changed = changed;
    return ERROR_NONE;
}

enum error_code batch_past_read(struct ledger *ledger, int64_t run, const struct jobs *jobs,
                                struct mem_arena *arena, struct batch_past *ret,
                                struct error *error)
{
    struct name_index index;
    struct batch_past past = {.run = run};
    void *changed;
    TRY(make_index(jobs, arena, &index, error));
    TRY(mem_arena_alloc_array(arena, jobs->count, sizeof(uint32_t), &changed, error));
    TRY(ledger_steps(ledger, run, false, note_step, &index, error));
    past.gone = index.gone;
    TRY(compare_digests(ledger, &index, changed, &past, error));
    *ret = past;
    return ERROR_NONE;
}

/* ---- which run ---- */

enum error_code batch_past_none(const char *resume, struct error *error)
{
    error_set(error, ERROR_USAGE, "--resume: there is no run \"%s\" in this folder", resume);
    error_hint(error, "the number of a run, which weir runs lists, or last");
    return ERROR_USAGE;
}

enum error_code batch_past_find(struct ledger *ledger, const char *resume, int64_t *ret_run,
                                struct error *error)
{
    uint64_t number = 0;
    if (strcmp(resume, "last") == 0) {
        int64_t newest = 0;
        TRY(ledger_find_run(ledger, NULL, &newest, error));
        if (newest == 0)
            return batch_past_none(resume, error);
        *ret_run = newest;
        return ERROR_NONE;
    }
    if (!cli_parse_count(resume, &number))
        return batch_past_none(resume, error);
    bool found;
    TRY(ledger_read_run(ledger, (int64_t)number, NULL, NULL, &found, error));
    if (!found)
        return batch_past_none(resume, error);
    *ret_run = (int64_t)number;
    return ERROR_NONE;
}
