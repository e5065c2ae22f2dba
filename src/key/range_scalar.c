#define RANGE_KERNELS range_kernels_scalar
#include "key/range_loop.h"
