/*
 * Which job waits for which: edges in both directions, an order in which all can run, circles, and
 * the groups of leaves and reducers. Everything takes time and memory in proportion to jobs and
 * edges, and nothing calls itself.
 */
#ifndef WEIR_BATCH_JOB_GRAPH_H
#define WEIR_BATCH_JOB_GRAPH_H

#include "batch/jobs_names.h"

struct job_graph {
    struct job *items;
    uint32_t count;
    uint32_t *edges; /* runs of predecessors, then runs of successors; see struct job */
    uint32_t *order; /* jobs, each behind all that it waits for; ordered of them */
    uint32_t ordered;
    uint32_t group_count;
    struct mem_account *account;
};

/* Edges live in the arena; the rest in its account until the release. */
void job_graph_init(struct job_graph *graph, struct job *items, uint32_t count,
                    struct mem_arena *arena);
void job_graph_release(struct job_graph *graph);

/*
 * Finds the jobs behind the names and fills in after, after_count, before and before_count. names:
 * each with its NUL, as many for each job as its after_count says; a name twice counts once. Where
 * strict is set, a name that nobody has is a problem; else it is passed over. ERROR_MEMORY;
 * ERROR_INPUT for more edges than can be counted.
 */
CHECKED enum error_code job_graph_link(struct job_graph *graph, const struct mem_buffer *names,
                                       const struct jobs_names *by_name, bool strict,
                                       struct mem_arena *arena, struct jobs_problems *problems,
                                       struct error *error);

/* Fills in the order, and tells a circle of each heap of jobs that wait for each other. */
CHECKED enum error_code job_graph_sort(struct job_graph *graph, struct jobs_problems *problems,
                                       struct error *error);

/* Fills in group and is_reducer. */
void job_graph_group(struct job_graph *graph);

#endif
