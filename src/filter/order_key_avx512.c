#ifdef __x86_64__
#include "filter/order_key_loops.h"

const struct value_kernels value_kernels_avx512 = {keys_of_values, keys_in_range};
#else
typedef int no_avx512_here;
#endif
