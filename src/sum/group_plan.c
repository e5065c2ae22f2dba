/* The plan of a sum by groups: readers of rows, and all that is left for groups. */
#include <stdio.h>

#include "os/os.h"
#include "sum/groups.h"
#include "sum/key_survey.h"

/* Rounding of many small allocations to whole pages. */
#define SLACK_BYTES ((size_t)1 << 20)
/* Readers may have this share of the room at most, unless pages that were seen need more. */
#define READERS_SHARE 3
/* One part in so many is left for what is found out about keys before they are grouped. */
#define LEFT_SHARE 8
/* A guess for keys as bytes. */
#define KEY_BYTES 32

static uint64_t fixed_size(const struct sum *sum)
{
    return sum->base + atomic_load(&sum->account.used) + groups_write_size(sum) + SLACK_BYTES;
}

static uint64_t room_of(const struct sum *sum, uint64_t ceiling)
{
    uint64_t fixed = fixed_size(sum);
    return ceiling > fixed ? ceiling - fixed : 0;
}

/* Texts of a dictionary are also listed one by one, which takes up to three times their bytes. */
#define TEXT_RATE 4

/* The largest pages that are known of, and that can be. */
static size_t pages_seen(const struct sum *sum, bool bound)
{
    size_t most = 0;
    for (uint32_t i = 0; i < sum_kept_columns(sum); i++) {
        const struct column_facts *facts = &sum->facts.columns[i];
        size_t size = bound ? facts->reader_bound : facts->reader_seen;
        bool texts = i < sum->key_count &&
                     sum->first.columns[sum->columns[i]].type.physical == COLUMN_BYTE_ARRAY;
        size *= bound && texts ? TEXT_RATE : 1;
        most = size > most ? size : most;
    }
    return most;
}

