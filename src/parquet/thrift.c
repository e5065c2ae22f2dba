#include "parquet/thrift.h"

struct thrift_reader thrift_reader_over(const void *bytes, size_t size, uint64_t base,
                                        const char *what, struct error *error)
{
    return (struct thrift_reader){
        .cursor = cursor_over(bytes, size), .base = base, .what = what, .error = error};
}

enum error_code thrift_fail(struct thrift_reader *thrift, const char *problem)
{
    enum error_code code = error_set(thrift->error, ERROR_INPUT, "%s of the file is damaged: %s",
                                     thrift->what, problem);
    error_at_offset(thrift->error, (int64_t)(thrift->base + cursor_offset(&thrift->cursor)));
    return code;
}

/* Page headers are tried on the bytes at hand and again on more: running out must be cheap and
 * told. */
static enum error_code run_out(struct thrift_reader *thrift)
{
    thrift->exhausted = true;
    return thrift_fail(thrift, "it ends too early");
}

static enum error_code need(struct thrift_reader *thrift, bool had)
{
    return had ? ERROR_NONE : run_out(thrift);
}

static enum error_code read_varint(struct thrift_reader *thrift, uint64_t *ret)
{
    if (cursor_varint(&thrift->cursor, ret))
        return ERROR_NONE;
    /* Ten bytes are the most that a number takes; with fewer left more bytes could help. */
    if (cursor_left(&thrift->cursor) >= 10)
        return thrift_fail(thrift, "a number is too long");
    return run_out(thrift);
}

