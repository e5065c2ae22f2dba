#include <brotli/decode.h>
#include <brotli/encode.h>

#include "codec/block.h"

/* The window of the format without its "large window" extension, which Parquet does not use. */
#define WINDOW_MOST ((size_t)16 << 20)
/* State, Huffman tables and context maps of a decoder, at their largest. */
#define DECODER_TABLES ((size_t)5 << 20)
/* Measured at the default level with a window of 4 MiB, and rounded up. */
#define ENCODER_SIZE  ((size_t)24 << 20)
#define DEFAULT_LEVEL 5

enum error_code block_brotli_decode(struct codec_state *state, struct codec_in in,
                                    struct codec_out out, struct error *error)
{
    BrotliDecoderState *decoder =
        BrotliDecoderCreateInstance(block_library_alloc, block_library_free, state->account);
    if (decoder == NULL)
        return error_set(error, ERROR_MEMORY, "no memory is left for brotli's decoder");
    BrotliDecoderResult result =
        BrotliDecoderDecompressStream(decoder, &in.size, &in.data, &out.size, &out.data, NULL);
    BrotliDecoderErrorCode failure = BrotliDecoderGetErrorCode(decoder);
    BrotliDecoderDestroyInstance(decoder);
    if (failure <= BROTLI_DECODER_ERROR_ALLOC_CONTEXT_MODES &&
        failure >= BROTLI_DECODER_ERROR_ALLOC_BLOCK_TYPE_TREES)
        return error_set(error, ERROR_MEMORY, "no memory is left for brotli's decoder");
    if (result != BROTLI_DECODER_RESULT_SUCCESS || out.size != 0)
        return block_damaged(CODEC_BROTLI, error);
    return ERROR_NONE;
}

enum error_code block_brotli_encode(struct codec_state *state, int level, struct codec_in in,
                                    struct codec_out out, size_t *ret_size, struct error *error)
{
    BrotliEncoderState *encoder =
        BrotliEncoderCreateInstance(block_library_alloc, block_library_free, state->account);
    if (encoder == NULL)
        return error_set(error, ERROR_MEMORY, "no memory is left for brotli's encoder");
    uint32_t quality = level == 0 ? DEFAULT_LEVEL : (uint32_t)level;
    size_t capacity = out.size;
    BrotliEncoderSetParameter(encoder, BROTLI_PARAM_QUALITY, quality);
    BrotliEncoderSetParameter(encoder, BROTLI_PARAM_SIZE_HINT, (uint32_t)in.size);
    BROTLI_BOOL done = BrotliEncoderCompressStream(encoder, BROTLI_OPERATION_FINISH, &in.size,
                                                   &in.data, &out.size, &out.data, NULL);
    done = done && BrotliEncoderIsFinished(encoder);
    BrotliEncoderDestroyInstance(encoder);
    if (!done)
        return error_set(error, ERROR_MEMORY, "brotli could not compress a block");
    *ret_size = capacity - out.size;
    return ERROR_NONE;
}

size_t block_brotli_bound(size_t size)
{
    /* The library promises its bound for the best level only; stored blocks add a little more. */
    size_t bound = BrotliEncoderMaxCompressedSize(size);
    return (bound != 0 ? bound : size) + size / 1024 + 1024;
}

size_t block_brotli_decoder_size(size_t out_size)
{
    /* The ring buffer is the smallest power of two that holds the block. */
    size_t ring = out_size < WINDOW_MOST / 2 ? 2 * out_size : WINDOW_MOST;
    return mem_charge_of(ring + 1024) + DECODER_TABLES;
}

size_t block_brotli_encoder_size(void)
{
    return ENCODER_SIZE;
}
