#include "group/plan.h"

#include "group/partition.h"
#include "group/results.h"

#define MIB ((size_t)1 << 20)

#define ROWS_MOST       1288 /* a block; odd in cache lines, so that blocks spread over a cache */
#define ROWS_FEWEST     40
#define ROWS_WANTED     168 /* rather fewer partitions than shorter blocks */
#define BLOCKS_MOST     (16 * MIB)
#define STATE_WANTED    MIB /* of a partition */
#define LOCAL_MOST      MIB /* of a feed's own table */
#define LOCAL_KEYS_MOST 8192
#define FIRST_SHARE     16 /* of the keys expected, one in so many has room at first */
#define LOCAL_FEWEST    64
#define DENSE_MOST      (2 * MIB) /* of a feed's own totals */
#define KEY_BYTES_GUESS 24
#define FEWEST_SPARE    256               /* keys */
#define SAMPLE          ((size_t)1 << 16) /* keys over which sizes are averaged */

/* A part of the limit, which may be none. */
static size_t part_of(size_t limit, size_t parts, size_t most)
{
    return limit / parts < most ? limit / parts : most;
}

/* ---- blocks ---- */

static size_t row_bytes(const struct group_shape *shape)
{
    return group_row_width(shape) + (shape->keys == GROUP_BYTES ? KEY_BYTES_GUESS : 0);
}

/* Rows a block may have when so many partitions share the memory of a feed. */
static uint32_t rows_for(size_t budget, size_t partitions, size_t width)
{
    size_t rows = budget / partitions / width;
    rows = rows < ROWS_FEWEST ? ROWS_FEWEST : rows;
    rows = rows > ROWS_MOST ? ROWS_MOST : rows;
    rows = rows / 8 % 2 == 1 ? rows / 8 * 8 : (rows / 8 - 1) * 8;
    return (uint32_t)(rows < ROWS_FEWEST ? ROWS_FEWEST : rows);
}

static void set_rows(struct scatter_layout *layout, const struct group_shape *shape, size_t budget)
{
    uint32_t piece;
    layout->rows = rows_for(budget, layout->partitions, row_bytes(shape));
    piece = layout->rows / 5;
    layout->piece = piece < SCATTER_PIECE_MOST ? piece : SCATTER_PIECE_MOST;
    layout->region = shape->keys == GROUP_BYTES ? layout->rows * KEY_BYTES_GUESS : 0;
}

/* ---- hashed ---- */

/* What sums of so many keys may take for values far from all others, and for long sums. */
static size_t spare_of(const struct group_shape *shape, size_t keys)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < shape->value_count && keys > 0; i++)
        bytes += value_groups_spare(&shape->values[i], keys);
    return bytes;
}

static size_t bytes_a_key(const struct group_shape *shape)
{
    return group_table_size(shape, SAMPLE, KEY_BYTES_GUESS) / SAMPLE + 1;
}

static unsigned partition_bits(const struct group_options *options, const struct group_shape *shape)
{
    unsigned bits = options->expected_keys == 0 ? 6 : 3;
    size_t keys = (size_t)options->expected_keys;
    while (bits < 8 && (keys >> bits) > STATE_WANTED / bytes_a_key(shape))
        bits++;
    /* Many in a small limit: what does not fit is divided by as many. */
    while (bits < 6 && (options->limit >> bits) < bytes_a_key(shape) * (keys >> bits))
        bits++;
    return bits;
}

static void plan_hashed(const struct group_options *options, const struct group_shape *shape,
                        struct group_plan *plan)
{
    size_t blocks = part_of(options->limit, 8, BLOCKS_MOST) / options->threads;
    size_t least = group_table_size(shape, 0, KEY_BYTES_GUESS) + spare_of(shape, FEWEST_SPARE);
    unsigned bits = partition_bits(options, shape);
    while (bits > 0 && ((options->limit / 8 >> bits) < least ||
                        rows_for(blocks, (size_t)1 << bits, row_bytes(shape)) < ROWS_WANTED))
        bits--;
    plan->layout.bits = bits;
    plan->layout.partitions = (uint32_t)1 << bits;
    set_rows(&plan->layout, shape, blocks);
    size_t expected = (size_t)options->expected_keys, first = expected >> bits;
    /* What is expected is mostly a bound: tables begin small and grow where it comes true. */
    if (expected < options->limit / 4 / bytes_a_key(shape))
        plan->first_keys = first / FIRST_SHARE;
    size_t local = part_of(options->limit, (size_t)16 * options->threads, LOCAL_MOST);
    plan->local_keys = part_of(local, bytes_a_key(shape), LOCAL_KEYS_MOST);
    if (plan->local_keys < LOCAL_FEWEST)
        plan->local_keys = 0;
}

/* ---- dense ---- */

static size_t bytes_a_slot(const struct group_shape *shape)
{
    return group_totals_size(shape, SAMPLE) / SAMPLE + 1;
}

static void plan_dense(const struct group_options *options, const struct group_shape *shape,
                       struct group_plan *plan)
{
    size_t blocks = part_of(options->limit, 8, BLOCKS_MOST) / options->threads;
    size_t own = part_of(options->limit, (size_t)8 * options->threads, DENSE_MOST);
    uint64_t last = options->span > 0 ? options->span - 1 : 0;
    unsigned bits = 6;
    while (bits < 31 && ((STATE_WANTED >> bits) / bytes_a_slot(shape) > 1 ||
                         last >> bits >= SCATTER_PARTITIONS_MOST))
        bits++;
    plan->layout.slot_bits = bits;
    plan->layout.partitions = (uint32_t)(last >> bits) + 1;
    plan->slots = last >> bits == 0 ? (size_t)last + 1 : (size_t)1 << bits;
    plan->local_keys = options->span <= own / bytes_a_slot(shape) ? (size_t)options->span : 0;
    set_rows(&plan->layout, shape, blocks);
}

