#include <snappy-c.h>

#include "codec/block.h"
#include "codec/snappy_literals.h"

/* The C interface takes char; a block of no bytes has an address all the same. */
static const char *chars(struct codec_in in)
{
    return in.data == NULL ? "" : (const char *)in.data;
}

bool block_snappy_plausible(struct codec_in in, size_t out_size)
{
    size_t said;
    return snappy_uncompressed_length(chars(in), in.size, &said) == SNAPPY_OK && said == out_size;
}

enum error_code block_snappy_decode(struct codec_state *state, struct codec_in in,
                                    struct codec_out out, struct error *error)
{
    (void)state;
    char nothing[1];
    size_t size = out.size;
    char *to = out.size > 0 ? (char *)out.data : nothing;
    /* The call writes as many bytes as the block says: that must be what the caller has room for.
     */
    if (!block_snappy_plausible(in, out.size) ||
        snappy_uncompress(chars(in), in.size, to, &size) != SNAPPY_OK || size != out.size)
        return block_damaged(CODEC_SNAPPY, error);
    return ERROR_NONE;
}

size_t block_snappy_bound(size_t size)
{
    return snappy_max_compressed_length(size);
}

/* Blocks from this size on are looked at before they are compressed, in places of this size. */
#define SAMPLED_FROM ((size_t)64 << 10)
#define SAMPLE_BYTES ((size_t)4 << 10)
#define SAMPLES      4

/* Whether nothing is found in any of a few places: such as the values of a simulation, which cost
 * the compressor ten times what copying them does. */
static bool is_incompressible(struct codec_in in)
{
    char packed[SAMPLE_BYTES + SAMPLE_BYTES / 4 + 32];
    if (in.size < SAMPLED_FROM)
        return false;
    for (size_t i = 0; i < SAMPLES; i++) {
        const char *sample = chars(in) + in.size / (2 * SAMPLES) * (2 * i + 1);
        size_t size = sizeof packed;
        if (snappy_compress(sample, SAMPLE_BYTES, packed, &size) != SNAPPY_OK ||
            size < SAMPLE_BYTES)
            return false;
    }
    return true;
}

enum error_code block_snappy_encode(struct codec_state *state, int level, struct codec_in in,
                                    struct codec_out out, size_t *ret_size, struct error *error)
{
    (void)state;
    (void)level;
    size_t size = out.size;
    if (out.size >= in.size + SNAPPY_LITERALS_OVERHEAD(in.size) && is_incompressible(in)) {
        *ret_size = snappy_literals_write(in.data, in.size, out.data);
        return ERROR_NONE;
    }
    if (snappy_compress(chars(in), in.size, (char *)out.data, &size) != SNAPPY_OK)
        return error_set(error, ERROR_INTERNAL, "snappy refused a block of %zu bytes", in.size);
    *ret_size = size;
    return ERROR_NONE;
}
