/*
 * Decimals whose bytes may be more than 16.
 */
#include <string.h>

#include "inspect/summary_state.h"
#include "inspect/summary_text.h"

static bool load(const struct summary_state *state, const void *value, struct big_integer *ret)
{
    struct column_bytes bytes = {value, state->type->type_length};
    if (state->type->physical == COLUMN_BYTE_ARRAY)
        memcpy(&bytes, value, sizeof bytes);
    return big_integer_from_bytes(bytes.data, bytes.size, ret);
}

/* Readers hold decimals of up to 38 digits in 16 bytes, of up to 76 in 32: what does not fit there
 * is no decimal of its type. A digit too many within that is let through, as everywhere. */
static bool fits_type(const struct column_type *type, const struct big_integer *value)
{
    return value->count <= (type->precision <= 38 ? 2 : type->precision <= 76 ? 4 : UINT32_MAX);
}

/* Uses the value up. */
static void add_one(struct summary_state *state, struct big_integer *value, uint32_t times)
{
    struct wide_summary *sum = &state->wides;
    if (!state->seen) {
        big_integer_from_integer(0, &sum->sum);
        big_integer_copy(&sum->minimum, value);
        big_integer_copy(&sum->maximum, value);
        state->seen = true;
    }
    if (big_integer_compare(value, &sum->minimum) < 0)
        big_integer_copy(&sum->minimum, value);
    if (big_integer_compare(value, &sum->maximum) > 0)
        big_integer_copy(&sum->maximum, value);
    if (times != 1)
        big_integer_multiply(value, times);
    big_integer_add(&sum->sum, value);
}

static enum error_code add(struct summary_state *state, const void *values, uint32_t count,
                           uint32_t times, struct error *error)
{
    const uint8_t *at = values;
    for (uint32_t i = 0; i < count; i++, at += state->width) {
        struct big_integer value;
        if (!load(state, at, &value))
            return error_set(error, ERROR_UNSUPPORTED, "a decimal has more than %d bytes",
                             BIG_INTEGER_MOST_BYTES);
        if (!fits_type(state->type, &value))
            return error_set(error, ERROR_INPUT, "a value has far more digits than a decimal of %d",
                             (int)state->type->precision);
        add_one(state, &value, times);
    }
    return ERROR_NONE;
}

static void write_token(struct summary_state *state, const void *value)
{
    struct big_integer wide;
    if (load(state, value, &wide))
        state->digest->used +=
            big_integer_text(&wide, digest_room(state->digest, BIG_INTEGER_TEXT));
}

static enum error_code finish_value(const struct summary_state *state,
                                    const struct big_integer *value, struct mem_arena *arena,
                                    struct summary_value *ret, struct error *error)
{
    char digits[BIG_INTEGER_TEXT];
    big_integer_text(value, digits);
    TRY(summary_scale(arena, digits, state->type->scale, &ret->exact, error));
    ret->shown = ret->exact;
    return ERROR_NONE;
}

static enum error_code finish(const struct summary_state *state, struct mem_arena *arena,
                              struct column_summary *ret, struct error *error)
{
    const struct big_integer zero = {.count = 1};
    if (!state->seen)
        return finish_value(state, &zero, arena, &ret->sum, error);
    TRY(finish_value(state, &state->wides.sum, arena, &ret->sum, error));
    TRY(finish_value(state, &state->wides.minimum, arena, &ret->minimum, error));
    return finish_value(state, &state->wides.maximum, arena, &ret->maximum, error);
}

const struct summary_adder summary_wides = {add, write_token, finish};
