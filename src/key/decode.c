#include <string.h>

#include "key/encode.h"
#include "key/encode_layout.h"

static bool is_present(const uint8_t *key, uint32_t column)
{
    return (key[column / 8] >> column % 8 & 1) != 0;
}

static uint32_t text_size(const uint8_t *at)
{
    uint32_t size;
    memcpy(&size, at, sizeof size);
    return size;
}

/* Where the value of a column stands, or would stand. */
static const uint8_t *find_value(const struct column_type *types, uint32_t column_count,
                                 uint32_t column, const uint8_t *key)
{
    const uint8_t *at = key + encoded_mask_size(column_count);
    for (uint32_t i = 0; i < column; i++) {
        if (!is_present(key, i))
            continue;
        at += types[i].physical == COLUMN_BYTE_ARRAY ? ENCODED_LENGTH + text_size(at)
                                                     : column_value_size(&types[i]);
    }
    return at;
}

/* Columns before this one that all have a fixed width, and a value in most keys: then a value's
 * place is known without a look at each of them. */
struct prefix {
    uint8_t mask;  /* of the columns before */
    size_t offset; /* of the value where they all have one; 0: it is not that simple */
};

static struct prefix prefix_of(const struct column_type *types, uint32_t column_count,
                               uint32_t column)
{
    struct prefix prefix = {0, encoded_mask_size(column_count)};
    if (column > 8)
        return (struct prefix){0, 0};
    for (uint32_t i = 0; i < column; i++) {
        if (types[i].physical == COLUMN_BYTE_ARRAY)
            return (struct prefix){0, 0};
        prefix.offset += column_value_size(&types[i]);
        prefix.mask |= (uint8_t)(1u << i);
    }
    return prefix;
}

/* Fixed width: as it is. Text: a view. */
static void read_value(const struct column_type *type, const uint8_t *at, size_t size, uint8_t *ret)
{
    if (type->physical == COLUMN_BYTE_ARRAY) {
        struct column_bytes text = {at + ENCODED_LENGTH, text_size(at)};
        memcpy(ret, &text, sizeof text);
    } else if (size == 8) {
        memcpy(ret, at, 8);
    } else {
        memcpy(ret, at, size);
    }
}

void key_decode(const struct column_type *types, uint32_t column_count, uint32_t column,
                const struct key_bytes *keys, uint32_t count, void *values, uint8_t *present,
                struct column_slice *ret)
{
    const struct column_type *type = &types[column];
    size_t size = column_value_size(type);
    uint8_t *to = values;
    uint32_t value_count = 0;
    struct prefix prefix = prefix_of(types, column_count, column);
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *key = keys[i].data;
        present[i] = is_present(key, column);
        if (present[i] == 0)
            continue;
        bool known = prefix.offset > 0 && (key[0] & prefix.mask) == prefix.mask;
        const uint8_t *at =
            known ? key + prefix.offset : find_value(types, column_count, column, key);
        read_value(type, at, size, to + value_count * size);
        value_count++;
    }
    *ret = (struct column_slice){.row_count = count,
                                 .value_count = value_count,
                                 .present = value_count < count ? present : NULL,
                                 .values = values};
}
