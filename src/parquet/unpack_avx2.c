/*
 * As in unpack_avx512.c: the words of the packed bytes are loaded twice, from the first and from
 * the second on, one permutation brings both halves of each value into its lane, and two shifts put
 * them in place. Eight values take width bytes, after which all repeats. The last values are
 * unpacked from a copy of the last bytes.
 */
#ifdef __x86_64__
#include <immintrin.h>
#include <string.h>

#include "parquet/kernels.h"

#define STEP 8 /* values taken at once */

struct places {
    __m256i word, right, left, mask;
};

/* Eight values of 64 bits are two vectors, of which the second begins at another byte. */
struct places_u64 {
    struct places half[2];
    size_t second;
};

struct packed {
    const uint8_t *at;
    size_t left; /* bytes that may be read */
    unsigned phase;
    uint8_t tail[80]; /* the last bytes, and zeros */
};

static inline void packed_init(struct packed *packed, const uint8_t *in, size_t in_size,
                               unsigned width, size_t skip)
{
    size_t bit = skip * width;
    packed->at = in + bit / 8;
    packed->left = in_size - bit / 8;
    packed->phase = (unsigned)(bit % 8);
}

/* Where to load the next values from so that reach bytes may be read. */
static inline const uint8_t *packed_step(struct packed *packed, unsigned width, size_t reach)
{
    const uint8_t *at = packed->at;
    if (__builtin_expect(packed->left < reach, 0)) {
        memset(packed->tail, 0, sizeof packed->tail);
        if (packed->left > 0)
            memcpy(packed->tail, at, packed->left);
        at = packed->tail;
    }
    packed->at += width;
    packed->left -= width;
    return at;
}

static inline struct places places_u32(unsigned width, unsigned phase)
{
    const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    __m256i bit = _mm256_add_epi32(_mm256_mullo_epi32(lane, _mm256_set1_epi32((int)width)),
                                   _mm256_set1_epi32((int)phase));
    __m256i right = _mm256_and_si256(bit, _mm256_set1_epi32(31));
    uint32_t mask = (uint32_t)((UINT64_C(1) << width) - 1);
    return (struct places){_mm256_srli_epi32(bit, 5), right,
                           _mm256_sub_epi32(_mm256_set1_epi32(32), right),
                           _mm256_set1_epi32((int)mask)};
}

/* There is a permutation of words of 32 bits only: a word of 64 is two of them. */
static inline struct places half_u64(unsigned width, unsigned phase)
{
    const __m256i lane = _mm256_setr_epi64x(0, 1, 2, 3);
    __m256i bit = _mm256_add_epi64(_mm256_mul_epu32(lane, _mm256_set1_epi64x(width)),
                                   _mm256_set1_epi64x(phase));
    __m256i right = _mm256_and_si256(bit, _mm256_set1_epi64x(63));
    __m256i first = _mm256_slli_epi64(_mm256_srli_epi64(bit, 6), 1);
    __m256i second = _mm256_slli_epi64(_mm256_add_epi64(first, _mm256_set1_epi64x(1)), 32);
    uint64_t mask = width < 64 ? (UINT64_C(1) << width) - 1 : UINT64_MAX;
    return (struct places){_mm256_or_si256(first, second), right,
                           _mm256_sub_epi64(_mm256_set1_epi64x(64), right),
                           _mm256_set1_epi64x((long long)mask)};
}

static inline struct places_u64 places_u64(unsigned width, unsigned phase)
{
    unsigned second = phase + 4 * width;
    return (struct places_u64){{half_u64(width, phase), half_u64(width, second % 8)}, second / 8};
}

static inline __m256i load(const uint8_t *at)
{
    return _mm256_loadu_si256((const __m256i *)at);
}

static inline void store(void *out, __m256i x)
{
    _mm256_storeu_si256((__m256i *)out, x);
}

/* Eight values; reads 36 bytes. */
static inline __m256i take_u32(const struct places *places, const uint8_t *at)
{
    __m256i low = _mm256_permutevar8x32_epi32(load(at), places->word);
    __m256i high = _mm256_permutevar8x32_epi32(load(at + 4), places->word);
    __m256i both = _mm256_or_si256(_mm256_srlv_epi32(low, places->right),
                                   _mm256_sllv_epi32(high, places->left));
    return _mm256_and_si256(both, places->mask);
}

