#include "batch/job_graph.h"

#include <string.h>

#define EDGES_MOST (UINT32_MAX / 2)
/* A circle of up to CIRCLE_WHOLE jobs is told whole, of a longer one both ends. */
#define CIRCLE_WHOLE 32
#define CIRCLE_ENDS  12
#define CIRCLE_BYTES ((size_t)64 << 10)

void job_graph_init(struct job_graph *graph, struct job *items, uint32_t count,
                    struct mem_arena *arena)
{
    *graph = (struct job_graph){.items = items, .count = count, .account = arena->account};
}

void job_graph_release(struct job_graph *graph)
{
    mem_free(graph->order);
    graph->order = NULL;
}

static enum error_code alloc_numbers(const struct job_graph *graph, uint32_t **ret,
                                     struct error *error)
{
    return mem_alloc_array(graph->account, graph->count, sizeof **ret, (void **)ret, error);
}

static const uint32_t *after_of(const struct job_graph *graph, const struct job *job)
{
    return graph->edges + job->after;
}

/* ---- edges ---- */

static enum error_code count_names(const struct job_graph *graph, uint32_t *ret,
                                   struct error *error)
{
    uint64_t total = 0;
    for (uint32_t i = 0; i < graph->count; i++)
        total += graph->items[i].after_count;
    if (total > EDGES_MOST)
        return error_set(error, ERROR_INPUT, "the jobs name more than %u others in \"after\"",
                         EDGES_MOST);
    *ret = (uint32_t)total;
    return ERROR_NONE;
}

/* Where linking stands. */
struct linking {
    const struct jobs_names *by_name;
    const char *name;   /* the next one */
    uint32_t *last_for; /* for each job, the last one it was found for, plus one */
    uint32_t edges;
    bool strict;
    struct jobs_problems *problems;
};

static void link_name(struct job_graph *graph, struct linking *linking, uint32_t number)
{
    struct job *job = &graph->items[number];
    uint32_t found = jobs_names_find(linking->by_name, linking->name);
    if (found == JOBS_NOBODY) {
        if (linking->strict)
            jobs_names_complain(linking->by_name, linking->name, job->line, linking->problems);
    } else if (linking->last_for[found] != number + 1) {
        linking->last_for[found] = number + 1;
        graph->edges[linking->edges++] = found;
        job->after_count++;
        graph->items[found].before_count++;
    }
    linking->name += strlen(linking->name) + 1;
}

static void link_after(struct job_graph *graph, struct linking *linking)
{
    for (uint32_t i = 0; i < graph->count; i++) {
        struct job *job = &graph->items[i];
        uint32_t named = job->after_count;
        job->after = linking->edges;
        job->after_count = 0;
        for (uint32_t k = 0; k < named; k++)
            link_name(graph, linking, i);
    }
}

/* Behind the predecessors of all, each job's run of successors, in the order of the file. */
static void link_before(struct job_graph *graph, uint32_t edges)
{
    uint32_t at = edges;
    for (uint32_t i = 0; i < graph->count; i++) {
        graph->items[i].before = at;
        at += graph->items[i].before_count;
        graph->items[i].before_count = 0;
    }
    for (uint32_t i = 0; i < graph->count; i++) {
        const struct job *job = &graph->items[i];
        for (uint32_t k = 0; k < job->after_count; k++) {
            struct job *awaited = &graph->items[after_of(graph, job)[k]];
            graph->edges[awaited->before + awaited->before_count++] = i;
        }
    }
}

enum error_code job_graph_link(struct job_graph *graph, const struct mem_buffer *names,
                               const struct jobs_names *by_name, bool strict,
                               struct mem_arena *arena, struct jobs_problems *problems,
                               struct error *error)
{
    AUTO(mem_release_pointer) uint32_t *last_for = NULL;
    uint32_t named;
    void *edges;
    TRY(count_names(graph, &named, error));
    TRY(mem_arena_alloc_array(arena, (size_t)2 * named, sizeof *graph->edges, &edges, error));
    TRY(alloc_numbers(graph, &last_for, error));
    struct linking linking = {by_name, (const char *)names->data, last_for, 0, strict, problems};
    graph->edges = edges;
    link_after(graph, &linking);
    link_before(graph, linking.edges);
    return ERROR_NONE;
}

/* ---- order: Kahn, Topological sorting of large networks, CACM 5(11), 1962 ---- */

static void end_job(struct job_graph *graph, uint32_t *awaited, uint32_t number)
{
    const struct job *job = &graph->items[number];
    for (uint32_t k = 0; k < job->before_count; k++) {
        uint32_t next = graph->edges[job->before + k];
        if (--awaited[next] == 0)
            graph->order[graph->ordered++] = next;
    }
}

/* What stays awaited waits in a circle, or behind one. */
static void put_in_order(struct job_graph *graph, uint32_t *awaited)
{
    graph->ordered = 0;
    for (uint32_t i = 0; i < graph->count; i++) {
        awaited[i] = graph->items[i].after_count;
        if (awaited[i] == 0)
            graph->order[graph->ordered++] = i;
    }
    for (uint32_t i = 0; i < graph->ordered; i++)
        end_job(graph, awaited, graph->order[i]);
}

