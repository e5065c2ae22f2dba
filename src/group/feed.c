/*
 * Feeds: rows on their way to partitions.
 */
#include "group/hash.h"
#include "group/local.h"

struct group_feed {
    struct grouping *grouping;
    struct group_scatter scatter;
    struct group_worker worker;
    struct group_local local;
    uint64_t *hashes;           /* of a batch */
    uint32_t *numbers;          /* of a batch */
    struct group_totals window; /* sums on their way, made on first need */
    uint32_t *sorted;           /* numbers in the window by partition, then those there */
};

static enum error_code take_block(void *context, uint32_t partition, struct group_block *block,
                                  struct error *error)
{
    struct group_feed *feed = context;
    return group_partition_add(feed->grouping, partition, block, &feed->worker, error);
}

static enum error_code init_feed(struct group_feed *feed, struct grouping *grouping,
                                 struct error *error)
{
    struct mem_account *account = &grouping->account;
    feed->grouping = grouping;
    TRY(mem_alloc_array(account, VALUE_TILE_WINDOW, sizeof(uint64_t), (void **)&feed->hashes,
                        error));
    TRY(mem_alloc_array(account, VALUE_TILE_WINDOW, sizeof(uint32_t), (void **)&feed->numbers,
                        error));
    TRY(group_worker_init(&feed->worker, &grouping->shape, &grouping->plan, account, error));
    TRY(group_scatter_init(&feed->scatter, &grouping->shape, &grouping->plan.layout, account,
                           take_block, feed, error));
    return group_local_init(&feed->local, grouping, error);
}

enum error_code group_feed_open(struct grouping *grouping, struct group_feed **ret,
                                struct error *error)
{
    void *memory;
    TRY(mem_alloc(&grouping->account, sizeof **ret, &memory, error));
    struct group_feed *feed = memory;
    enum error_code code = init_feed(feed, grouping, error);
    if (code != ERROR_NONE) {
        group_feed_abort(feed);
        return code;
    }
    *ret = feed;
    return ERROR_NONE;
}

void group_feed_abort(struct group_feed *feed)
{
    if (feed == NULL)
        return;
    group_scatter_release(&feed->scatter);
    group_worker_release(&feed->worker);
    group_local_release(&feed->local);
    group_totals_release(&feed->window);
    mem_free(feed->hashes);
    mem_free(feed->numbers);
    mem_free(feed->sorted);
    mem_free(feed);
}

enum error_code group_feed_close(struct group_feed *feed, struct error *error)
{
    if (feed == NULL)
        return ERROR_NONE;
    enum error_code code = group_local_drain(&feed->local, error);
    if (code == ERROR_NONE)
        code = group_scatter_flush(&feed->scatter, error);
    group_feed_abort(feed);
    return code;
}

/* ---- rows ---- */

static enum error_code check_count(uint32_t row_count, struct error *error)
{
    if (row_count > VALUE_TILE_WINDOW)
        return error_set(error, ERROR_INTERNAL, "%u rows are too many for one feeding", row_count);
    return ERROR_NONE;
}

static enum error_code check_codes(const struct group_feed *feed, uint32_t row_count,
                                   const uint64_t *codes, struct error *error)
{
    uint64_t highest = 0;
    for (uint32_t i = 0; i < row_count; i++)
        highest = codes[i] > highest ? codes[i] : highest;
    if (row_count > 0 && highest >= feed->grouping->options.span)
        return error_set(error, ERROR_INTERNAL, "a key has a code beyond all codes");
    return ERROR_NONE;
}

static enum error_code feed_dense(struct group_feed *feed, uint32_t row_count,
                                  const uint64_t *codes, const struct column_slice *values,
                                  struct error *error)
{
    struct group_keys_slice keys = {.row_count = row_count, .hashes = codes};
    TRY(check_codes(feed, row_count, codes, error));
    if (feed->local.in_use)
        return group_local_add_codes(&feed->local, row_count, codes, feed->numbers, values, error);
    return group_scatter_add(&feed->scatter, &keys, NULL, values, error);
}

