#include "parquet/page_memory.h"

#include <inttypes.h>

#define MEBIBYTE ((size_t)1 << 20)

void page_memory_init(struct page_reader_memory *memory, struct mem_account *account, size_t limit)
{
    memory->account = account;
    memory->limit = limit;
    memory->idle = 0;
    for (int i = 0; i < PAGE_BUFFER_COUNT; i++)
        mem_buffer_init(&memory->buffers[i], account, SIZE_MAX / 2);
}

void page_memory_release(struct page_reader_memory *memory)
{
    for (int i = 0; i < PAGE_BUFFER_COUNT; i++)
        mem_buffer_release(&memory->buffers[i]);
}

static size_t held(const struct page_reader_memory *memory)
{
    size_t sum = 0;
    for (int i = 0; i < PAGE_BUFFER_COUNT; i++)
        sum += memory->buffers[i].capacity;
    return sum;
}

/* The lowest ceiling above the reader, which is what a user can raise. */
static size_t ceiling_above(const struct page_reader_memory *memory)
{
    size_t ceiling = MEM_NO_LIMIT;
    for (const struct mem_account *at = memory->account; at != NULL; at = at->parent)
        ceiling = at->limit != MEM_NO_LIMIT ? at->limit : ceiling;
    return ceiling;
}

/* The ceiling now and what is missing below it, in whole mebibytes. */
static void hint_ceiling(const struct page_reader_memory *memory, size_t missing,
                         struct error *error)
{
    size_t ceiling = ceiling_above(memory);
    size_t base = ceiling != MEM_NO_LIMIT ? ceiling : memory->limit;
    uint64_t wanted = ((uint64_t)base + missing + MEBIBYTE - 1) / MEBIBYTE;
    error_hint(error, "--memory %" PRIu64 "MiB", wanted);
}

static enum error_code refuse(const struct page_reader_memory *memory, size_t all, size_t size,
                              struct error *error)
{
    char needed[24], limit[24];
    mem_format_size(all + size, needed);
    mem_format_size(memory->limit, limit);
    enum error_code code =
        error_set(error, ERROR_MEMORY, "a page and its dictionary need %s, where %s are allowed",
                  needed, limit);
    hint_ceiling(memory, all + size - memory->limit, error);
    return code;
}

static void release_idle(struct page_reader_memory *memory, const struct mem_buffer *except)
{
    for (int i = 0; i < PAGE_BUFFER_COUNT; i++) {
        if ((memory->idle >> i & 1) != 0 && &memory->buffers[i] != except)
            mem_buffer_release(&memory->buffers[i]);
    }
}

enum error_code page_memory_renew(struct page_reader_memory *memory, struct mem_buffer *buffer,
                                  size_t size, struct error *error)
{
    buffer->size = 0;
    if (size <= buffer->capacity)
        return ERROR_NONE;
    size_t others = held(memory) - buffer->capacity;
    if (others > memory->limit || size > memory->limit - others) {
        release_idle(memory, buffer);
        others = held(memory) - buffer->capacity;
    }
    if (others > memory->limit || size > memory->limit - others)
        return refuse(memory, others, size, error);
    enum error_code code = mem_buffer_renew(buffer, size, error);
    if (code == ERROR_MEMORY)
        hint_ceiling(memory, mem_charge_of(size), error);
    return code;
}
