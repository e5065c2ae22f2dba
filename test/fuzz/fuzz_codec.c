/*
 * Bytes taken for a compressed block, whose first bytes say the codec and the size; and bytes that
 * are compressed and must come back the same.
 */
#include "codec/codec.h"
#include "memory.h"

static void decompress(struct codec_state *state, enum codec codec, const uint8_t *data,
                       size_t size, size_t out_size)
{
    struct error error;
    uint8_t *out = malloc(out_size + 1);
    error_init(&error);
    bool plausible = codec_is_plausible(codec, data, size, out_size);
    enum error_code code = codec_decompress(state, codec, data, size, out, out_size, &error);
    demand(code != ERROR_NONE || plausible);
    free(out);
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
        demand(codec_decompress(state, codec, packed, packed_size, out, size, &error) ==
               ERROR_NONE);
        demand(memcmp(out, data, size) == 0);
    }
    free(packed);
    free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mem_account account;
    struct codec_state state;
    if (size < 5)
        return 0;
    enum codec codec = data[0] & 7;
    size_t out_size = 1u + (data[1] | (size_t)data[2] << 8);
    mem_account_init(&account, "fuzz", NULL, (size_t)64 << 20);
    codec_state_init(&state, &account);
    decompress(&state, codec, data + 4, size - 4, out_size);
    go_both_ways(&state, codec, data[3] % 7, data + 4, size - 4);
    codec_state_release(&state);
    demand(atomic_load(&account.used) == 0);
    return 0;
}
