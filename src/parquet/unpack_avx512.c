/*
 * A value of up to 64 bits lies in two neighbouring words of the packed bytes. The words are loaded
 * twice, once from the start and once from the second word on, so that one and the same permutation
 * brings both halves of a value into its lane; two shifts put them in place. That holds for every
 * width and every first bit, and the same number of bytes further on all repeats.
 */
#ifdef __x86_64__
#include <immintrin.h>
#include <string.h>

#include "parquet/kernels.h"

#define LANES_U32 16
#define LANES_U64 8
/* (a | b) & c, as _mm512_ternarylogic wants it. */
#define OR_THEN_AND 0xa8

/* Where the values of a vector lie: word, and how far to shift that word and the next one. */
struct places {
    __m512i word, right, left, mask;
};

/* Packed bytes from the next vector's first value on, which begins in the first byte. */
struct packed {
    const uint8_t *at;
    size_t left; /* bytes that may be read */
    unsigned phase;
};

static inline struct packed packed_from(const uint8_t *in, size_t in_size, unsigned width,
                                        size_t skip)
{
    size_t bit = skip * width;
    return (struct packed){in + bit / 8, in_size - bit / 8, (unsigned)(bit % 8)};
}

static inline __mmask64 first_lanes(size_t count)
{
    return count >= 64 ? ~(__mmask64)0 : ((__mmask64)1 << count) - 1;
}

static inline __m512i load_first(const uint8_t *at, size_t left)
{
    return _mm512_maskz_loadu_epi8(first_lanes(left), at);
}

static inline struct places places_u32(unsigned width, unsigned phase)
{
    const __m512i lane = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    __m512i bit = _mm512_add_epi32(_mm512_mullo_epi32(lane, _mm512_set1_epi32((int)width)),
                                   _mm512_set1_epi32((int)phase));
    __m512i right = _mm512_and_si512(bit, _mm512_set1_epi32(31));
    uint32_t mask = (uint32_t)((UINT64_C(1) << width) - 1);
    return (struct places){_mm512_srli_epi32(bit, 5), right,
                           _mm512_sub_epi32(_mm512_set1_epi32(32), right),
                           _mm512_set1_epi32((int)mask)};
}

static inline struct places places_u64(unsigned width, unsigned phase)
{
    const __m512i lane = _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7);
    __m512i bit = _mm512_add_epi64(_mm512_mul_epu32(lane, _mm512_set1_epi64((int)width)),
                                   _mm512_set1_epi64((int)phase));
    __m512i right = _mm512_and_si512(bit, _mm512_set1_epi64(63));
    uint64_t mask = width < 64 ? (UINT64_C(1) << width) - 1 : UINT64_MAX;
    return (struct places){_mm512_srli_epi64(bit, 6), right,
                           _mm512_sub_epi64(_mm512_set1_epi64(64), right),
                           _mm512_set1_epi64((long long)mask)};
}

/* The next 16 values, or as many as there are bytes for. */
static inline __m512i take_u32(const struct places *places, struct packed *packed, unsigned width)
{
    __m512i low, high;
    if (__builtin_expect(packed->left >= 64 + 4, 1)) {
        low = _mm512_loadu_si512(packed->at);
        high = _mm512_loadu_si512(packed->at + 4);
    } else {
        low = load_first(packed->at, packed->left);
        high = load_first(packed->at + 4, packed->left > 4 ? packed->left - 4 : 0);
    }
    packed->at += LANES_U32 / 8 * width;
    packed->left -= LANES_U32 / 8 * width;
    low = _mm512_srlv_epi32(_mm512_permutexvar_epi32(places->word, low), places->right);
    high = _mm512_sllv_epi32(_mm512_permutexvar_epi32(places->word, high), places->left);
    return _mm512_ternarylogic_epi32(low, high, places->mask, OR_THEN_AND);
}

