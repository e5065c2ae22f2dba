#include "diff/names.h"

#include <string.h>

/* FNV-1a, then its high bits folded into the low ones. */
static uint32_t hash_of(const char *name)
{
    uint64_t hash = 14695981039346656037u;
    for (; *name != 0; name++)
        hash = (hash ^ (uint8_t)*name) * 1099511628211u;
    return (uint32_t)(hash ^ hash >> 32);
}

/* The slot that holds a name, or the free one where it belongs. */
static uint32_t *slot_of(const struct names *names, const char *name)
{
    uint32_t at = hash_of(name) & names->mask;
    while (names->slots[at] != 0 &&
           strcmp(names->metadata->fields[names->slots[at] - 1].name, name) != 0)
        at = (at + 1) & names->mask;
    return &names->slots[at];
}

enum error_code names_create(struct names *ret, const struct parquet_metadata *metadata,
                             struct mem_arena *arena, struct error *error)
{
    uint64_t size = 8;
    void *memory;
    while (size < (uint64_t)metadata->field_count * 2)
        size *= 2;
    TRY(mem_arena_alloc_array(arena, size, sizeof(uint32_t), &memory, error));
    *ret = (struct names){metadata, memory, (uint32_t)(size - 1)};
    for (uint32_t i = 0; i < metadata->field_count; i++) {
        uint32_t *slot = slot_of(ret, metadata->fields[i].name);
        if (*slot == 0)
            *slot = i + 1;
    }
    return ERROR_NONE;
}

uint32_t names_find(const struct names *names, const char *name)
{
    uint32_t slot = *slot_of(names, name);
    return slot == 0 ? NAMES_NONE : slot - 1;
}
