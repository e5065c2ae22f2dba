#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "mem/mem.h"

void mem_buffer_init(struct mem_buffer *buffer, struct mem_account *account, size_t maximum)
{
    *buffer = (struct mem_buffer){.account = account, .maximum = maximum};
}

void mem_buffer_release(struct mem_buffer *buffer)
{
    mem_free(buffer->data);
    buffer->data = NULL;
    buffer->size = 0;
    buffer->capacity = 0;
}

static enum error_code too_big(const struct mem_buffer *buffer, size_t wanted, struct error *error)
{
    char asked[24], maximum[24];
    mem_format_size(wanted, asked);
    mem_format_size(buffer->maximum, maximum);
    enum error_code code = error_set(error, ERROR_MEMORY, "%s needed in %s, where %s are allowed",
                                     asked, buffer->account->name, maximum);
    error_hint(error, "a higher --memory");
    return code;
}

enum error_code mem_buffer_reserve(struct mem_buffer *buffer, size_t capacity, struct error *error)
{
    if (capacity <= buffer->capacity)
        return ERROR_NONE;
    if (capacity > buffer->maximum)
        return too_big(buffer, capacity, error);
    size_t grown = buffer->capacity + buffer->capacity / 2;
    if (grown < capacity)
        grown = capacity;
    if (grown > buffer->maximum)
        grown = buffer->maximum;
    void *data;
    TRY(mem_alloc(buffer->account, grown, &data, error));
    if (buffer->size > 0)
        memcpy(data, buffer->data, buffer->size);
    mem_free(buffer->data);
    buffer->data = data;
    buffer->capacity = grown;
    return ERROR_NONE;
}

enum error_code mem_buffer_renew(struct mem_buffer *buffer, size_t capacity, struct error *error)
{
    buffer->size = 0;
    if (capacity <= buffer->capacity)
        return ERROR_NONE;
    if (capacity > buffer->maximum)
        return too_big(buffer, capacity, error);
    mem_buffer_release(buffer);
    void *data;
    TRY(mem_alloc(buffer->account, capacity, &data, error));
    buffer->data = data;
    buffer->capacity = capacity;
    return ERROR_NONE;
}

enum error_code mem_buffer_append(struct mem_buffer *buffer, const void *bytes, size_t size,
                                  struct error *error)
{
    size_t wanted;
    if (__builtin_add_overflow(buffer->size, size, &wanted))
        return too_big(buffer, SIZE_MAX, error);
    TRY(mem_buffer_reserve(buffer, wanted, error));
    if (size > 0)
        memcpy(buffer->data + buffer->size, bytes, size);
    buffer->size = wanted;
    return ERROR_NONE;
}

enum error_code mem_buffer_printf(struct mem_buffer *buffer, struct error *error,
                                  const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    enum error_code code = mem_buffer_reserve(buffer, buffer->size + (size_t)length + 1, error);
    if (code == ERROR_NONE) {
        vsnprintf((char *)buffer->data + buffer->size, (size_t)length + 1, format, again);
        buffer->size += (size_t)length;
    }
    va_end(again);
    return code;
}
