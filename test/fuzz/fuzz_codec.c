/*
 * Bytes taken for a compressed block, whose first bytes say the codec, the size and a level: what a
 * state that was used before gives is what a fresh one gives. And bytes that are compressed must
 * come back the same.
 */
#include "codec/codec.h"
#include "memory.h"

#define HEAD 4

static bool decompress(struct codec_state *state, enum codec codec, const uint8_t *data,
                       size_t size, uint8_t *out, size_t out_size)
{
    struct error error;
    error_init(&error);
    memset(out, 0xa5, out_size);
    return codec_decompress(state, codec, data, size, out, out_size, &error) == ERROR_NONE;
}

static void decompress_twice(struct codec_state *used, enum codec codec, const uint8_t *data,
                             size_t size, size_t out_size)
{
    struct codec_state fresh;
    uint8_t *out = malloc(out_size), *again = malloc(out_size);
    codec_state_init(&fresh, used->account);
    bool plausible = codec_is_plausible(codec, data, size, out_size);
    bool good = decompress(&fresh, codec, data, size, out, out_size);
    /* Nothing is decompressed for an empty page, and so its size is not doubted. */
    demand(!good || plausible || out_size == 0);
    demand(decompress(used, codec, data, size, again, out_size) == good);
    demand(!good || memcmp(out, again, out_size) == 0);
    codec_state_release(&fresh);
    free(out);
    free(again);
}

static void go_both_ways(struct codec_state *state, enum codec codec, int level,
                         const uint8_t *data, size_t size)
{
    struct error error;
    size_t capacity = codec_bound(codec, size), packed_size;
    uint8_t *packed = malloc(capacity + 1), *out = malloc(size + 1);
    error_init(&error);
    if (codec_compress(state, codec, level, data, size, packed, capacity, &packed_size, &error) ==
        ERROR_NONE) {
        demand(packed_size <= capacity);
        demand(size == 0 || codec_is_plausible(codec, packed, packed_size, size));
        demand(decompress(state, codec, packed, packed_size, out, size));
        demand(memcmp(out, data, size) == 0);
    }
    free(packed);
    free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mem_account account;
    struct codec_state state;
    if (size < HEAD)
        return 0;
    enum codec codec = data[0] & 7;
    size_t out_size = data[1] | (size_t)data[2] << 8;
    mem_account_init(&account, "fuzz", NULL, (size_t)64 << 20);
    codec_state_init(&state, &account);
    go_both_ways(&state, codec, data[3] % 7, data + HEAD, size - HEAD);
    decompress_twice(&state, codec, data + HEAD, size - HEAD, out_size);
    codec_state_release(&state);
    demand(atomic_load(&account.used) == 0);
    return 0;
}
