#include "arrow/flat_reader.h"

static bool read_at(const struct flat_table *view, size_t at, void *ret, size_t size)
{
    struct cursor cursor = cursor_over(view->bytes, view->size);
    return cursor_skip(&cursor, at) && cursor_copy(&cursor, ret, size);
}

/* Follows the offset that stands at a place. Sizes are below 2^48, so sums cannot overflow. */
static bool follow(const struct flat_table *view, size_t at, size_t *ret)
{
    uint32_t offset;
    if (!read_at(view, at, &offset, sizeof offset) || offset == 0)
        return false;
    *ret = at + offset;
    return true;
}

static bool table_at(const struct flat_table *view, size_t at, struct flat_table *ret)
{
    int32_t back;
    uint16_t sizes[2]; /* of the vtable and of the table */
    if (!read_at(view, at, &back, sizeof back))
        return false;
    int64_t vtable = (int64_t)at - back;
    if (vtable < 0 || !read_at(view, (size_t)vtable, sizes, sizeof sizes))
        return false;
    if (sizes[0] < 4 || (size_t)vtable + sizes[0] > view->size || at + sizes[1] > view->size)
        return false;
    *ret = *view;
    ret->at = at;
    ret->vtable = (size_t)vtable;
    ret->slot_count = (uint16_t)((sizes[0] - 4) / 2);
    ret->table_size = sizes[1];
    return true;
}

bool flat_root(const void *bytes, size_t size, struct flat_table *ret)
{
    struct flat_table view = {.bytes = bytes, .size = size};
    size_t at;
    return follow(&view, 0, &at) && table_at(&view, at, ret);
}

/* Where a field of size bytes stands; false when absent. */
static bool find_field(const struct flat_table *table, unsigned slot, size_t size, size_t *ret)
{
    uint16_t offset;
    if (slot >= table->slot_count ||
        !read_at(table, table->vtable + 4 + 2 * (size_t)slot, &offset, sizeof offset))
        return false;
    if (offset < 4 || offset + size > table->table_size)
        return false;
    *ret = table->at + offset;
    return true;
}

static void read_scalar(const struct flat_table *table, unsigned slot, void *ret, size_t size)
{
    size_t at;
    uint8_t value[8];
    if (find_field(table, slot, size, &at) && read_at(table, at, value, size))
        memcpy(ret, value, size);
}

uint8_t flat_u8(const struct flat_table *table, unsigned slot, uint8_t fallback)
{
    read_scalar(table, slot, &fallback, sizeof fallback);
    return fallback;
}

int16_t flat_i16(const struct flat_table *table, unsigned slot, int16_t fallback)
{
    read_scalar(table, slot, &fallback, sizeof fallback);
    return fallback;
}

int32_t flat_i32(const struct flat_table *table, unsigned slot, int32_t fallback)
{
    read_scalar(table, slot, &fallback, sizeof fallback);
    return fallback;
}

int64_t flat_i64(const struct flat_table *table, unsigned slot, int64_t fallback)
{
    read_scalar(table, slot, &fallback, sizeof fallback);
    return fallback;
}

/* Follows the offset in a field. */
static bool follow_field(const struct flat_table *table, unsigned slot, size_t *ret)
{
    size_t at;
    return find_field(table, slot, sizeof(uint32_t), &at) && follow(table, at, ret);
}

bool flat_child(const struct flat_table *table, unsigned slot, struct flat_table *ret)
{
    size_t at;
    return follow_field(table, slot, &at) && table_at(table, at, ret);
}

bool flat_vector(const struct flat_table *table, unsigned slot, size_t element_size,
                 struct flat_vector *ret)
{
    size_t at;
    uint32_t count;
    if (!follow_field(table, slot, &at) || !read_at(table, at, &count, sizeof count))
        return false;
    at += sizeof count;
    if (count > (table->size - at) / element_size)
        return false;
    *ret = (struct flat_vector){at, count};
    return true;
}

bool flat_string(const struct flat_table *table, unsigned slot, struct cursor *ret)
{
    struct flat_vector vector;
    if (!flat_vector(table, slot, 1, &vector))
        return false;
    *ret = cursor_over(table->bytes + vector.at, vector.count);
    return true;
}

bool flat_value(const struct flat_table *table, const struct flat_vector *vector, uint32_t index,
                void *ret, size_t size)
{
    return index < vector->count && read_at(table, vector->at + size * index, ret, size);
}

bool flat_element(const struct flat_table *table, const struct flat_vector *vector, uint32_t index,
                  struct flat_table *ret)
{
    size_t at;
    return index < vector->count && follow(table, vector->at + 4 * (size_t)index, &at) &&
           table_at(table, at, ret);
}
