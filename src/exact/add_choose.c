#include "exact/add_kernels.h"
#include "exact/scatter_kernels.h"
#include "os/os.h"

const struct exact_kernels *exact_kernels_chosen(void)
{
#ifdef __x86_64__
    switch (os_instruction_set()) {
    case OS_AVX512:
        return &exact_kernels_avx512;
    case OS_AVX2:
        return &exact_kernels_avx2;
    case OS_SCALAR:
        break;
    }
#endif
    return &exact_kernels_scalar;
}

const struct exact_scatter_kernels *exact_scatter_chosen(void)
{
#ifdef __x86_64__
    switch (os_instruction_set()) {
    case OS_AVX512:
        return &exact_scatter_avx512;
    case OS_AVX2:
        return &exact_scatter_avx2;
    case OS_SCALAR:
        break;
    }
#endif
    return &exact_scatter_scalar;
}
