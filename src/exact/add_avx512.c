#ifdef __x86_64__
#include <immintrin.h>

#define LANES 8

typedef __m512d vector;
typedef __mmask8 mask;

static inline vector vector_of(double x)
{
    return _mm512_set1_pd(x);
}

static inline vector vector_load(const void *at)
{
    return _mm512_loadu_pd(at);
}

static inline void vector_store(double *at, vector sums)
{
    _mm512_store_pd(at, sums);
}

static inline mask vector_taken(vector x, vector rest, vector bound)
{
    mask small = _mm512_cmp_pd_mask(_mm512_abs_pd(x), bound, _CMP_LT_OQ);
    return _mm512_mask_cmp_pd_mask(small, rest, _mm512_setzero_pd(), _CMP_EQ_OQ);
}

static inline vector vector_add_taken(vector sums, vector part, mask taken)
{
    return _mm512_mask_add_pd(sums, taken, sums, part);
}

static inline unsigned mask_failed(mask taken)
{
    return (unsigned)taken ^ 0xff;
}

#include "exact/add_loop.h"
#include "exact/scatter_loop.h"

const struct exact_kernels exact_kernels_avx512 = ADD_KERNELS;
const struct exact_scatter_kernels exact_scatter_avx512 = SCATTER_KERNELS;
#else
typedef int no_avx512_here;
#endif
