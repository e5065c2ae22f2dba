#include "sort/sort.h"

#include "os/os.h"
#include "sort/emit.h"
#include "sort/runs.h"

/*
 * How the limit is divided: a table of runs, the batch that goes out, and one block. While rows
 * come in the block holds [staging | records ... | scratch | entries]; while runs are merged
 * [staging | read buffers].
 */
#define SMALLEST_LIMIT   ((size_t)1 << 20)
#define TABLE_SHARE      64
#define BATCH_SHARE      8
#define STAGING_SHARE    16
#define LARGEST_STAGING  ((size_t)512 << 10)
#define READ_SHARE       64
#define SMALLEST_READ    ((size_t)16 << 10)
#define COMFORTABLE_READ ((size_t)256 << 10)
#define MOST_FAN_IN      256
/* A record must fit the staging area and two read buffers at once. */
#define RECORD_SHARE 3
/* What mem_alloc may add to a large block: its header, and whole pages. */
#define BLOCK_OVERHEAD ((size_t)3 * 4096)

enum sorter_phase { SORTER_ADDING, SORTER_IN_MEMORY, SORTER_MERGING };

struct sorter {
    struct mem_account account;
    struct mem_arena arena;
    enum sorter_phase phase;
    struct record_layout layout;
    struct row_column *row;
    uint8_t *block;
    size_t block_size;
    size_t staging_size;
    size_t used;    /* bytes of records */
    size_t count;   /* records in the block */
    size_t next;    /* record to give out, when all are in memory */
    size_t largest; /* record met so far */
    struct order_entry *entries;
    struct runs runs;
    struct merge merge;
    struct emitter emitter;
};

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* ---- creation ---- */

static enum error_code describe_columns(struct sorter *sorter, const struct column_field *fields,
                                        uint32_t field_count, struct error *error)
{
    void *memory;
    TRY(mem_arena_alloc_array(&sorter->arena, field_count, sizeof(struct record_column), &memory,
                              error));
    struct record_column *columns = memory;
    for (uint32_t i = 0; i < field_count; i++) {
        size_t size = column_value_size(&fields[i].type);
        columns[i] =
            (struct record_column){(uint32_t)size, fields[i].type.physical == COLUMN_BYTE_ARRAY};
        sorter->layout.has_bytes |= columns[i].is_bytes;
    }
    sorter->layout.columns = columns;
    sorter->layout.column_count = field_count;
    TRY(mem_arena_alloc_array(&sorter->arena, field_count, sizeof *sorter->row, &memory, error));
    sorter->row = memory;
    return ERROR_NONE;
}

static enum error_code describe_keys(struct sorter *sorter, const struct column_field *fields,
                                     const uint32_t *keys, uint32_t key_count, struct error *error)
{
    void *memory;
    TRY(mem_arena_alloc_array(&sorter->arena, key_count, sizeof(struct record_key), &memory,
                              error));
    struct record_key *described = memory;
    for (uint32_t i = 0; i < key_count; i++) {
        if (keys[i] >= sorter->layout.column_count)
            return error_set(error, ERROR_INTERNAL, "sort key %u is no column", keys[i]);
        described[i] = (struct record_key){keys[i], sort_key_type_of(&fields[keys[i]].type)};
    }
    sorter->layout.keys = described;
    sorter->layout.key_count = key_count;
    return ERROR_NONE;
}

static enum error_code allocate_runs(struct sorter *sorter, size_t limit, const char *folder,
                                     struct error *error)
{
    void *memory;
    size_t offsets = limit / TABLE_SHARE / sizeof(uint64_t);
    offsets = smaller(offsets, UINT32_MAX);
    TRY(mem_arena_alloc_array(&sorter->arena, offsets, sizeof(uint64_t), &memory, error));
    runs_init(&sorter->runs, &sorter->account, folder, memory, (uint32_t)offsets - 1);
    TRY(mem_arena_alloc_array(&sorter->arena, MOST_FAN_IN, sizeof *sorter->merge.runs, &memory,
                              error));
    sorter->merge.runs = memory;
    TRY(mem_arena_alloc_array(&sorter->arena, MOST_FAN_IN, sizeof *sorter->merge.heap, &memory,
                              error));
    sorter->merge.heap = memory;
    return ERROR_NONE;
}

