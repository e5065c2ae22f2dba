#include "parquet/lengths.h"

uint64_t lengths_sum(const uint32_t *lengths, size_t count)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += lengths[i];
    return sum;
}

void lengths_point(const uint8_t *bytes, const uint32_t *lengths, size_t count,
                   struct column_bytes *ret)
{
    for (size_t i = 0; i < count; i++) {
        ret[i] = (struct column_bytes){bytes, lengths[i]};
        bytes += lengths[i];
    }
}

/* No array waits for the one before: all that can be wrong is gathered. */
bool lengths_join(const uint32_t *prefixes, const uint32_t *suffixes, size_t count, size_t last,
                  uint32_t *ret_sizes)
{
    uint32_t wrong = count > 0 && prefixes[0] > last;
    for (size_t i = 0; i < count; i++) {
        uint32_t size = prefixes[i] + suffixes[i];
        ret_sizes[i] = size;
        wrong |= size < prefixes[i];
    }
    for (size_t i = 1; i < count; i++)
        wrong |= prefixes[i] > ret_sizes[i - 1];
    return wrong == 0;
}

uint32_t lengths_fitting(const uint32_t *sizes, uint32_t count, size_t bytes)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        sum += sizes[i];
        if (i > 0 && sum > bytes)
            return i;
    }
    return count;
}
