#include "sort/record.h"

static uint32_t bytes_size(const void *value)
{
    struct column_bytes bytes;
    memcpy(&bytes, value, sizeof bytes);
    return bytes.size;
}

struct record_sizes record_measure(const struct record_layout *layout,
                                   const struct row_column *columns)
{
    struct record_sizes sizes = {RECORD_HEAD + (layout->column_count + 7) / 8, 0};
    for (uint32_t i = 0; i < layout->key_count; i++)
        sizes.key += sort_key_size(layout->keys[i].type, columns[layout->keys[i].column].value);
    sizes.total += sizes.key;
    for (uint32_t i = 0; i < layout->column_count; i++) {
        if (columns[i].value == NULL)
            continue;
        sizes.total += layout->columns[i].is_bytes ? sizeof(uint32_t) + bytes_size(columns[i].value)
                                                   : layout->columns[i].size;
    }
    return sizes;
}

static uint8_t *write_bytes(const void *value, uint8_t *at)
{
    struct column_bytes bytes;
    memcpy(&bytes, value, sizeof bytes);
    memcpy(at, &bytes.size, sizeof bytes.size);
    at += sizeof bytes.size;
    if (bytes.size > 0)
        memcpy(at, bytes.data, bytes.size);
    return at + bytes.size;
}

static uint8_t *write_value(const struct record_column *column, const void *value, uint8_t *at)
{
    if (column->is_bytes)
        return write_bytes(value, at);
    record_copy(at, value, column->size);
    return at + column->size;
}

void record_write(const struct record_layout *layout, const struct row_column *columns,
                  struct record_sizes sizes, uint8_t *at)
{
    uint32_t head[2] = {(uint32_t)sizes.total, (uint32_t)sizes.key};
    memcpy(at, head, sizeof head);
    at += RECORD_HEAD;
    for (uint32_t i = 0; i < layout->key_count; i++)
        at = sort_key_write(layout->keys[i].type, columns[layout->keys[i].column].value, at);
    uint8_t *present = at;
    memset(present, 0, (layout->column_count + 7) / 8);
    at += (layout->column_count + 7) / 8;
    for (uint32_t i = 0; i < layout->column_count; i++) {
        if (columns[i].value == NULL)
            continue;
        present[i / 8] |= (uint8_t)(1u << i % 8);
        at = write_value(&layout->columns[i], columns[i].value, at);
    }
}
