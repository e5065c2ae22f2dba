#include "group/scatter.h"

#include <string.h>

#include "aggregate/value_widen.h"
#include "column/expand.h"
#include "group/hash.h"

struct scatter_column {
    uint8_t *values, *present; /* of all blocks */
    size_t width;
    bool gaps; /* present is in use */
    struct column_slice source;
    size_t used;      /* of the source's values */
    uint8_t *widened; /* decimals of any length at the width of their sums, or NULL */
};

/* Places in all arrays: those of the blocks, and a piece that is left out. */
static size_t place_count(const struct scatter_layout *layout)
{
    return (size_t)layout->partitions * layout->rows + layout->piece;
}

static size_t widest(const struct group_shape *shape)
{
    size_t width = 8;
    for (uint32_t i = 0; i < shape->value_count; i++)
        width = shape->values[i].width > width ? shape->values[i].width : width;
    return width;
}

size_t group_scatter_size(const struct group_shape *shape, const struct scatter_layout *layout)
{
    size_t places = place_count(layout), partitions = layout->partitions + (size_t)1;
    size_t size = mem_charge_of(partitions * sizeof(uint32_t)) + mem_charge_of(places * 8);
    size += mem_charge_of(shape->value_count * sizeof(struct scatter_column)) +
            mem_charge_of(shape->value_count * sizeof(struct group_block_column)) +
            mem_charge_of(layout->piece * widest(shape));
    if (shape->keys == GROUP_BYTES)
        size += mem_charge_of((places + partitions) * sizeof(uint32_t)) +
                mem_charge_of((size_t)layout->partitions * layout->region);
    for (uint32_t i = 0; i < shape->value_count; i++) {
        size += mem_charge_of(places * group_value_width(&shape->values[i]));
        size += mem_charge_of(places);
        if (shape->values[i].widened)
            size += mem_charge_of((size_t)VALUE_TILE_WINDOW * shape->values[i].width);
    }
    return size;
}

static enum error_code init_keys(struct group_scatter *scatter, struct error *error)
{
    const struct scatter_layout *layout = &scatter->layout;
    struct mem_account *account = scatter->account;
    size_t places = place_count(layout), partitions = layout->partitions + (size_t)1;
    TRY(mem_alloc_array(account, partitions, sizeof(uint32_t), (void **)&scatter->next, error));
    for (uint32_t p = 0; p < partitions; p++)
        scatter->next[p] = p * layout->rows;
    if (scatter->shape->keys == GROUP_DENSE)
        return mem_alloc_array(account, places, sizeof(uint32_t), (void **)&scatter->slots, error);
    TRY(mem_alloc_array(account, places, sizeof(uint64_t), (void **)&scatter->hashes, error));
    if (scatter->shape->keys == GROUP_CODES)
        return ERROR_NONE;
    TRY(mem_alloc_array(account, places + partitions, sizeof(uint32_t), (void **)&scatter->offsets,
                        error));
    return mem_alloc_array(account, layout->partitions, layout->region, (void **)&scatter->bytes,
                           error);
}

static enum error_code init_column(struct group_scatter *scatter, uint32_t index,
                                   struct error *error)
{
    struct mem_account *account = scatter->account;
    const struct aggregate_value *value = &scatter->shape->values[index];
    struct scatter_column *column = &scatter->columns[index];
    size_t places = place_count(&scatter->layout);
    column->width = group_value_width(value);
    TRY(mem_alloc_array(account, places, column->width, (void **)&column->values, error));
    TRY(mem_alloc(account, places, (void **)&column->present, error));
    if (!value->widened || column->width == 0)
        return ERROR_NONE;
    return mem_alloc_array(account, VALUE_TILE_WINDOW, value->width, (void **)&column->widened,
                           error);
}

enum error_code group_scatter_init(struct group_scatter *scatter, const struct group_shape *shape,
                                   const struct scatter_layout *layout, struct mem_account *account,
                                   scatter_taker *take, void *context, struct error *error)
{
    *scatter = (struct group_scatter){.shape = shape, .layout = *layout, .account = account};
    scatter->take = take;
    scatter->context = context;
    TRY(init_keys(scatter, error));
    TRY(mem_alloc_array(account, shape->value_count, sizeof *scatter->columns,
                        (void **)&scatter->columns, error));
    TRY(mem_alloc_array(account, shape->value_count, sizeof *scatter->views,
                        (void **)&scatter->views, error));
    TRY(mem_alloc_array(account, layout->piece, widest(shape), (void **)&scatter->expanded, error));
    for (uint32_t i = 0; i < shape->value_count; i++)
        TRY(init_column(scatter, i, error));
    return ERROR_NONE;
}

