#ifdef __x86_64__
#include <immintrin.h>

#include "parquet/kernels.h"

static inline __m256i load(const void *at)
{
    return _mm256_loadu_si256((const __m256i *)at);
}

static inline void store(void *out, __m256i x)
{
    _mm256_storeu_si256((__m256i *)out, x);
}

uint32_t greatest_avx2(const uint32_t *indices, size_t count)
{
    __m256i greatest = _mm256_setzero_si256();
    size_t i = 0;
    for (; i + 8 <= count; i += 8)
        greatest = _mm256_max_epu32(greatest, load(indices + i));
    uint32_t both[9];
    store(both, greatest);
    both[8] = greatest_scalar(indices + i, count - i);
    return greatest_scalar(both, 9);
}

void gather_4_avx2(const uint8_t *dictionary, const uint32_t *indices, size_t count, uint8_t *out)
{
    size_t i = 0;
    for (; i + 8 <= count; i += 8)
        store(out + 4 * i, _mm256_i32gather_epi32((const int *)dictionary, load(indices + i), 4));
    gather_4_scalar(dictionary, indices + i, count - i, out + 4 * i);
}

void gather_8_avx2(const uint8_t *dictionary, const uint32_t *indices, size_t count, uint8_t *out)
{
    size_t i = 0;
    for (; i + 4 <= count; i += 4) {
        __m128i index = _mm_loadu_si128((const __m128i *)(indices + i));
        store(out + 8 * i, _mm256_i32gather_epi64((const long long *)dictionary, index, 8));
    }
    gather_8_scalar(dictionary, indices + i, count - i, out + 8 * i);
}

/* Interleaves the bytes of two streams, 32 values at once; each half of a register by itself. */
static inline void interleave_8(__m256i a, __m256i b, __m256i *low, __m256i *high)
{
    *low = _mm256_unpacklo_epi8(a, b);
    *high = _mm256_unpackhi_epi8(a, b);
}

static inline void interleave_16(__m256i a, __m256i b, __m256i *low, __m256i *high)
{
    *low = _mm256_unpacklo_epi16(a, b);
    *high = _mm256_unpackhi_epi16(a, b);
}

static inline void interleave_32(__m256i a, __m256i b, __m256i *low, __m256i *high)
{
    *low = _mm256_unpacklo_epi32(a, b);
    *high = _mm256_unpackhi_epi32(a, b);
}

/* Registers of which the first halves belong in front and the second ones half bytes further. */
static inline void store_halves(uint8_t *out, size_t half, __m256i x)
{
    _mm_storeu_si128((__m128i *)out, _mm256_castsi256_si128(x));
    _mm_storeu_si128((__m128i *)(out + half), _mm256_extracti128_si256(x, 1));
}

void split_4_avx2(const uint8_t *streams, size_t stride, size_t count, uint8_t *out)
{
    size_t i = 0;
    for (; i + 32 <= count; i += 32) {
        __m256i pair[4], four[4];
        for (size_t half = 0; half < 2; half++)
            interleave_8(load(streams + 2 * half * stride + i),
                         load(streams + (2 * half + 1) * stride + i), &pair[2 * half],
                         &pair[2 * half + 1]);
        interleave_16(pair[0], pair[2], &four[0], &four[1]);
        interleave_16(pair[1], pair[3], &four[2], &four[3]);
        for (size_t part = 0; part < 4; part++)
            store_halves(out + 4 * i + 16 * part, 64, four[part]);
    }
    split_4_scalar(streams + i, stride, count - i, out + 4 * i);
}

/* Streams 0 to 7 to bytes 0 to 7 of 32 values: pairs of streams, fours, then all. */
static inline void split_32_values(const uint8_t *streams, size_t stride, uint8_t *out)
{
    __m256i pair[4][2], low[4], high[4];
    for (size_t i = 0; i < 4; i++)
        interleave_8(load(streams + 2 * i * stride), load(streams + (2 * i + 1) * stride),
                     &pair[i][0], &pair[i][1]);
    for (size_t i = 0; i < 2; i++) {
        interleave_16(pair[0][i], pair[1][i], &low[2 * i], &low[2 * i + 1]);
        interleave_16(pair[2][i], pair[3][i], &high[2 * i], &high[2 * i + 1]);
    }
    for (size_t i = 0; i < 4; i++) {
        __m256i first, second;
        interleave_32(low[i], high[i], &first, &second);
        store_halves(out + 32 * i, 128, first);
        store_halves(out + 32 * i + 16, 128, second);
    }
}

void split_8_avx2(const uint8_t *streams, size_t stride, size_t count, uint8_t *out)
{
    size_t i = 0;
    for (; i + 32 <= count; i += 32)
        split_32_values(streams + i, stride, out + 8 * i);
    split_8_scalar(streams + i, stride, count - i, out + 8 * i);
}
#else
typedef int no_avx2_here;
#endif
