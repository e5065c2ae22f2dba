#ifdef __x86_64__
#include <immintrin.h>

#define LANES 4

typedef __m256d vector;
typedef __m256d mask; /* all bits of a lane, or none */

static inline vector vector_of(double x)
{
    return _mm256_set1_pd(x);
}

static inline vector vector_load(const void *at)
{
    return _mm256_loadu_pd(at);
}

static inline void vector_store(double *at, vector sums)
{
    _mm256_store_pd(at, sums);
}

static inline mask vector_taken(vector x, vector rest, vector bound)
{
    vector size = _mm256_andnot_pd(_mm256_set1_pd(-0.0), x);
    return _mm256_and_pd(_mm256_cmp_pd(size, bound, _CMP_LT_OQ),
                         _mm256_cmp_pd(rest, _mm256_setzero_pd(), _CMP_EQ_OQ));
}

static inline vector vector_add_taken(vector sums, vector part, mask taken)
{
    return sums + _mm256_and_pd(part, taken);
}

static inline unsigned mask_failed(mask taken)
{
    return (unsigned)_mm256_movemask_pd(taken) ^ 0xf;
}

#include "exact/add_loop.h"
#include "exact/scatter_loop.h"

const struct exact_kernels exact_kernels_avx2 = ADD_KERNELS;
const struct exact_scatter_kernels exact_scatter_avx2 = SCATTER_KERNELS;
#else
typedef int no_avx2_here;
#endif