void group_scatter_release(struct group_scatter *scatter)
{
    for (uint32_t i = 0; scatter->columns != NULL && i < scatter->shape->value_count; i++) {
        mem_free(scatter->columns[i].values);
        mem_free(scatter->columns[i].present);
        mem_free(scatter->columns[i].widened);
    }
    mem_free(scatter->columns);
    mem_free(scatter->views);
    mem_free(scatter->expanded);
    mem_free(scatter->next);
    mem_free(scatter->hashes);
    mem_free(scatter->slots);
    mem_free(scatter->offsets);
    mem_free(scatter->bytes);
    *scatter = (struct group_scatter){0};
}

/* ---- places of a piece's rows ---- */

/* The next place of a partition; notes when it becomes full with it. */
static inline uint32_t take_place(struct group_scatter *scatter, uint32_t partition, uint32_t row)
{
    uint32_t place = scatter->next[partition]++;
    uint32_t last = scatter->layout.rows - scatter->layout.piece;
    scatter->places[row] = place;
    scatter->full[scatter->full_count] = partition;
    scatter->full_count += place == partition * scatter->layout.rows + last;
    return place;
}

static void place_codes(struct group_scatter *scatter, const uint64_t *codes, uint32_t count)
{
    unsigned bits = scatter->layout.slot_bits;
    uint64_t mask = ((uint64_t)1 << bits) - 1;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t place = take_place(scatter, (uint32_t)(codes[i] >> bits), i);
        scatter->slots[place] = (uint32_t)(codes[i] & mask);
    }
}

static void place_hashes(struct group_scatter *scatter, const uint64_t *hashes, uint32_t count)
{
    unsigned skip = scatter->layout.skip, bits = scatter->layout.bits;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t partition = group_hash_bits(hashes[i], skip, bits);
        scatter->hashes[take_place(scatter, partition, i)] = hashes[i];
    }
}

static void place_unknown(struct group_scatter *scatter, const uint64_t *hashes,
                          const uint32_t *numbers, uint32_t count)
{
    unsigned skip = scatter->layout.skip, bits = scatter->layout.bits;
    uint32_t none = scatter->layout.partitions;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t partition = group_hash_bits(hashes[i], skip, bits);
        partition = numbers[i] == 0 ? partition : none;
        scatter->hashes[take_place(scatter, partition, i)] = hashes[i];
    }
}

/* Copies a key behind those of its block; false: no room. */
static bool place_key(struct group_scatter *scatter, uint32_t partition, struct key_bytes key)
{
    const struct scatter_layout *layout = &scatter->layout;
    uint32_t *offset = scatter->offsets + scatter->next[partition] + partition;
    if (key.size > layout->region - *offset)
        return false;
    uint8_t *at = scatter->bytes + (size_t)partition * layout->region + *offset;
    if (key.size > 0)
        memcpy(at, key.data, key.size);
    offset[1] = *offset + key.size;
    return true;
}

/* Stops at a key for which its block has no room, and has that block handed on. */
static uint32_t place_keys(struct group_scatter *scatter, const struct group_keys_slice *keys,
                           const uint32_t *numbers, uint32_t first, uint32_t count)
{
    const struct scatter_layout *layout = &scatter->layout;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t hash = keys->hashes[first + i];
        uint32_t partition = group_hash_bits(hash, layout->skip, layout->bits);
        if (numbers != NULL && numbers[first + i] != 0) {
            take_place(scatter, layout->partitions, i);
            continue;
        }
        if (!place_key(scatter, partition, group_row_key(keys, first + i))) {
            scatter->full[scatter->full_count++] = partition;
            return i;
        }
        scatter->hashes[take_place(scatter, partition, i)] = hash;
    }
    return count;
}

static uint32_t place_rows(struct group_scatter *scatter, const struct group_keys_slice *keys,
                           const uint32_t *numbers, uint32_t first)
{
    uint32_t left = keys->row_count - first;
    uint32_t count = left < scatter->layout.piece ? left : scatter->layout.piece;
    scatter->full_count = 0;
    scatter->next[scatter->layout.partitions] = scatter->layout.partitions * scatter->layout.rows;
    if (scatter->shape->keys == GROUP_BYTES)
        return place_keys(scatter, keys, numbers, first, count);
    if (scatter->shape->keys == GROUP_DENSE)
        place_codes(scatter, keys->hashes + first, count);
    else if (numbers != NULL)
        place_unknown(scatter, keys->hashes + first, numbers + first, count);
    else
        place_hashes(scatter, keys->hashes + first, count);
    return count;
}

/* ---- values ---- */

#define PUT(size)                                                                                  \
    for (uint32_t i = 0; i < count; i++)                                                           \
    memcpy(to + (size_t)places[i] * (size), from + (size_t)i * (size), size)

static void put_values(uint8_t *to, size_t width, const uint32_t *places, const uint8_t *from,
                       uint32_t count)
{
    switch (width) {
    case 0:
        break;
    case 1:
        PUT(1);
        break;
    case 4:
        PUT(4);
        break;
    case 8:
        PUT(8);
        break;
    case 16:
        PUT(16);
        break;
    default:
        PUT(width);
    }
}

