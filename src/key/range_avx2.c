#ifdef __x86_64__
#define RANGE_KERNELS range_kernels_avx2
#include "key/range_loop.h"
#else
typedef int range_kernels_avx2; /* a file may not be empty */
#endif