/* The largest limit for a column's pages with which all readers keep to their share. */
static size_t page_limit_for(const struct sum *sum, unsigned threads, uint64_t room)
{
    size_t low = pages_seen(sum, false), high = pages_seen(sum, true);
    while (low < high) {
        size_t middle = low + (high - low + 1) / 2;
        if (threads * row_reader_size(sum, middle, true) <= room / READERS_SHARE)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

static size_t least_groups(const struct sum *sum, enum group_keys keys)
{
    struct exact_grids grids[SUM_VALUES_MOST];
    struct group_options options = groups_options(sum, keys, SIZE_MAX, grids);
    return keys == GROUP_DENSE && sum->hopeful ? group_size_expected(&options)
                                               : group_size_least(&options);
}

/* What readers are reckoned with: their limit, or what was seen and as much again. */
static size_t reckoned_pages(const struct sum *sum)
{
    size_t seen = 2 * pages_seen(sum, false);
    return sum->hopeful && seen < sum->row_page_limit ? seen : sum->row_page_limit;
}

static size_t readers_size(const struct sum *sum)
{
    return sum->row_threads * row_reader_size(sum, reckoned_pages(sum), sum->has_space);
}

/* What one thread needs at least, and what is found out about keys, is bounded by this share. */
static bool fits(const struct sum *sum, enum group_keys keys, uint64_t ceiling)
{
    struct sum with = *sum; /* for the parts of the result that follow the ceiling */
    with.ceiling = ceiling;
    with.row_threads = 1;
    uint64_t needed =
        row_reader_size(sum, pages_seen(sum, false), false) + least_groups(&with, keys);
    return room_of(&with, ceiling) / LEFT_SHARE * (LEFT_SHARE - 1) >= needed;
}

/* In whole MiB, and a little more where it is much: what is held grows a little until it is needed.
 */
uint64_t sum_smallest_for_groups(const struct sum *sum)
{
    const uint64_t unit = (uint64_t)1 << 20;
    uint64_t units = fixed_size(sum) / 2 / unit;
    while (!fits(sum, GROUP_BYTES, units * unit))
        units += 1 + units / 64;
    return (units + 2) * unit;
}

static enum error_code refuse(const struct sum *sum, struct error *error)
{
    return sum_refuse_ceiling(sum, sum_smallest_for_groups(sum), error);
}

enum error_code sum_plan_readers(struct sum *sum, struct error *error)
{
    uint64_t room = room_of(sum, sum->ceiling);
    size_t reader = row_reader_size(sum, pages_seen(sum, false), false);
    sum->row_threads = sum->options.threads;
    while (sum->row_threads > 1 &&
           sum->row_threads * reader + least_groups(sum, GROUP_BYTES) > room)
        sum->row_threads--;
    sum->row_page_limit = page_limit_for(sum, sum->row_threads, room);
    return fits(sum, GROUP_BYTES, sum->ceiling) ? ERROR_NONE : refuse(sum, error);
}

/* Fewer threads, as long as readers leave groups too little. */
static size_t readers_beside(struct sum *sum, enum group_keys keys, uint64_t room)
{
    for (;; sum->row_threads--) {
        sum->row_page_limit = page_limit_for(sum, sum->row_threads, room);
        size_t readers = readers_size(sum);
        if (readers + least_groups(sum, keys) <= room || sum->row_threads == 1)
            return readers;
    }
}

/* What the keys are to groups: dense only where the array has room. */
static enum group_keys choose_keys(struct sum *sum, uint64_t room)
{
    if (!sum->has_space)
        return GROUP_BYTES;
    if (!sum_is_dense(sum))
        return GROUP_CODES;
    size_t readers = row_reader_size(sum, pages_seen(sum, false), true);
    return readers + least_groups(sum, GROUP_DENSE) <= room ? GROUP_DENSE : GROUP_CODES;
}

/* Whether readers and groups for such keys fit; groups get what readers leave. */
static bool try_keys(struct sum *sum, enum group_keys keys, uint64_t room)
{
    size_t readers = readers_beside(sum, keys, room);
    size_t least = least_groups(sum, keys);
    /* Aligned files are added before the others are read, beside what groups hold by then. */
    if (sum->aligned_count > 0 && sum->adding_size > readers)
        readers = sum->adding_size;
    if (readers + least > room)
        return false;
    sum->group_keys = keys;
    sum->group_limit = (size_t)(room - readers);
    return true;
}

enum error_code sum_plan_groups(struct sum *sum, struct error *error)
{
    sum->account.limit = (size_t)(sum->ceiling - sum->base);
    uint64_t room = room_of(sum, sum->ceiling);
    if (try_keys(sum, choose_keys(sum, room), room))
        return ERROR_NONE;
    /* Numbers of keys take memory too. */
    sum_forget_keys(sum);
    return try_keys(sum, GROUP_BYTES, room_of(sum, sum->ceiling)) ? ERROR_NONE : refuse(sum, error);
}

void sum_promise(struct sum *sum, uint64_t work)
{
    uint64_t figure = fixed_size(sum) + work;
    bool bounded = sum->options.memory == 0 && figure < sum->ceiling;
    sum->report.memory_figure = bounded ? figure : sum->ceiling;
}

uint64_t sum_groups_figure(const struct sum *sum)
{
    enum group_keys keys = sum->group_keys;
    struct exact_grids grids[SUM_VALUES_MOST];
    struct group_options options = groups_options(sum, keys, sum->group_limit, grids);
    uint64_t readers = readers_size(sum);
    /* Keys as bytes may have any length. */
    if (keys == GROUP_BYTES)
        return readers + sum->group_limit;
    uint64_t groups = group_size(&options, options.expected_keys, 0);
    return readers + (groups < sum->group_limit ? groups : sum->group_limit);
}

/* ---- the plan as it is told ---- */

static void count_memory(struct sum *sum)
{
    struct sum_plan *plan = &sum->plan;
    struct exact_grids grids[SUM_VALUES_MOST];
    struct group_options options = groups_options(sum, GROUP_BYTES, SIZE_MAX, grids);
    uint64_t room = room_of(sum, sum->ceiling);
    uint64_t readers = readers_size(sum);
    uint64_t groups = group_size(&options, options.expected_keys, KEY_BYTES);
    if (groups > room - readers || sum->options.memory > 0)
        groups = room - readers;
    sum_add_part(plan, "program, libraries, stacks", sum->base);
    sum_add_part(plan, "catalog of files and the first footer", atomic_load(&sum->account.used));
    sum_add_part(plan, "readers of rows", readers);
    sum_add_part(plan, "groups", groups);
    sum_add_part(plan, "result", groups_write_size(sum));
    sum_add_part(plan, "rounding to whole pages", SLACK_BYTES);
    plan->memory_smallest = sum_smallest_for_groups(sum);
    plan->memory_expected = plan->memory_figure;
}

static const char *reason_of(const struct sum *sum)
{
    if (sum->filter != NULL)
        return "only the rows that --where takes are added, so that files do not align";
    return "the files have different numbers of rows, or keys of different types";
}

enum error_code sum_make_group_plan(struct sum *sum, struct error *error)
{
    struct sum_plan *plan = &sum->plan;
    TRY(sum_plan_readers(sum, error));
    plan->threads = sum->row_threads;
    plan->file_count = sum->catalog.file_count;
    plan->row_count = sum->facts.row_count;
    plan->key_count = sum->key_count == 0 ? 1 : sum->facts.row_count;
    plan->file_bytes = sum->facts.file_bytes;
    for (uint32_t i = 0; i < sum_kept_columns(sum); i++)
        plan->bytes_to_read += sum->facts.columns[i].bytes;
    plan->way = "sorted, dense or any";
    plan->reason = reason_of(sum);
    plan->otherwise =
        "which of them is decided when keys are read: sorted where they ascend in every "
        "file, dense where they are numbers in a small range, else by hash";
    plan->pass_count = 1;
    plan->kernels = os_instruction_set_name(os_instruction_set());
    plan->ceiling = sum->ceiling;
    plan->ceiling_origin = sum->ceiling_origin;
    plan->memory_reason = "keys that find no room wait in a temporary file";
    count_memory(sum);
    return ERROR_NONE;
}
