#include "batch/jobs.h"

#include "batch/job_graph.h"
#include "batch/jobs_digest.h"
#include "batch/jobs_line.h"
#include "batch/jobs_lines.h"

#include <string.h>

/* What is at hand while a file is read. */
struct reading {
    const struct jobs_presets *presets;
    struct mem_arena *arena;
    struct jobs_problems problems;
    struct mem_buffer table;       /* of struct job */
    struct mem_buffer after_names; /* see job_graph_link */
    struct mem_buffer digests;     /* of struct jobs_digest, a job each */
    uint32_t count;
    bool names_missing; /* some lines could not be read so far that their names are known */
};

static void reading_init(struct reading *reading, const struct jobs_presets *presets,
                         jobs_complaint *complain, void *context, struct mem_arena *arena)
{
    *reading =
        (struct reading){.presets = presets, .arena = arena, .problems = {complain, context, 0}};
    mem_buffer_init(&reading->table, arena->account, JOBS_MOST * sizeof(struct job));
    mem_buffer_init(&reading->after_names, arena->account, SIZE_MAX / 4);
    mem_buffer_init(&reading->digests, arena->account, JOBS_MOST * sizeof(struct jobs_digest));
}

static void reading_release(struct reading *reading)
{
    mem_buffer_release(&reading->table);
    mem_buffer_release(&reading->after_names);
    mem_buffer_release(&reading->digests);
}

static struct job *table_of(const struct reading *reading)
{
    return (struct job *)reading->table.data;
}

/* ---- lines ---- */

static enum error_code add_job(struct reading *reading, const struct job *job, struct error *error)
{
    struct jobs_digest digest = jobs_digest_of_job(job);
    if (reading->count == JOBS_MOST)
        return error_set(error, ERROR_INPUT, "there are more than %u jobs", JOBS_MOST);
    TRY(mem_buffer_append(&reading->digests, &digest, sizeof digest, error));
    TRY(mem_buffer_append(&reading->table, job, sizeof *job, error));
    reading->count++;
    return ERROR_NONE;
}

static enum error_code take_line(struct reading *reading, uint32_t number, struct jobs_text text,
                                 struct error *error)
{
    struct job job;
    struct jobs_line line = {.number = number,
                             .presets = reading->presets,
                             .arena = reading->arena,
                             .after_names = &reading->after_names,
                             .problems = &reading->problems,
                             .job = &job};
    uint64_t problems = reading->problems.count;
    bool is_job = false;
    if (text.text == NULL)
        jobs_line_complain(&line, "shorter lines", "the line is longer than 16 MiB");
    else
        TRY(jobs_line_read(&line, text.text, text.size, &is_job, error));
    if (is_job ? !line.has_name : reading->problems.count > problems)
        reading->names_missing = true;
    return is_job ? add_job(reading, &job, error) : ERROR_NONE;
}

static enum error_code take_lines(struct reading *reading, struct jobs_lines *lines,
                                  struct error *error)
{
    for (;;) {
        struct jobs_text text;
        bool found;
        TRY(jobs_lines_next(lines, &text, &found, error));
        if (!found)
            return ERROR_NONE;
        TRY(take_line(reading, lines->number, text, error));
    }
}

/* ---- the whole ---- */

/* Predecessors come first in the order, so theirs are whole when they are taken up. */
static void join_digests(const struct reading *reading, const struct job_graph *graph)
{
    struct jobs_digest *digests = (struct jobs_digest *)reading->digests.data;
    for (uint32_t i = 0; i < graph->ordered; i++) {
        struct job *job = &graph->items[graph->order[i]];
        struct jobs_digest *own = &digests[graph->order[i]], sum = {0, 0};
        for (uint32_t k = 0; k < job->after_count; k++) {
            uint32_t awaited = graph->edges[job->after + k];
            jobs_digest_add(&sum, graph->items[awaited].name, &digests[awaited]);
        }
        *own = jobs_digest_join(own, &sum);
        jobs_digest_write(own, job->digest);
    }
}

