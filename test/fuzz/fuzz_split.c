/* Bytes taken for values whose first bytes stand together, then their second bytes, and so on. */
#include "decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct decoding decoding;
    if (decoding_init(&decoding, data, size, PARQUET_BYTE_STREAM_SPLIT,
                      0xbfu &
                          ~(1u << COLUMN_BOOLEAN | 1u << COLUMN_INT96 | 1u << COLUMN_BYTE_ARRAY)))
        decode_and_compare(&decoding);
    return 0;
}
