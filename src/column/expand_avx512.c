#ifdef __x86_64__
#include <immintrin.h>

#include "column/expand.h"

/* Which of the next 64 rows, or fewer, have a value. */
static inline uint64_t rows_present(const uint8_t *present, size_t count)
{
    __mmask64 rows = count >= 64 ? ~(__mmask64)0 : ((__mmask64)1 << count) - 1;
    __m512i bytes = _mm512_maskz_loadu_epi8(rows, present);
    return _mm512_test_epi8_mask(bytes, bytes);
}

static inline size_t count_bits(uint64_t bits)
{
    return (size_t)__builtin_popcountll(bits);
}

static inline unsigned first_lanes(size_t count, unsigned lanes)
{
    return count < lanes ? (1u << count) - 1 : (1u << lanes) - 1;
}

/* Expanding loads read what they need, and no more. */
static size_t expand_4(const uint8_t *present, const uint8_t *values, size_t count, uint8_t *out)
{
    const uint8_t *next = values;
    for (size_t row = 0; row < count; row += 64) {
        uint64_t rows = rows_present(present + row, count - row);
        for (size_t at = row; at < row + 64 && at < count; at += 16, rows >>= 16) {
            __m512i filled = _mm512_maskz_expandloadu_epi32((__mmask16)rows, next);
            __mmask16 lanes = (__mmask16)first_lanes(count - at, 16);
            _mm512_mask_storeu_epi32(out + 4 * at, lanes, filled);
            next += 4 * count_bits(rows & 0xffff);
        }
    }
    return (size_t)(next - values) / 4;
}

static size_t expand_8(const uint8_t *present, const uint8_t *values, size_t count, uint8_t *out)
{
    const uint8_t *next = values;
    for (size_t row = 0; row < count; row += 64) {
        uint64_t rows = rows_present(present + row, count - row);
        for (size_t at = row; at < row + 64 && at < count; at += 8, rows >>= 8) {
            __m512i filled = _mm512_maskz_expandloadu_epi64((__mmask8)rows, next);
            __mmask8 lanes = (__mmask8)first_lanes(count - at, 8);
            _mm512_mask_storeu_epi64(out + 8 * at, lanes, filled);
            next += 8 * count_bits(rows & 0xff);
        }
    }
    return (size_t)(next - values) / 8;
}

const struct expand_kernels expand_kernels_avx512 = {expand_4, expand_8};
#else
typedef int no_avx512_here;
#endif
