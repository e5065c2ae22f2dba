/*
 * Grouping: rows with keys in any order, added up by key in bounded memory.
 *
 * Keys are either codes (integers, see key/space.h) or bytes (key/encode.h). They are divided by
 * the high bits of a hash into partitions; each partition has a table from keys to numbers and the
 * accumulators of every value column. Threads give rows through feeds, which gather rows of the
 * same partition and add them under the partition's lock; keys that come again and again are added
 * up in a small table of the feed first.
 *
 * When memory is used up tables stop taking new keys: rows of known keys are still added, all
 * others go to a temporary file. So no state is ever written, and the keys met first, which tend to
 * be the frequent ones, never leave memory. Results come partition by partition: the rows put aside
 * are read again, and divided further by more bits of the hash as long as they do not fit.
 *
 * With dense codes (span small against memory) there is no hashing: partitions are ranges of codes,
 * a code less the range's begin is the key's number, and nothing is ever put aside.
 *
 * Results come in an order that depends on the keys alone: ascending codes where dense, else by
 * hash, then by key. Not on threads, memory, or the order of rows.
 */
#ifndef WEIR_GROUP_GROUP_H
#define WEIR_GROUP_GROUP_H

#include "aggregate/value_groups.h"
#include "key/encode.h"

enum group_keys { GROUP_DENSE, GROUP_CODES, GROUP_BYTES };

/* Arrays are borrowed until destroy. */
struct group_options {
    enum group_keys keys;
    uint64_t span;                        /* of GROUP_DENSE: codes are below */
    const struct aggregate_value *values; /* one a value column */
    const struct exact_grids *grids;      /* to begin with, one a value column */
    uint32_t value_count;
    bool wants_rows;        /* rows are counted: count:* */
    uint64_t expected_keys; /* a guess, for the number of partitions; 0: unknown */
    unsigned threads;       /* feeds at once, at most */
    size_t limit;           /* bytes that all of this may hold, feeds and results included */
    const char *folder;     /* for the temporary file; NULL: $TMPDIR or /tmp */
    uint64_t room_needed; /* bytes asked for in that folder before the first is written; 0: none */
};

struct grouping;

/* The smallest limit that works for these options, and the one with which nothing is put aside for
 * so many keys of so many bytes (0 for codes). */
size_t group_size_least(const struct group_options *options);
/* Of GROUP_DENSE: what is held as long as values fit the grids that they are begun with. */
size_t group_size_expected(const struct group_options *options);
size_t group_size(const struct group_options *options, uint64_t key_count, size_t key_bytes);

CHECKED enum error_code group_create(struct mem_account *account,
                                     const struct group_options *options, struct grouping **ret,
                                     struct error *error);
void group_destroy(struct grouping *grouping);

/* ---- rows in: one feed a thread ---- */

struct group_feed;

CHECKED enum error_code group_feed_open(struct grouping *grouping, struct group_feed **ret,
                                        struct error *error);
/* Hands on what is still gathered; destroys the feed, also on failure. NULL is allowed. */
CHECKED enum error_code group_feed_close(struct group_feed *feed, struct error *error);
/* Destroys a feed without handing anything on. */
void group_feed_abort(struct group_feed *feed);

/* Rows with codes. values: one slice a value column, all of row_count rows (at most 4,096). */
CHECKED enum error_code group_feed_codes(struct group_feed *feed, uint32_t row_count,
                                         const uint64_t *codes, const struct column_slice *values,
                                         struct error *error);
/* Rows with keys as key_encode gives them. */
CHECKED enum error_code group_feed_bytes(struct group_feed *feed, uint32_t row_count,
                                         const uint8_t *bytes, const uint32_t *offsets,
                                         const uint64_t *hashes, const struct column_slice *values,
                                         struct error *error);
/*
 * Sums in place of rows: what keys first_key.. of tiles (one a value column) hold, rows[i] rows
 * each (rows NULL: each_rows each), for count keys given as codes, or as bytes where codes is NULL.
 * ERROR_MEMORY where there is no room: sums are never put aside.
 */
struct group_sums {
    struct value_tile *tiles;
    size_t first_key;
    const uint64_t *rows; /* of each of these keys; NULL: each_rows */
    uint64_t each_rows;
};
CHECKED enum error_code group_feed_sums(struct group_feed *feed, uint32_t count,
                                        const uint64_t *codes, const uint8_t *bytes,
                                        const uint32_t *offsets, const uint64_t *hashes,
                                        const struct group_sums *sums, struct error *error);

/* ---- results: one thread, after all feeds are closed ---- */

/* Rows of the result, at most VALUE_TILE_WINDOW; valid until the next call. */
struct group_rows {
    uint32_t row_count;           /* 0: that was all */
    const uint64_t *codes;        /* of GROUP_DENSE and GROUP_CODES */
    const struct key_bytes *keys; /* of GROUP_BYTES */
    const uint64_t *rows;         /* how many rows each key has; NULL unless wanted */
};

CHECKED enum error_code group_next(struct grouping *grouping, struct group_rows *ret,
                                   struct error *error);
/* An aggregate of a value column for those rows; parameters as in value_groups_result. */
CHECKED enum error_code group_result(struct grouping *grouping, uint32_t value,
                                     enum aggregate_function function,
                                     const struct column_type *type, uint8_t *values,
                                     uint8_t *present, struct column_slice *ret, size_t *ret_index,
                                     struct error *error);

struct group_report {
    uint64_t keys; /* in tables when all rows were in */
    uint32_t partitions;
    uint64_t rows_aside, bytes_aside; /* written to the temporary file, again included */
    uint32_t depth;                   /* how often the worst partition was divided again */
};
void group_report(const struct grouping *grouping, struct group_report *ret);

#endif