/* Four values; reads 40 bytes. */
static inline __m256i take_u64(const struct places *places, const uint8_t *at)
{
    __m256i low = _mm256_permutevar8x32_epi32(load(at), places->word);
    __m256i high = _mm256_permutevar8x32_epi32(load(at + 8), places->word);
    __m256i both = _mm256_or_si256(_mm256_srlv_epi64(low, places->right),
                                   _mm256_sllv_epi64(high, places->left));
    return _mm256_and_si256(both, places->mask);
}

#define REACH_U32 36
#define REACH_U64 (32 + 40)

void unpack_u32_avx2(const uint8_t *in, size_t in_size, unsigned width, size_t skip, size_t count,
                     uint32_t *out)
{
    if (width == 0) {
        memset(out, 0, count * sizeof *out);
        return;
    }
    struct packed packed;
    packed_init(&packed, in, in_size, width, skip);
    struct places places = places_u32(width, packed.phase);
    for (; count >= STEP; count -= STEP) {
        store(out, take_u32(&places, packed_step(&packed, width, REACH_U32)));
        out += STEP;
    }
    if (count > 0) {
        uint32_t values[STEP];
        store(values, take_u32(&places, packed_step(&packed, width, REACH_U32)));
        memcpy(out, values, count * sizeof *out);
    }
}

void unpack_u64_avx2(const uint8_t *in, size_t in_size, unsigned width, size_t skip, size_t count,
                     uint64_t *out)
{
    if (width == 0) {
        memset(out, 0, count * sizeof *out);
        return;
    }
    struct packed packed;
    packed_init(&packed, in, in_size, width, skip);
    struct places_u64 places = places_u64(width, packed.phase);
    for (; count >= STEP; count -= STEP) {
        const uint8_t *at = packed_step(&packed, width, REACH_U64);
        store(out, take_u64(&places.half[0], at));
        store(out + 4, take_u64(&places.half[1], at + places.second));
        out += STEP;
    }
    if (count > 0) {
        uint64_t values[STEP];
        const uint8_t *at = packed_step(&packed, width, REACH_U64);
        store(values, take_u64(&places.half[0], at));
        store(values + 4, take_u64(&places.half[1], at + places.second));
        memcpy(out, values, count * sizeof *out);
    }
}

/* Each lane plus all lanes before it: within the halves, then the first half's sum on the second.
 */
static inline __m256i running_u32(__m256i x)
{
    x = _mm256_add_epi32(x, _mm256_slli_si256(x, 4));
    x = _mm256_add_epi32(x, _mm256_slli_si256(x, 8));
    __m256i first = _mm256_permute2x128_si256(x, x, 0x08);
    return _mm256_add_epi32(x, _mm256_shuffle_epi32(first, 0xff));
}

static inline __m256i running_u64(__m256i x)
{
    x = _mm256_add_epi64(x, _mm256_slli_si256(x, 8));
    __m256i first = _mm256_permute2x128_si256(x, x, 0x08);
    return _mm256_add_epi64(x, _mm256_unpackhi_epi64(first, first));
}

/* Adds up eight differences; *before is the value before in all lanes, and becomes the last. */
static inline void add_up_u32(__m256i x, __m256i *before, uint32_t *out)
{
    __m256i sums = running_u32(x);
    store(out, _mm256_add_epi32(sums, *before));
    *before = _mm256_add_epi32(*before, _mm256_permutevar8x32_epi32(sums, _mm256_set1_epi32(7)));
}

static inline void add_up_u64(__m256i x, __m256i *before, uint64_t *out)
{
    __m256i sums = running_u64(x);
    store(out, _mm256_add_epi64(sums, *before));
    *before = _mm256_add_epi64(*before, _mm256_permute4x64_epi64(sums, 0xff));
}