/* The next 8 values, or as many as there are bytes for. */
static inline __m512i take_u64(const struct places *places, struct packed *packed, unsigned width)
{
    __m512i low, high;
    if (__builtin_expect(packed->left >= 64 + 8, 1)) {
        low = _mm512_loadu_si512(packed->at);
        high = _mm512_loadu_si512(packed->at + 8);
    } else {
        low = load_first(packed->at, packed->left);
        high = load_first(packed->at + 8, packed->left > 8 ? packed->left - 8 : 0);
    }
    packed->at += LANES_U64 / 8 * width;
    packed->left -= LANES_U64 / 8 * width;
    low = _mm512_srlv_epi64(_mm512_permutexvar_epi64(places->word, low), places->right);
    high = _mm512_sllv_epi64(_mm512_permutexvar_epi64(places->word, high), places->left);
    return _mm512_ternarylogic_epi64(low, high, places->mask, OR_THEN_AND);
}

void unpack_u32_avx512(const uint8_t *in, size_t in_size, unsigned width, size_t skip, size_t count,
                       uint32_t *out)
{
    if (width == 0) {
        memset(out, 0, count * sizeof *out);
        return;
    }
    struct packed packed = packed_from(in, in_size, width, skip);
    struct places places = places_u32(width, packed.phase);
    for (; count >= LANES_U32; count -= LANES_U32) {
        _mm512_storeu_si512(out, take_u32(&places, &packed, width));
        out += LANES_U32;
    }
    if (count > 0)
        _mm512_mask_storeu_epi32(out, (__mmask16)first_lanes(count),
                                 take_u32(&places, &packed, width));
}

void unpack_u64_avx512(const uint8_t *in, size_t in_size, unsigned width, size_t skip, size_t count,
                       uint64_t *out)
{
    if (width == 0) {
        memset(out, 0, count * sizeof *out);
        return;
    }
    struct packed packed = packed_from(in, in_size, width, skip);
    struct places places = places_u64(width, packed.phase);
    for (; count >= LANES_U64; count -= LANES_U64) {
        _mm512_storeu_si512(out, take_u64(&places, &packed, width));
        out += LANES_U64;
    }
    if (count > 0)
        _mm512_mask_storeu_epi64(out, (__mmask8)first_lanes(count),
                                 take_u64(&places, &packed, width));
}

/* Each lane plus all lanes before it. */
static inline __m512i running_u32(__m512i x)
{
    const __m512i zero = _mm512_setzero_si512();
    x = _mm512_add_epi32(x, _mm512_alignr_epi32(x, zero, 15));
    x = _mm512_add_epi32(x, _mm512_alignr_epi32(x, zero, 14));
    x = _mm512_add_epi32(x, _mm512_alignr_epi32(x, zero, 12));
    return _mm512_add_epi32(x, _mm512_alignr_epi32(x, zero, 8));
}

static inline __m512i running_u64(__m512i x)
{
    const __m512i zero = _mm512_setzero_si512();
    x = _mm512_add_epi64(x, _mm512_alignr_epi64(x, zero, 7));
    x = _mm512_add_epi64(x, _mm512_alignr_epi64(x, zero, 6));
    return _mm512_add_epi64(x, _mm512_alignr_epi64(x, zero, 4));
}

/* Differences of no bits: an arithmetic series, which is the same unpacking without bytes. What a
 * vector adds to all later ones is known before what was added to it, so only one addition a
 * vector waits for the vector before. */
