/* From facts to an immutable plan: tiles, threads, and where every byte of memory goes. */
#include <stdio.h>

#include "os/os.h"
#include "sum/result.h"
#include "sum/rows_out.h"
#include "sum/sum_int.h"

/* Working set of the proof: two blocks and the records of a batch of files a thread. */
#define PROOF_THREAD_BYTES ((size_t)512 << 10)
/* Rounding of many small allocations to whole pages. */
#define SLACK_BYTES ((size_t)1 << 20)
/* Dictionaries below this are cheap to read for every tile. */
#define DICTIONARY_WORTH ((uint64_t)64 << 10)
#define TILE_ROWS_LEAST  4096
#define TILE_ROWS_MOST   ((uint64_t)1 << 20)

struct budget {
    uint64_t fixed;       /* base, catalog, result, slack */
    uint64_t a_thread;    /* what one thread may have for accumulators and pages */
    size_t records;       /* file records of one thread */
    uint64_t rows_least;  /* rows that a tile must be able to hold */
    uint64_t rows;        /* that fit the cache */
    uint64_t rows_wanted; /* that let no dictionary be read twice */
    size_t page_bound;
    size_t page_seen;
};

static size_t tiles_size(const struct sum *sum, uint64_t rows)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < sum->value_count; i++)
        bytes += value_tile_size(&sum->values[i], (size_t)rows);
    return bytes;
}

/* Accumulator bytes that adding one row touches. */
static size_t touched_bytes(const struct sum *sum)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < sum->value_count; i++) {
        const struct aggregate_value *value = &sum->values[i];
        /* Counts of NULLs are touched only where there are NULLs. */
        bytes += aggregate_value_key_bytes(value) - sizeof(uint32_t);
        if (value->wants_sum && value->arithmetic != VALUE_INTEGER)
            bytes += 2 * sizeof(double);
    }
    return bytes < 16 ? 16 : bytes;
}

/* The longest run of pages that share a large dictionary, in rows. */
static uint64_t longest_dictionary_run(const struct sum *sum)
{
    const struct page_border *borders = (const struct page_border *)sum->facts.borders.data;
    size_t count = sum->facts.borders.size / sizeof *borders;
    uint64_t longest = 0, start = 0;
    bool inside = false;
    for (size_t i = 0; i <= count; i++) {
        uint64_t row = i < count ? borders[i].row : sum->first.row_count;
        bool goes_on = i < count && borders[i].dictionary && !borders[i].fresh_chunk;
        if (inside && !goes_on && row - start > longest)
            longest = row - start;
        if (i < count && borders[i].dictionary && (!inside || borders[i].fresh_chunk))
            start = row;
        inside = i < count && borders[i].dictionary;
    }
    return sum->facts.largest_dictionary >= DICTIONARY_WORTH ? longest : 0;
}

static uint64_t at_least(uint64_t value, uint64_t least)
{
    return value < least ? least : value;
}

static uint64_t at_most(uint64_t value, uint64_t most)
{
    return value > most ? most : value;
}

/* What the tiles should be like if memory were no matter. */
static void wish(const struct sum *sum, struct budget *budget)
{
    uint64_t cached = os_l2_cache_bytes() / 2 / touched_bytes(sum);
    uint64_t page_rows = sum->facts.largest_page_rows;
    budget->rows_least = at_least(page_rows, TILE_ROWS_LEAST);
    budget->rows = at_least(cached, budget->rows_least);
    /* Borders of other layouts cut pages, which are then read twice: one in ten at most. */
    if (sum->facts.mixed_layouts)
        budget->rows = at_least(budget->rows, at_most(10 * page_rows, TILE_ROWS_MOST));
    uint64_t run = at_most(longest_dictionary_run(sum), TILE_ROWS_MOST);
    budget->rows_wanted = at_least(run, budget->rows);
    /* A small file needs no more than its rows. */
    uint64_t rows = at_least(sum->first.row_count, 1);
    budget->rows_least = at_most(budget->rows_least, rows);
    budget->rows = at_most(budget->rows, rows);
    budget->rows_wanted = at_most(budget->rows_wanted, rows);
    for (uint32_t i = 0; i < sum->value_count; i++) {
        const struct column_facts *facts = &sum->facts.columns[sum->key_count + i];
        budget->page_bound = at_least(budget->page_bound, facts->reader_bound);
        budget->page_seen = at_least(budget->page_seen, facts->reader_seen);
    }
    budget->page_seen = at_most(budget->page_seen, budget->page_bound);
}

