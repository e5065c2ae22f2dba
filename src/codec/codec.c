#include "codec/codec.h"

#include <string.h>
#include <strings.h>

#include "codec/block.h"

struct codec_kind {
    const char *name;
    block_decoder decode;
    block_encoder encode;
    size_t (*bound)(size_t size);
    uint32_t gain; /* a byte of a block becomes at most this many; 0: the format sets no limit */
};

static size_t stored_bound(size_t size)
{
    return size;
}

static enum error_code stored_decode(struct codec_state *state, struct codec_in in,
                                     struct codec_out out, struct error *error)
{
    (void)state;
    if (in.size != out.size)
        return error_set(error, ERROR_INPUT, "an uncompressed block of %zu bytes should have %zu",
                         in.size, out.size);
    if (in.size > 0)
        memcpy(out.data, in.data, in.size);
    return ERROR_NONE;
}

static enum error_code stored_encode(struct codec_state *state, int level, struct codec_in in,
                                     struct codec_out out, size_t *ret_size, struct error *error)
{
    (void)level;
    *ret_size = in.size;
    return stored_decode(state, in, (struct codec_out){out.data, in.size}, error);
}

/* Gains: a snappy copy of 3 bytes gives 64; deflate's best is 1032 to 1, and LZ4's 255. */
static const struct codec_kind kinds[] = {
    [CODEC_UNCOMPRESSED] = {"uncompressed", stored_decode, stored_encode, stored_bound, 1},
    [CODEC_SNAPPY] = {"snappy", block_snappy_decode, block_snappy_encode, block_snappy_bound, 32},
    [CODEC_GZIP] = {"gzip", block_gzip_decode, block_gzip_encode, block_gzip_bound, 1040},
    [CODEC_LZO] = {"lzo", NULL, NULL, NULL, 0},
    [CODEC_BROTLI] = {"brotli", block_brotli_decode, block_brotli_encode, block_brotli_bound, 0},
    [CODEC_LZ4] = {"lz4", block_lz4_decode, NULL, NULL, 256},
    [CODEC_ZSTD] = {"zstd", block_zstd_decode, block_zstd_encode, block_zstd_bound, 0},
    [CODEC_LZ4_RAW] = {"lz4_raw", block_lz4_raw_decode, block_lz4_raw_encode, block_lz4_bound, 256},
};

#define KIND_COUNT (sizeof kinds / sizeof kinds[0])

const char *codec_name(enum codec codec)
{
    return (size_t)codec < KIND_COUNT ? kinds[codec].name : NULL;
}

bool codec_from_name(const char *name, enum codec *ret)
{
    static const struct {
        const char *name;
        enum codec codec;
    } names[] = {
        {"none", CODEC_UNCOMPRESSED}, {"uncompressed", CODEC_UNCOMPRESSED},
        {"snappy", CODEC_SNAPPY},     {"zstd", CODEC_ZSTD},
        {"gzip", CODEC_GZIP},         {"lz4", CODEC_LZ4_RAW},
        {"lz4_raw", CODEC_LZ4_RAW},   {"brotli", CODEC_BROTLI},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcasecmp(name, names[i].name) == 0) {
            *ret = names[i].codec;
            return true;
        }
    }
    return false;
}

void codec_state_init(struct codec_state *state, struct mem_account *account)
{
    *state = (struct codec_state){.account = account};
}

void codec_state_release(struct codec_state *state)
{
    block_zstd_release(state);
    block_gzip_release(state);
    mem_free(state->standing);
    codec_state_init(state, state->account);
}

size_t codec_block_decoder_size(enum codec codec, size_t out_size)
{
    switch (codec) {
    case CODEC_ZSTD:
        return block_zstd_decoder_size();
    case CODEC_GZIP:
        return block_gzip_decoder_size();
    case CODEC_BROTLI:
        return block_brotli_decoder_size(out_size);
    default:
        return 0;
    }
}

size_t codec_decoder_size(enum codec codec)
{
    return codec_block_decoder_size(codec, SIZE_MAX / 4);
}

static enum error_code unsupported(enum codec codec, struct error *error)
{
    const char *name = codec_name(codec);
    if (name == NULL)
        return error_set(error, ERROR_UNSUPPORTED, "compression codec number %d is unknown",
                         (int)codec);
    enum error_code code =
        error_set(error, ERROR_UNSUPPORTED, "compression with %s is not supported", name);
    error_hint(error, "writing the file again with snappy or zstd");
    return code;
}

bool codec_is_plausible(enum codec codec, const uint8_t *in, size_t in_size, size_t out_size)
{
    struct codec_in block = {in, in_size};
    uint64_t gain = (size_t)codec < KIND_COUNT ? kinds[codec].gain : 0;
    if (gain != 0 && out_size / gain > in_size)
        return false;
    if (codec == CODEC_SNAPPY)
        return block_snappy_plausible(block, out_size);
    if (codec == CODEC_ZSTD)
        return block_zstd_plausible(block, out_size);
    return true;
}

enum error_code codec_decompress(struct codec_state *state, enum codec codec, const uint8_t *in,
                                 size_t in_size, uint8_t *out, size_t out_size, struct error *error)
{
    if ((size_t)codec >= KIND_COUNT || kinds[codec].decode == NULL)
        return unsupported(codec, error);
    return kinds[codec].decode(state, (struct codec_in){in, in_size},
                               (struct codec_out){out, out_size}, error);
}

size_t codec_bound(enum codec codec, size_t in_size)
{
    if ((size_t)codec >= KIND_COUNT || kinds[codec].bound == NULL)
        return in_size;
    return kinds[codec].bound(in_size);
}

/* Snappy's encoder takes a hash table, and buffers for one fragment of 64 KiB and what it becomes.
 */
#define SNAPPY_ENCODER_SIZE ((size_t)192 << 10)

size_t codec_encoder_size(enum codec codec)
{
    switch (codec) {
    case CODEC_SNAPPY:
        return mem_charge_of(SNAPPY_ENCODER_SIZE);
    case CODEC_ZSTD:
        return block_zstd_encoder_size();
    case CODEC_GZIP:
        return block_gzip_encoder_size();
    case CODEC_BROTLI:
        return block_brotli_encoder_size();
    default:
        return 0;
    }
}

enum error_code codec_compress(struct codec_state *state, enum codec codec, int level,
                               const uint8_t *in, size_t in_size, uint8_t *out, size_t out_capacity,
                               size_t *ret_size, struct error *error)
{
    if ((size_t)codec >= KIND_COUNT || kinds[codec].encode == NULL)
        return unsupported(codec, error);
    if (out_capacity < kinds[codec].bound(in_size))
        return error_set(error, ERROR_INTERNAL, "%s: %zu bytes are no room for a block of %zu",
                         kinds[codec].name, out_capacity, in_size);
    if (codec == CODEC_SNAPPY)
        TRY(block_charge(state, SNAPPY_ENCODER_SIZE, error));
    return kinds[codec].encode(state, level, (struct codec_in){in, in_size},
                               (struct codec_out){out, out_capacity}, ret_size, error);
}
