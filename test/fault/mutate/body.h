/*
 * Damage to bytes that are not a tree, and to what a page holds behind its compression and
 * checksum.
 */
#ifndef WEIR_MUTATE_BODY_H
#define WEIR_MUTATE_BODY_H

#include "mutate/mutant.h"

/* Damages bytes from start to end in one to three ways; the bytes may grow or shrink. */
void bytes_damage(struct pool *pool, struct bytes *bytes, size_t start, size_t end);

/*
 * Damages a page's values or levels. Mostly the body is compressed again and the header's sizes and
 * checksum are put right, so that the damage is met by the decoders.
 */
void body_damage(struct mutant_maker *maker, int codec, struct node *header, struct bytes *body);

#endif
