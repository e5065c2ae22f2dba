/*
 * A good file, and where its parts are.
 *
 * The parts are found once, when it is loaded; a mutant's trees are read anew from its bytes,
 * because they will be damaged.
 */
#ifndef WEIR_MUTATE_ORIGINAL_H
#define WEIR_MUTATE_ORIGINAL_H

#include "mutate/tree.h"

/* A page: where its header is, and which column chunk it belongs to. */
struct original_page {
    size_t offset, header_size, body_size;
    uint32_t row_group, column;
    int codec;
};

#define ORIGINAL_NAME 128

struct original {
    char *path;
    uint8_t *bytes;
    size_t size;
    size_t footer; /* offset of the footer */
    size_t page_count;
    struct original_page *pages;
    char by[512];              /* flat columns that may be a key, with commas, or empty */
    char value[ORIGINAL_NAME]; /* a flat column that may be summed, or empty */
};

/* False when the file cannot be read, or is longer than most bytes; then nothing is held. */
bool original_load(struct original *ret, const char *path, size_t most, struct pool *pool);

void original_release(struct original *original);

#endif
