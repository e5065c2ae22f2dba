#include "parquet/kernels.h"

#include "os/os.h"

const struct parquet_kernels parquet_kernels_scalar = {
    .unpack_u32 = unpack_u32_scalar,
    .unpack_u64 = unpack_u64_scalar,
    .unpack_bits = unpack_bits_scalar,
    .count_ones = count_ones_scalar,
    .delta_u32 = delta_u32_scalar,
    .delta_u64 = delta_u64_scalar,
    .greatest = greatest_scalar,
    .gather_4 = gather_4_scalar,
    .gather_8 = gather_8_scalar,
    .split_4 = split_4_scalar,
    .split_8 = split_8_scalar,
    .join = join_scalar,
};

#ifdef __x86_64__
const struct parquet_kernels parquet_kernels_avx2 = {
    .unpack_u32 = unpack_u32_avx2,
    .unpack_u64 = unpack_u64_avx2,
    .unpack_bits = unpack_bits_avx2,
    .count_ones = count_ones_avx2,
    .delta_u32 = delta_u32_avx2,
    .delta_u64 = delta_u64_avx2,
    .greatest = greatest_avx2,
    .gather_4 = gather_4_avx2,
    .gather_8 = gather_8_avx2,
    .split_4 = split_4_avx2,
    .split_8 = split_8_avx2,
    .join = join_scalar,
};

/* Interleaving bytes gains nothing from wider registers: they have one port for it, not two. */
const struct parquet_kernels parquet_kernels_avx512 = {
    .unpack_u32 = unpack_u32_avx512,
    .unpack_u64 = unpack_u64_avx512,
    .unpack_bits = unpack_bits_avx512,
    .count_ones = count_ones_avx512,
    .delta_u32 = delta_u32_avx512,
    .delta_u64 = delta_u64_avx512,
    .greatest = greatest_avx512,
    .gather_4 = gather_4_avx512,
    .gather_8 = gather_8_avx512,
    .split_4 = split_4_avx2,
    .split_8 = split_8_avx2,
    .join = join_avx512,
};
#endif

const struct parquet_kernels *parquet_kernels_chosen(void)
{
#ifdef __x86_64__
    switch (os_instruction_set()) {
    case OS_AVX512:
        return &parquet_kernels_avx512;
    case OS_AVX2:
        return &parquet_kernels_avx2;
    case OS_SCALAR:
        break;
    }
#endif
    return &parquet_kernels_scalar;
}
