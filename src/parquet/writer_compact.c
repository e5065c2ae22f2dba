#include "parquet/writer_compact.h"

#include <string.h>

void compact_init(struct compact_writer *writer, struct mem_buffer *out, struct error *error)
{
    *writer = (struct compact_writer){.out = out, .error = error};
}

static void put(struct compact_writer *writer, const void *bytes, size_t size)
{
    if (writer->code == ERROR_NONE)
        writer->code = mem_buffer_append(writer->out, bytes, size, writer->error);
}

static void put_byte(struct compact_writer *writer, uint8_t byte)
{
    put(writer, &byte, 1);
}

static void put_varint(struct compact_writer *writer, uint64_t value)
{
    uint8_t bytes[10];
    size_t size = 0;
    while (value >= 0x80) {
        bytes[size++] = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    bytes[size++] = (uint8_t)value;
    put(writer, bytes, size);
}

static void put_zigzag(struct compact_writer *writer, int64_t value)
{
    put_varint(writer, ((uint64_t)value << 1) ^ (uint64_t)(value >> 63));
}

static void put_field(struct compact_writer *writer, int field, enum compact_type type)
{
    int *last = &writer->last_field[writer->depth];
    int step = field - *last;
    if (step > 0 && step <= 15) {
        put_byte(writer, (uint8_t)((unsigned)step << 4 | (unsigned)type));
    } else {
        put_byte(writer, (uint8_t)type);
        put_zigzag(writer, field);
    }
    *last = field;
}

static void enter(struct compact_writer *writer)
{
    if (writer->depth + 1 == COMPACT_DEPTH) {
        writer->code = error_set(writer->error, ERROR_INTERNAL, "Thrift structs nest too deeply");
        return;
    }
    writer->last_field[++writer->depth] = 0;
}

enum error_code compact_finish(struct compact_writer *writer)
{
    put_byte(writer, 0);
    return writer->code;
}

void compact_field_bool(struct compact_writer *writer, int field, bool value)
{
    put_field(writer, field, value ? COMPACT_TRUE : COMPACT_FALSE);
}

void compact_field_byte(struct compact_writer *writer, int field, int8_t value)
{
    put_field(writer, field, COMPACT_BYTE);
    put_byte(writer, (uint8_t)value);
}

void compact_field_i16(struct compact_writer *writer, int field, int16_t value)
{
    put_field(writer, field, COMPACT_I16);
    put_zigzag(writer, value);
}

void compact_field_i32(struct compact_writer *writer, int field, int32_t value)
{
    put_field(writer, field, COMPACT_I32);
    put_zigzag(writer, value);
}

void compact_field_i64(struct compact_writer *writer, int field, int64_t value)
{
    put_field(writer, field, COMPACT_I64);
    put_zigzag(writer, value);
}

void compact_field_bytes_head(struct compact_writer *writer, int field, size_t size)
{
    put_field(writer, field, COMPACT_BINARY);
    put_varint(writer, size);
}

void compact_field_bytes(struct compact_writer *writer, int field, const void *bytes, size_t size)
{
    put_field(writer, field, COMPACT_BINARY);
    compact_element_bytes(writer, bytes, size);
}

void compact_field_empty(struct compact_writer *writer, int field)
{
    compact_begin(writer, field);
    compact_end(writer);
}

void compact_begin(struct compact_writer *writer, int field)
{
    put_field(writer, field, COMPACT_STRUCT);
    enter(writer);
}

void compact_begin_element(struct compact_writer *writer)
{
    enter(writer);
}

void compact_end(struct compact_writer *writer)
{
    put_byte(writer, 0);
    if (writer->depth > 0)
        writer->depth--;
}

void compact_list(struct compact_writer *writer, int field, enum compact_type type, uint32_t count)
{
    put_field(writer, field, COMPACT_LIST);
    if (count < 15) {
        put_byte(writer, (uint8_t)(count << 4 | (unsigned)type));
    } else {
        put_byte(writer, (uint8_t)(0xf0 | (unsigned)type));
        put_varint(writer, count);
    }
}

void compact_element_bool(struct compact_writer *writer, bool value)
{
    put_byte(writer, value ? COMPACT_TRUE : COMPACT_FALSE);
}

void compact_element_int(struct compact_writer *writer, int64_t value)
{
    put_zigzag(writer, value);
}

void compact_element_bytes(struct compact_writer *writer, const void *bytes, size_t size)
{
    put_varint(writer, size);
    put(writer, bytes, size);
}
