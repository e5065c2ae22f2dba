/*
 * Damaged files. Which damage is done depends on the seed alone.
 *
 * Damage goes where the reader's decisions are: the trees of the footer and of page headers are
 * damaged as trees and written anew, offsets and sizes elsewhere being put right; page bodies are
 * damaged as they are behind compression and checksum; and bytes are damaged anywhere.
 */
#ifndef WEIR_MUTATE_MUTANT_H
#define WEIR_MUTATE_MUTANT_H

#include "codec/codec.h"
#include "mutate/original.h"

struct mutant_maker {
    struct pool pool;
    struct mem_account account;
    struct codec_state codec;
    const struct original *originals;
    size_t original_count;
};

void mutant_maker_init(struct mutant_maker *maker);
void mutant_maker_release(struct mutant_maker *maker);

/* A mutant of the original with that number; its bytes live until the next one. */
struct bytes mutant_make(struct mutant_maker *maker, size_t original, uint64_t seed);

#endif
