#ifdef __x86_64__
#include <immintrin.h>
#include <string.h>

#include "column/expand.h"

/* Bytes of which each is the sum of those up to it: by one product, as long as none gets over 255.
 */
static inline uint64_t running(uint64_t ones)
{
    return ones * UINT64_C(0x0101010101010101);
}

static inline uint64_t load_8(const uint8_t *at)
{
    uint64_t bytes;
    memcpy(&bytes, at, sizeof bytes);
    return bytes;
}

/* The number of a row's value among those of its vector is the number of values before it. */
static inline __m256i ranks(uint64_t ones)
{
    return _mm256_cvtepu8_epi32(_mm_cvtsi64_si128((long long)(running(ones) - ones)));
}

static inline __m256i present_lanes(uint64_t ones)
{
    __m256i lanes = _mm256_cvtepu8_epi32(_mm_cvtsi64_si128((long long)ones));
    return _mm256_cmpgt_epi32(lanes, _mm256_setzero_si256());
}

static inline __m256i first_lanes(size_t count)
{
    const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)count), lane);
}

/* Puts the first lanes, count of them, where ones has them; words of 32 bits. */
static inline void expand_words(uint64_t ones, size_t count, const uint8_t *values, uint8_t *out)
{
    __m256i dense = _mm256_maskload_epi32((const int *)(const void *)values, first_lanes(count));
    __m256i rows = _mm256_permutevar8x32_epi32(dense, ranks(ones));
    _mm256_storeu_si256((__m256i *)(void *)out, _mm256_and_si256(rows, present_lanes(ones)));
}

static size_t expand_4(const uint8_t *present, const uint8_t *values, size_t count, uint8_t *out)
{
    size_t row = 0, used = 0;
    for (; row + 8 <= count; row += 8) {
        uint64_t ones = load_8(present + row);
        size_t now = (size_t)(running(ones) >> 56);
        expand_words(ones, now, values + 4 * used, out + 4 * row);
        used += now;
    }
    return used + expand_kernels_scalar.expand_4(present + row, values + 4 * used, count - row,
                                                 out + 4 * row);
}

/* A value of 64 bits is two words that are both there. */
static inline uint64_t twice(uint32_t ones)
{
    __m128i bytes = _mm_cvtsi32_si128((int)ones);
    return (uint64_t)_mm_cvtsi128_si64(_mm_unpacklo_epi8(bytes, bytes));
}

static size_t expand_8(const uint8_t *present, const uint8_t *values, size_t count, uint8_t *out)
{
    size_t row = 0, used = 0;
    for (; row + 4 <= count; row += 4) {
        uint32_t ones;
        memcpy(&ones, present + row, sizeof ones);
        uint64_t words = twice(ones);
        size_t now = (size_t)(running(words) >> 57);
        expand_words(words, 2 * now, values + 8 * used, out + 8 * row);
        used += now;
    }
    return used + expand_kernels_scalar.expand_8(present + row, values + 8 * used, count - row,
                                                 out + 8 * row);
}

const struct expand_kernels expand_kernels_avx2 = {expand_4, expand_8};
#else
typedef int no_avx2_here;
#endif
