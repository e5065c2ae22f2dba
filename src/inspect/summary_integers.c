/*
 * Whole numbers of up to 128 bits: booleans, integers, dates, times, timestamps, short decimals.
 */
#include <string.h>

#include "inspect/summary_state.h"
#include "inspect/summary_text.h"

/* 1970-01-01 as a Julian day. */
#define JULIAN_EPOCH 2440588
#define NS_A_DAY     INT64_C(86400000000000)

static bool is_unsigned(const struct column_type *type)
{
    return type->logical == COLUMN_INTEGER && !type->is_signed;
}

/* Of narrow types only the lower bits count: some writers leave others set. */
static int32_t narrow(const struct column_type *type, int32_t number)
{
    if (type->logical != COLUMN_INTEGER || type->bit_width >= 32)
        return number;
    if (type->bit_width == 8)
        return type->is_signed ? (int8_t)number : (uint8_t)number;
    return type->is_signed ? (int16_t)number : (uint16_t)number;
}

/* Values may stand at any address. */
static __int128 load_int32(const struct column_type *type, const uint8_t *value)
{
    int32_t number;
    memcpy(&number, value, sizeof number);
    number = narrow(type, number);
    return is_unsigned(type) ? (__int128)(uint32_t)number : number;
}

static __int128 load_int64(const struct column_type *type, const uint8_t *value)
{
    int64_t number;
    memcpy(&number, value, sizeof number);
    return is_unsigned(type) ? (__int128)(uint64_t)number : number;
}

/* Nanoseconds of the day and the Julian day: of any size, so exact in more than 64 bits. */
static __int128 load_int96(const uint8_t *value)
{
    int64_t nanoseconds;
    uint32_t day;
    memcpy(&nanoseconds, value, sizeof nanoseconds);
    memcpy(&day, value + sizeof nanoseconds, sizeof day);
    return (__int128)((int64_t)day - JULIAN_EPOCH) * NS_A_DAY + nanoseconds;
}

/* Big-endian two's complement of at most 16 bytes. */
static __int128 load_fixed(const uint8_t *value, size_t size)
{
    unsigned __int128 number = size > 0 && value[0] >= 0x80 ? ~(unsigned __int128)0 : 0;
    for (size_t i = 0; i < size; i++)
        number = number << 8 | value[i];
    return (__int128)number;
}

static __int128 load(const struct summary_state *state, const uint8_t *value)
{
    switch (state->type->physical) {
    case COLUMN_BOOLEAN:
        return *value != 0;
    case COLUMN_INT32:
        return load_int32(state->type, value);
    case COLUMN_INT64:
        return load_int64(state->type, value);
    case COLUMN_INT96:
        return load_int96(value);
    default:
        return load_fixed(value, state->width);
    }
}

static void add_aside(struct integer_summary *sum, __int128 value, uint32_t times)
{
    struct big_integer wide;
    big_integer_from_integer(value, &wide);
    big_integer_multiply(&wide, times);
    big_integer_add(&sum->sum, &wide);
}

static void add_one(struct integer_summary *sum, __int128 value, uint32_t times)
{
    __int128 partial;
    if (times != 1) {
        add_aside(sum, value, times);
    } else if (__builtin_add_overflow(sum->partial, value, &partial)) {
        add_aside(sum, sum->partial, 1);
        sum->partial = value;
    } else {
        sum->partial = partial;
    }
    sum->minimum = value < sum->minimum ? value : sum->minimum;
    sum->maximum = value > sum->maximum ? value : sum->maximum;
}

static enum error_code add(struct summary_state *state, const void *values, uint32_t count,
                           uint32_t times, struct error *error)
{
    const uint8_t *value = values;
    struct integer_summary *sum = &state->integers;
    (void)error;
    if (!state->seen) {
        big_integer_from_integer(0, &sum->sum);
        sum->minimum = sum->maximum = load(state, value);
    }
    for (uint32_t i = 0; i < count; i++, value += state->width)
        add_one(sum, load(state, value), times);
    return ERROR_NONE;
}

static void write_token(struct summary_state *state, const void *value)
{
    char *room = digest_room(state->digest, INTEGER_TEXT);
    state->digest->used += summary_integer_text(load(state, value), room);
}

/* A date, time or timestamp as people have it, where it fits 64 bits. */
static bool show_time(const struct column_type *type, __int128 value, char *text, size_t size)
{
    struct column_type shown = *type;
    int64_t number = (int64_t)value;
    if (number != value)
        return false;
    shown.physical = COLUMN_INT64;
    if (type->physical == COLUMN_INT96) {
        shown.logical = COLUMN_TIMESTAMP;
        shown.unit = COLUMN_NANOSECONDS;
    }
    column_value_format(&shown, &number, text, size);
    return true;
}

static bool show(const struct summary_state *state, __int128 value, char *text, size_t size)
{
    switch (state->kind) {
    case SUMMARY_BOOL:
        memcpy(text, value != 0 ? "true" : "false", 6 - (value != 0));
        return true;
    case SUMMARY_DATE:
    case SUMMARY_TIME:
    case SUMMARY_TIMESTAMP:
        return show_time(state->type, value, text, size);
    default:
        return false;
    }
}

static enum error_code finish_value(const struct summary_state *state, __int128 value,
                                    struct mem_arena *arena, struct summary_value *ret,
                                    struct error *error)
{
    char digits[INTEGER_TEXT], shown[64];
    char *copy;
    summary_integer_text(value, digits);
    int32_t scale = state->kind == SUMMARY_DECIMAL ? state->type->scale : 0;
    TRY(summary_scale(arena, digits, scale, &ret->exact, error));
    ret->shown = ret->exact;
    if (!show(state, value, shown, sizeof shown))
        return ERROR_NONE;
    TRY(mem_arena_copy(arena, shown, strlen(shown), &copy, error));
    ret->shown = copy;
    return ERROR_NONE;
}

/* A sum of days or of times means nothing to people. */
static enum error_code finish_sum(const struct summary_state *state, struct mem_arena *arena,
                                  struct summary_value *ret, struct error *error)
{
    char digits[BIG_INTEGER_TEXT];
    struct big_integer sum = {.count = 1}, partial;
    big_integer_from_integer(state->integers.partial, &partial);
    if (state->seen)
        big_integer_copy(&sum, &state->integers.sum);
    big_integer_add(&sum, &partial);
    big_integer_text(&sum, digits);
    int32_t scale = state->kind == SUMMARY_DECIMAL ? state->type->scale : 0;
    TRY(summary_scale(arena, digits, scale, &ret->exact, error));
    bool counts =
        state->kind == SUMMARY_INT || state->kind == SUMMARY_DECIMAL || state->kind == SUMMARY_BOOL;
    ret->shown = counts ? ret->exact : NULL;
    return ERROR_NONE;
}

static enum error_code finish(const struct summary_state *state, struct mem_arena *arena,
                              struct column_summary *ret, struct error *error)
{
    TRY(finish_sum(state, arena, &ret->sum, error));
    if (!state->seen)
        return ERROR_NONE;
    TRY(finish_value(state, state->integers.minimum, arena, &ret->minimum, error));
    return finish_value(state, state->integers.maximum, arena, &ret->maximum, error);
}

const struct summary_adder summary_integers = {add, write_token, finish};
