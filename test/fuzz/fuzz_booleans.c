/* Bytes taken for booleans as runs of lengths and packed bits. */
#include "decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct decoding decoding;
    if (decoding_init(&decoding, data, size, PARQUET_RLE, 1u << COLUMN_BOOLEAN))
        decode_and_compare(&decoding);
    return 0;
}
