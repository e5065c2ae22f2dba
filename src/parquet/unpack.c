#include "parquet/unpack.h"

#include "parquet/kernels.h"

void unpack_u32(const uint8_t *in, size_t in_size, unsigned width, size_t skip, size_t count,
                uint32_t *out)
{
    parquet_kernels_chosen()->unpack_u32(in, in_size, width, skip, count, out);
}

void unpack_u64(const uint8_t *in, size_t in_size, unsigned width, size_t skip, size_t count,
                uint64_t *out)
{
    parquet_kernels_chosen()->unpack_u64(in, in_size, width, skip, count, out);
}

void unpack_bits(const uint8_t *in, size_t skip, size_t count, uint8_t *out)
{
    parquet_kernels_chosen()->unpack_bits(in, skip, count, out);
}

size_t unpack_count_ones(const uint8_t *bytes, size_t count)
{
    return parquet_kernels_chosen()->count_ones(bytes, count);
}
