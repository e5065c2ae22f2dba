/*
 * Floats: the exact sum of all finite values, rounded once; NaN and infinities counted aside.
 */
#include <string.h>

#include "exact/round.h"
#include "inspect/summary_state.h"
#include "inspect/summary_text.h"

/* IEEE 754 binary16 as its exact double. */
static double half_value(uint16_t bits)
{
    int exponent = bits >> 10 & 31, fraction = bits & 1023;
    double value = exponent == 0    ? fraction * 0x1p-24
                   : exponent != 31 ? (double)((uint64_t)(fraction | 1024) << exponent) * 0x1p-25
                   : fraction == 0  ? __builtin_inf()
                                    : __builtin_nan("");
    return bits >> 15 != 0 ? -value : value;
}

static struct float_value load(const struct summary_state *state, const uint8_t *value)
{
    struct float_value loaded = {0};
    float narrow;
    memcpy(&loaded.bits, value, state->width <= sizeof loaded.bits ? state->width : 0);
    switch (state->width) {
    case sizeof(double):
        memcpy(&loaded.value, value, sizeof loaded.value);
        break;
    case sizeof(float):
        memcpy(&narrow, value, sizeof narrow);
        loaded.value = (double)narrow;
        break;
    default:
        loaded.value = half_value((uint16_t)loaded.bits);
        break;
    }
    return loaded;
}

/* As many times the value as there are ones in binary digits of times, shifted each. */
static void add_finite(struct float_summary *sum, double value, uint32_t times)
{
    struct double_parts parts = double_parts_of(value);
    unsigned position = (unsigned)(parts.exponent - SUPER_LOWEST);
    for (; times > 0; times >>= 1, position++)
        if ((times & 1) != 0)
            limbs_add(sum->sum, SUPER_LIMBS, parts.magnitude, position, parts.negative);
}

static void add_one(struct summary_state *state, struct float_value value, uint32_t times)
{
    struct float_summary *sum = &state->floats;
    if (value.value != value.value) {
        sum->nans += times;
        return;
    }
    if (!state->seen)
        sum->minimum = sum->maximum = value;
    state->seen = true;
    if (value.value < sum->minimum.value)
        sum->minimum = value;
    if (value.value > sum->maximum.value)
        sum->maximum = value;
    if (__builtin_isfinite(value.value) != 0)
        add_finite(sum, value.value, times);
    else if (value.value > 0)
        sum->infinities += times;
    else
        sum->negative_infinities += times;
}

static enum error_code add(struct summary_state *state, const void *values, uint32_t count,
                           uint32_t times, struct error *error)
{
    const uint8_t *value = values;
    (void)error;
    for (uint32_t i = 0; i < count; i++, value += state->width)
        add_one(state, load(state, value), times);
    return ERROR_NONE;
}

static void write_token(struct summary_state *state, const void *value)
{
    struct float_value loaded = load(state, value);
    struct summary_digest *digest = state->digest;
    char *room = digest_room(digest, 2 * sizeof loaded.bits);
    if (loaded.value != loaded.value) {
        memcpy(room, "nan", 3);
        digest->used += 3;
        return;
    }
    uint64_t high_first = __builtin_bswap64(loaded.bits);
    summary_hex((const uint8_t *)&high_first + sizeof high_first - state->width, state->width,
                room);
    digest->used += 2 * state->width;
}

static enum error_code finish_text(struct mem_arena *arena, double value, const char *shown,
                                   struct summary_value *ret, struct error *error)
{
    char text[FLOAT_TEXT];
    char *copy;
    summary_float_text(value, text);
    TRY(mem_arena_copy(arena, text, strlen(text), &copy, error));
    ret->exact = copy;
    TRY(mem_arena_copy(arena, shown, strlen(shown), &copy, error));
    ret->shown = copy;
    return ERROR_NONE;
}

static enum error_code finish_value(const struct summary_state *state,
                                    const struct float_value *value, struct mem_arena *arena,
                                    struct summary_value *ret, struct error *error)
{
    char shown[64];
    column_value_format(state->type, &value->bits, shown, sizeof shown);
    return finish_text(arena, value->value, shown, ret, error);
}

static double round_sum(const struct float_summary *sum)
{
    uint64_t limbs[SUPER_LIMBS];
    memcpy(limbs, sum->sum, sizeof limbs);
    bool negative = limbs_make_positive(limbs, SUPER_LIMBS);
    return exact_wide_round(exact_wide_of_words(limbs, SUPER_LIMBS, SUPER_LOWEST, negative));
}

/* A sum beyond the largest double is none. */
static enum error_code finish_sum(const struct summary_state *state, struct mem_arena *arena,
                                  struct summary_value *ret, struct error *error)
{
    static const struct column_type type = {.physical = COLUMN_DOUBLE};
    double sum = round_sum(&state->floats);
    char shown[64];
    if (__builtin_isfinite(sum) == 0)
        return ERROR_NONE;
    column_value_format(&type, &sum, shown, sizeof shown);
    return finish_text(arena, sum, shown, ret, error);
}

static enum error_code finish(const struct summary_state *state, struct mem_arena *arena,
                              struct column_summary *ret, struct error *error)
{
    const struct float_summary *sum = &state->floats;
    ret->nans = sum->nans;
    ret->infinities = sum->infinities;
    ret->negative_infinities = sum->negative_infinities;
    TRY(finish_sum(state, arena, &ret->sum, error));
    if (!state->seen)
        return ERROR_NONE;
    TRY(finish_value(state, &sum->minimum, arena, &ret->minimum, error));
    return finish_value(state, &sum->maximum, arena, &ret->maximum, error);
}

const struct summary_adder summary_floats = {add, write_token, finish};
