/*
 * What every codec of the table does, each in a file of its own. Private to the codec room.
 *
 * A decoder writes exactly out_size bytes or fails; an encoder writes at most out_capacity bytes.
 */
#ifndef WEIR_CODEC_BLOCK_H
#define WEIR_CODEC_BLOCK_H

#include "codec/codec.h"

struct codec_in {
    const uint8_t *data;
    size_t size;
};

struct codec_out {
    uint8_t *data;
    size_t size;
};

typedef enum error_code (*block_decoder)(struct codec_state *state, struct codec_in in,
                                         struct codec_out out, struct error *error);
typedef enum error_code (*block_encoder)(struct codec_state *state, int level, struct codec_in in,
                                         struct codec_out out, size_t *ret_size,
                                         struct error *error);

enum error_code block_snappy_decode(struct codec_state *state, struct codec_in in,
                                    struct codec_out out, struct error *error);
enum error_code block_snappy_encode(struct codec_state *state, int level, struct codec_in in,
                                    struct codec_out out, size_t *ret_size, struct error *error);
bool block_snappy_plausible(struct codec_in in, size_t out_size);
size_t block_snappy_bound(size_t size);

enum error_code block_zstd_decode(struct codec_state *state, struct codec_in in,
                                  struct codec_out out, struct error *error);
enum error_code block_zstd_encode(struct codec_state *state, int level, struct codec_in in,
                                  struct codec_out out, size_t *ret_size, struct error *error);
bool block_zstd_plausible(struct codec_in in, size_t out_size);
size_t block_zstd_bound(size_t size);
size_t block_zstd_decoder_size(void);
size_t block_zstd_encoder_size(void);
void block_zstd_release(struct codec_state *state);

enum error_code block_gzip_decode(struct codec_state *state, struct codec_in in,
                                  struct codec_out out, struct error *error);
enum error_code block_gzip_encode(struct codec_state *state, int level, struct codec_in in,
                                  struct codec_out out, size_t *ret_size, struct error *error);
size_t block_gzip_bound(size_t size);
size_t block_gzip_decoder_size(void);
size_t block_gzip_encoder_size(void);
void block_gzip_release(struct codec_state *state);

enum error_code block_brotli_decode(struct codec_state *state, struct codec_in in,
                                    struct codec_out out, struct error *error);
enum error_code block_brotli_encode(struct codec_state *state, int level, struct codec_in in,
                                    struct codec_out out, size_t *ret_size, struct error *error);
size_t block_brotli_bound(size_t size);
size_t block_brotli_decoder_size(size_t out_size);
size_t block_brotli_encoder_size(void);

enum error_code block_lz4_decode(struct codec_state *state, struct codec_in in,
                                 struct codec_out out, struct error *error);
enum error_code block_lz4_raw_decode(struct codec_state *state, struct codec_in in,
                                     struct codec_out out, struct error *error);
enum error_code block_lz4_raw_encode(struct codec_state *state, int level, struct codec_in in,
                                     struct codec_out out, size_t *ret_size, struct error *error);
size_t block_lz4_bound(size_t size);

/* ERROR_INPUT: the block is not what its codec writes. */
enum error_code block_damaged(enum codec codec, struct error *error);

/* Charges at least size bytes for memory that a library takes from the system by itself. */
enum error_code block_charge(struct codec_state *state, size_t size, struct error *error);

/* Allocation for libraries that take one, as zstd and brotli do: opaque is the state's account. */
void *block_library_alloc(void *opaque, size_t size);
void block_library_free(void *opaque, void *memory);

#endif