/* The block takes what is left. */
static enum error_code allocate_block(struct sorter *sorter, size_t limit, struct error *error)
{
    size_t left = mem_account_left(&sorter->account);
    if (left < limit / 2) {
        char size[24];
        error_set(error, ERROR_MEMORY, "too many columns to be sorted in %s",
                  mem_format_size(limit, size));
        error_hint(error, "a higher --memory");
        return ERROR_MEMORY;
    }
    void *memory;
    sorter->block_size = (left - BLOCK_OVERHEAD) / MEM_ALIGNMENT * MEM_ALIGNMENT;
    TRY(mem_alloc(&sorter->account, sorter->block_size, &memory, error));
    sorter->block = memory;
    sorter->staging_size = smaller(sorter->block_size / STAGING_SHARE, LARGEST_STAGING);
    return ERROR_NONE;
}

static enum error_code set_up(struct sorter *sorter, size_t limit, const char *folder,
                              const struct column_field *fields, uint32_t field_count,
                              const uint32_t *keys, uint32_t key_count, struct error *error)
{
    TRY(describe_columns(sorter, fields, field_count, error));
    TRY(describe_keys(sorter, fields, keys, key_count, error));
    TRY(allocate_runs(sorter, limit, folder, error));
    TRY(emitter_create(&sorter->emitter, &sorter->arena, limit / BATCH_SHARE, &sorter->layout,
                       fields, error));
    return allocate_block(sorter, limit, error);
}

enum error_code sorter_create(struct mem_account *account, size_t limit, const char *folder,
                              const struct column_field *fields, uint32_t field_count,
                              const uint32_t *keys, uint32_t key_count, struct sorter **ret,
                              struct error *error)
{
    if (limit < SMALLEST_LIMIT) {
        error_set(error, ERROR_MEMORY, "a sort needs 1 MiB of memory at least");
        error_hint(error, "a higher --memory");
        return ERROR_MEMORY;
    }
    void *memory;
    TRY(mem_alloc(account, sizeof(struct sorter), &memory, error));
    struct sorter *sorter = memory;
    mem_account_init(&sorter->account, "sort", account, limit - mem_charge_of(sizeof *sorter));
    mem_arena_init(&sorter->arena, &sorter->account);
    sorter->runs.spools[0].descriptor = sorter->runs.spools[1].descriptor = -1;
    enum error_code code =
        set_up(sorter, limit, folder, fields, field_count, keys, key_count, error);
    if (code != ERROR_NONE) {
        sorter_destroy(sorter);
        return code;
    }
    *ret = sorter;
    return ERROR_NONE;
}

void sorter_destroy(struct sorter *sorter)
{
    if (sorter == NULL)
        return;
    runs_release(&sorter->runs);
    mem_free(sorter->block);
    mem_arena_release(&sorter->arena);
    mem_free(sorter);
}

/* ---- rows come in ---- */

static uint8_t *records_of(const struct sorter *sorter)
{
    return sorter->block + sorter->staging_size;
}

/* The entries stand at the end of the block, the scratch before them. */
static void order_block(struct sorter *sorter)
{
    sorter->entries = (struct order_entry *)(sorter->block + sorter->block_size) - sorter->count;
    order_records(records_of(sorter), sorter->count, sorter->entries,
                  sorter->entries - sorter->count / 2);
}

static enum error_code spill(struct sorter *sorter, struct error *error)
{
    struct runs_room room = {sorter->block, sorter->staging_size, NULL, 0};
    TRY(os_check_stop(error));
    order_block(sorter);
    TRY(runs_add(&sorter->runs, &room, records_of(sorter), sorter->entries, sorter->count, error));
    sorter->used = 0;
    sorter->count = 0;
    return ERROR_NONE;
}

static bool fits(const struct sorter *sorter, size_t size)
{
    size_t room = sorter->block_size - sorter->staging_size;
    return sorter->used + size + (sorter->count + 1) * ORDER_BYTES_A_RECORD <= room;
}

static enum error_code too_large(const struct sorter *sorter, size_t size, struct error *error)
{
    char row[24], limit[24];
    error_set(error, ERROR_MEMORY, "a row of %s is too large to be sorted in %s",
              mem_format_size(size, row), mem_format_size(sorter->account.limit, limit));
    error_hint(error, "a higher --memory");
    return ERROR_MEMORY;
}

