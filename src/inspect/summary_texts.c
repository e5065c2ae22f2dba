/*
 * Text and binary: no sum, but the least and the greatest beginning.
 *
 * The beginning of the least value is the least of all beginnings, so no value has to be kept.
 */
#include <string.h>

#include "base/utf8.h"
#include "inspect/summary_state.h"
#include "inspect/summary_text.h"

static struct column_bytes load(const struct summary_state *state, const void *value)
{
    struct column_bytes bytes = {value, state->type->type_length};
    if (state->type->physical == COLUMN_BYTE_ARRAY)
        memcpy(&bytes, value, sizeof bytes);
    return bytes;
}

static int compare(struct column_bytes value, const struct text_value *kept)
{
    uint32_t both = value.size < kept->size ? value.size : kept->size;
    int order = both > 0 ? memcmp(value.data, kept->bytes, both) : 0;
    if (order != 0)
        return order;
    uint32_t size = value.size < sizeof kept->bytes ? value.size : (uint32_t)sizeof kept->bytes;
    return (size > kept->size) - (size < kept->size);
}

static void keep(struct column_bytes value, struct text_value *ret)
{
    ret->size = value.size < sizeof ret->bytes ? value.size : (uint32_t)sizeof ret->bytes;
    if (ret->size > 0)
        memcpy(ret->bytes, value.data, ret->size);
}

static enum error_code add(struct summary_state *state, const void *values, uint32_t count,
                           uint32_t times, struct error *error)
{
    const uint8_t *at = values;
    struct text_summary *texts = &state->texts;
    (void)times, (void)error;
    if (!state->seen) {
        keep(load(state, at), &texts->minimum);
        keep(load(state, at), &texts->maximum);
    }
    for (uint32_t i = 0; i < count; i++, at += state->width) {
        struct column_bytes value = load(state, at);
        if (compare(value, &texts->minimum) < 0)
            keep(value, &texts->minimum);
        if (compare(value, &texts->maximum) > 0)
            keep(value, &texts->maximum);
    }
    return ERROR_NONE;
}

static void write_token(struct summary_state *state, const void *value)
{
    struct column_bytes bytes = load(state, value);
    digest_hex(state->digest, bytes.data, bytes.size);
}

static bool is_cut(const struct text_value *value)
{
    return value->size > SUMMARY_TEXT_BYTES;
}

/* What is told of a value: a cut goes through no character of UTF-8. */
static uint32_t shown_size(const struct column_type *type, const struct text_value *value)
{
    bool text = type->logical == COLUMN_STRING || type->logical == COLUMN_ENUM ||
                type->logical == COLUMN_JSON;
    if (!is_cut(value))
        return value->size;
    return text ? (uint32_t)utf8_cut_bytes(value->bytes, SUMMARY_TEXT_BYTES) : SUMMARY_TEXT_BYTES;
}

/* A zero byte would end the text before its end: then it is shown as binary is. */
static void show(const struct column_type *type, const struct text_value *value, char *text,
                 size_t size)
{
    uint32_t told = shown_size(type, value);
    struct column_type as = *type;
    if (type->physical == COLUMN_BYTE_ARRAY || is_cut(value)) {
        as.physical = COLUMN_FIXED;
        as.type_length = told;
    }
    if (memchr(value->bytes, 0, told) != NULL && as.logical != COLUMN_UUID &&
        as.logical != COLUMN_INTERVAL)
        as.logical = COLUMN_PLAIN;
    size_t length = column_value_format(&as, value->bytes, text, size);
    if (is_cut(value) && length + sizeof "..." <= size)
        memcpy(text + length, "...", sizeof "...");
}

static enum error_code finish_value(const struct summary_state *state,
                                    const struct text_value *value, struct mem_arena *arena,
                                    struct summary_value *ret, struct error *error)
{
    char text[2 * SUMMARY_TEXT_BYTES + 8];
    char *copy;
    uint32_t size = is_cut(value) ? SUMMARY_TEXT_BYTES : value->size;
    summary_hex(value->bytes, size, text);
    TRY(mem_arena_copy(arena, text, (size_t)2 * size, &copy, error));
    ret->exact = copy;
    show(state->type, value, text, sizeof text);
    TRY(mem_arena_copy(arena, text, strlen(text), &copy, error));
    ret->shown = copy;
    return ERROR_NONE;
}

static enum error_code finish(const struct summary_state *state, struct mem_arena *arena,
                              struct column_summary *ret, struct error *error)
{
    if (!state->seen)
        return ERROR_NONE;
    TRY(finish_value(state, &state->texts.minimum, arena, &ret->minimum, error));
    return finish_value(state, &state->texts.maximum, arena, &ret->maximum, error);
}

const struct summary_adder summary_texts = {add, write_token, finish};