uint32_t delta_u32_avx2(const uint8_t *in, size_t in_size, unsigned width, size_t skip,
                        size_t count, uint32_t minimum, uint32_t last, uint32_t *out)
{
    const __m256i least = _mm256_set1_epi32((int)minimum);
    struct packed packed;
    packed_init(&packed, in, in_size, width, skip);
    struct places places = places_u32(width, packed.phase);
    __m256i before = _mm256_set1_epi32((int)last);
    for (; count >= STEP; count -= STEP) {
        __m256i x = take_u32(&places, packed_step(&packed, width, REACH_U32));
        add_up_u32(_mm256_add_epi32(x, least), &before, out);
        out += STEP;
    }
    if (count > 0) {
        uint32_t values[STEP];
        __m256i x = take_u32(&places, packed_step(&packed, width, REACH_U32));
        add_up_u32(_mm256_add_epi32(x, least), &before, values);
        memcpy(out, values, count * sizeof *out);
        return values[count - 1];
    }
    return (uint32_t)_mm256_cvtsi256_si32(before);
}

static inline void add_up_step(const struct places_u64 *places, const uint8_t *at, __m256i least,
                               __m256i *before, uint64_t *out)
{
    __m256i first = take_u64(&places->half[0], at);
    __m256i second = take_u64(&places->half[1], at + places->second);
    add_up_u64(_mm256_add_epi64(first, least), before, out);
    add_up_u64(_mm256_add_epi64(second, least), before, out + 4);
}

uint64_t delta_u64_avx2(const uint8_t *in, size_t in_size, unsigned width, size_t skip,
                        size_t count, uint64_t minimum, uint64_t last, uint64_t *out)
{
    const __m256i least = _mm256_set1_epi64x((long long)minimum);
    struct packed packed;
    packed_init(&packed, in, in_size, width, skip);
    struct places_u64 places = places_u64(width, packed.phase);
    __m256i before = _mm256_set1_epi64x((long long)last);
    for (; count >= STEP; count -= STEP) {
        add_up_step(&places, packed_step(&packed, width, REACH_U64), least, &before, out);
        out += STEP;
    }
    if (count > 0) {
        uint64_t values[STEP];
        add_up_step(&places, packed_step(&packed, width, REACH_U64), least, &before, values);
        memcpy(out, values, count * sizeof *out);
        return values[count - 1];
    }
    return (uint64_t)_mm_cvtsi128_si64(_mm256_castsi256_si128(before));
}

/* 32 bits from a first one on, and as many as there are of less. */
static inline uint32_t load_bits(const uint8_t *in, size_t skip)
{
    uint32_t bits;
    memcpy(&bits, in + skip / 8, sizeof bits);
    unsigned phase = (unsigned)(skip % 8);
    return phase == 0 ? bits : bits >> phase | (uint32_t)in[skip / 8 + 4] << (32 - phase);
}

static inline uint32_t load_few_bits(const uint8_t *in, size_t skip, size_t count)
{
    uint64_t bits = 0;
    memcpy(&bits, in + skip / 8, (skip % 8 + count + 7) / 8);
    return (uint32_t)(bits >> skip % 8);
}

/* Every byte of the bits into eight lanes, each of which looks at its bit. */
static inline __m256i spread_bits(uint32_t bits)
{
    const __m256i byte =
        _mm256_setr_epi64x(0, 0x0101010101010101, 0x0202020202020202, 0x0303030303030303);
    const __m256i bit = _mm256_set1_epi64x((long long)0x8040201008040201);
    __m256i spread = _mm256_shuffle_epi8(_mm256_set1_epi32((int)bits), byte);
    __m256i set = _mm256_cmpeq_epi8(_mm256_and_si256(spread, bit), bit);
    return _mm256_and_si256(set, _mm256_set1_epi8(1));
}

void unpack_bits_avx2(const uint8_t *in, size_t skip, size_t count, uint8_t *out)
{
    for (; count >= 32; count -= 32) {
        store(out, spread_bits(load_bits(in, skip)));
        skip += 32;
        out += 32;
    }
    if (count > 0) {
        uint8_t values[32];
        store(values, spread_bits(load_few_bits(in, skip, count)));
        memcpy(out, values, count);
    }
}

size_t count_ones_avx2(const uint8_t *bytes, size_t count)
{
    const __m256i zero = _mm256_setzero_si256();
    __m256i ones = zero;
    for (; count >= 32; count -= 32) {
        ones = _mm256_add_epi64(ones, _mm256_sad_epu8(load(bytes), zero));
        bytes += 32;
    }
    uint64_t parts[4];
    store(parts, ones);
    return (size_t)(parts[0] + parts[1] + parts[2] + parts[3]) + count_ones_scalar(bytes, count);
}
#else
typedef int no_avx2_here;
#endif