static enum error_code feed_hashed(struct group_feed *feed, const struct group_keys_slice *keys,
                                   const struct column_slice *values, struct error *error)
{
    uint32_t missing;
    if (!feed->local.in_use)
        return group_scatter_add(&feed->scatter, keys, NULL, values, error);
    TRY(group_local_add(&feed->local, keys, feed->numbers, values, &missing, error));
    if (missing == 0)
        return ERROR_NONE;
    return group_scatter_add(&feed->scatter, keys, feed->numbers, values, error);
}

static void hash_codes(const uint64_t *codes, uint32_t count, uint64_t *ret)
{
    for (uint32_t i = 0; i < count; i++)
        ret[i] = group_hash(codes[i]);
}

enum error_code group_feed_codes(struct group_feed *feed, uint32_t row_count, const uint64_t *codes,
                                 const struct column_slice *values, struct error *error)
{
    TRY(check_count(row_count, error));
    if (feed->grouping->shape.keys == GROUP_DENSE)
        return feed_dense(feed, row_count, codes, values, error);
    hash_codes(codes, row_count, feed->hashes);
    struct group_keys_slice keys = {.row_count = row_count, .hashes = feed->hashes};
    return feed_hashed(feed, &keys, values, error);
}

enum error_code group_feed_bytes(struct group_feed *feed, uint32_t row_count, const uint8_t *bytes,
                                 const uint32_t *offsets, const uint64_t *hashes,
                                 const struct column_slice *values, struct error *error)
{
    struct group_keys_slice keys = {row_count, NULL, hashes, bytes, offsets};
    TRY(check_count(row_count, error));
    return feed_hashed(feed, &keys, values, error);
}

/* ---- sums ---- */

/* A key and its partition, for a counting sort. */
static uint32_t partition_of(const struct group_feed *feed, const struct group_keys_slice *keys,
                             uint32_t i)
{
    const struct scatter_layout *layout = &feed->grouping->plan.layout;
    if (feed->grouping->shape.keys == GROUP_DENSE)
        return (uint32_t)(keys->hashes[i] >> layout->slot_bits);
    return group_hash_bits(keys->hashes[i], 0, layout->bits);
}

static enum error_code open_window(struct group_feed *feed, struct error *error)
{
    struct grouping *grouping = feed->grouping;
    if (feed->window.values == NULL)
        TRY(group_totals_init(&feed->window, &grouping->shape, &grouping->account, error));
    TRY(group_totals_reserve(&feed->window, VALUE_TILE_WINDOW, error));
    if (feed->sorted == NULL)
        TRY(mem_alloc_array(&grouping->account, VALUE_TILE_WINDOW, 2 * sizeof(uint32_t),
                            (void **)&feed->sorted, error));
    return group_totals_clear(&feed->window, error);
}

/* The place a key's sums go to: its slot, or its number in the partition. */
static enum error_code seat_of(struct group_feed *feed, const struct group_keys_slice *keys,
                               uint32_t i, uint32_t *ret, struct error *error)
{
    struct key_bytes text, *key = NULL;
    unsigned slot_bits = feed->grouping->plan.layout.slot_bits;
    if (feed->grouping->shape.keys == GROUP_DENSE) {
        *ret = (uint32_t)(keys->hashes[i] & (((uint64_t)1 << slot_bits) - 1));
        return ERROR_NONE;
    }
    if (keys->bytes != NULL) {
        text = group_row_key(keys, i);
        key = &text;
    }
    *ret = group_partition_seat(feed->grouping, keys->hashes[i], key);
    if (*ret != 0)
        return ERROR_NONE;
    enum error_code code =
        error_set(error, ERROR_MEMORY, "the sums of all keys do not fit in %zu bytes",
                  feed->grouping->options.limit);
    error_hint(error, "a higher --memory");
    return code;
}

