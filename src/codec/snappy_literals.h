/*
 * Snappy blocks that hold no copies: what the compressor leaves of data it finds nothing in, such
 * as the values of a simulation.
 *
 * Such a block is the data itself in long runs, each behind a tag of a few bytes, so its values can
 * be used where they stand. A block with a single copy element is none of this kind. Source of the
 * format: format_description.txt of google/snappy, sections 1 and 2.1.
 */
#ifndef WEIR_CODEC_SNAPPY_LITERALS_H
#define WEIR_CODEC_SNAPPY_LITERALS_H

#include "base/cursor.h"

/*
 * Whether block is made of literals only, which hold out_size bytes together, in runs of some
 * length. Then *ret stands behind the block's own length, at the first tag.
 */
CHECKED bool snappy_literals_open(const uint8_t *block, size_t size, size_t out_size,
                                  struct cursor *ret);

/* The next run of data; false at the end of the block. */
CHECKED bool snappy_literals_next(struct cursor *block, struct cursor *ret_run);

/* Most bytes that snappy_literals_write adds to the data. */
#define SNAPPY_LITERALS_OVERHEAD(size) (8 + ((size) / 65536 + 1) * 3)

/* Writes data as a block of literals; out has room for the data and the overhead. Returns its size.
 */
size_t snappy_literals_write(const uint8_t *data, size_t size, uint8_t *out);

#endif
