#include "group/texts.h"

#define SMALLEST_BLOCK ((size_t)2 << 10)
#define LARGEST_BLOCK  ((size_t)256 << 10)

struct texts_block {
    struct texts_block *older;
    uint8_t bytes[];
};

void group_texts_init(struct group_texts *texts, struct mem_account *account)
{
    *texts = (struct group_texts){.account = account};
}

void group_texts_release(struct group_texts *texts)
{
    while (texts->newest != NULL) {
        struct texts_block *block = texts->newest;
        texts->newest = block->older;
        mem_free(block);
    }
    texts->used = texts->room = texts->held = 0;
}

/* An eighth of what there is, so that little is held in vain. */
static size_t next_block(const struct group_texts *texts, size_t whole)
{
    size_t size = texts->held / 8;
    size = size < SMALLEST_BLOCK ? SMALLEST_BLOCK : size;
    size = size > LARGEST_BLOCK ? LARGEST_BLOCK : size;
    return size < whole ? whole : size;
}

size_t group_texts_cost(const struct group_texts *texts, uint32_t size)
{
    size_t whole = sizeof size + (size_t)size;
    if (whole <= texts->room - texts->used)
        return 0;
    return mem_charge_of(sizeof(struct texts_block) + next_block(texts, whole));
}

static enum error_code add_block(struct group_texts *texts, size_t whole, struct error *error)
{
    size_t size = next_block(texts, whole);
    void *memory;
    TRY(mem_alloc(texts->account, sizeof(struct texts_block) + size, &memory, error));
    struct texts_block *block = memory;
    block->older = texts->newest;
    texts->newest = block;
    texts->used = 0;
    texts->room = size;
    texts->held += size;
    return ERROR_NONE;
}

enum error_code group_texts_add(struct group_texts *texts, const uint8_t *bytes, uint32_t size,
                                const uint8_t **ret, struct error *error)
{
    size_t whole = sizeof size + (size_t)size;
    if (whole > texts->room - texts->used)
        TRY(add_block(texts, whole, error));
    uint8_t *at = texts->newest->bytes + texts->used;
    memcpy(at, &size, sizeof size);
    if (size > 0)
        memcpy(at + sizeof size, bytes, size);
    texts->used += whole;
    *ret = at;
    return ERROR_NONE;
}
