#include "sort/emit.h"

/* Every array begins on a boundary of this many bytes. */
#define ALIGNMENT ((size_t)16)

static size_t row_bytes(const struct record_layout *layout)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < layout->column_count; i++)
        bytes += 1 + (size_t)layout->columns[i].size;
    return bytes;
}

static enum error_code choose_capacity(struct emitter *emitter, size_t room, struct error *error)
{
    size_t row = row_bytes(emitter->layout);
    size_t fixed = emitter->layout->column_count *
                   (sizeof(struct emit_column) + sizeof(struct column_slice) + 2 * ALIGNMENT);
    if (fixed >= room || row > room - fixed) {
        error_set(error, ERROR_MEMORY, "a row of %u columns is too large to be sorted in %zu bytes",
                  emitter->layout->column_count, room * 8);
        error_hint(error, "a higher --memory");
        return ERROR_MEMORY;
    }
    size_t rows = row == 0 ? EMIT_ROWS : (room - fixed) / row;
    emitter->row_capacity = (uint32_t)(rows < EMIT_ROWS ? rows : EMIT_ROWS);
    return ERROR_NONE;
}

static enum error_code allocate_columns(struct emitter *emitter, struct mem_arena *arena,
                                        struct error *error)
{
    uint32_t count = emitter->layout->column_count;
    void *memory;
    TRY(mem_arena_alloc_array(arena, count, sizeof(struct emit_column), &memory, error));
    emitter->columns = memory;
    TRY(mem_arena_alloc_array(arena, count, sizeof(struct column_slice), &memory, error));
    emitter->slices = memory;
    for (uint32_t i = 0; i < count; i++) {
        TRY(mem_arena_alloc(arena, emitter->row_capacity, &memory, error));
        emitter->columns[i].present = memory;
        TRY(mem_arena_alloc_array(arena, emitter->row_capacity, emitter->layout->columns[i].size,
                                  &memory, error));
        emitter->columns[i].values = memory;
    }
    return ERROR_NONE;
}

enum error_code emitter_create(struct emitter *ret, struct mem_arena *arena, size_t room,
                               const struct record_layout *layout,
                               const struct column_field *fields, struct error *error)
{
    struct emitter emitter = {.layout = layout, .fields = fields};
    TRY(choose_capacity(&emitter, room, error));
    TRY(allocate_columns(&emitter, arena, error));
    *ret = emitter;
    return ERROR_NONE;
}

void emitter_clear(struct emitter *emitter)
{
    emitter->row_count = 0;
    for (uint32_t i = 0; i < emitter->layout->column_count; i++)
        emitter->columns[i].value_count = 0;
}

static const uint8_t *add_bytes(uint8_t *to, const uint8_t *from)
{
    struct column_bytes bytes = {from + sizeof(uint32_t), record_u32(from)};
    memcpy(to, &bytes, sizeof bytes);
    return bytes.data + bytes.size;
}

static const uint8_t *add_value(const struct record_column *layout, struct emit_column *column,
                                const uint8_t *from)
{
    uint8_t *to = column->values + (size_t)column->value_count++ * layout->size;
    if (layout->is_bytes)
        return add_bytes(to, from);
    record_copy(to, from, layout->size);
    return from + layout->size;
}

void emitter_add(struct emitter *emitter, const uint8_t *payload)
{
    const struct record_layout *layout = emitter->layout;
    const uint8_t *from = payload + (layout->column_count + 7) / 8;
    for (uint32_t i = 0; i < layout->column_count; i++) {
        uint8_t present = payload[i / 8] >> i % 8 & 1;
        emitter->columns[i].present[emitter->row_count] = present;
        if (present != 0)
            from = add_value(&layout->columns[i], &emitter->columns[i], from);
    }
    emitter->row_count++;
}

struct column_batch emitter_batch(struct emitter *emitter)
{
    uint32_t rows = emitter->row_count;
    for (uint32_t i = 0; i < emitter->layout->column_count; i++) {
        const struct emit_column *column = &emitter->columns[i];
        const uint8_t *present = column->value_count == rows ? NULL : column->present;
        emitter->slices[i] =
            (struct column_slice){rows, column->value_count, present, column->values};
    }
    return (struct column_batch){rows, emitter->layout->column_count, emitter->fields,
                                 emitter->slices};
}