static enum error_code read_zigzag(struct thrift_reader *thrift, int64_t *ret)
{
    uint64_t value;
    TRY(read_varint(thrift, &value));
    *ret = (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
    return ERROR_NONE;
}

static enum error_code skip_bytes(struct thrift_reader *thrift, uint64_t size)
{
    if (size > cursor_left(&thrift->cursor))
        return run_out(thrift);
    return need(thrift, cursor_skip(&thrift->cursor, (size_t)size));
}

enum error_code thrift_struct_begin(struct thrift_reader *thrift, struct thrift_field *field)
{
    if (thrift->depth == THRIFT_MOST_DEPTH)
        return thrift_fail(thrift, "it is nested too deeply");
    thrift->depth++;
    field->id = 0;
    return thrift_struct_next(thrift, field);
}

enum error_code thrift_struct_next(struct thrift_reader *thrift, struct thrift_field *field)
{
    uint8_t head;
    TRY(need(thrift, cursor_u8(&thrift->cursor, &head)));
    field->type = head & 0x0f;
    if (field->type == THRIFT_STOP) {
        thrift->depth--;
        return ERROR_NONE;
    }
    int64_t id = field->id + (head >> 4);
    if ((head >> 4) == 0)
        TRY(read_zigzag(thrift, &id));
    if (id < INT16_MIN || id > INT16_MAX)
        return thrift_fail(thrift, "a field's number is out of range");
    field->id = (int16_t)id;
    return ERROR_NONE;
}

static enum error_code read_list_head(struct thrift_reader *thrift, enum thrift_type *ret_element,
                                      uint64_t *ret_count)
{
    uint8_t head;
    TRY(need(thrift, cursor_u8(&thrift->cursor, &head)));
    *ret_element = head & 0x0f;
    *ret_count = head >> 4;
    if (*ret_count == 15)
        TRY(read_varint(thrift, ret_count));
    if (*ret_count > INT32_MAX)
        return thrift_fail(thrift, "a list is too long");
    return ERROR_NONE;
}

/* In a list a boolean takes a byte; as a field its head says it. */
static enum error_code skip_element(struct thrift_reader *thrift, enum thrift_type type)
{
    if (type == THRIFT_TRUE || type == THRIFT_FALSE)
        return skip_bytes(thrift, 1);
    return thrift_skip(thrift, type);
}

static enum error_code skip_list(struct thrift_reader *thrift)
{
    enum thrift_type element;
    uint64_t count;
    TRY(read_list_head(thrift, &element, &count));
    if (element == THRIFT_STOP && count > 0)
        return thrift_fail(thrift, "a list of nothing");
    for (uint64_t i = 0; i < count; i++)
        TRY(skip_element(thrift, element));
    return ERROR_NONE;
}

static enum error_code skip_map(struct thrift_reader *thrift)
{
    uint64_t count;
    uint8_t types;
    TRY(read_varint(thrift, &count));
    if (count == 0)
        return ERROR_NONE;
    TRY(need(thrift, cursor_u8(&thrift->cursor, &types)));
    for (uint64_t i = 0; i < count; i++) {
        TRY(skip_element(thrift, types >> 4));
        TRY(skip_element(thrift, types & 0x0f));
    }
    return ERROR_NONE;
}

static enum error_code skip_struct(struct thrift_reader *thrift)
{
    struct thrift_field field;
    TRY(thrift_struct_begin(thrift, &field));
    while (field.type != THRIFT_STOP) {
        TRY(thrift_skip(thrift, field.type));
        TRY(thrift_struct_next(thrift, &field));
    }
    return ERROR_NONE;
}

/* Lists of lists nest without structs and count like them. */
static enum error_code skip_nested(struct thrift_reader *thrift, enum thrift_type type)
{
    if (type == THRIFT_STRUCT)
        return skip_struct(thrift);
    if (thrift->depth == THRIFT_MOST_DEPTH)
        return thrift_fail(thrift, "it is nested too deeply");
    thrift->depth++;
    TRY(type == THRIFT_MAP ? skip_map(thrift) : skip_list(thrift));
    thrift->depth--;
    return ERROR_NONE;
}

enum error_code thrift_skip(struct thrift_reader *thrift, enum thrift_type type)
{
    uint64_t number;
    switch (type) {
    case THRIFT_TRUE:
    case THRIFT_FALSE:
        return ERROR_NONE;
    case THRIFT_I8:
        return skip_bytes(thrift, 1);
    case THRIFT_I16:
    case THRIFT_I32:
    case THRIFT_I64:
        return read_varint(thrift, &number);
    case THRIFT_DOUBLE:
        return skip_bytes(thrift, 8);
    case THRIFT_UUID:
        return skip_bytes(thrift, 16);
    case THRIFT_BINARY:
        TRY(read_varint(thrift, &number));
        return skip_bytes(thrift, number);
    case THRIFT_LIST:
    case THRIFT_SET:
    case THRIFT_MAP:
    case THRIFT_STRUCT:
        return skip_nested(thrift, type);
    default:
        return thrift_fail(thrift, "a field has no known type");
    }
}

static enum error_code expect(struct thrift_reader *thrift, const struct thrift_field *field,
                              enum thrift_type type)
{
    if (field->type == type)
        return ERROR_NONE;
    return thrift_fail(thrift, "a field has another type than the format says");
}

enum error_code thrift_i8(struct thrift_reader *thrift, const struct thrift_field *field,
                          int8_t *ret)
{
    uint8_t byte;
    TRY(expect(thrift, field, THRIFT_I8));
    TRY(need(thrift, cursor_u8(&thrift->cursor, &byte)));
    *ret = (int8_t)byte;
    return ERROR_NONE;
}

enum error_code thrift_i32(struct thrift_reader *thrift, const struct thrift_field *field,
                           int32_t *ret)
{
    int64_t value;
    TRY(expect(thrift, field, THRIFT_I32));
    TRY(read_zigzag(thrift, &value));
    if (value < INT32_MIN || value > INT32_MAX)
        return thrift_fail(thrift, "a number does not fit 32 bits");
    *ret = (int32_t)value;
    return ERROR_NONE;
}

enum error_code thrift_i64(struct thrift_reader *thrift, const struct thrift_field *field,
                           int64_t *ret)
{
    TRY(expect(thrift, field, THRIFT_I64));
    return read_zigzag(thrift, ret);
}

enum error_code thrift_u31(struct thrift_reader *thrift, const struct thrift_field *field,
                           uint32_t *ret)
{
    int32_t value;
    TRY(thrift_i32(thrift, field, &value));
    if (value < 0)
        return thrift_fail(thrift, "a count or size is negative");
    *ret = (uint32_t)value;
    return ERROR_NONE;
}

enum error_code thrift_u63(struct thrift_reader *thrift, const struct thrift_field *field,
                           uint64_t *ret)
{
    int64_t value;
    TRY(thrift_i64(thrift, field, &value));
    if (value < 0)
        return thrift_fail(thrift, "a count, size or offset is negative");
    *ret = (uint64_t)value;
    return ERROR_NONE;
}

enum error_code thrift_bool(struct thrift_reader *thrift, const struct thrift_field *field,
                            bool *ret)
{
    if (field->type != THRIFT_TRUE && field->type != THRIFT_FALSE)
        return expect(thrift, field, THRIFT_TRUE);
    *ret = field->type == THRIFT_TRUE;
    return ERROR_NONE;
}

enum error_code thrift_binary(struct thrift_reader *thrift, const struct thrift_field *field,
                              struct parquet_bytes *ret)
{
    uint64_t size;
    TRY(expect(thrift, field, THRIFT_BINARY));
    TRY(read_varint(thrift, &size));
    if (size > cursor_left(&thrift->cursor))
        return run_out(thrift);
    ret->size = (size_t)size;
    return need(thrift, cursor_bytes(&thrift->cursor, ret->size, &ret->data));
}

enum error_code thrift_is_struct(struct thrift_reader *thrift, const struct thrift_field *field)
{
    return expect(thrift, field, THRIFT_STRUCT);
}

enum error_code thrift_list(struct thrift_reader *thrift, const struct thrift_field *field,
                            enum thrift_type element, size_t element_size, uint32_t *ret_count)
{
    enum thrift_type found;
    uint64_t count;
    TRY(expect(thrift, field, THRIFT_LIST));
    TRY(read_list_head(thrift, &found, &count));
    /* Some writers give an empty list no element type. */
    if (count > 0 && found != element)
        return thrift_fail(thrift, "a list has elements of another type than the format says");
    if (count > cursor_left(&thrift->cursor) / element_size)
        return run_out(thrift);
    *ret_count = (uint32_t)count;
    return ERROR_NONE;
}

struct thrift_field thrift_element(enum thrift_type type)
{
    return (struct thrift_field){.type = type};
}
