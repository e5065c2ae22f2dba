/*
 * PLAIN values of fixed width in a page that is not compressed: they are read from the file piece
 * by piece, so that a page of any length takes constant memory, and values passed over are never
 * read.
 */
#include <libdeflate.h>

#include "parquet/values.h"

static uint32_t fitting(const struct value_reader *values, uint32_t count)
{
    size_t whole = values->width > STORED_PIECE ? 1 : STORED_PIECE / values->width;
    return whole < count ? (uint32_t)whole : count;
}

static enum error_code check_sum(struct value_reader *values, const uint8_t *bytes, size_t size,
                                 struct error *error)
{
    struct stored_values *stored = &values->stored;
    if (!stored->check)
        return ERROR_NONE;
    stored->crc = libdeflate_crc32(stored->crc, bytes, size);
    if (stored->at == stored->end && stored->crc != stored->expected)
        return value_damaged(error, "its checksum is wrong");
    return ERROR_NONE;
}

static enum error_code need_values(struct value_reader *values, uint32_t count, struct error *error)
{
    const struct stored_values *stored = &values->stored;
    if ((stored->end - stored->at) / values->width < count)
        return value_damaged(error, "its values end too early");
    return ERROR_NONE;
}

static enum error_code read_stored(struct value_reader *values, uint32_t count, const void **ret,
                                   uint32_t *ret_count, struct error *error)
{
    struct stored_values *stored = &values->stored;
    const uint8_t *bytes;
    TRY(need_values(values, count, error));
    count = fitting(values, count);
    size_t least = count * values->width;
    uint64_t most = stored->window->chunk_length - stored->at;
    if (most > STORED_PIECE)
        most = least > STORED_PIECE ? least : STORED_PIECE;
    TRY(page_window_need(stored->window, stored->at, least, (size_t)most, &bytes, error));
    stored->at += least;
    TRY(check_sum(values, bytes, least, error));
    *ret = bytes;
    *ret_count = count;
    return ERROR_NONE;
}

static enum error_code skip_stored(struct value_reader *values, uint32_t count, struct error *error)
{
    TRY(need_values(values, count, error));
    values->stored.check = values->stored.check && count == 0;
    values->stored.at += count * values->width;
    return ERROR_NONE;
}

static const struct value_kind stored_kind = {read_stored, skip_stored};

void values_stored_open(struct value_reader *values)
{
    values->width = column_value_size(values->type);
    values->most = value_reader_most(values->type);
    values->kind = &stored_kind;
}
