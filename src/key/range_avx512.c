#ifdef __x86_64__
#define RANGE_KERNELS range_kernels_avx512
#include "key/range_loop.h"
#else
typedef int range_kernels_avx512; /* a file may not be empty */
#endif
