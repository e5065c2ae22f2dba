#include <libdeflate.h>

#include "codec/block.h"

/* libdeflate takes its memory itself; measured sizes, rounded up. */
#define DECODER_SIZE      ((size_t)16 << 10)
#define ENCODER_SIZE      ((size_t)1 << 20)
#define ENCODER_SIZE_BEST ((size_t)10 << 20) /* from level 10 on */
#define DEFAULT_LEVEL     6
#define BEST_FROM         10
#define GZIP_MAGIC        0x1f

static enum error_code no_memory(struct error *error)
{
    return error_set(error, ERROR_MEMORY, "the system has no memory left for gzip");
}

static enum error_code need_decoder(struct codec_state *state, struct error *error)
{
    if (state->deflate_decoder != NULL)
        return ERROR_NONE;
    TRY(block_charge(state, DECODER_SIZE, error));
    state->deflate_decoder = libdeflate_alloc_decompressor();
    return state->deflate_decoder != NULL ? ERROR_NONE : no_memory(error);
}

/* One gzip member or zlib stream; both occur under the name of gzip. */
static bool decode_member(void *decoder, struct codec_in in, struct codec_out out,
                          size_t *ret_taken, size_t *ret_given)
{
    enum libdeflate_result result;
    if (in.data[0] == GZIP_MAGIC)
        result = libdeflate_gzip_decompress_ex(decoder, in.data, in.size, out.data, out.size,
                                               ret_taken, ret_given);
    else
        result = libdeflate_zlib_decompress_ex(decoder, in.data, in.size, out.data, out.size,
                                               ret_taken, ret_given);
    return result == LIBDEFLATE_SUCCESS && *ret_taken > 0;
}

enum error_code block_gzip_decode(struct codec_state *state, struct codec_in in,
                                  struct codec_out out, struct error *error)
{
    TRY(need_decoder(state, error));
    do {
        size_t taken, given;
        if (in.size == 0 || !decode_member(state->deflate_decoder, in, out, &taken, &given))
            return block_damaged(CODEC_GZIP, error);
        in = (struct codec_in){in.data + taken, in.size - taken};
        out = (struct codec_out){out.data + given, out.size - given};
    } while (out.size > 0);
    return ERROR_NONE;
}

static enum error_code need_encoder(struct codec_state *state, int level, struct error *error)
{
    if (state->deflate_encoder != NULL && state->deflate_level == level)
        return ERROR_NONE;
    libdeflate_free_compressor(state->deflate_encoder);
    state->deflate_encoder = NULL;
    TRY(block_charge(state, level >= BEST_FROM ? ENCODER_SIZE_BEST : ENCODER_SIZE, error));
    state->deflate_encoder = libdeflate_alloc_compressor(level);
    state->deflate_level = level;
    return state->deflate_encoder != NULL ? ERROR_NONE : no_memory(error);
}

enum error_code block_gzip_encode(struct codec_state *state, int level, struct codec_in in,
                                  struct codec_out out, size_t *ret_size, struct error *error)
{
    if (level < 0 || level > 12)
        return error_set(error, ERROR_USAGE, "gzip has levels 1 to 12, not %d", level);
    TRY(need_encoder(state, level == 0 ? DEFAULT_LEVEL : level, error));
    *ret_size =
        libdeflate_gzip_compress(state->deflate_encoder, in.data, in.size, out.data, out.size);
    if (*ret_size == 0)
        return error_set(error, ERROR_INTERNAL, "gzip refused a block of %zu bytes", in.size);
    return ERROR_NONE;
}

size_t block_gzip_bound(size_t size)
{
    return libdeflate_gzip_compress_bound(NULL, size);
}

size_t block_gzip_decoder_size(void)
{
    return mem_charge_of(DECODER_SIZE);
}

size_t block_gzip_encoder_size(void)
{
    return mem_charge_of(ENCODER_SIZE);
}

void block_gzip_release(struct codec_state *state)
{
    libdeflate_free_decompressor(state->deflate_decoder);
    libdeflate_free_compressor(state->deflate_encoder);
    state->deflate_decoder = NULL;
    state->deflate_encoder = NULL;
}
