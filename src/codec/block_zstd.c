/* For contexts with an allocator of ours, and for their sizes. */
#define ZSTD_STATIC_LINKING_ONLY
#include <zstd.h>
#include <zstd_errors.h>

#include "codec/block.h"

/* Contexts hold their workspace in a few blocks, each with a header and rounded up to pages. */
#define ALLOCATION_SLACK ((size_t)32 << 10)

/* Pages are seldom larger, and a smaller block needs less. */
#define ENCODER_BLOCK ((unsigned long long)4 << 20)

static ZSTD_customMem library_memory(struct codec_state *state)
{
    return (ZSTD_customMem){block_library_alloc, block_library_free, state->account};
}

static enum error_code no_memory(struct error *error)
{
    enum error_code code =
        error_set(error, ERROR_MEMORY, "no memory is left for zstd's working space");
    error_hint(error, "a higher --memory");
    return code;
}

bool block_zstd_plausible(struct codec_in in, size_t out_size)
{
    unsigned long long said = ZSTD_getFrameContentSize(in.data, in.size);
    if (said == ZSTD_CONTENTSIZE_ERROR)
        return false;
    /* Several frames may follow each other: the first one's size is then only a part. */
    return said == ZSTD_CONTENTSIZE_UNKNOWN || said <= out_size;
}

enum error_code block_zstd_decode(struct codec_state *state, struct codec_in in,
                                  struct codec_out out, struct error *error)
{
    if (state->zstd_decoder == NULL)
        state->zstd_decoder = ZSTD_createDCtx_advanced(library_memory(state));
    if (state->zstd_decoder == NULL)
        return no_memory(error);
    size_t size = ZSTD_decompressDCtx(state->zstd_decoder, out.data, out.size, in.data, in.size);
    if (ZSTD_isError(size) && ZSTD_getErrorCode(size) == ZSTD_error_memory_allocation)
        return no_memory(error);
    if (ZSTD_isError(size) || size != out.size)
        return block_damaged(CODEC_ZSTD, error);
    return ERROR_NONE;
}

enum error_code block_zstd_encode(struct codec_state *state, int level, struct codec_in in,
                                  struct codec_out out, size_t *ret_size, struct error *error)
{
    if (state->zstd_encoder == NULL)
        state->zstd_encoder = ZSTD_createCCtx_advanced(library_memory(state));
    if (state->zstd_encoder == NULL)
        return no_memory(error);
    size_t size = ZSTD_compressCCtx(state->zstd_encoder, out.data, out.size, in.data, in.size,
                                    level == 0 ? ZSTD_CLEVEL_DEFAULT : level);
    if (ZSTD_isError(size) && ZSTD_getErrorCode(size) == ZSTD_error_memory_allocation)
        return no_memory(error);
    if (ZSTD_isError(size))
        return error_set(error, ERROR_INTERNAL, "zstd: %s", ZSTD_getErrorName(size));
    *ret_size = size;
    return ERROR_NONE;
}

size_t block_zstd_bound(size_t size)
{
    return ZSTD_compressBound(size);
}

size_t block_zstd_decoder_size(void)
{
    return mem_charge_of(ZSTD_estimateDCtxSize()) + ALLOCATION_SLACK;
}

size_t block_zstd_encoder_size(void)
{
    ZSTD_compressionParameters parameters = ZSTD_getCParams(ZSTD_CLEVEL_DEFAULT, ENCODER_BLOCK, 0);
    return mem_charge_of(ZSTD_estimateCCtxSize_usingCParams(parameters)) + ALLOCATION_SLACK;
}

void block_zstd_release(struct codec_state *state)
{
    ZSTD_freeDCtx(state->zstd_decoder);
    ZSTD_freeCCtx(state->zstd_encoder);
    state->zstd_decoder = NULL;
    state->zstd_encoder = NULL;
}
