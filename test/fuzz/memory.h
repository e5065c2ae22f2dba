/*
 * An object for fuzz targets whose bytes stand in memory.
 */
#ifndef WEIR_FUZZ_MEMORY_H
#define WEIR_FUZZ_MEMORY_H

#include <stdlib.h>
#include <string.h>

#include "store/store.h"

struct memory_object {
    struct store_object object;
    const uint8_t *bytes;
    size_t size;
};

static enum error_code memory_read(const struct store_object *object, uint64_t offset, void *out,
                                   size_t size, struct error *error)
{
    const struct memory_object *memory = (const struct memory_object *)object;
    if (offset > memory->size || size > memory->size - offset)
        return error_set(error, ERROR_INPUT, "truncated");
    if (size > 0)
        memcpy(out, memory->bytes + offset, size);
    return ERROR_NONE;
}

static const struct store_driver memory_driver = {.read = memory_read};

static inline struct memory_object memory_object_over(const uint8_t *bytes, size_t size)
{
    struct memory_object memory = {.bytes = bytes, .size = size};
    memory.object.driver = &memory_driver;
    memory.object.path = "fuzz";
    memory.object.identity.size = size;
    return memory;
}

/* What must hold whatever the bytes are. */
static inline void demand(bool condition)
{
    if (!condition)
        abort();
}

#endif
