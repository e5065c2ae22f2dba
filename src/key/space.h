/*
 * Key spaces: a whole key as one integer, from the numbers that domains give to its columns.
 *
 * code = ((n0 * c1 + n1) * c2 + n2) ..., where column i has the number ni of ci. So codes are in
 * the order of keys, NULL first, and dense where the columns' values combine freely. A space exists
 * only while the product of the counts, its span, is below 2^63. It borrows its domains.
 */
#ifndef WEIR_KEY_SPACE_H
#define WEIR_KEY_SPACE_H

#include "key/domain.h"

#define KEY_SPACE_COLUMNS_MOST 64

struct key_space {
    uint32_t column_count;
    const struct key_domain *domains[KEY_SPACE_COLUMNS_MOST];
    uint64_t counts[KEY_SPACE_COLUMNS_MOST];
    uint64_t strides[KEY_SPACE_COLUMNS_MOST]; /* of the last column: 1 */
    uint64_t span;                            /* codes are below; 1 without columns */
};

/* false: the span would not be below 2^63, or there are too many columns. */
CHECKED bool key_space_init(struct key_space *space, const struct key_domain *const *domains,
                            uint32_t column_count);

/*
 * The values of one column for count codes: dense values at values (room for count of the type's
 * width, aligned), present (count bytes, always filled in); ret views them, with present NULL where
 * no row is NULL. Text views the domain.
 */
void key_space_decode(const struct key_space *space, uint32_t column, const uint64_t *codes,
                      uint32_t count, void *values, uint8_t *present, struct column_slice *ret);
#endif
