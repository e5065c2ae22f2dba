#include "key/cast.h"

#include <string.h>

#include "key/cast_kinds.h"

/* ---- types ---- */

/* How much an annotation of bytes says: bytes, then a kind of text, then text. */
static int text_rank(const struct column_type *type)
{
    switch (type->logical) {
    case COLUMN_PLAIN:
        return 0;
    case COLUMN_ENUM:
    case COLUMN_JSON:
        return 1;
    case COLUMN_STRING:
        return 2;
    default:
        return -1;
    }
}

/* Two kinds of text are text; BSON is none, but may be unsaid. */
static bool unify_texts(const struct column_type *a, const struct column_type *b,
                        struct column_type *ret)
{
    if (a->physical != COLUMN_BYTE_ARRAY || b->physical != COLUMN_BYTE_ARRAY)
        return false;
    bool bson = (a->logical == COLUMN_BSON && b->logical == COLUMN_PLAIN) ||
                (b->logical == COLUMN_BSON && a->logical == COLUMN_PLAIN);
    int a_rank = text_rank(a), b_rank = text_rank(b);
    *ret = (struct column_type){.physical = COLUMN_BYTE_ARRAY, .logical = COLUMN_STRING};
    if (bson)
        ret->logical = COLUMN_BSON;
    else if (a_rank != b_rank)
        *ret = a_rank > b_rank ? *a : *b;
    return bson || (a_rank >= 0 && b_rank >= 0);
}

static bool unify_uuids(const struct column_type *a, const struct column_type *b,
                        struct column_type *ret)
{
    if (a->physical != COLUMN_FIXED || b->physical != COLUMN_FIXED ||
        a->type_length != b->type_length)
        return false;
    *ret = a->logical == COLUMN_UUID ? *a : *b;
    return (a->logical == COLUMN_UUID && b->logical == COLUMN_PLAIN) ||
           (b->logical == COLUMN_UUID && a->logical == COLUMN_PLAIN);
}

bool key_types_unify(const struct column_type *a, const struct column_type *b,
                     struct column_type *ret)
{
    if (column_type_equal(a, b) || b->logical == COLUMN_UNKNOWN) {
        *ret = *a;
        return true;
    }
    if (a->logical == COLUMN_UNKNOWN) {
        *ret = *b;
        return true;
    }
    return cast_unify_integers(a, b, ret) || cast_unify_floats(a, b, ret) ||
           cast_unify_decimals(a, b, ret) || cast_unify_times(a, b, ret) ||
           unify_texts(a, b, ret) || unify_uuids(a, b, ret);
}

/* ---- values ---- */

static bool is_timed(const struct column_type *type)
{
    return type->logical == COLUMN_TIME || type->logical == COLUMN_TIMESTAMP;
}

/* Whether a value's bytes mean the same in both types. */
static bool same_bytes(const struct column_type *from, const struct column_type *to)
{
    if (column_type_equal(from, to))
        return true;
    if (from->physical != to->physical || from->logical == COLUMN_UNKNOWN ||
        (from->physical == COLUMN_FIXED && from->type_length != to->type_length))
        return false;
    if (cast_is_decimal(from) || cast_is_decimal(to))
        return from->logical == to->logical && from->scale == to->scale;
    if (cast_is_integer(from))
        return cast_is_unsigned(from) == cast_is_unsigned(to);
    return !is_timed(from) || from->unit == to->unit;
}

void key_cast_init(struct key_cast *cast, const struct column_type *from,
                   const struct column_type *to)
{
    *cast = (struct key_cast){.from = *from, .to = *to, .identity = same_bytes(from, to)};
}

static size_t cast_some(const struct key_cast *cast, const uint8_t *values, size_t count,
                        uint8_t *ret)
{
    if (cast->identity) {
        if (count > 0)
            memcpy(ret, values, count * column_value_size(&cast->to));
        return count;
    }
    if (cast->from.logical == COLUMN_UNKNOWN)
        return 0;
    if (cast_is_decimal(&cast->to))
        return cast_decimals(cast, values, count, ret);
    if (cast_is_float(&cast->from))
        return cast_floats(cast, values, count, ret);
    return cast_integers(cast, values, count, ret);
}

enum error_code key_cast_values(const struct key_cast *cast, const void *values, size_t count,
                                void *ret, struct error *error)
{
    size_t done = cast_some(cast, values, count, ret);
    if (done == count)
        return ERROR_NONE;
    char value[128], from[64], to[64];
    const uint8_t *bad = (const uint8_t *)values + done * column_value_size(&cast->from);
    column_value_format(&cast->from, bad, value, sizeof value);
    column_type_describe(&cast->from, from, sizeof from);
    column_type_describe(&cast->to, to, sizeof to);
    return error_set(error, ERROR_MISMATCH,
                     "the %s %s has no equal in %s, as which keys are compared", from, value, to);
}

enum error_code key_cast_through(const struct key_cast *cast, const void *values, size_t count,
                                 struct mem_buffer *buffer, const void **ret, struct error *error)
{
    if (cast->identity) {
        *ret = values;
        return ERROR_NONE;
    }
    TRY(mem_buffer_reserve(buffer, count * column_value_size(&cast->to), error));
    TRY(key_cast_values(cast, values, count, buffer->data, error));
    *ret = buffer->data;
    return ERROR_NONE;
}