/* What the proof holds at once: in each thread two readers of every key, of at most page_limit
 * each. */
static uint64_t proof_size(const struct sum *sum, unsigned threads, uint64_t page_limit)
{
    uint64_t keys = 0;
    for (uint32_t i = 0; i < sum->key_count; i++) {
        keys += at_most(sum->facts.columns[i].reader_bound, page_limit);
        keys += batch_reader_size(&sum->first.columns[sum->columns[i]].type, 1);
    }
    return threads * (2 * keys + PROOF_THREAD_BYTES + 8 * mem_charge_of(sum->facts.largest_record));
}

/* The largest key reader that was seen to be needed, and the largest that can be. */
static uint64_t key_page_seen(const struct sum *sum)
{
    uint64_t seen = 0;
    for (uint32_t i = 0; i < sum->key_count; i++)
        seen = at_least(seen, sum->facts.columns[i].reader_seen);
    return seen;
}

static uint64_t key_page_bound(const struct sum *sum)
{
    uint64_t bound = 0;
    for (uint32_t i = 0; i < sum->key_count; i++)
        bound = at_least(bound, sum->facts.columns[i].reader_bound);
    return bound;
}

static uint64_t room_for(const struct sum *sum, const struct budget *budget)
{
    return sum->ceiling > budget->fixed ? sum->ceiling - budget->fixed : 0;
}

