#include <string.h>

#include "mem/mem.h"

/* Blocks are chained newest first; a large request gets a block of its own. */
struct mem_arena_block {
    struct mem_arena_block *older;
    size_t used;
    size_t size;
    _Alignas(16) uint8_t bytes[];
};

#define BLOCK_SIZE ((size_t)16 << 10)

void mem_arena_init(struct mem_arena *arena, struct mem_account *account)
{
    arena->account = account;
    arena->newest = NULL;
}

void mem_arena_release(struct mem_arena *arena)
{
    while (arena->newest != NULL) {
        struct mem_arena_block *block = arena->newest;
        arena->newest = block->older;
        mem_free(block);
    }
}

static enum error_code add_block(struct mem_arena *arena, size_t size, struct error *error)
{
    size_t room = size > BLOCK_SIZE ? size : BLOCK_SIZE;
    void *memory;
    TRY(mem_alloc(arena->account, sizeof(struct mem_arena_block) + room, &memory, error));
    struct mem_arena_block *block = memory;
    block->size = room;
    block->older = arena->newest;
    arena->newest = block;
    return ERROR_NONE;
}

enum error_code mem_arena_alloc(struct mem_arena *arena, size_t size, void **ret,
                                struct error *error)
{
    if (size > SIZE_MAX / 4)
        return error_set(error, ERROR_MEMORY, "a block for %s is too large", arena->account->name);
    size_t whole = (size + 15) / 16 * 16;
    struct mem_arena_block *block = arena->newest;
    if (block == NULL || block->size - block->used < whole) {
        TRY(add_block(arena, whole, error));
        block = arena->newest;
    }
    *ret = block->bytes + block->used;
    block->used += whole;
    return ERROR_NONE;
}

enum error_code mem_arena_alloc_array(struct mem_arena *arena, size_t count, size_t size,
                                      void **ret, struct error *error)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        bytes = SIZE_MAX;
    return mem_arena_alloc(arena, bytes, ret, error);
}

enum error_code mem_arena_copy(struct mem_arena *arena, const void *bytes, size_t size, char **ret,
                               struct error *error)
{
    void *copy;
    size_t room = size < SIZE_MAX ? size + 1 : SIZE_MAX;
    TRY(mem_arena_alloc(arena, room, &copy, error));
    if (size > 0)
        memcpy(copy, bytes, size);
    *ret = copy;
    return ERROR_NONE;
}
