#include "group/aside.h"

#include <string.h>

struct extent_head {
    uint64_t previous_offset, previous_size;
    uint64_t key_bytes;
    uint32_t row_count;
    uint32_t flag_bytes; /* what follows the head: whether a column has gaps, a byte each */
};

static size_t flag_bytes(const struct group_shape *shape)
{
    return (shape->value_count + (size_t)7) / 8 * 8;
}

/* All but the bytes of keys, with every column having gaps; a little more than needed. */
static size_t fixed_size(const struct group_shape *shape, size_t rows)
{
    return sizeof(struct extent_head) + flag_bytes(shape) + sizeof(uint32_t) +
           rows * group_row_width(shape);
}

size_t aside_room_size(const struct group_shape *shape, uint32_t rows, uint32_t region)
{
    return mem_charge_of(fixed_size(shape, rows) + region) +
           mem_charge_of(shape->value_count * sizeof(struct group_block_column));
}

enum error_code aside_room_init(struct aside_room *room, const struct group_shape *shape,
                                uint32_t rows, uint32_t region, struct mem_account *account,
                                struct error *error)
{
    room->columns = NULL;
    mem_buffer_init(&room->buffer, account, MEM_NO_LIMIT);
    TRY(mem_buffer_reserve(&room->buffer, fixed_size(shape, rows) + region, error));
    return mem_alloc_array(account, shape->value_count, sizeof *room->columns,
                           (void **)&room->columns, error);
}

void aside_room_release(struct aside_room *room)
{
    mem_buffer_release(&room->buffer);
    mem_free(room->columns);
    room->columns = NULL;
}

/* ---- writing ---- */

/* Where the next part of an extent goes. */
struct extent_writer {
    const struct group_block *block;
    const uint32_t *numbers;
    uint8_t *at;
};

static bool left_out(const struct extent_writer *writer, uint32_t row)
{
    return writer->numbers != NULL && writer->numbers[row] != 0;
}

static void put_array(struct extent_writer *writer, const void *values, size_t width)
{
    uint32_t rows = writer->block->keys.row_count;
    const uint8_t *from = values;
    if (width == 0)
        return;
    if (writer->numbers == NULL) {
        memcpy(writer->at, from, rows * width);
        writer->at += rows * width;
        return;
    }
    for (uint32_t row = 0; row < rows; row++) {
        if (left_out(writer, row))
            continue;
        memcpy(writer->at, from + row * width, width);
        writer->at += width;
    }
}

static void put_offsets(struct extent_writer *writer)
{
    uint32_t end = 0;
    memcpy(writer->at, &end, sizeof end);
    for (uint32_t row = 0; row < writer->block->keys.row_count; row++) {
        if (left_out(writer, row))
            continue;
        end += group_row_key(&writer->block->keys, row).size;
        writer->at += sizeof end;
        memcpy(writer->at, &end, sizeof end);
    }
    writer->at += sizeof end;
}

static void put_keys(struct extent_writer *writer)
{
    for (uint32_t row = 0; row < writer->block->keys.row_count; row++) {
        struct key_bytes key = group_row_key(&writer->block->keys, row);
        if (left_out(writer, row) || key.size == 0)
            continue;
        memcpy(writer->at, key.data, key.size);
        writer->at += key.size;
    }
}

static void put_columns(struct extent_writer *writer, const struct group_shape *shape,
                        uint8_t *flags)
{
    for (uint32_t i = 0; i < shape->value_count; i++) {
        const struct group_block_column *column = &writer->block->columns[i];
        flags[i] = column->present != NULL;
        put_array(writer, column->values, group_value_width(&shape->values[i]));
        if (column->present != NULL)
            put_array(writer, column->present, 1);
    }
}

static void add_to_list(struct aside_list *list, const struct extent_writer *writer,
                        const struct extent_head *head)
{
    for (uint32_t row = 0; row < writer->block->keys.row_count; row++) {
        uint64_t hash = writer->block->keys.hashes[row];
        if (left_out(writer, row))
            continue;
        if (list->rows == 0)
            list->lowest = list->highest = hash;
        list->lowest = hash < list->lowest ? hash : list->lowest;
        list->highest = hash > list->highest ? hash : list->highest;
        list->rows++;
    }
    list->key_bytes += head->key_bytes;
}

static struct extent_head head_of(const struct extent_writer *writer,
                                  const struct group_shape *shape, const struct aside_list *list)
{
    struct extent_head head = {.previous_offset = list->last_offset,
                               .previous_size = list->last_size,
                               .flag_bytes = (uint32_t)flag_bytes(shape)};
    for (uint32_t row = 0; row < writer->block->keys.row_count; row++) {
        if (left_out(writer, row))
            continue;
        head.row_count++;
        if (shape->keys == GROUP_BYTES)
            head.key_bytes += group_row_key(&writer->block->keys, row).size;
    }
    return head;
}

