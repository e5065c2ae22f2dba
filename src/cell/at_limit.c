#include <signal.h>

#include "cell/cell_state.h"

#define MEBIBYTE ((uint64_t)1 << 20)
/* Of so many processes the largest Python one is looked for. */
#define LOOKED_AT 256

uint64_t at_limit_slack(uint64_t limit)
{
    uint64_t slack = limit / 8;
    return slack < MEBIBYTE ? MEBIBYTE : slack > 16 * MEBIBYTE ? 16 * MEBIBYTE : slack;
}

/* Only a process with a handler for SIGABRT would write its stack; others would just die. */
static void prefer(struct process *best, const struct process *process)
{
    if (process->catches_abort && !process->is_dead && process->memory >= best->memory &&
        process_is_python(process->pid))
        *best = *process;
}

static pid_t find_in_group(const struct cell *cell)
{
    pid_t pids[LOOKED_AT];
    size_t count = cgroup_processes(cell->group, pids, LOOKED_AT);
    struct process best = {.pid = 0}, process;
    for (size_t i = 0; i < count && i < LOOKED_AT; i++)
        if (process_read(pids[i], &process))
            prefer(&best, &process);
    return best.pid;
}

static pid_t find_in_tree(const struct cell *cell)
{
    struct process best = {.pid = 0};
    for (size_t i = 0; i < process_tree_count(&cell->tree); i++)
        prefer(&best, process_tree_at(&cell->tree, i));
    return best.pid;
}

/* The signal first: a process that waits at the limit finds it as soon as it goes on. */
enum error_code at_limit_ask(struct cell *cell, bool *ret_asked, struct error *error)
{
    bool tree = cell->watch == CELL_WATCH_POLL;
    pid_t pid = tree ? find_in_tree(cell) : find_in_group(cell);
    *ret_asked = pid > 0 && kill(pid, SIGABRT) == 0;
    if (!*ret_asked)
        return ERROR_NONE;
    cell->asked = pid;
    cell->errors.muted = true;
    if (cell->watch == CELL_WATCH_V1)
        TRY(cgroup_set_memory(cell->group, cell->limit + at_limit_slack(cell->limit), error));
    return ERROR_NONE;
}

bool at_limit_answered(const struct cell *cell)
{
    struct process process;
    if (cell->asked == cell->pid && cell->pidfd < 0)
        return true;
    return !process_read(cell->asked, &process) || process.is_dead;
}
