#include "parquet/page_window.h"

#include <string.h>

#include "parquet/page_memory.h"

void page_window_open(struct page_window *window, const struct store_object *object,
                      uint64_t chunk_offset, uint64_t chunk_length)
{
    window->object = object;
    window->chunk_offset = chunk_offset;
    window->chunk_length = chunk_length;
    window->start = 0;
    window->held = 0;
}

size_t page_window_holds(const struct page_window *window, uint64_t offset)
{
    if (offset < window->start || offset > window->start + window->held)
        return 0;
    return (size_t)(window->start + window->held - offset);
}

/* Moves what is held of the wanted bytes to the front. A buffer that has to grow is made anew and
 * read again, so that old and new are never held at the same time. */
static enum error_code make_room(struct page_window *window, uint64_t offset, size_t size,
                                 struct error *error)
{
    struct mem_buffer *buffer = window->buffer;
    size_t kept = page_window_holds(window, offset);
    if (size > buffer->capacity) {
        window->held = 0;
        window->start = offset;
        return page_memory_renew(window->memory, buffer, size, error);
    }
    if (kept > 0)
        memmove(buffer->data, buffer->data + (offset - window->start), kept);
    window->start = offset;
    window->held = kept;
    return ERROR_NONE;
}

enum error_code page_window_need(struct page_window *window, uint64_t offset, size_t least,
                                 size_t most, const uint8_t **ret, struct error *error)
{
    if (page_window_holds(window, offset) < least) {
        TRY(make_room(window, offset, most, error));
        size_t missing = most - window->held;
        TRY(store_read(window->object, window->chunk_offset + offset + window->held,
                       window->buffer->data + window->held, missing, error));
        window->held += missing;
        window->bytes_read += missing;
    }
    *ret = window->buffer->data + (offset - window->start);
    return ERROR_NONE;
}