static enum error_code add_row(struct sorter *sorter, struct error *error)
{
    struct record_sizes sizes = record_measure(&sorter->layout, sorter->row);
    if (sizes.total > sorter->block_size / RECORD_SHARE || sizes.total > UINT32_MAX)
        return too_large(sorter, sizes.total, error);
    if (!fits(sorter, sizes.total))
        TRY(spill(sorter, error));
    record_write(&sorter->layout, sorter->row, sizes, records_of(sorter) + sorter->used);
    sorter->used += sizes.total;
    sorter->count++;
    sorter->largest = larger(sorter->largest, sizes.total);
    return ERROR_NONE;
}

enum error_code sorter_add(struct sorter *sorter, const struct column_batch *batch,
                           struct error *error)
{
    if (sorter->phase != SORTER_ADDING || batch->column_count != sorter->layout.column_count)
        return error_set(error, ERROR_INTERNAL, "a batch that the sort cannot take");
    struct column_batch typed = *batch;
    typed.fields = sorter->emitter.fields;
    struct row_walk walk;
    row_walk_begin(&walk, &typed, sorter->row);
    while (row_walk_next(&walk))
        TRY(add_row(sorter, error));
    return ERROR_NONE;
}

/* ---- the end of the input ---- */

static struct runs_room merge_room(const struct sorter *sorter)
{
    size_t staging = larger(sorter->staging_size, sorter->largest);
    return (struct runs_room){sorter->block, staging, sorter->block + staging,
                              sorter->block_size - staging};
}

static uint32_t fan_in(const struct sorter *sorter, const struct runs_room *room)
{
    size_t read = smaller(sorter->block_size / READ_SHARE, COMFORTABLE_READ);
    read = larger(larger(read, SMALLEST_READ), sorter->largest);
    return (uint32_t)smaller(room->buffers_size / read, MOST_FAN_IN);
}

enum error_code sorter_finish(struct sorter *sorter, struct error *error)
{
    if (sorter->phase != SORTER_ADDING)
        return error_set(error, ERROR_INTERNAL, "a sort ended twice");
    if (sorter->runs.count == 0) {
        order_block(sorter);
        sorter->phase = SORTER_IN_MEMORY;
        return ERROR_NONE;
    }
    TRY(spill(sorter, error));
    struct runs_room room = merge_room(sorter);
    TRY(runs_reduce(&sorter->runs, &room, fan_in(sorter, &room), &sorter->merge, error));
    TRY(runs_merge(&sorter->runs, &room, &sorter->merge, error));
    sorter->phase = SORTER_MERGING;
    return ERROR_NONE;
}

/* ---- rows go out ---- */

static void emit_from_memory(struct sorter *sorter)
{
    while (sorter->next < sorter->count && !emitter_is_full(&sorter->emitter)) {
        const uint8_t *record = records_of(sorter) + sorter->entries[sorter->next++].offset;
        emitter_add(&sorter->emitter, record_payload(record));
    }
}

/* Byte arrays are kept in the staging area, as the read buffers move on below them. */
static enum error_code emit_merged(struct sorter *sorter, struct error *error)
{
    size_t room = merge_room(sorter).staging_size, used = 0;
    const uint8_t *record;
    while (!emitter_is_full(&sorter->emitter) && (record = merge_record(&sorter->merge)) != NULL) {
        const uint8_t *payload = record_payload(record);
        if (sorter->layout.has_bytes) {
            size_t size = (size_t)(record + record_size(record) - payload);
            if (size > room - used)
                break;
            payload = memcpy(sorter->block + used, payload, size);
            used += size;
        }
        emitter_add(&sorter->emitter, payload);
        TRY(merge_advance(&sorter->merge, error));
    }
    return ERROR_NONE;
}

enum error_code sorter_next(struct sorter *sorter, struct column_batch *ret, struct error *error)
{
    if (sorter->phase == SORTER_ADDING)
        return error_set(error, ERROR_INTERNAL, "rows asked of a sort that has not ended");
    TRY(os_check_stop(error));
    emitter_clear(&sorter->emitter);
    if (sorter->phase == SORTER_MERGING)
        TRY(emit_merged(sorter, error));
    else
        emit_from_memory(sorter);
    *ret = emitter_batch(&sorter->emitter);
    return ERROR_NONE;
}
