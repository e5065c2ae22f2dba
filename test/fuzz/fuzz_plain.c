/* Bytes taken for PLAIN values of each physical type. */
#include "decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct decoding decoding;
    if (decoding_init(&decoding, data, size, PARQUET_PLAIN, 0xff))
        decode_and_compare(&decoding);
    return 0;
}
