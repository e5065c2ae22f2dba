/*
 * What one mutant is made of: random numbers that depend on nothing but a seed, and memory that is
 * forgotten as a whole before the next mutant is made.
 */
#ifndef WEIR_MUTATE_POOL_H
#define WEIR_MUTATE_POOL_H

#include <stddef.h>
#include <stdint.h>

struct pool {
    uint8_t *memory;
    size_t size, used;
    uint64_t random;
};

/* A growing run of bytes at the end of a pool's block of fixed capacity. */
struct bytes {
    uint8_t *data;
    size_t size, capacity;
};

struct pool pool_create(size_t size);
void pool_release(struct pool *pool);
/* Forgets everything and starts the random numbers of a mutant. */
void pool_restart(struct pool *pool, uint64_t seed);
/* Zero-filled; ends the process when there is no room, which is a defect of the runner. */
void *pool_take(struct pool *pool, size_t size);

uint64_t pool_random(struct pool *pool);
/* 0 to count - 1; 0 for no count. */
size_t pool_below(struct pool *pool, size_t count);

struct bytes bytes_create(struct pool *pool, size_t capacity);
/* What does not fit is left out: a mutant may be cut short. */
void bytes_append(struct bytes *bytes, const void *data, size_t size);
void bytes_byte(struct bytes *bytes, uint8_t byte);
void bytes_varint(struct bytes *bytes, uint64_t value);

#endif
