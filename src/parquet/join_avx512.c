/*
 * The value before stays in a register: of the next one, a load that leaves the first lanes as they
 * are brings the rest, from where those bytes would have to begin. So no value waits until the one
 * before has reached memory.
 */
#ifdef __x86_64__
#include <immintrin.h>
#include <stdint.h>
#include <string.h>

#include "parquet/kernels.h"

#define LANES 64

static inline __mmask64 first_lanes(size_t count)
{
    return count >= LANES ? ~(__mmask64)0 : ((__mmask64)1 << count) - 1;
}

/* An address before the bytes themselves: lanes that are off touch nothing. */
static inline const uint8_t *before(const uint8_t *at, size_t distance)
{
    return (const uint8_t *)((uintptr_t)at - distance);
}

static inline __m512i load_first(const uint8_t *at, size_t size)
{
    return _mm512_maskz_loadu_epi8(first_lanes(size), at);
}

static void join_long(uint8_t *text, const uint8_t *last, size_t prefix, const uint8_t *in,
                      size_t suffix)
{
    if (prefix > 0)
        memcpy(text, last, prefix);
    if (suffix > 0)
        memcpy(text + prefix, in, suffix);
}

void join_avx512(const uint8_t *last, const uint8_t *in, size_t in_size, const uint32_t *prefixes,
                 const uint32_t *suffixes, size_t count, uint8_t *text, size_t text_size)
{
    __m512i value = _mm512_setzero_si512();
    (void)in_size;
    (void)text_size;
    if (count > 0)
        value = load_first(last, prefixes[0]);
    for (size_t i = 0; i < count; i++) {
        size_t prefix = prefixes[i], suffix = suffixes[i], size = prefix + suffix;
        if (size <= LANES) {
            __mmask64 all = first_lanes(size);
            value = _mm512_mask_loadu_epi8(value, all & ~first_lanes(prefix), before(in, prefix));
            _mm512_mask_storeu_epi8(text, all, value);
        } else {
            join_long(text, last, prefix, in, suffix);
            value = _mm512_loadu_si512(text);
        }
        in += suffix;
        last = text;
        text += size;
    }
}
#else
typedef int no_avx512_here;
#endif
