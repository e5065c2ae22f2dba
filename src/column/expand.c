#include "column/expand.h"

#include <string.h>

const struct expand_kernels *expand_kernels_for(int instruction_set)
{
#ifdef __x86_64__
    if (instruction_set == EXPAND_AVX512)
        return &expand_kernels_avx512;
    if (instruction_set == EXPAND_AVX2)
        return &expand_kernels_avx2;
#endif
    (void)instruction_set;
    return &expand_kernels_scalar;
}

static size_t expand_any(const uint8_t *present, const uint8_t *values, size_t width, size_t count,
                         uint8_t *out)
{
    size_t used = 0;
    memset(out, 0, count * width);
    for (size_t row = 0; row < count; row++) {
        if (present[row] != 0)
            memcpy(out + row * width, values + width * used++, width);
    }
    return used;
}

size_t expand_values(const struct expand_kernels *kernels, const uint8_t *present,
                     const uint8_t *values, size_t width, size_t count, uint8_t *out)
{
    if (width == 8)
        return kernels->expand_8(present, values, count, out);
    if (width == 4)
        return kernels->expand_4(present, values, count, out);
    return expand_any(present, values, width, count, out);
}
