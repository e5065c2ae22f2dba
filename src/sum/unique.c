/*
 * No key stands twice in the first file: sum_prove_order, and where that proves nothing
 * sum_prove_unique. Keys in strict order prove it in constant memory; else the hashes of all keys
 * are looked through in as many passes as the memory asks for, and equal hashes are decided by
 * comparing the keys themselves.
 */
#include <stdio.h>
#include <string.h>

#include "key/encode.h"
#include "os/os.h"
#include "sum/known_keys.h"
#include "sum/order.h"

/* A slot is empty where row is 0; rows are stored plus one. */
struct slot {
    uint64_t hash;
    uint64_t row;
};

struct key_table {
    struct slot *slots;
    size_t slot_count; /* a power of two */
    uint64_t partitions;
    uint64_t partition;
    bool repeated; /* a key was met twice */
    struct mem_buffer encoded;
};

/* Reads the one row again with which a hash was met before, and compares. */
static enum error_code same_key(struct sum *sum, uint64_t earlier,
                                const struct batch_reader *reader, uint32_t row, bool *ret,
                                struct error *error)
{
    struct batch_reader again;
    enum error_code code =
        batch_reader_open(&again, &sum->first_object, &sum->first, sum->columns, sum->key_count,
                          sum->key_page_limit, &sum->account, error);
    if (code == ERROR_NONE)
        code = batch_reader_skip(&again, earlier, error);
    if (code == ERROR_NONE)
        code = batch_reader_next(&again, 1, error);
    bool same = code == ERROR_NONE;
    for (uint32_t i = 0; same && i < sum->key_count; i++) {
        const void *a = batch_reader_value(&again, i, 0);
        const void *b = batch_reader_value(reader, i, row);
        same = a == NULL || b == NULL ? a == b
                                      : column_value_compare(&reader->columns[i].type, a, b) == 0;
    }
    batch_reader_close(&again);
    *ret = same;
    return code;
}

/* Ends the search: keys repeat, and the report tells which. */
static void note_repeated(struct sum *sum, struct key_table *table, uint64_t earlier,
                          const struct batch_reader *reader, uint32_t row)
{
    char key[120];
    batch_reader_describe(reader, row, key, sizeof key);
    table->repeated = true;
    snprintf(sum->report.way_reason, sizeof sum->report.way_reason,
             "keys repeat within a file: rows %llu and %llu of the first both have %s",
             (unsigned long long)earlier, (unsigned long long)(reader->first_row + row), key);
}

static enum error_code insert(struct sum *sum, struct key_table *table,
                              const struct batch_reader *reader, uint32_t row, uint64_t hash,
                              struct error *error)
{
    size_t mask = table->slot_count - 1;
    size_t at = hash & mask;
    while (table->slots[at].row != 0) {
        bool same = table->slots[at].hash == hash;
        if (same)
            TRY(same_key(sum, table->slots[at].row - 1, reader, row, &same, error));
        if (same) {
            note_repeated(sum, table, table->slots[at].row - 1, reader, row);
            return ERROR_NONE;
        }
        at = (at + 1) & mask;
    }
    table->slots[at] = (struct slot){hash, reader->first_row + row + 1};
    return ERROR_NONE;
}

static enum error_code insert_batch(struct sum *sum, struct key_table *table,
                                    const struct batch_reader *reader, const uint64_t *hashes,
                                    struct error *error)
{
    for (uint32_t row = 0; row < reader->row_count && !table->repeated; row++) {
        /* The high half chooses the partition, the low bits the slot. */
        if ((hashes[row] >> 32) * table->partitions >> 32 == table->partition)
            TRY(insert(sum, table, reader, row, hashes[row], error));
    }
    return ERROR_NONE;
}

/* Hashes are those of encoded keys, so that keys that are equal have equal ones. */
static enum error_code look_at_batch(struct sum *sum, struct key_table *table,
                                     const struct batch_reader *reader, struct error *error)
{
    uint64_t hashes[BATCH_ROWS];
    uint32_t offsets[BATCH_ROWS + 1];
    TRY(key_encode(sum->key_types, sum->key_count, reader->slices, reader->row_count,
                   &table->encoded, offsets, hashes, error));
    TRY(insert_batch(sum, table, reader, hashes, error));
    return os_check_stop(error);
}

static enum error_code look_through(struct sum *sum, struct key_table *table, struct error *error)
{
    struct batch_reader reader;
    enum error_code code =
        batch_reader_open(&reader, &sum->first_object, &sum->first, sum->columns, sum->key_count,
                          sum->key_page_limit, &sum->account, error);
    memset(table->slots, 0, table->slot_count * sizeof *table->slots);
    while (code == ERROR_NONE && !table->repeated) {
        code = batch_reader_next(&reader, BATCH_ROWS, error);
        if (code != ERROR_NONE || reader.row_count == 0)
            break;
        code = look_at_batch(sum, table, &reader, error);
    }
    batch_reader_close(&reader);
    return code;
}

