#include "column/expand.h"

#include <string.h>

#include "os/os.h"

const struct expand_kernels *expand_kernels_chosen(void)
{
#ifdef __x86_64__
    switch (os_instruction_set()) {
    case OS_AVX512:
        return &expand_kernels_avx512;
    case OS_AVX2:
        return &expand_kernels_avx2;
    case OS_SCALAR:
        break;
    }
#endif
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

size_t expand_values(const uint8_t *present, const uint8_t *values, size_t width, size_t count,
                     uint8_t *out)
{
    if (width == 8)
        return expand_kernels_chosen()->expand_8(present, values, count, out);
    if (width == 4)
        return expand_kernels_chosen()->expand_4(present, values, count, out);
    return expand_any(present, values, width, count, out);
}
