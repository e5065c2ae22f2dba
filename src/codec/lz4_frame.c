#include "codec/lz4_frame.h"

/* For a context with an allocator of ours. */
#define LZ4F_STATIC_LINKING_ONLY
#include <lz4frame.h>

#include "codec/block.h"

/* A byte of an LZ4 block becomes at most 255. */
#define MOST_GAIN 256

void lz4_frame_decoder_init(struct lz4_frame_decoder *decoder, struct mem_account *account)
{
    *decoder = (struct lz4_frame_decoder){.account = account};
}

void lz4_frame_decoder_release(struct lz4_frame_decoder *decoder)
{
    if (decoder->context != NULL)
        LZ4F_freeDecompressionContext(decoder->context);
    decoder->context = NULL;
}

bool lz4_frame_is_plausible(size_t in_size, size_t out_size)
{
    return out_size / MOST_GAIN <= in_size;
}

static enum error_code no_memory(struct error *error)
{
    enum error_code code =
        error_set(error, ERROR_MEMORY, "no memory is left for lz4's working space");
    error_hint(error, "a higher --memory");
    return code;
}

static enum error_code prepare(struct lz4_frame_decoder *decoder, struct error *error)
{
    const LZ4F_CustomMem memory = {.customAlloc = block_library_alloc,
                                   .customFree = block_library_free,
                                   .opaqueState = decoder->account};
    if (decoder->context != NULL) {
        /* A frame that failed leaves the context in the middle of it. */
        LZ4F_resetDecompressionContext(decoder->context);
        return ERROR_NONE;
    }
    decoder->context = LZ4F_createDecompressionContext_advanced(memory, LZ4F_VERSION);
    return decoder->context != NULL ? ERROR_NONE : no_memory(error);
}

/* Decodes until the frame ends; false: it does not end well. */
static bool decode(LZ4F_dctx *context, struct codec_in in, struct codec_out out, size_t *ret_hint)
{
    const LZ4F_decompressOptions_t options = {.stableDst = 1};
    do {
        size_t taken = in.size, given = out.size;
        *ret_hint = LZ4F_decompress(context, out.data, &given, in.data, &taken, &options);
        if (LZ4F_isError(*ret_hint) || (taken == 0 && given == 0))
            return false;
        in.data += taken;
        in.size -= taken;
        out.data += given;
        out.size -= given;
    } while (*ret_hint != 0);
    return in.size == 0 && out.size == 0;
}

enum error_code lz4_frame_decode(struct lz4_frame_decoder *decoder, const uint8_t *in,
                                 size_t in_size, uint8_t *out, size_t out_size, struct error *error)
{
    uint8_t nothing[1];
    size_t hint = 0;
    TRY(prepare(decoder, error));
    if (decode(decoder->context, (struct codec_in){in, in_size},
               (struct codec_out){out_size > 0 ? out : nothing, out_size}, &hint))
        return ERROR_NONE;
    if (LZ4F_isError(hint) && LZ4F_getErrorCode(hint) == LZ4F_ERROR_allocation_failed)
        return no_memory(error);
    return error_set(error, ERROR_INPUT, "a frame compressed with lz4 is damaged");
}
