/*
 * Compression codecs behind one table. Whole blocks only: the caller knows both sizes, as Parquet's
 * page headers say them. A block that decodes to another size than said is an error, never an
 * overrun.
 */
#ifndef WEIR_CODEC_CODEC_H
#define WEIR_CODEC_CODEC_H

#include "mem/mem.h"

/* Numbers are those of the format's CompressionCodec enum. */
enum codec {
    CODEC_UNCOMPRESSED = 0,
    CODEC_SNAPPY = 1,
    CODEC_GZIP = 2,
    CODEC_LZO = 3,
    CODEC_BROTLI = 4,
    CODEC_LZ4 = 5, /* Hadoop's framing, or as older writers left it */
    CODEC_ZSTD = 6,
    CODEC_LZ4_RAW = 7
};

/* "snappy"; NULL for a number that is no codec. */
const char *codec_name(enum codec codec);
/* Accepts "none", "uncompressed", "snappy", "zstd", "gzip", "lz4" (= LZ4_RAW), "brotli". */
CHECKED bool codec_from_name(const char *name, enum codec *ret);

/* State that some codecs keep between blocks; owned by one thread, created on first use. */
struct codec_state {
    struct mem_account *account;
    void *zstd_decoder;
    void *zstd_encoder;
    void *deflate_decoder;
    void *deflate_encoder;
    int deflate_level; /* of deflate_encoder */
    void *standing;    /* never touched: charged for what libraries take by themselves */
    size_t charged;    /* bytes of standing */
};

void codec_state_init(struct codec_state *state, struct mem_account *account);
void codec_state_release(struct codec_state *state);
/* The most that a state's decoder holds beside the caller's buffers, for blocks of any size; an
 * encoder's at the default level. */
size_t codec_decoder_size(enum codec codec);
size_t codec_encoder_size(enum codec codec);
/* The same for a decoder of blocks of at most out_size bytes; less for brotli only. */
size_t codec_block_decoder_size(enum codec codec, size_t out_size);

/*
 * Whether a block may decode to out_size bytes, as far as its first bytes and the most that the
 * codec can gain tell: asked before memory is taken for a size that only a page header vouches for.
 */
bool codec_is_plausible(enum codec codec, const uint8_t *in, size_t in_size, size_t out_size);

CHECKED enum error_code codec_decompress(struct codec_state *state, enum codec codec,
                                         const uint8_t *in, size_t in_size, uint8_t *out,
                                         size_t out_size, struct error *error);

/* Bytes that compression of in_size bytes may give at most. */
size_t codec_bound(enum codec codec, size_t in_size);
/* level 0 is the codec's default; snappy and lz4 have one level. out holds codec_bound bytes. */
CHECKED enum error_code codec_compress(struct codec_state *state, enum codec codec, int level,
                                       const uint8_t *in, size_t in_size, uint8_t *out,
                                       size_t out_capacity, size_t *ret_size, struct error *error);
#endif
