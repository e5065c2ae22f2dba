#include "arrow/flat_builder.h"

#include <string.h>

/* Offsets are 32 bits wide and must stay positive when read as signed. */
#define MOST_BYTES ((size_t)INT32_MAX)

static void append_zeros(struct flat_builder *builder, size_t size)
{
    static const uint8_t zeros[64];
    while (size > 0 && builder->code == ERROR_NONE) {
        size_t part = size < sizeof zeros ? size : sizeof zeros;
        builder->code = mem_buffer_append(&builder->bytes, zeros, part, builder->error);
        size -= part;
    }
}

static void append(struct flat_builder *builder, const void *bytes, size_t size)
{
    if (builder->code == ERROR_NONE)
        builder->code = mem_buffer_append(&builder->bytes, bytes, size, builder->error);
}

/* Pads until something that begins after ahead more bytes is aligned. */
static void align_ahead(struct flat_builder *builder, size_t ahead, size_t alignment)
{
    size_t past = (builder->bytes.size + ahead) % alignment;
    append_zeros(builder, past == 0 ? 0 : alignment - past);
}

static void link_here(struct flat_builder *builder, size_t link)
{
    uint32_t offset = (uint32_t)(builder->bytes.size - link);
    flat_put(builder, link, &offset, sizeof offset);
}

void flat_builder_init(struct flat_builder *builder, struct mem_account *account, size_t maximum,
                       struct error *error)
{
    mem_buffer_init(&builder->bytes, account, maximum < MOST_BYTES ? maximum : MOST_BYTES);
    builder->code = ERROR_NONE;
    builder->error = error;
    append_zeros(builder, sizeof(uint32_t));
}

void flat_builder_release(struct flat_builder *builder)
{
    mem_buffer_release(&builder->bytes);
}

void flat_put(struct flat_builder *builder, size_t at, const void *bytes, size_t size)
{
    if (builder->code == ERROR_NONE && at + size <= builder->bytes.size)
        memcpy(builder->bytes.data + at, bytes, size);
}

/* Places fields behind the table's first 4 bytes, widest first; returns the table's size. */
static uint16_t place_slots(const struct flat_slot *slots, size_t count, uint16_t *offsets)
{
    uint16_t next = 4;
    for (uint8_t size = 8; size > 0; size /= 2) {
        for (size_t i = 0; i < count; i++) {
            if (slots[i].size != size)
                continue;
            offsets[i] = next;
            next = (uint16_t)(next + size);
        }
    }
    return next;
}

#define MOST_SLOTS 8

void flat_build_table(struct flat_builder *builder, size_t link, struct flat_slot *slots,
                      size_t count)
{
    uint16_t vtable[2 + MOST_SLOTS] = {0};
    size_t vtable_size = 2 * (2 + count);
    vtable[0] = (uint16_t)vtable_size;
    vtable[1] = place_slots(slots, count, vtable + 2);
    /* The table begins 4 bytes off, so that its widest fields are aligned to 8. */
    align_ahead(builder, vtable_size + 4, 8);
    append(builder, vtable, vtable_size);
    size_t table = builder->bytes.size;
    link_here(builder, link);
    int32_t back = (int32_t)vtable_size;
    append(builder, &back, sizeof back);
    append_zeros(builder, (size_t)vtable[1] - sizeof back);
    for (size_t i = 0; i < count; i++) {
        slots[i].position = table + vtable[2 + i];
        flat_put(builder, slots[i].position, &slots[i].value, slots[i].size);
    }
}

void flat_build_string(struct flat_builder *builder, size_t link, const void *text, size_t size)
{
    align_ahead(builder, 0, 4);
    link_here(builder, link);
    uint32_t length = (uint32_t)size;
    append(builder, &length, sizeof length);
    append(builder, text, size);
    append_zeros(builder, 1);
}

size_t flat_build_vector(struct flat_builder *builder, size_t link, size_t count,
                         size_t element_size)
{
    align_ahead(builder, sizeof(uint32_t), 8);
    link_here(builder, link);
    uint32_t length = (uint32_t)count;
    append(builder, &length, sizeof length);
    size_t first = builder->bytes.size;
    append_zeros(builder, count * element_size);
    return first;
}

enum error_code flat_finish(struct flat_builder *builder)
{
    align_ahead(builder, 0, 8);
    return builder->code;
}
