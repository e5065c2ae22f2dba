#include "sort/merge.h"

#include <string.h>

#include "sort/record.h"

static const uint8_t *record_of(const struct merge *merge, uint32_t run)
{
    return merge->runs[run].buffer + merge->runs[run].begin;
}

static bool is_before(const struct merge *merge, uint32_t a, uint32_t b)
{
    int order = record_compare(record_of(merge, a), record_of(merge, b));
    return order != 0 ? order < 0 : a < b;
}

static void sift_down(struct merge *merge, uint32_t at)
{
    uint32_t moving = merge->heap[at];
    for (;;) {
        uint32_t child = 2 * at + 1;
        if (child >= merge->heap_count)
            break;
        if (child + 1 < merge->heap_count &&
            is_before(merge, merge->heap[child + 1], merge->heap[child]))
            child++;
        if (!is_before(merge, merge->heap[child], moving))
            break;
        merge->heap[at] = merge->heap[child];
        at = child;
    }
    merge->heap[at] = moving;
}

static bool has_whole_record(const struct merge_run *run)
{
    size_t left = run->end - run->begin;
    return left >= RECORD_HEAD && left >= record_size(run->buffer + run->begin);
}

static enum error_code refill(const struct merge *merge, struct merge_run *run, struct error *error)
{
    size_t left = run->end - run->begin;
    memmove(run->buffer, run->buffer + run->begin, left);
    run->begin = 0;
    run->end = left;
    uint64_t wanted = merge->buffer_size - left;
    if (wanted > run->run_end - run->offset)
        wanted = run->run_end - run->offset;
    TRY(spool_read(merge->spool, run->offset, run->buffer + left, (size_t)wanted, error));
    run->offset += wanted;
    run->end += (size_t)wanted;
    return ERROR_NONE;
}

/* Sees to it that the run's next record is whole in its buffer; *ret_more: there is one. */
static enum error_code prepare(const struct merge *merge, struct merge_run *run, bool *ret_more,
                               struct error *error)
{
    *ret_more = true;
    if (has_whole_record(run))
        return ERROR_NONE;
    if (run->offset < run->run_end)
        TRY(refill(merge, run, error));
    *ret_more = run->begin < run->end;
    if (*ret_more && !has_whole_record(run))
        return error_set(error, ERROR_IO, "a temporary file of the sort was changed");
    return ERROR_NONE;
}

enum error_code merge_begin(struct merge *merge, const struct spool *spool, const uint64_t *offsets,
                            uint32_t run_count, uint8_t *memory, size_t buffer_size,
                            struct error *error)
{
    merge->spool = spool;
    merge->buffer_size = buffer_size;
    merge->heap_count = 0;
    for (uint32_t i = 0; i < run_count; i++) {
        bool more;
        merge->runs[i] = (struct merge_run){
            .buffer = memory + i * buffer_size, .offset = offsets[i], .run_end = offsets[i + 1]};
        TRY(prepare(merge, &merge->runs[i], &more, error));
        if (more)
            merge->heap[merge->heap_count++] = i;
    }
    for (uint32_t i = merge->heap_count / 2; i > 0; i--)
        sift_down(merge, i - 1);
    return ERROR_NONE;
}

const uint8_t *merge_record(const struct merge *merge)
{
    return merge->heap_count == 0 ? NULL : record_of(merge, merge->heap[0]);
}

enum error_code merge_advance(struct merge *merge, struct error *error)
{
    struct merge_run *run = &merge->runs[merge->heap[0]];
    run->begin += record_size(run->buffer + run->begin);
    bool more;
    TRY(prepare(merge, run, &more, error));
    if (!more)
        merge->heap[0] = merge->heap[--merge->heap_count];
    if (merge->heap_count > 1)
        sift_down(merge, 0);
    return ERROR_NONE;
}