uint32_t delta_u32_avx512(const uint8_t *in, size_t in_size, unsigned width, size_t skip,
                          size_t count, uint32_t minimum, uint32_t last, uint32_t *out)
{
    const __m512i least = _mm512_set1_epi32((int)minimum), end = _mm512_set1_epi32(15);
    struct packed packed = packed_from(in, in_size, width, skip);
    struct places places = places_u32(width, packed.phase);
    __m512i before = _mm512_set1_epi32((int)last);
    for (; count >= LANES_U32; count -= LANES_U32) {
        __m512i sums = running_u32(_mm512_add_epi32(take_u32(&places, &packed, width), least));
        _mm512_storeu_si512(out, _mm512_add_epi32(sums, before));
        before = _mm512_add_epi32(before, _mm512_permutexvar_epi32(end, sums));
        out += LANES_U32;
    }
    if (count > 0) {
        __m512i sums = running_u32(_mm512_add_epi32(take_u32(&places, &packed, width), least));
        sums = _mm512_add_epi32(sums, before);
        _mm512_mask_storeu_epi32(out, (__mmask16)first_lanes(count), sums);
        before = _mm512_permutexvar_epi32(_mm512_set1_epi32((int)count - 1), sums);
    }
    return (uint32_t)_mm_cvtsi128_si32(_mm512_castsi512_si128(before));
}

uint64_t delta_u64_avx512(const uint8_t *in, size_t in_size, unsigned width, size_t skip,
                          size_t count, uint64_t minimum, uint64_t last, uint64_t *out)
{
    const __m512i least = _mm512_set1_epi64((long long)minimum), end = _mm512_set1_epi64(7);
    struct packed packed = packed_from(in, in_size, width, skip);
    struct places places = places_u64(width, packed.phase);
    __m512i before = _mm512_set1_epi64((long long)last);
    for (; count >= LANES_U64; count -= LANES_U64) {
        __m512i sums = running_u64(_mm512_add_epi64(take_u64(&places, &packed, width), least));
        _mm512_storeu_si512(out, _mm512_add_epi64(sums, before));
        before = _mm512_add_epi64(before, _mm512_permutexvar_epi64(end, sums));
        out += LANES_U64;
    }
    if (count > 0) {
        __m512i sums = running_u64(_mm512_add_epi64(take_u64(&places, &packed, width), least));
        sums = _mm512_add_epi64(sums, before);
        _mm512_mask_storeu_epi64(out, (__mmask8)first_lanes(count), sums);
        before = _mm512_permutexvar_epi64(_mm512_set1_epi64((int)count - 1), sums);
    }
    return (uint64_t)_mm_cvtsi128_si64(_mm512_castsi512_si128(before));
}

/* Up to 64 bits from a first one on. */
static inline uint64_t load_bits(const uint8_t *in, size_t skip, size_t count)
{
    uint64_t bits = 0;
    unsigned phase = (unsigned)(skip % 8);
    in += skip / 8;
    size_t size = (phase + count + 7) / 8;
    memcpy(&bits, in, size < sizeof bits ? size : sizeof bits);
    bits >>= phase;
    return size > sizeof bits ? bits | (uint64_t)in[8] << (64 - phase) : bits;
}

void unpack_bits_avx512(const uint8_t *in, size_t skip, size_t count, uint8_t *out)
{
    const __m512i one = _mm512_set1_epi8(1);
    for (; count >= 64; count -= 64) {
        _mm512_storeu_si512(out, _mm512_maskz_mov_epi8(load_bits(in, skip, 64), one));
        skip += 64;
        out += 64;
    }
    if (count > 0)
        _mm512_mask_storeu_epi8(out, first_lanes(count),
                                _mm512_maskz_mov_epi8(load_bits(in, skip, count), one));
}

size_t count_ones_avx512(const uint8_t *bytes, size_t count)
{
    const __m512i zero = _mm512_setzero_si512();
    __m512i ones = zero;
    for (; count >= 64; count -= 64) {
        ones = _mm512_add_epi64(ones, _mm512_sad_epu8(_mm512_loadu_si512(bytes), zero));
        bytes += 64;
    }
    ones = _mm512_add_epi64(ones, _mm512_sad_epu8(load_first(bytes, count), zero));
    return (size_t)_mm512_reduce_add_epi64(ones);
}
#else
typedef int no_avx512_here;
#endif
