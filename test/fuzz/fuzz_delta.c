/* Bytes taken for integers as packed differences. */
#include "decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct decoding decoding;
    if (decoding_init(&decoding, data, size, PARQUET_DELTA_BINARY_PACKED,
                      1u << COLUMN_INT32 | 1u << COLUMN_INT64))
        decode_and_compare(&decoding);
    return 0;
}
