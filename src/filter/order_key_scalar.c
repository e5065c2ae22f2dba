#include "filter/order_key_loops.h"

const struct value_kernels value_kernels_scalar = {keys_of_values, keys_in_range};