/* Window numbers in the order of partitions; begins[p] is where those of partition p end. */
static void sort_by_partition(struct group_feed *feed, const struct group_keys_slice *keys,
                              uint32_t *ends)
{
    uint32_t at = 0;
    for (uint32_t i = 0; i < keys->row_count; i++)
        ends[partition_of(feed, keys, i)]++;
    for (uint32_t p = 0; p < feed->grouping->plan.layout.partitions; p++) {
        uint32_t count = ends[p];
        ends[p] = at;
        at += count;
    }
    for (uint32_t i = 0; i < keys->row_count; i++)
        feed->sorted[ends[partition_of(feed, keys, i)]++] = i;
}

/* Sums of any partitions: into a window first, from there to each. */
static enum error_code spread(struct group_feed *feed, const struct group_keys_slice *keys,
                              const struct group_sums *sums, size_t done, struct error *error)
{
    uint32_t ends[SCATTER_PARTITIONS_MOST] = {0};
    uint32_t *seats = feed->numbers, count = keys->row_count;
    for (uint32_t i = 0; i < count; i++)
        seats[i] = i;
    TRY(group_totals_add_tiles(&feed->window, count, seats, sums, done, error));
    sort_by_partition(feed, keys, ends);
    for (uint32_t i = 0; i < count; i++)
        TRY(seat_of(feed, keys, feed->sorted[i], &seats[i], error));
    for (uint32_t p = 0, begin = 0; begin < count; begin = ends[p++])
        if (ends[p] > begin)
            TRY(group_partition_merge(feed->grouping, p, seats + begin, &feed->window,
                                      feed->sorted + begin, ends[p] - begin, error));
    return ERROR_NONE;
}

/* Numbers of all these keys in the feed's own table; false: some are not there. */
static bool local_numbers(struct group_feed *feed, const struct group_keys_slice *keys)
{
    struct group_local *local = &feed->local;
    if (feed->grouping->shape.keys != GROUP_DENSE)
        return group_local_numbers(local, keys, feed->numbers);
    for (uint32_t i = 0; local->in_use && i < keys->row_count; i++) {
        feed->numbers[i] = (uint32_t)keys->hashes[i];
        local->met[feed->numbers[i] / 64] |= (uint64_t)1 << feed->numbers[i] % 64;
    }
    return local->in_use;
}

static enum error_code feed_window(struct group_feed *feed, const struct group_keys_slice *keys,
                                   const struct group_sums *sums, size_t done, struct error *error)
{
    if (local_numbers(feed, keys))
        return group_totals_add_tiles(&feed->local.table.totals, keys->row_count, feed->numbers,
                                      sums, done, error);
    TRY(open_window(feed, error));
    return spread(feed, keys, sums, done, error);
}

enum error_code group_feed_sums(struct group_feed *feed, uint32_t count, const uint64_t *codes,
                                const uint8_t *bytes, const uint32_t *offsets,
                                const uint64_t *hashes, const struct group_sums *sums,
                                struct error *error)
{
    bool dense = feed->grouping->shape.keys == GROUP_DENSE;
    if (dense)
        TRY(check_codes(feed, count, codes, error));
    for (uint32_t done = 0; done < count;) {
        uint32_t left = count - done, size = left < VALUE_TILE_WINDOW ? left : VALUE_TILE_WINDOW;
        struct group_keys_slice keys = {.row_count = size, .bytes = bytes};
        if (codes != NULL && !dense)
            hash_codes(codes + done, size, feed->hashes);
        if (codes != NULL)
            keys.hashes = dense ? codes + done : feed->hashes;
        else
            keys.hashes = hashes + done;
        if (bytes != NULL)
            keys.offsets = offsets + done;
        TRY(feed_window(feed, &keys, sums, done, error));
        done += size;
    }
    return ERROR_NONE;
}
