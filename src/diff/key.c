#include "diff/key.h"

#include <string.h>

#include "diff/value.h"

static bool both_text(const struct column_type *a, const struct column_type *b)
{
    return a->physical == COLUMN_BYTE_ARRAY && b->physical == COLUMN_BYTE_ARRAY &&
           a->logical != COLUMN_DECIMAL && b->logical != COLUMN_DECIMAL;
}

bool diff_key_of(const struct column_type *left, const struct column_type *right,
                 struct diff_key *ret)
{
    *ret = (struct diff_key){false, sort_key_type_of(left), {*left, *right}};
    if (column_type_equal(left, right) || both_text(left, right))
        return true;
    ret->wide =
        (diff_is_integer(left) && diff_is_integer(right)) || diff_are_timestamps(left, right);
    return ret->wide;
}

size_t diff_key_size(const struct diff_key *key, const void *value)
{
    if (!key->wide)
        return sort_key_size(key->narrow, value);
    return value == NULL ? 1 : 1 + sizeof(__int128);
}

uint8_t *diff_key_write(const struct diff_key *key, unsigned side, const void *value, uint8_t *at)
{
    if (!key->wide)
        return sort_key_write(key->narrow, value, at);
    *at++ = value != NULL;
    if (value == NULL)
        return at;
    unsigned __int128 number = (unsigned __int128)diff_value_integer(&key->type[side], value);
    uint64_t halves[2] = {__builtin_bswap64((uint64_t)(number >> 64) ^ (1ull << 63)),
                          __builtin_bswap64((uint64_t)number)};
    memcpy(at, halves, sizeof halves);
    return at + sizeof halves;
}
