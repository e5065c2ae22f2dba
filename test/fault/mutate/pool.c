#include "mutate/pool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct pool pool_create(size_t size)
{
    struct pool pool = {.memory = malloc(size), .size = size};
    if (pool.memory == NULL)
        abort();
    return pool;
}

void pool_release(struct pool *pool)
{
    free(pool->memory);
}

void pool_restart(struct pool *pool, uint64_t seed)
{
    pool->used = 0;
    pool->random = seed;
}

void *pool_take(struct pool *pool, size_t size)
{
    size = (size + 15) / 16 * 16;
    if (size > pool->size - pool->used) {
        fputs("mutate_files: the pool is too small\n", stderr);
        exit(2);
    }
    void *memory = pool->memory + pool->used;
    pool->used += size;
    memset(memory, 0, size);
    return memory;
}

/* splitmix64: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", 2014. */
uint64_t pool_random(struct pool *pool)
{
    uint64_t value = pool->random += UINT64_C(0x9e3779b97f4a7c15);
    value = (value ^ value >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    value = (value ^ value >> 27) * UINT64_C(0x94d049bb133111eb);
    return value ^ value >> 31;
}

size_t pool_below(struct pool *pool, size_t count)
{
    return count == 0 ? 0 : (size_t)(pool_random(pool) % count);
}

struct bytes bytes_create(struct pool *pool, size_t capacity)
{
    return (struct bytes){pool_take(pool, capacity), 0, capacity};
}

void bytes_append(struct bytes *bytes, const void *data, size_t size)
{
    size_t room = bytes->capacity - bytes->size;
    size = size < room ? size : room;
    if (size > 0)
        memcpy(bytes->data + bytes->size, data, size);
    bytes->size += size;
}

void bytes_byte(struct bytes *bytes, uint8_t byte)
{
    bytes_append(bytes, &byte, 1);
}

void bytes_varint(struct bytes *bytes, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        bytes_byte(bytes, (uint8_t)(value | 0x80));
    bytes_byte(bytes, (uint8_t)value);
}