static void write_whole_digest(const struct reading *reading, char ret[static 33])
{
    const struct jobs_digest *digests = (const struct jobs_digest *)reading->digests.data;
    struct jobs_digest whole = {0, reading->count};
    for (uint32_t i = 0; i < reading->count; i++) {
        struct jobs_digest name = jobs_digest_of_text(table_of(reading)[i].name);
        whole = jobs_digest_join(&whole, &name);
        whole = jobs_digest_join(&whole, &digests[i]);
    }
    jobs_digest_write(&whole, ret);
}

static enum error_code link_by_name(struct reading *reading, struct job_graph *graph,
                                    struct error *error)
{
    struct jobs_names by_name;
    TRY(jobs_names_build(&by_name, graph->items, graph->count, reading->arena->account,
                         &reading->problems, error));
    enum error_code code =
        job_graph_link(graph, &reading->after_names, &by_name, !reading->names_missing,
                       reading->arena, &reading->problems, error);
    jobs_names_release(&by_name);
    return code;
}

static enum error_code give(const struct reading *reading, const struct job_graph *graph,
                            struct jobs *ret, struct error *error)
{
    void *items;
    TRY(mem_arena_alloc_array(reading->arena, reading->count, sizeof(struct job), &items, error));
    memcpy(items, reading->table.data, reading->count * sizeof(struct job));
    *ret = (struct jobs){.items = items,
                         .count = reading->count,
                         .group_count = graph->group_count,
                         .edges = graph->edges};
    write_whole_digest(reading, ret->digest);
    return ERROR_NONE;
}

static enum error_code finish(struct reading *reading, struct job_graph *graph, struct jobs *ret,
                              struct error *error)
{
    TRY(link_by_name(reading, graph, error));
    TRY(job_graph_sort(graph, &reading->problems, error));
    TRY(jobs_problems_sum_up(&reading->problems, error));
    job_graph_group(graph);
    join_digests(reading, graph);
    return give(reading, graph, ret, error);
}

static enum error_code nothing_there(const struct reading *reading, struct error *error)
{
    TRY(jobs_problems_sum_up(&reading->problems, error));
    error_set(error, ERROR_INPUT, "there are no jobs");
    error_hint(error,
               "one job a line: {\"command\": [\"python\", \"job.py\"], \"memory\": \"2GiB\"}");
    return ERROR_INPUT;
}

static enum error_code read_whole(struct reading *reading, struct jobs_lines *lines,
                                  struct jobs *ret, struct error *error)
{
    struct job_graph graph;
    TRY(take_lines(reading, lines, error));
    if (reading->count == 0)
        return nothing_there(reading, error);
    job_graph_init(&graph, table_of(reading), reading->count, reading->arena);
    enum error_code code = finish(reading, &graph, ret, error);
    job_graph_release(&graph);
    return code;
}

enum error_code jobs_parse(const char *bytes, size_t size, const struct jobs_presets *presets,
                           jobs_complaint *complain, void *context, struct mem_arena *arena,
                           struct jobs *ret, struct error *error)
{
    struct reading reading;
    struct jobs_lines lines;
    reading_init(&reading, presets, complain, context, arena);
    jobs_lines_init(&lines, bytes, size, JOBS_LINE_MOST, arena->account);
    enum error_code code = read_whole(&reading, &lines, ret, error);
    jobs_lines_close(&lines);
    reading_release(&reading);
    return code;
}

static enum error_code read_opened(const char *path, struct reading *reading, struct jobs *ret,
                                   struct error *error)
{
    struct jobs_lines lines;
    TRY(jobs_lines_open(&lines, path, JOBS_LINE_MOST, reading->arena->account, error));
    enum error_code code = read_whole(reading, &lines, ret, error);
    jobs_lines_close(&lines);
    return code;
}

enum error_code jobs_read(const char *path, const struct jobs_presets *presets,
                          jobs_complaint *complain, void *context, struct mem_arena *arena,
                          struct jobs *ret, struct error *error)
{
    struct reading reading;
    reading_init(&reading, presets, complain, context, arena);
    enum error_code code = read_opened(path, &reading, ret, error);
    if (code != ERROR_NONE)
        error_in_file(error, strcmp(path, "-") == 0 ? "standard input" : path);
    reading_release(&reading);
    return code;
}
