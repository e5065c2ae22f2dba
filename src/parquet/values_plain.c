#include "parquet/unpack.h"
#include "parquet/values.h"

static enum error_code too_short(struct error *error)
{
    return value_damaged(error, "its values end too early");
}

static enum error_code read_fixed(struct value_reader *values, uint32_t count, const void **ret,
                                  uint32_t *ret_count, struct error *error)
{
    const uint8_t *bytes;
    if (!cursor_bytes(&values->bytes, count * values->width, &bytes))
        return too_short(error);
    *ret = bytes;
    *ret_count = count;
    return ERROR_NONE;
}

static enum error_code skip_fixed(struct value_reader *values, uint32_t count, struct error *error)
{
    return cursor_skip(&values->bytes, count * values->width) ? ERROR_NONE : too_short(error);
}

static enum error_code read_booleans(struct value_reader *values, uint32_t count, const void **ret,
                                     uint32_t *ret_count, struct error *error)
{
    void *out;
    count = count < values->most ? count : values->most;
    if (count > (uint64_t)cursor_left(&values->bytes) * 8 - values->taken)
        return too_short(error);
    TRY(value_room(values, count, &out, error));
    unpack_bits(values->bytes.at, (size_t)values->taken, count, out);
    values->taken += count;
    *ret = out;
    *ret_count = count;
    return ERROR_NONE;
}

static bool next_bytes(struct cursor *cursor, struct column_bytes *ret)
{
    return cursor_u32(cursor, &ret->size) && cursor_bytes(cursor, ret->size, &ret->data);
}

static enum error_code read_bytes(struct value_reader *values, uint32_t count, const void **ret,
                                  uint32_t *ret_count, struct error *error)
{
    void *room;
    count = count < values->most ? count : values->most;
    TRY(value_room(values, count, &room, error));
    struct column_bytes *out = room;
    struct cursor cursor = values->bytes;
    for (uint32_t i = 0; i < count; i++) {
        if (!next_bytes(&cursor, &out[i]))
            return too_short(error);
    }
    values->bytes = cursor;
    *ret = out;
    *ret_count = count;
    return ERROR_NONE;
}

static enum error_code skip_bytes(struct value_reader *values, uint32_t count, struct error *error)
{
    struct column_bytes dropped;
    for (uint32_t i = 0; i < count; i++) {
        if (!next_bytes(&values->bytes, &dropped))
            return too_short(error);
    }
    return ERROR_NONE;
}

static const struct value_kind fixed_kind = {read_fixed, skip_fixed};
static const struct value_kind boolean_kind = {read_booleans, NULL};
static const struct value_kind bytes_kind = {read_bytes, skip_bytes};

enum error_code values_plain_open(struct value_reader *values, const struct value_source *source,
                                  struct error *error)
{
    (void)source;
    (void)error;
    if (values->type->physical == COLUMN_BOOLEAN)
        values->kind = &boolean_kind;
    else if (values->type->physical == COLUMN_BYTE_ARRAY)
        values->kind = &bytes_kind;
    else
        values->kind = &fixed_kind;
    return ERROR_NONE;
}

enum error_code dictionary_index(const struct column_type *type, const uint8_t *page, size_t size,
                                 uint32_t count, uint32_t *offsets, struct error *error)
{
    struct cursor cursor = cursor_over(page, size);
    if (value_is_fixed(type)) {
        if (count > size / column_value_size(type))
            return value_damaged(error, "its dictionary ends too early");
        return ERROR_NONE;
    }
    for (uint32_t i = 0; i < count; i++) {
        struct column_bytes value;
        if (!next_bytes(&cursor, &value))
            return value_damaged(error, "its dictionary ends too early");
        offsets[i] = (uint32_t)(value.data - page);
    }
    return ERROR_NONE;
}
