/*
 * Split-block Bloom filters: which values a column chunk surely does not have.
 *
 * A filter is read whole into the caller's account. Asking is a matter of one hash and one block of
 * 32 bytes; the answer "no" is certain, "yes" is not.
 * Source: BloomFilter.md of apache/parquet-format; BloomFilterHeader in parquet.thrift.
 */
#ifndef WEIR_PARQUET_BLOOM_FILTER_H
#define WEIR_PARQUET_BLOOM_FILTER_H

#include "parquet/metadata.h"

struct bloom_filter {
    struct mem_buffer bytes;
    const uint8_t *blocks;
    uint32_t block_count; /* 0: none is read */
};

void bloom_filter_init(struct bloom_filter *filter, struct mem_account *account);
/* Leaves the filter as init did. */
void bloom_filter_release(struct bloom_filter *filter);

/*
 * Reads the filter of a chunk that has one. ERROR_INPUT where it is damaged or would not stand
 * before data_end (bytes from the start of the file), ERROR_UNSUPPORTED for another kind of filter.
 */
CHECKED enum error_code bloom_filter_read(struct bloom_filter *filter,
                                          const struct store_object *object,
                                          const struct parquet_chunk *chunk, uint64_t data_end,
                                          struct error *error);

/* Whether a value may be in the chunk; its PLAIN bytes, without the length of byte arrays. */
bool bloom_filter_contains(const struct bloom_filter *filter, const void *bytes, size_t size);

#endif
