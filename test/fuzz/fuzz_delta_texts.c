/* Bytes taken for byte arrays that share their beginnings with the one before. */
#include "decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct decoding decoding;
    if (decoding_init(&decoding, data, size, PARQUET_DELTA_BYTE_ARRAY,
                      1u << COLUMN_BYTE_ARRAY | 1u << COLUMN_FIXED))
        decode_and_compare(&decoding);
    return 0;
}
