/* Encoders that only move bytes or bits about. */
#include "parquet/writer_encode.h"

void encode_split(const uint8_t *values, size_t count, size_t value_size, uint8_t *out)
{
    for (size_t byte = 0; byte < value_size; byte++) {
        uint8_t *stream = out + byte * count;
        for (size_t i = 0; i < count; i++)
            stream[i] = values[i * value_size + byte];
    }
}

size_t encode_booleans(const uint8_t *values, size_t count, uint8_t *out)
{
    size_t size = (count + 7) / 8;
    memset(out, 0, size);
    for (size_t i = 0; i < count; i++)
        out[i / 8] = (uint8_t)(out[i / 8] | (unsigned)(values[i] != 0) << (i % 8));
    return size;
}
