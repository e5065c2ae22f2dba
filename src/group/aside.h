/*
 * Rows put aside: blocks in a scratch file, chained into lists.
 *
 * An extent is one block: a head, then hashes, offsets of keys, the columns, the bytes of keys.
 * Heads name the extent before, so a list is a few numbers however long it gets.
 */
#ifndef WEIR_GROUP_ASIDE_H
#define WEIR_GROUP_ASIDE_H

#include "group/block.h"
#include "store/scratch_file.h"

struct aside_list {
    uint64_t last_offset, last_size; /* the newest extent; size 0: none */
    uint64_t rows, key_bytes;
    uint64_t lowest, highest; /* hashes */
};

/* Memory in which extents are built and read; belongs to one thread. */
struct aside_room {
    struct mem_buffer buffer;
    struct group_block_column *columns;
};

/* rows, region: the most of a block. The room never grows while blocks are put aside. */
CHECKED enum error_code aside_room_init(struct aside_room *room, const struct group_shape *shape,
                                        uint32_t rows, uint32_t region, struct mem_account *account,
                                        struct error *error);
void aside_room_release(struct aside_room *room);
size_t aside_room_size(const struct group_shape *shape, uint32_t rows, uint32_t region);

/* Puts the rows aside that numbers has 0 for (NULL: all). *ret_bytes: what was written. */
CHECKED enum error_code aside_write(struct scratch_file *file, struct aside_list *list,
                                    const struct group_shape *shape,
                                    const struct group_block *block, const uint32_t *numbers,
                                    struct aside_room *room, uint64_t *ret_bytes,
                                    struct error *error);

/* Takes the newest extent out of a list that has one; the block lives in the room until its next
 * use. A longer extent than any before takes more memory. */
CHECKED enum error_code aside_read(struct scratch_file *file, struct aside_list *list,
                                   const struct group_shape *shape, struct aside_room *room,
                                   struct group_block *ret, struct error *error);

#endif