/* ---- circles ---- */

/* A job that waits in vain waits for another such. */
static uint32_t next_in_vain(const struct job_graph *graph, const uint32_t *awaited,
                             uint32_t number)
{
    const uint32_t *after = after_of(graph, &graph->items[number]);
    while (awaited[*after] == 0)
        after++;
    return *after;
}

/* Turned so that the first of its jobs in the file is told first. Returns how long it is. */
static uint32_t first_of_circle(const struct job_graph *graph, const uint32_t *awaited,
                                uint32_t *start)
{
    uint32_t length = 0, first = *start, at = *start;
    do {
        length++;
        first = at < first ? at : first;
        at = next_in_vain(graph, awaited, at);
    } while (at != *start);
    *start = first;
    return length;
}

static enum error_code write_circle(const struct job_graph *graph, const uint32_t *awaited,
                                    uint32_t start, uint32_t length, struct mem_buffer *text,
                                    struct error *error)
{
    bool whole = length <= CIRCLE_WHOLE;
    uint32_t at = start;
    for (uint32_t i = 0; i < length; i++, at = next_in_vain(graph, awaited, at)) {
        if (whole || i < CIRCLE_ENDS || i >= length - CIRCLE_ENDS)
            TRY(mem_buffer_printf(text, error, "%s -> ", graph->items[at].name));
        else if (i == CIRCLE_ENDS)
            TRY(mem_buffer_printf(text, error, "(%u more) -> ", length - 2 * CIRCLE_ENDS));
    }
    TRY(mem_buffer_printf(text, error, "%s", graph->items[start].name));
    return mem_buffer_append(text, "", 1, error);
}

static enum error_code tell_circle(const struct job_graph *graph, const uint32_t *awaited,
                                   uint32_t start, struct jobs_problems *problems,
                                   struct error *error)
{
    struct mem_buffer text;
    uint32_t length = first_of_circle(graph, awaited, &start);
    const char *hint =
        length == 1 ? "\"after\" without it" : "one of these names out of the other's \"after\"";
    mem_buffer_init(&text, graph->account, CIRCLE_BYTES);
    enum error_code code =
        mem_buffer_printf(&text, error, "after: %s",
                          length == 1 ? "a job cannot wait for itself: "
                                      : "these jobs wait for each other in a circle: ");
    if (code == ERROR_NONE && jobs_problems_will_tell(problems))
        code = write_circle(graph, awaited, start, length, &text, error);
    if (code == ERROR_NONE)
        jobs_problems_add(problems, graph->items[start].line, (const char *)text.data, hint);
    mem_buffer_release(&text);
    return code;
}

/* Each walk goes from job to job until it meets one that was seen: in this walk, then that is a
 * circle, or in an earlier one, whose circle was told. */
static enum error_code tell_circles(const struct job_graph *graph, const uint32_t *awaited,
                                    struct jobs_problems *problems, struct error *error)
{
    AUTO(mem_release_pointer) uint32_t *walks = NULL;
    TRY(alloc_numbers(graph, &walks, error));
    for (uint32_t i = 0, walk = 1; i < graph->count; i++) {
        uint32_t at = i;
        if (awaited[i] == 0 || walks[i] != 0)
            continue;
        for (; walks[at] == 0; at = next_in_vain(graph, awaited, at))
            walks[at] = walk;
        if (walks[at] == walk)
            TRY(tell_circle(graph, awaited, at, problems, error));
        walk++;
    }
    return ERROR_NONE;
}

enum error_code job_graph_sort(struct job_graph *graph, struct jobs_problems *problems,
                               struct error *error)
{
    AUTO(mem_release_pointer) uint32_t *awaited = NULL;
    TRY(alloc_numbers(graph, &graph->order, error));
    TRY(alloc_numbers(graph, &awaited, error));
    put_in_order(graph, awaited);
    if (graph->ordered == graph->count)
        return ERROR_NONE;
    return tell_circles(graph, awaited, problems, error);
}

/* ---- groups ---- */

static bool reduces(const struct job_graph *graph, const struct job *job)
{
    if (job->after_count < 2)
        return false;
    for (uint32_t k = 0; k < job->after_count; k++)
        if (graph->items[after_of(graph, job)[k]].before_count != 1)
            return false;
    return true;
}

void job_graph_group(struct job_graph *graph)
{
    graph->group_count = 0;
    for (uint32_t i = 0; i < graph->count; i++) {
        struct job *job = &graph->items[i];
        job->is_reducer = reduces(graph, job);
        if (job->is_reducer)
            job->group = graph->group_count++;
    }
    for (uint32_t i = 0; i < graph->count; i++) {
        struct job *job = &graph->items[i];
        const struct job *next =
            job->before_count == 1 ? &graph->items[graph->edges[job->before]] : NULL;
        if (!job->is_reducer && next != NULL && next->is_reducer)
            job->group = next->group;
    }
}
