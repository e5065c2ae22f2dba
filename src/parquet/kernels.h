/*
 * The inner loops of decoding: one of each kind per instruction set, all with the same results bit
 * for bit. Private to the parquet room.
 *
 * A kernel takes plain arrays, which do not overlap, and touches no byte outside of them; arrays of
 * bytes may lie at any address. Everything has been checked: a kernel cannot fail.
 * Source: Encodings.md of apache/parquet-format, in which packed integers stand lowest bit first.
 */
#ifndef WEIR_PARQUET_KERNELS_H
#define WEIR_PARQUET_KERNELS_H

#include <stddef.h>
#include <stdint.h>

/*
 * Unpacks count values of width bits (0 to 32 or 64), the first of them skip values behind the
 * start of in. in_size bytes may be read, at least those that the values need; the more there are,
 * the fewer values at the end take care.
 */
typedef void unpack_u32_kernel(const uint8_t *in, size_t in_size, unsigned width, size_t skip,
                               size_t count, uint32_t *out);
typedef void unpack_u64_kernel(const uint8_t *in, size_t in_size, unsigned width, size_t skip,
                               size_t count, uint64_t *out);

/* One bit a value, to bytes of 0 and 1. */
typedef void unpack_bits_kernel(const uint8_t *in, size_t skip, size_t count, uint8_t *out);

/* How many of count bytes of 0 and 1 are 1. */
typedef size_t count_ones_kernel(const uint8_t *bytes, size_t count);

/*
 * Unpacks differences like the first two, and adds them up: each value is the one before, plus
 * minimum, plus its difference. last is the value before the first; returns the last one, which is
 * last itself when count is 0. Arithmetic is modulo 2^32 or 2^64.
 */
typedef uint32_t delta_u32_kernel(const uint8_t *in, size_t in_size, unsigned width, size_t skip,
                                  size_t count, uint32_t minimum, uint32_t last, uint32_t *out);
typedef uint64_t delta_u64_kernel(const uint8_t *in, size_t in_size, unsigned width, size_t skip,
                                  size_t count, uint64_t minimum, uint64_t last, uint64_t *out);

/* The greatest of count indices; 0 for none. */
typedef uint32_t greatest_kernel(const uint32_t *indices, size_t count);

/* out[i] = dictionary[indices[i]] for values of 4 or 8 bytes; indices are below 2^31. */
typedef void gather_kernel(const uint8_t *dictionary, const uint32_t *indices, size_t count,
                           uint8_t *out);

/* Values of 4 or 8 bytes from as many streams of bytes, each stride bytes behind the one before. */
typedef void split_kernel(const uint8_t *streams, size_t stride, size_t count, uint8_t *out);

/*
 * Puts byte arrays together: each begins with prefixes[i] bytes of the one before (the first one
 * with bytes of last, which may be NULL when that is 0) and ends with suffixes[i] bytes of in, of
 * which in_size may be read. They stand in text, one behind the other. No prefix is longer than the
 * value before.
 */
typedef void join_kernel(const uint8_t *last, const uint8_t *in, size_t in_size,
                         const uint32_t *prefixes, const uint32_t *suffixes, size_t count,
                         uint8_t *text, size_t text_size);

struct parquet_kernels {
    unpack_u32_kernel *unpack_u32;
    unpack_u64_kernel *unpack_u64;
    unpack_bits_kernel *unpack_bits;
    count_ones_kernel *count_ones;
    delta_u32_kernel *delta_u32;
    delta_u64_kernel *delta_u64;
    greatest_kernel *greatest;
    gather_kernel *gather_4;
    gather_kernel *gather_8;
    split_kernel *split_4;
    split_kernel *split_8;
    join_kernel *join;
};

extern const struct parquet_kernels parquet_kernels_scalar;
#ifdef __x86_64__
extern const struct parquet_kernels parquet_kernels_avx2;
extern const struct parquet_kernels parquet_kernels_avx512;
#endif

/* Those for os_instruction_set(). */
const struct parquet_kernels *parquet_kernels_chosen(void);

/* What the tables are made of. */
unpack_u32_kernel unpack_u32_scalar, unpack_u32_avx2, unpack_u32_avx512;
unpack_u64_kernel unpack_u64_scalar, unpack_u64_avx2, unpack_u64_avx512;
unpack_bits_kernel unpack_bits_scalar, unpack_bits_avx2, unpack_bits_avx512;
count_ones_kernel count_ones_scalar, count_ones_avx2, count_ones_avx512;
delta_u32_kernel delta_u32_scalar, delta_u32_avx2, delta_u32_avx512;
delta_u64_kernel delta_u64_scalar, delta_u64_avx2, delta_u64_avx512;
greatest_kernel greatest_scalar, greatest_avx2, greatest_avx512;
gather_kernel gather_4_scalar, gather_4_avx2, gather_4_avx512;
gather_kernel gather_8_scalar, gather_8_avx2, gather_8_avx512;
split_kernel split_4_scalar, split_4_avx2, split_8_scalar, split_8_avx2;
join_kernel join_scalar, join_avx512;

#endif
