/*
 * Scattering: rows that come in any order are gathered by partition, in blocks that are handed on
 * when they are full.
 *
 * The blocks of all partitions lie side by side, one array a column; a row is written once to its
 * place in each. Rows go in pieces of a few hundred: blocks have room for one piece more than makes
 * them full, so no place is checked while rows are written.
 */
#ifndef WEIR_GROUP_SCATTER_H
#define WEIR_GROUP_SCATTER_H

#include "group/block.h"

#define SCATTER_PIECE_MOST      256
#define SCATTER_PARTITIONS_MOST 256

/* Takes a full block; may use it up. */
typedef enum error_code scatter_taker(void *context, uint32_t partition, struct group_block *block,
                                      struct error *error);

struct scatter_layout {
    uint32_t partitions; /* a power of two, or fewer than one where dense */
    unsigned skip, bits; /* the partition: these bits of the hash */
    unsigned slot_bits;  /* dense: the partition is what is above them */
    uint32_t rows;       /* a block; rows - piece of them make it full */
    uint32_t piece;
    uint32_t region; /* bytes of keys a block */
};

struct group_scatter {
    const struct group_shape *shape;
    struct scatter_layout layout;
    struct mem_account *account;
    scatter_taker *take;
    void *context;
    uint32_t *next; /* of each partition: the place of its next row in all arrays; one more
                       partition takes what is left out */
    uint64_t *hashes;
    uint32_t *slots;
    uint32_t *offsets; /* one more a block */
    uint8_t *bytes;
    struct scatter_column *columns;
    uint8_t *expanded;                   /* a piece of values, one a row */
    struct group_block_column *views;    /* of the block handed on */
    uint32_t places[SCATTER_PIECE_MOST]; /* of the piece's rows */
    uint32_t full[SCATTER_PIECE_MOST];   /* partitions that became full */
    uint32_t full_count;
};

/* Half-built scatters are fit for release. take is called with context. */
CHECKED enum error_code group_scatter_init(struct group_scatter *scatter,
                                           const struct group_shape *shape,
                                           const struct scatter_layout *layout,
                                           struct mem_account *account, scatter_taker *take,
                                           void *context, struct error *error);
void group_scatter_release(struct group_scatter *scatter);
size_t group_scatter_size(const struct group_shape *shape, const struct scatter_layout *layout);

/*
 * Takes rows. Those with numbers[i] != 0 are left out (numbers NULL: none is). A key that is longer
 * than a block's region is handed on at once, as a block of one row.
 */
CHECKED enum error_code group_scatter_add(struct group_scatter *scatter,
                                          const struct group_keys_slice *keys,
                                          const uint32_t *numbers,
                                          const struct column_slice *values, struct error *error);
/* Hands on all blocks that are not empty. */
CHECKED enum error_code group_scatter_flush(struct group_scatter *scatter, struct error *error);

#endif
