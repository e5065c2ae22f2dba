/*
 * Goes through a Thrift struct field by field, as a reader does that knows every field.
 */
#ifndef WEIR_FUZZ_WALK_H
#define WEIR_FUZZ_WALK_H

#include "memory.h"
#include "parquet/thrift.h"

static enum error_code walk_struct(struct thrift_reader *thrift);

static enum error_code walk_list(struct thrift_reader *thrift, const struct thrift_field *field)
{
    /* The element's type stands in the low bits of the head, which is read in place. */
    struct cursor head = thrift->cursor;
    uint8_t byte;
    uint32_t count;
    if (!cursor_u8(&head, &byte))
        return thrift_skip(thrift, THRIFT_LIST);
    enum thrift_type type = byte & 0x0f;
    if (type != THRIFT_STRUCT && type != THRIFT_BINARY && type != THRIFT_I32 && type != THRIFT_I64)
        return thrift_skip(thrift, THRIFT_LIST);
    TRY(thrift_list(thrift, field, type, 1, &count));
    demand(count <= cursor_left(&thrift->cursor));
    for (uint32_t i = 0; i < count; i++)
        TRY(type == THRIFT_STRUCT ? walk_struct(thrift) : thrift_skip(thrift, type));
    return ERROR_NONE;
}

static enum error_code walk_value(struct thrift_reader *thrift, const struct thrift_field *field)
{
    struct parquet_bytes bytes;
    int64_t number;
    int8_t byte;
    bool truth;
    switch (field->type) {
    case THRIFT_TRUE:
    case THRIFT_FALSE:
        TRY(thrift_bool(thrift, field, &truth));
        demand(truth == (field->type == THRIFT_TRUE));
        return ERROR_NONE;
    case THRIFT_I8:
        return thrift_i8(thrift, field, &byte);
    case THRIFT_I64:
        return thrift_i64(thrift, field, &number);
    case THRIFT_BINARY:
        TRY(thrift_binary(thrift, field, &bytes));
        demand(bytes.data >= thrift->cursor.start && bytes.data + bytes.size == thrift->cursor.at);
        return ERROR_NONE;
    case THRIFT_LIST:
        return walk_list(thrift, field);
    case THRIFT_STRUCT:
        return walk_struct(thrift);
    default:
        return thrift_skip(thrift, field->type);
    }
}

static enum error_code walk_struct(struct thrift_reader *thrift)
{
    struct thrift_field field;
    unsigned depth = thrift->depth;
    TRY(thrift_struct_begin(thrift, &field));
    demand(thrift->depth <= THRIFT_MOST_DEPTH);
    while (field.type != THRIFT_STOP) {
        TRY(walk_value(thrift, &field));
        TRY(thrift_struct_next(thrift, &field));
    }
    demand(thrift->depth == depth);
    return ERROR_NONE;
}

#endif