/* ---- all ---- */

/* Bytes a key by which sums may come to grow: carries, or a third grid. */
static size_t growth_a_key(const struct group_shape *shape)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < shape->value_count; i++)
        bytes += value_groups_spare(&shape->values[i], 1) > 0 ? sizeof(int64_t) : 0;
    return bytes;
}

/* Accumulators must not find all memory taken when values ask for more: their growth in proportion
 * to the keys, and an eighth for single values that lie far from all others. */
static size_t spare(const struct group_options *options, const struct group_shape *shape)
{
    size_t growth = growth_a_key(shape), part = options->limit / (bytes_a_key(shape) + growth);
    return part * growth + options->limit / 8;
}

void group_plan_make(const struct group_options *options, const struct group_shape *shape,
                     struct group_plan *ret)
{
    struct group_options known = *options;
    known.threads = known.threads == 0 ? 1 : known.threads;
    *ret = (struct group_plan){0};
    if (shape->keys == GROUP_DENSE) {
        plan_dense(&known, shape, ret);
        return;
    }
    plan_hashed(&known, shape, ret);
    if (known.limit != MEM_NO_LIMIT)
        ret->reserve = spare(&known, shape);
    ret->reserve += group_plan_results_size(shape, ret);
}

struct scatter_layout group_plan_fan(const struct group_plan *plan, unsigned skip)
{
    struct scatter_layout layout = plan->layout;
    layout.bits = GROUP_FAN_BITS;
    layout.skip = skip < 64 - GROUP_FAN_BITS ? skip : 64 - GROUP_FAN_BITS;
    layout.partitions = GROUP_FAN;
    return layout;
}

size_t group_plan_feed_size(const struct group_shape *shape, const struct group_plan *plan)
{
    size_t size = mem_charge_of(sizeof(struct group_feed *) * 64) +
                  group_scatter_size(shape, &plan->layout) + group_worker_size(shape, plan) +
                  mem_charge_of(VALUE_TILE_WINDOW * sizeof(uint64_t)) +
                  2 * mem_charge_of(VALUE_TILE_WINDOW * sizeof(uint32_t));
    if (plan->local_keys == 0)
        return size;
    if (shape->keys == GROUP_DENSE)
        return size + group_totals_size(shape, plan->local_keys) + plan->local_keys / 8 + 4096;
    return size + group_table_size(shape, plan->local_keys, KEY_BYTES_GUESS) +
           mem_charge_of((plan->local_keys + 1) * sizeof(uint32_t));
}

/* ---- public ---- */

static struct group_shape shape_of(const struct group_options *options)
{
    return (struct group_shape){options->keys, options->wants_rows, options->value_count,
                                options->values, options->grids};
}

size_t group_size_expected(const struct group_options *options)
{
    struct group_options least = *options;
    struct group_shape shape = shape_of(options);
    struct group_plan plan;
    least.limit = 0;
    group_plan_make(&least, &shape, &plan);
    size_t partition = group_totals_size(&shape, plan.slots) + mem_charge_of(plan.slots / 8 + 8);
    return plan.layout.partitions * (partition + sizeof(struct group_partition)) +
           (options->threads + (size_t)1) * group_plan_feed_size(&shape, &plan) +
           group_plan_results_size(&shape, &plan) + 4096;
}

static size_t dense_size(const struct group_options *options)
{
    struct group_shape shape = shape_of(options);
    struct group_plan plan;
    group_plan_make(options, &shape, &plan);
    size_t partition = group_totals_size(&shape, plan.slots) + mem_charge_of(plan.slots / 8 + 8);
    size_t each = spare_of(&shape, plan.slots), own = spare_of(&shape, plan.local_keys);
    /* Sums that move to other grids are there twice. */
    size_t moving = plan.slots * (bytes_a_slot(&shape) + growth_a_key(&shape));
    return plan.layout.partitions * (partition + each + sizeof(struct group_partition)) +
           (options->threads + (size_t)1) *
               (group_plan_feed_size(&shape, &plan) + own + 2 * moving) +
           group_plan_results_size(&shape, &plan) + 4096;
}

size_t group_size(const struct group_options *options, uint64_t key_count, size_t key_bytes)
{
    struct group_options free = *options;
    struct group_shape shape = shape_of(options);
    struct group_plan plan;
    free.limit = MEM_NO_LIMIT;
    if (options->keys == GROUP_DENSE)
        return dense_size(&free);
    free.expected_keys = key_count;
    group_plan_make(&free, &shape, &plan);
    /* Tables grow by halves, and hold old and new while they do. */
    size_t each = (size_t)(key_count / plan.layout.partitions) + 1;
    size_t table = group_table_size(&shape, each + each / 2 + 64, key_bytes);
    size_t size = plan.layout.partitions * (table + sizeof(struct group_partition)) +
                  (options->threads + (size_t)1) * (group_plan_feed_size(&shape, &plan) + table) +
                  group_plan_results_size(&shape, &plan);
    return size + size / 6;
}

size_t group_size_least(const struct group_options *options)
{
    struct group_options least = *options;
    struct group_shape shape = shape_of(options);
    struct group_plan plan;
    least.limit = 0;
    if (options->keys == GROUP_DENSE)
        return dense_size(&least);
    group_plan_make(&least, &shape, &plan);
    size_t size = (options->threads + (size_t)1) * group_plan_feed_size(&shape, &plan) +
                  3 * group_plan_results_size(&shape, &plan) +
                  4 * group_table_size(&shape, 1024, KEY_BYTES_GUESS) +
                  3 * spare_of(&shape, FEWEST_SPARE);
    return size * 2;
}
