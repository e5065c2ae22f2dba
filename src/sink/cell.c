#include "sink/cell.h"

#include <string.h>

/* Numbers and words are told by what they mean, not by how they are stored. */
enum cell_kind cell_kind_of(const struct column_type *type)
{
    switch (type->logical) {
    case COLUMN_STRING:
    case COLUMN_ENUM:
    case COLUMN_JSON:
        return CELL_TEXT;
    case COLUMN_DECIMAL:
    case COLUMN_INTEGER:
        return CELL_NUMBER;
    case COLUMN_FLOAT16:
        return type->type_length == 2 ? CELL_NUMBER : CELL_BINARY;
    case COLUMN_UUID:
        return type->type_length == 16 ? CELL_WORD : CELL_BINARY;
    case COLUMN_INTERVAL:
        return type->type_length == 12 ? CELL_WORD : CELL_BINARY;
    case COLUMN_DATE:
    case COLUMN_TIME:
    case COLUMN_TIMESTAMP:
        return CELL_WORD;
    default:
        break;
    }
    switch (type->physical) {
    case COLUMN_BOOLEAN:
        return CELL_BOOLEAN;
    case COLUMN_INT96:
        return CELL_WORD;
    case COLUMN_BYTE_ARRAY:
    case COLUMN_FIXED:
        return CELL_BINARY;
    default:
        return CELL_NUMBER;
    }
}

struct column_walk column_walk_over(const struct column_field *field,
                                    const struct column_slice *slice)
{
    return (struct column_walk){.type = &field->type,
                                .kind = cell_kind_of(&field->type),
                                .width = column_value_size(&field->type),
                                .next = slice->values,
                                .present = slice->present};
}

enum error_code cell_format(const struct column_type *type, const void *value,
                            char buffer[static CELL_BYTES], size_t *ret_length, struct error *error)
{
    size_t length = column_value_format(type, value, buffer, CELL_BYTES);
    if (length >= CELL_BYTES)
        return error_set(error, ERROR_UNSUPPORTED, "a number of more than %d characters",
                         CELL_BYTES);
    *ret_length = length;
    return ERROR_NONE;
}

struct column_bytes cell_bytes(const struct column_type *type, const void *value)
{
    struct column_bytes bytes = {value, type->type_length};
    if (type->physical == COLUMN_BYTE_ARRAY)
        memcpy(&bytes, value, sizeof bytes);
    return bytes;
}