enum error_code aside_write(struct scratch_file *file, struct aside_list *list,
                            const struct group_shape *shape, const struct group_block *block,
                            const uint32_t *numbers, struct aside_room *room, uint64_t *ret_bytes,
                            struct error *error)
{
    struct extent_writer writer = {block, numbers, room->buffer.data};
    struct extent_head head = head_of(&writer, shape, list);
    struct scratch_piece pieces[2] = {{room->buffer.data, 0}, {NULL, 0}};
    uint8_t *flags = writer.at + sizeof head;
    memcpy(writer.at, &head, sizeof head);
    memset(flags, 0, head.flag_bytes);
    writer.at = flags + head.flag_bytes;
    put_array(&writer, block->keys.hashes, sizeof(uint64_t));
    if (shape->keys == GROUP_BYTES)
        put_offsets(&writer);
    put_columns(&writer, shape, flags);
    size_t used = (size_t)(writer.at - room->buffer.data);
    if (head.key_bytes <= room->buffer.capacity - used) {
        if (shape->keys == GROUP_BYTES)
            put_keys(&writer);
    } else { /* the block of one long key */
        pieces[1] = (struct scratch_piece){block->keys.bytes, head.key_bytes};
    }
    pieces[0].size = (size_t)(writer.at - room->buffer.data);
    TRY(scratch_file_append(file, pieces, 2, &list->last_offset, error));
    list->last_size = *ret_bytes = pieces[0].size + pieces[1].size;
    add_to_list(list, &writer, &head);
    return ERROR_NONE;
}

/* ---- reading ---- */

/* The next size bytes of the extent, or NULL past its end. */
static uint8_t *take(uint8_t **at, uint8_t *end, uint64_t size)
{
    uint8_t *begin = *at;
    if (size > (uint64_t)(end - begin))
        return NULL;
    *at += size;
    return begin;
}

static bool offsets_ascend(const struct group_keys_slice *keys, uint64_t key_bytes)
{
    if (keys->offsets == NULL || keys->offsets[0] != 0)
        return false;
    for (uint32_t row = 0; row < keys->row_count; row++)
        if (keys->offsets[row] > keys->offsets[row + 1])
            return false;
    return keys->offsets[keys->row_count] == key_bytes;
}

/* Points a block into an extent; false: it is not one (the file was written by this process, so
 * that would be a defect or a failing disk). */
static bool view_extent(const struct group_shape *shape, const struct extent_head *head,
                        uint8_t *at, uint8_t *end, struct aside_room *room, struct group_block *ret)
{
    uint64_t rows = head->row_count;
    const uint8_t *flags = take(&at, end, head->flag_bytes);
    *ret = (struct group_block){.columns = room->columns};
    ret->keys.row_count = head->row_count;
    ret->keys.hashes = (const uint64_t *)take(&at, end, rows * sizeof(uint64_t));
    if (shape->keys == GROUP_BYTES)
        ret->keys.offsets = (const uint32_t *)take(&at, end, (rows + 1) * sizeof(uint32_t));
    if (flags == NULL || ret->keys.hashes == NULL || head->flag_bytes != flag_bytes(shape))
        return false;
    for (uint32_t i = 0; i < shape->value_count; i++) {
        struct group_block_column *column = &room->columns[i];
        column->values = take(&at, end, rows * group_value_width(&shape->values[i]));
        column->present = flags[i] != 0 ? take(&at, end, rows) : NULL;
        if (column->values == NULL || (flags[i] != 0 && column->present == NULL))
            return false;
    }
    ret->keys.bytes = take(&at, end, head->key_bytes);
    if (ret->keys.bytes == NULL || at != end)
        return false;
    return shape->keys != GROUP_BYTES || offsets_ascend(&ret->keys, head->key_bytes);
}

enum error_code aside_read(struct scratch_file *file, struct aside_list *list,
                           const struct group_shape *shape, struct aside_room *room,
                           struct group_block *ret, struct error *error)
{
    struct extent_head head;
    size_t size = (size_t)list->last_size;
    TRY(mem_buffer_renew(&room->buffer, size, error));
    uint8_t *data = room->buffer.data;
    TRY(scratch_file_read(file, list->last_offset, data, size, error));
    memcpy(&head, data, sizeof head);
    if (size < sizeof head ||
        !view_extent(shape, &head, data + sizeof head, data + size, room, ret))
        return error_set(error, ERROR_IO, "a temporary file does not hold what was written to it");
    scratch_file_discard(file, list->last_offset, list->last_size);
    list->last_offset = head.previous_offset;
    list->last_size = head.previous_size;
    return ERROR_NONE;
}
