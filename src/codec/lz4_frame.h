/*
 * LZ4 frames, as Arrow's IPC has them: a block with header and checksums of its own.
 *
 * Apart from the table of codec.h because Parquet's "LZ4" is another thing under the same name.
 * Source of the format: lz4_Frame_format.md of lz4/lz4.
 */
#ifndef WEIR_CODEC_LZ4_FRAME_H
#define WEIR_CODEC_LZ4_FRAME_H

#include "mem/mem.h"

/* Kept between frames; owned by one thread. The library's memory is charged to the account. */
struct lz4_frame_decoder {
    struct mem_account *account;
    void *context; /* created on first use */
};

void lz4_frame_decoder_init(struct lz4_frame_decoder *decoder, struct mem_account *account);
void lz4_frame_decoder_release(struct lz4_frame_decoder *decoder);

/* Whether in_size bytes may decode to out_size: asked before memory is taken. */
bool lz4_frame_is_plausible(size_t in_size, size_t out_size);

/* Decodes one frame that gives exactly out_size bytes; anything else is ERROR_INPUT. */
CHECKED enum error_code lz4_frame_decode(struct lz4_frame_decoder *decoder, const uint8_t *in,
                                         size_t in_size, uint8_t *out, size_t out_size,
                                         struct error *error);

#endif
