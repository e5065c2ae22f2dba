#include "codec/block.h"

enum error_code block_damaged(enum codec codec, struct error *error)
{
    return error_set(error, ERROR_INPUT, "a block compressed with %s is damaged",
                     codec_name(codec));
}

enum error_code block_charge(struct codec_state *state, size_t size, struct error *error)
{
    if (size <= state->charged)
        return ERROR_NONE;
    mem_free(state->standing);
    state->standing = NULL;
    state->charged = 0;
    TRY(mem_alloc(state->account, size, &state->standing, error));
    state->charged = size;
    return ERROR_NONE;
}

void *block_library_alloc(void *opaque, size_t size)
{
    struct error ignored;
    void *memory;
    error_init(&ignored);
    return mem_alloc(opaque, size, &memory, &ignored) == ERROR_NONE ? memory : NULL;
}

void block_library_free(void *opaque, void *memory)
{
    (void)opaque;
    mem_free(memory);
}
