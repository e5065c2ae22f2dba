/*
 * The bytes of many keys, kept until all go together.
 *
 * A key stands as its length (4 bytes) and its bytes, unaligned, in blocks that grow with what
 * there is; a long key gets a block of its own.
 */
#ifndef WEIR_GROUP_TEXTS_H
#define WEIR_GROUP_TEXTS_H

#include <string.h>

#include "key/encode.h"
#include "mem/mem.h"

struct group_texts {
    struct mem_account *account;
    struct texts_block *newest;
    size_t used, room; /* of the newest block */
    size_t held;       /* bytes of all blocks */
};

void group_texts_init(struct group_texts *texts, struct mem_account *account);
void group_texts_release(struct group_texts *texts);

/* Bytes that would be allocated for a key of so many bytes; 0 while there is room. */
size_t group_texts_cost(const struct group_texts *texts, uint32_t size);

/* Copies a key; *ret points to its length. */
CHECKED enum error_code group_texts_add(struct group_texts *texts, const uint8_t *bytes,
                                        uint32_t size, const uint8_t **ret, struct error *error);

/* The key that stands at an address given by group_texts_add. */
static inline struct key_bytes group_text(const uint8_t *at)
{
    struct key_bytes key;
    memcpy(&key.size, at, sizeof key.size);
    key.data = at + sizeof key.size;
    return key;
}

#endif
