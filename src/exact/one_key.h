/*
 * Runs of one key: rows in order of their keys, or no key at all. Adding to the same place again
 * and again waits for memory each time; loops that know that it is one place need not.
 */
#ifndef WEIR_EXACT_ONE_KEY_H
#define WEIR_EXACT_ONE_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Keys that are looked at together. */
#define ONE_KEY_PIECE 256

static inline size_t one_key_piece(size_t left)
{
    return left < ONE_KEY_PIECE ? left : ONE_KEY_PIECE;
}

/* Whether count keys, at least one, are all the same. */
static inline bool is_one_key(const uint32_t *keys, size_t count)
{
    uint32_t other = 0;
    if (keys[0] != keys[count - 1])
        return false;
    for (size_t i = 1; i < count; i++)
        other |= keys[i] ^ keys[0];
    return other == 0;
}
#endif