/* The most rows of a tile for which bytes suffice; tiles_size grows with rows. */
static uint64_t rows_that_fit(const struct sum *sum, uint64_t bytes, uint64_t most)
{
    uint64_t low = 0, high = most;
    while (low < high) {
        uint64_t middle = low + (high - low + 1) / 2;
        if (tiles_size(sum, middle) <= bytes)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

/* Whether so many threads fit, and what each then gets. */
static bool try_threads(struct sum *sum, const struct budget *budget, unsigned threads)
{
    uint64_t room = room_for(sum, budget);
    uint64_t share = room / threads;
    uint64_t held = budget->records + budget->page_seen;
    if (share < held || proof_size(sum, threads, key_page_seen(sum)) > room)
        return false;
    uint64_t rows = rows_that_fit(sum, share - held, budget->rows_wanted);
    if (rows < budget->rows_least)
        return false;
    uint64_t pages = share - budget->records - tiles_size(sum, rows);
    sum->plan.threads = threads;
    sum->plan.tile_rows = rows < budget->rows ? rows : budget->rows;
    sum->tile_rows_most = rows;
    sum->page_limit = (size_t)at_most(pages, budget->page_bound);
    return true;
}

/* The largest limit for key pages with which the proof fits; what was seen to be needed does. */
static void limit_key_pages(struct sum *sum, uint64_t room)
{
    uint64_t low = key_page_seen(sum), high = at_least(key_page_bound(sum), low);
    while (low < high) {
        uint64_t middle = low + (high - low + 1) / 2;
        if (proof_size(sum, sum->plan.threads, middle) <= room)
            low = middle;
        else
            high = middle - 1;
    }
    sum->key_page_limit = (size_t)low;
}

static uint64_t smallest_ceiling(const struct sum *sum, const struct budget *budget)
{
    uint64_t adding = budget->records + budget->page_seen + tiles_size(sum, budget->rows_least);
    uint64_t proof = proof_size(sum, 1, key_page_seen(sum));
    /* The program's own size differs a little from run to run. */
    uint64_t bytes = budget->fixed + at_least(adding, proof) + SLACK_BYTES;
    /* A sorter's share, at most a quarter, grows with the ceiling. */
    if (sum->options.sort)
        bytes = at_least(bytes, (bytes - rows_out_sort_size(sum)) / 3 * 4 + SLACK_BYTES);
    uint64_t unit = (uint64_t)1 << 20;
    return (bytes + unit - 1) / unit * unit;
}

enum error_code sum_refuse_ceiling(const struct sum *sum, uint64_t least, struct error *error)
{
    char ceiling[24], smallest[24];
    mem_format_size(sum->ceiling, ceiling);
    mem_format_size(least, smallest);
    enum error_code code =
        error_set(error, ERROR_MEMORY, "%s (%s) are too little for these files: %s would do",
                  ceiling, sum->ceiling_origin, smallest);
    error_hint(error, "--memory %lluMiB", (unsigned long long)(least >> 20));
    return code;
}

void sum_add_part(struct sum_plan *plan, const char *name, uint64_t bytes)
{
    if (bytes == 0)
        return;
    plan->memory_parts[plan->memory_part_count++] = (struct sum_memory_part){name, bytes};
    plan->memory_figure += bytes;
}

static void count_memory(struct sum *sum, const struct budget *budget)
{
    struct sum_plan *plan = &sum->plan;
    uint64_t accumulators = (uint64_t)plan->threads * tiles_size(sum, sum->tile_rows_most);
    uint64_t pages = (uint64_t)plan->threads * sum->page_limit;
    uint64_t records = (uint64_t)plan->threads * budget->records;
    uint64_t adding = accumulators + pages + records;
    sum->adding_size = (size_t)adding;
    uint64_t proof = proof_size(sum, plan->threads, sum->key_page_limit);
    sum_add_part(plan, "program, libraries, stacks", sum->base);
    sum_add_part(plan, "catalog of files and the first footer", atomic_load(&sum->account.used));
    sum_add_part(plan, "accumulators", accumulators);
    sum_add_part(plan, "pages and dictionaries", pages);
    sum_add_part(plan, "file records", records);
    sum_add_part(plan, "result", result_size(sum));
    sum_add_part(plan, "rounding to whole pages", SLACK_BYTES);
    if (proof > adding)
        sum_add_part(plan, "proof of the keys, beyond that", proof - adding);
    uint64_t seen = sum->page_limit < budget->page_seen ? sum->page_limit : budget->page_seen;
    uint64_t touched = plan->threads * (plan->tile_rows * touched_bytes(sum) + seen);
    plan->memory_expected = at_most(budget->fixed + touched, plan->memory_figure);
}

static void describe(struct sum *sum)
{
    struct sum_plan *plan = &sum->plan;
    plan->file_count = sum->catalog.file_count;
    plan->row_count = sum->facts.row_count;
    plan->key_count = sum->first.row_count;
    plan->file_bytes = sum->facts.file_bytes;
    for (uint32_t i = 0; i < sum->key_count + sum->value_count; i++)
        plan->bytes_to_read += sum->facts.columns[i].bytes;
    plan->way = "aligned";
    plan->reason = "all files have the same number of rows and the same key types";
    plan->otherwise =
        "rows are added up by key, within what is allowed: sorted where keys ascend in "
        "every file, dense where they are numbers in a small range, else by hash";
    plan->pass_count = 1;
    plan->kernels = os_instruction_set_name(os_instruction_set());
    plan->ceiling = sum->ceiling;
    plan->ceiling_origin = sum->ceiling_origin;
    plan->memory_reason =
        "one tile of accumulators, one page and one dictionary a thread; files pass through one "
        "after the other, so their number does not matter";
}

/* The sum cannot have a page larger than was said, nor more of anything: the promise is enforced.
 */
static void enforce(struct sum *sum)
{
    sum->account.limit = (size_t)(sum->plan.memory_figure - sum->base);
    sum->report.memory_figure = sum->plan.memory_figure;
}

enum error_code sum_make_plan(struct sum *sum, struct error *error)
{
    if (!sum_may_be_aligned(sum))
        return sum_make_group_plan(sum, error);
    struct budget budget = {0};
    wish(sum, &budget);
    budget.records = 2 * mem_charge_of(sum->facts.largest_record);
    budget.fixed = sum->base + atomic_load(&sum->account.used) + result_size(sum) + SLACK_BYTES;
    /* Enough whatever the keys turn out to be. */
    sum->plan.memory_smallest =
        at_least(smallest_ceiling(sum, &budget), sum_smallest_for_groups(sum));
    unsigned threads = sum->options.threads;
    if (sum->catalog.file_count < threads)
        threads = (unsigned)sum->catalog.file_count;
    while (threads > 0 && !try_threads(sum, &budget, threads))
        threads--;
    describe(sum);
    if (threads == 0)
        return sum_refuse_ceiling(sum, sum->plan.memory_smallest, error);
    limit_key_pages(sum, room_for(sum, &budget));
    TRY(sum_plan_tiles(sum, sum->plan.tile_rows, sum->tile_rows_most, error));
    TRY(sum_order_tiles(sum, error));
    /* The tiles' own table is small, but charged before the figure is made. */
    count_memory(sum, &budget);
    enforce(sum);
    return ERROR_NONE;
}

enum error_code sum_plan_again(struct sum *sum, struct error *error)
{
    sum->plan = (struct sum_plan){.file_count = 0};
    sum->account.limit = (size_t)(sum->ceiling - sum->base);
    sum->ordered = false;
    return sum_make_plan(sum, error);
}
