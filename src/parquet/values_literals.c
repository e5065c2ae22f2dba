/*
 * PLAIN values of fixed width in a Snappy block without copies: given where they stand in the
 * compressed page. Only a value that lies across the end of a run is put together.
 */
#include "codec/snappy_literals.h"
#include "parquet/values.h"

static enum error_code too_short(struct error *error)
{
    return value_damaged(error, "its values end too early");
}

/* Puts together the value that the rest of this run begins. */
static enum error_code join_value(struct value_reader *values, struct error *error)
{
    struct literal_values *literals = &values->literals;
    size_t have = 0;
    while (have < values->width) {
        size_t left = cursor_left(&values->bytes);
        size_t piece = values->width - have < left ? values->width - have : left;
        if (!cursor_copy(&values->bytes, literals->joined + have, piece))
            return too_short(error);
        have += piece;
        if (have < values->width && !snappy_literals_next(&literals->block, &values->bytes))
            return too_short(error);
    }
    return ERROR_NONE;
}

static enum error_code read_literals(struct value_reader *values, uint32_t count, const void **ret,
                                     uint32_t *ret_count, struct error *error)
{
    size_t whole = cursor_left(&values->bytes) / values->width;
    if (whole == 0) {
        TRY(join_value(values, error));
        *ret = values->literals.joined;
        *ret_count = 1;
        return ERROR_NONE;
    }
    const uint8_t *bytes;
    count = count < whole ? count : (uint32_t)whole;
    if (!cursor_bytes(&values->bytes, count * values->width, &bytes))
        return too_short(error);
    *ret = bytes;
    *ret_count = count;
    return ERROR_NONE;
}

static const struct value_kind literals_kind = {read_literals, NULL};

bool values_literals_fit(const struct column_type *type)
{
    return value_is_fixed(type) && column_value_size(type) > 0 &&
           column_value_size(type) <= LITERAL_VALUE_BYTES;
}

void values_literals_open(struct value_reader *values, const struct cursor *run,
                          const struct cursor *block)
{
    values->width = column_value_size(values->type);
    values->most = value_reader_most(values->type);
    values->bytes = *run;
    values->literals.block = *block;
    values->kind = &literals_kind;
}
