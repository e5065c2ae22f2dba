/*
 * Short runs of bytes, hashed, compared and copied without a call: keys are mostly a few bytes.
 *
 * Private to the key room, for files that handle a value at a time. XXH3 as its source has it
 * (https://github.com/Cyan4973/xxHash), compiled in place.
 */
#ifndef WEIR_KEY_BYTES_H
#define WEIR_KEY_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define BYTES_INLINE __attribute__((always_inline)) static inline

BYTES_INLINE uint64_t bytes_hash(const uint8_t *bytes, size_t size)
{
    return XXH3_64bits(bytes, size);
}

BYTES_INLINE uint64_t bytes_load64(const uint8_t *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

BYTES_INLINE uint32_t bytes_load32(const uint8_t *bytes)
{
    uint32_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

/* From 4 to 16 bytes are two words, which may lie over each other. */
BYTES_INLINE bool bytes_equal(const uint8_t *a, const uint8_t *b, size_t size)
{
    if (size - 8 <= 8) {
        size_t last = size - 8;
        return ((bytes_load64(a) ^ bytes_load64(b)) |
                (bytes_load64(a + last) ^ bytes_load64(b + last))) == 0;
    }
    if (size - 4 < 4) {
        size_t last = size - 4;
        return ((bytes_load32(a) ^ bytes_load32(b)) |
                (bytes_load32(a + last) ^ bytes_load32(b + last))) == 0;
    }
    return size == 0 || memcmp(a, b, size) == 0;
}

BYTES_INLINE void bytes_copy(uint8_t *to, const uint8_t *from, size_t size)
{
    if (size - 8 <= 8) {
        uint64_t first = bytes_load64(from), last = bytes_load64(from + size - 8);
        memcpy(to, &first, sizeof first);
        memcpy(to + size - 8, &last, sizeof last);
    } else if (size - 4 < 4) {
        uint32_t first = bytes_load32(from), last = bytes_load32(from + size - 4);
        memcpy(to, &first, sizeof first);
        memcpy(to + size - 4, &last, sizeof last);
    } else if (size > 0) {
        memcpy(to, from, size);
    }
}

#endif
