/*
 * Unpacks integers of a fixed number of bits, lowest bit first, by the kernels of this machine: see
 * kernels.h. Private to the parquet room.
 */
#ifndef WEIR_PARQUET_UNPACK_H
#define WEIR_PARQUET_UNPACK_H

#include <stddef.h>
#include <stdint.h>

/*
 * Unpacks count values of width bits (0 to 32), the first of them skip values behind the start of
 * in. in_size bytes may be read, at least those that the values need.
 */
void unpack_u32(const uint8_t *in, size_t in_size, unsigned width, size_t skip, size_t count,
                uint32_t *out);

/* The same for widths of 0 to 64. */
void unpack_u64(const uint8_t *in, size_t in_size, unsigned width, size_t skip, size_t count,
                uint64_t *out);

/* One bit a value, to bytes of 0 and 1. */
void unpack_bits(const uint8_t *in, size_t skip, size_t count, uint8_t *out);

/* How many of count bytes of 0 and 1 are 1. */
size_t unpack_count_ones(const uint8_t *bytes, size_t count);

#endif
