#ifdef __x86_64__
#include <immintrin.h>

#include "parquet/kernels.h"

uint32_t greatest_avx512(const uint32_t *indices, size_t count)
{
    __m512i greatest = _mm512_setzero_si512();
    size_t i = 0;
    for (; i + 16 <= count; i += 16)
        greatest = _mm512_max_epu32(greatest, _mm512_loadu_si512(indices + i));
    __mmask16 rest = (__mmask16)((1u << (count - i)) - 1);
    greatest = _mm512_max_epu32(greatest, _mm512_maskz_loadu_epi32(rest, indices + i));
    return _mm512_reduce_max_epu32(greatest);
}

void gather_4_avx512(const uint8_t *dictionary, const uint32_t *indices, size_t count, uint8_t *out)
{
    size_t i = 0;
    for (; i + 16 <= count; i += 16) {
        __m512i index = _mm512_loadu_si512(indices + i);
        _mm512_storeu_si512(out + 4 * i, _mm512_i32gather_epi32(index, dictionary, 4));
    }
    gather_4_scalar(dictionary, indices + i, count - i, out + 4 * i);
}

void gather_8_avx512(const uint8_t *dictionary, const uint32_t *indices, size_t count, uint8_t *out)
{
    size_t i = 0;
    for (; i + 8 <= count; i += 8) {
        __m256i index = _mm256_loadu_si256((const __m256i *)(indices + i));
        _mm512_storeu_si512(out + 8 * i, _mm512_i32gather_epi64(index, dictionary, 8));
    }
    gather_8_scalar(dictionary, indices + i, count - i, out + 8 * i);
}
#else
typedef int no_avx512_here;
#endif
