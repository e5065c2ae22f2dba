/*
 * Exact sums of integers and decimals: two's complement words a key, wide enough that no
 * intermediate sum overflows, checked against the result's type at the end.
 *
 * words = 2 (128 bits) for integers up to 64 bits, 3 for decimals of up to 16 bytes, 5 for up to 32
 * bytes: room for 2^63 additions of the largest value.
 * Word w of key k stands at sums[w * key_count + k] (one plain array a word).
 */
#ifndef WEIR_EXACT_INTEGERS_H
#define WEIR_EXACT_INTEGERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum integer_source {
    INTEGER_I32,
    INTEGER_U32,
    INTEGER_I64,
    INTEGER_U64,
    INTEGER_BOOLEAN,   /* uint8_t */
    INTEGER_BIG_ENDIAN /* two's complement, value_size bytes, big-endian: decimals */
};

/* Words a key needs for a source (value_size only for INTEGER_BIG_ENDIAN, at most 32). */
unsigned integer_words(enum integer_source source, uint32_t value_size);

/* Adds values[i] to key first_key + i. sums has integer_words(..) * key_count words, zero at first.
 */
void integer_sums_add(uint64_t *sums, size_t key_count, enum integer_source source,
                      uint32_t value_size, size_t first_key, const void *values, size_t count);

/*
 * Keys in any order: word w of key k stands at sums[k * words + w], so that a key is one place in
 * memory. What reads such sums gets sums + k * words, a key_count of 1 and the key 0.
 */

/* Adds values[i] to key keys[i]; keys may repeat. */
void integer_sums_add_at(uint64_t *sums, enum integer_source source, uint32_t value_size,
                         const uint32_t *keys, const void *values, size_t count);

/* Adds the sum of a key of either layout to one of this layout: word w of it is at
 * from[w * stride]. */
void integer_sums_merge(uint64_t *sums, unsigned words, uint32_t key, const uint64_t *from,
                        size_t stride);

/* The sum of a key as int64_t / uint64_t; false: it does not fit. */
bool integer_sum_i64(const uint64_t *sums, size_t key_count, unsigned words, size_t key,
                     int64_t *ret);
bool integer_sum_u64(const uint64_t *sums, size_t key_count, unsigned words, size_t key,
                     uint64_t *ret);

/* The sum as size (16 or 32) big-endian bytes; false: magnitude is 10^precision or more. */
bool integer_sum_decimal(const uint64_t *sums, size_t key_count, unsigned words, size_t key,
                         unsigned precision, unsigned size, uint8_t *ret);

/* sum / count / 10^scale as the nearest double, rounded once. */
double integer_mean(const uint64_t *sums, size_t key_count, unsigned words, size_t key,
                    uint64_t count, int32_t scale);

/* The exact sum in decimal digits, for messages. */
void integer_sum_text(const uint64_t *sums, size_t key_count, unsigned words, size_t key,
                      char *buffer, size_t size);
#endif