/* A table of half the memory left, filled to a half at most: partitions follow. */
static enum error_code size_table(struct sum *sum, struct key_table *table, struct error *error)
{
    size_t room = mem_account_left(&sum->account) / 2;
    size_t wanted =
        sum->first.row_count > SIZE_MAX / 64 ? SIZE_MAX / 64 : (size_t)sum->first.row_count * 2;
    size_t slots = 1024;
    while (slots < wanted && slots * 2 * sizeof(struct slot) <= room)
        slots *= 2;
    table->slot_count = slots;
    table->partitions = sum->first.row_count / (slots / 2 - slots / 16) + 1;
    return mem_alloc_array(&sum->account, slots, sizeof(struct slot), (void **)&table->slots,
                           error);
}

static enum error_code prove_by_hash(struct sum *sum, struct error *error)
{
    struct key_table table = {0};
    mem_buffer_init(&table.encoded, &sum->account, SIZE_MAX / 2);
    TRY(size_table(sum, &table, error));
    enum error_code code = ERROR_NONE;
    for (; code == ERROR_NONE && !table.repeated && table.partition < table.partitions;
         table.partition++)
        code = look_through(sum, &table, error);
    mem_free(table.slots);
    mem_buffer_release(&table.encoded);
    sum->unique = !table.repeated;
    return code;
}

/* What is noted of the keys of a part of the first file. */
struct following {
    struct order_check order;
    struct key_digest *digest; /* NULL: none is wanted */
    bool profiling;
    bool keep_on; /* when no order is left: keys may still be different */
};

/* Reads on when no order is left, as long as something else is noted on the way. own: rows that are
 * of this part; the one behind them belongs to the next. */
static enum error_code follow_rows(struct following *following, struct batch_reader *reader,
                                   uint64_t rows, uint64_t own, struct error *error)
{
    struct order_check *order = &following->order;
    bool noting = following->keep_on && (following->profiling || following->digest != NULL);
    while (rows > 0 && (noting || order_check_open(order))) {
        uint64_t most = own > 0 ? own : rows;
        TRY(batch_reader_next(reader, most < BATCH_ROWS ? (uint32_t)most : BATCH_ROWS, error));
        if (reader->row_count == 0)
            break;
        if (order_check_open(order))
            TRY(order_check_batch(order, reader, error));
        if (following->digest != NULL && own > 0)
            key_digest_add(following->digest, reader);
        TRY(os_check_stop(error));
        rows -= reader->row_count;
        own -= own > 0 ? reader->row_count : 0;
    }
    return ERROR_NONE;
}

static uint64_t rows_before(const struct sum *sum, uint32_t group)
{
    uint64_t rows = 0;
    for (uint32_t i = 0; i < group; i++)
        rows += sum->first.row_groups[i].row_count;
    return rows;
}

/* Follows the keys of row groups begin..end-1, and the one row behind them. */
static enum error_code follow_groups(struct sum *sum, struct following *following,
                                     struct batch_reader *reader, unsigned part, uint32_t begin,
                                     uint32_t end, struct error *error)
{
    uint64_t first = rows_before(sum, begin), behind = rows_before(sum, end);
    following->profiling = sum->profiles != NULL;
    TRY(batch_reader_skip(reader, first, error));
    if (following->profiling)
        TRY(batch_reader_profile(reader, begin, end, &sum->profile_spools[part * sum->key_count],
                                 sum->profiles, error));
    uint64_t own = behind - first;
    return follow_rows(following, reader, own + (behind < sum->first.row_count), own, error);
}

enum error_code sum_follow_order(struct sum *sum, const struct store_object *first, unsigned part,
                                 bool open[static ORDER_FORMS], struct key_digest *digest,
                                 struct error *error)
{
    uint64_t groups = sum->first.row_group_count, parts = sum->plan.threads;
    uint32_t begin = (uint32_t)(groups * part / parts);
    uint32_t end = (uint32_t)(groups * (part + 1) / parts);
    struct following following = {.digest = digest,
                                  .keep_on = sum->aligned_count >= SUM_FILES_WORTH_FOLDING};
    struct batch_reader reader;
    TRY(order_check_init(&following.order, sum->key_count, &sum->account, error));
    enum error_code code =
        batch_reader_open(&reader, first, &sum->first, sum->columns, sum->key_count,
                          sum->key_page_limit, &sum->account, error);
    if (code == ERROR_NONE)
        code = follow_groups(sum, &following, &reader, part, begin, end, error);
    batch_reader_close(&reader);
    memcpy(open, following.order.open, sizeof following.order.open);
    order_check_release(&following.order);
    return code;
}

enum error_code sum_prove_unique(struct sum *sum, struct error *error)
{
    sum->unique = true;
    if (sum->report.uniqueness != NULL)
        return ERROR_NONE; /* known from an earlier run */
    if (sum->first.row_count < 2)
        sum->report.uniqueness = "there is one key at most";
    else if (sum->ordered)
        sum->report.uniqueness = "the keys are in strict order";
    if (sum->report.uniqueness != NULL)
        return ERROR_NONE;
    /* Looking through all keys costs more than grouping the rows of so few files. */
    if (sum->aligned_count < SUM_FILES_WORTH_FOLDING) {
        sum->unique = false;
        return ERROR_NONE;
    }
    TRY(prove_by_hash(sum, error));
    sum->report.uniqueness = sum->unique ? "all keys were compared through their hashes" : NULL;
    return ERROR_NONE;
}
