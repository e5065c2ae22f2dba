#include "cell/meter.h"
#include "os/os.h"

/* A walk is repeated when this many times its cost has passed: 0.3 % of a core, or 5 %. */
#define USUAL_REST   300
#define HURRIED_REST 20

static uint64_t sum_mapped(const struct process_tree *tree)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < process_tree_count(tree); i++)
        sum += process_tree_at(tree, i)->memory;
    return sum;
}

/* A process whose share is not told counts with all that it maps. */
static uint64_t sum_shares(const struct process_tree *tree)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < process_tree_count(tree); i++) {
        uint64_t share;
        const struct process *process = process_tree_at(tree, i);
        sum += process_share(process->pid, &share) ? share : process->memory;
    }
    return sum;
}

static uint64_t without_overlap(const struct meter *meter, uint64_t mapped)
{
    return mapped > meter->overlap ? mapped - meter->overlap : 0;
}

/* What is about to end a cell is looked at, however short ago that was: a fork may have doubled
 * what is mapped without taking a page. */
uint64_t meter_read(struct meter *meter, const struct process_tree *tree, uint64_t limit)
{
    uint64_t mapped = sum_mapped(tree);
    if (process_tree_count(tree) < 2)
        return mapped;
    uint64_t now = os_now_ns();
    bool over = limit > 0 && without_overlap(meter, mapped) > limit;
    if (over || now >= meter->look_again_at) {
        uint64_t shares = sum_shares(tree);
        uint64_t after = os_now_ns();
        bool near = limit > 0 && mapped > limit;
        meter->overlap = mapped > shares ? mapped - shares : 0;
        meter->look_again_at = after + (after - now) * (near ? HURRIED_REST : USUAL_REST);
    }
    return without_overlap(meter, mapped);
}
