#include "sort/runs.h"

#include <string.h>

#include "os/os.h"
#include "sort/record.h"

/* Larger reads gain nothing more, unless a record is larger: then the staging area is as well. */
#define LARGEST_READ ((size_t)1 << 20)

struct run_writer {
    struct spool *spool;
    uint8_t *staging;
    size_t capacity;
    size_t used;
};

static enum error_code flush(struct run_writer *writer, struct error *error)
{
    TRY(os_check_stop(error));
    TRY(spool_append(writer->spool, writer->staging, writer->used, error));
    writer->used = 0;
    return ERROR_NONE;
}

static enum error_code write_record(struct run_writer *writer, const uint8_t *record,
                                    struct error *error)
{
    size_t size = record_size(record);
    if (size > writer->capacity - writer->used)
        TRY(flush(writer, error));
    if (size > writer->capacity)
        return spool_append(writer->spool, record, size, error);
    memcpy(writer->staging + writer->used, record, size);
    writer->used += size;
    return ERROR_NONE;
}

void runs_init(struct runs *runs, struct mem_account *account, const char *folder,
               uint64_t *offsets, uint32_t capacity)
{
    *runs = (struct runs){.capacity = capacity, .offsets = offsets};
    spool_init(&runs->spools[0], account, 0, folder);
    spool_init(&runs->spools[1], account, 0, folder);
    offsets[0] = 0;
}

void runs_release(struct runs *runs)
{
    spool_release(&runs->spools[0]);
    spool_release(&runs->spools[1]);
}

enum error_code runs_add(struct runs *runs, const struct runs_room *room, const uint8_t *records,
                         const struct order_entry *entries, size_t count, struct error *error)
{
    struct spool *spool = &runs->spools[runs->current];
    struct run_writer writer = {spool, room->staging, room->staging_size, 0};
    if (runs->count == runs->capacity) {
        error_set(error, ERROR_MEMORY, "the sort has more than %u runs", runs->capacity);
        error_hint(error, "a higher --memory");
        return ERROR_MEMORY;
    }
    for (size_t i = 0; i < count; i++)
        TRY(write_record(&writer, records + entries[i].offset, error));
    TRY(flush(&writer, error));
    runs->offsets[++runs->count] = spool->size;
    return ERROR_NONE;
}

static enum error_code begin_merge(const struct runs *runs, const struct runs_room *room,
                                   uint32_t first, uint32_t count, struct merge *merge,
                                   struct error *error)
{
    size_t buffer = room->buffers_size / count;
    size_t enough = room->staging_size > LARGEST_READ ? room->staging_size : LARGEST_READ;
    if (buffer > enough)
        buffer = enough;
    return merge_begin(merge, &runs->spools[runs->current], runs->offsets + first, count,
                       room->buffers, buffer, error);
}

static enum error_code write_merged(struct merge *merge, struct run_writer *writer,
                                    struct error *error)
{
    for (const uint8_t *record; (record = merge_record(merge)) != NULL;) {
        TRY(write_record(writer, record, error));
        TRY(merge_advance(merge, error));
    }
    return flush(writer, error);
}

/* One pass over all runs, from the current spool to the other. */
static enum error_code merge_pass(struct runs *runs, const struct runs_room *room, uint32_t fan_in,
                                  struct merge *merge, struct error *error)
{
    struct spool *to = &runs->spools[1 - runs->current];
    struct run_writer writer = {to, room->staging, room->staging_size, 0};
    uint32_t merged = 0;
    for (uint32_t first = 0; first < runs->count; first += fan_in) {
        uint32_t left = runs->count - first;
        TRY(begin_merge(runs, room, first, left < fan_in ? left : fan_in, merge, error));
        TRY(write_merged(merge, &writer, error));
        /* Never overtakes the offsets still to be read, as fan_in is at least 2. */
        runs->offsets[++merged] = to->size;
    }
    TRY(spool_clear(&runs->spools[runs->current], error));
    runs->count = merged;
    runs->current = 1 - runs->current;
    return ERROR_NONE;
}

enum error_code runs_reduce(struct runs *runs, const struct runs_room *room, uint32_t fan_in,
                            struct merge *merge, struct error *error)
{
    while (runs->count > fan_in)
        TRY(merge_pass(runs, room, fan_in, merge, error));
    return ERROR_NONE;
}

enum error_code runs_merge(const struct runs *runs, const struct runs_room *room,
                           struct merge *merge, struct error *error)
{
    return begin_merge(runs, room, 0, runs->count, merge, error);
}