static void put_column(struct group_scatter *scatter, struct scatter_column *column, uint32_t first,
                       uint32_t count)
{
    const uint8_t *present = column->source.present;
    const uint8_t *values = (const uint8_t *)column->source.values + column->used * column->width;
    if (present == NULL) {
        put_values(column->values, column->width, scatter->places, values, count);
        for (uint32_t i = 0; column->gaps && i < count; i++)
            column->present[scatter->places[i]] = 1;
        column->used += count;
        return;
    }
    put_values(column->present, 1, scatter->places, present + first, count);
    if (column->width == 0)
        return;
    column->used += expand_values(present + first, values, column->width, count, scatter->expanded);
    put_values(column->values, column->width, scatter->places, scatter->expanded, count);
}

static enum error_code begin_column(struct group_scatter *scatter, uint32_t index,
                                    const struct column_slice *slice, struct error *error)
{
    struct scatter_column *column = &scatter->columns[index];
    column->source = *slice;
    column->used = 0;
    if (slice->values == NULL)
        column->source.values = scatter->expanded;
    if (slice->present != NULL && !column->gaps) {
        memset(column->present, 1, place_count(&scatter->layout));
        column->gaps = true;
    }
    if (column->widened == NULL)
        return ERROR_NONE;
    column->source.values = column->widened;
    return value_widen_decimals(&scatter->shape->values[index], slice->values, slice->value_count,
                                column->widened, error);
}

/* ---- handing on ---- */

static void view_columns(struct group_scatter *scatter, size_t place)
{
    for (uint32_t i = 0; i < scatter->shape->value_count; i++) {
        const struct scatter_column *column = &scatter->columns[i];
        scatter->views[i].values = column->values + place * column->width;
        scatter->views[i].present = column->gaps ? column->present + place : NULL;
    }
}

static enum error_code hand_on(struct group_scatter *scatter, uint32_t partition,
                               struct error *error)
{
    uint32_t begin = partition * scatter->layout.rows;
    struct group_block block = {.columns = scatter->views};
    block.keys.row_count = scatter->next[partition] - begin;
    if (block.keys.row_count == 0)
        return ERROR_NONE;
    if (scatter->slots != NULL)
        block.keys.slots = scatter->slots + begin;
    if (scatter->hashes != NULL)
        block.keys.hashes = scatter->hashes + begin;
    if (scatter->offsets != NULL) {
        block.keys.offsets = scatter->offsets + begin + partition;
        block.keys.bytes = scatter->bytes + (size_t)partition * scatter->layout.region;
    }
    view_columns(scatter, begin);
    scatter->next[partition] = begin;
    return scatter->take(scatter->context, partition, &block, error);
}

/* A row whose key is too long for any block: its values go where rows are left out. */
static enum error_code hand_on_long(struct group_scatter *scatter,
                                    const struct group_keys_slice *keys, uint32_t row,
                                    struct error *error)
{
    const struct scatter_layout *layout = &scatter->layout;
    struct key_bytes key = group_row_key(keys, row);
    uint64_t hash = keys->hashes[row];
    uint32_t offsets[2] = {0, key.size};
    scatter->places[0] = layout->partitions * layout->rows;
    for (uint32_t c = 0; c < scatter->shape->value_count; c++)
        put_column(scatter, &scatter->columns[c], row, 1);
    view_columns(scatter, scatter->places[0]);
    struct group_block block = {.columns = scatter->views};
    block.keys = (struct group_keys_slice){1, NULL, &hash, key.data, offsets};
    return scatter->take(scatter->context, group_hash_bits(hash, layout->skip, layout->bits),
                         &block, error);
}

enum error_code group_scatter_add(struct group_scatter *scatter,
                                  const struct group_keys_slice *keys, const uint32_t *numbers,
                                  const struct column_slice *values, struct error *error)
{
    uint32_t columns = scatter->shape->value_count, region = scatter->layout.region;
    for (uint32_t c = 0; c < columns; c++)
        TRY(begin_column(scatter, c, &values[c], error));
    for (uint32_t row = 0; row < keys->row_count;) {
        uint32_t count = place_rows(scatter, keys, numbers, row);
        for (uint32_t c = 0; c < columns; c++)
            put_column(scatter, &scatter->columns[c], row, count);
        for (uint32_t i = 0; i < scatter->full_count; i++)
            TRY(hand_on(scatter, scatter->full[i], error));
        row += count;
        if (count == 0 && group_row_key(keys, row).size > region)
            TRY(hand_on_long(scatter, keys, row++, error));
    }
    return ERROR_NONE;
}

enum error_code group_scatter_flush(struct group_scatter *scatter, struct error *error)
{
    for (uint32_t p = 0; p < scatter->layout.partitions; p++)
        TRY(hand_on(scatter, p, error));
    return ERROR_NONE;
}
