/*
 * Parquet files for tests, put together byte by byte and read from memory.
 *
 * Thrift fields are written with their id spelled out, so that a test shows what it writes.
 */
#ifndef WEIR_TEST_PARQUET_BYTES_H
#define WEIR_TEST_PARQUET_BYTES_H

#include <string.h>

#include "parquet/thrift.h"
#include "store/store.h"

#define BYTES_MOST ((size_t)4 << 20)

struct bytes {
    uint8_t data[BYTES_MOST];
    size_t size;
};

static inline void put(struct bytes *bytes, const void *data, size_t size)
{
    if (bytes->size + size <= BYTES_MOST && size > 0)
        memcpy(bytes->data + bytes->size, data, size);
    bytes->size += size;
}

static inline void put_u8(struct bytes *bytes, unsigned value)
{
    uint8_t byte = (uint8_t)value;
    put(bytes, &byte, 1);
}

static inline void put_u32(struct bytes *bytes, uint32_t value)
{
    put(bytes, &value, sizeof value);
}

static inline void put_varint(struct bytes *bytes, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        put_u8(bytes, (value & 0x7f) | 0x80);
    put_u8(bytes, (unsigned)value);
}

static inline void put_zigzag(struct bytes *bytes, int64_t value)
{
    put_varint(bytes, (uint64_t)value << 1 ^ (uint64_t)(value >> 63));
}

/* A field's head in its long form: type, then id. */
static inline void put_field(struct bytes *bytes, int id, enum thrift_type type)
{
    put_u8(bytes, type);
    put_zigzag(bytes, id);
}

static inline void put_i32(struct bytes *bytes, int id, int32_t value)
{
    put_field(bytes, id, THRIFT_I32);
    put_zigzag(bytes, value);
}

static inline void put_i64(struct bytes *bytes, int id, int64_t value)
{
    put_field(bytes, id, THRIFT_I64);
    put_zigzag(bytes, value);
}

static inline void put_binary(struct bytes *bytes, int id, const void *data, size_t size)
{
    put_field(bytes, id, THRIFT_BINARY);
    put_varint(bytes, size);
    put(bytes, data, size);
}

static inline void put_text(struct bytes *bytes, int id, const char *text)
{
    put_binary(bytes, id, text, strlen(text));
}

static inline void put_list(struct bytes *bytes, int id, enum thrift_type type, size_t count)
{
    put_field(bytes, id, THRIFT_LIST);
    if (count < 15) {
        put_u8(bytes, (unsigned)(count << 4 | type));
    } else {
        put_u8(bytes, 0xf0u | type);
        put_varint(bytes, count);
    }
}

static inline void put_struct(struct bytes *bytes, int id)
{
    put_field(bytes, id, THRIFT_STRUCT);
}

static inline void put_stop(struct bytes *bytes)
{
    put_u8(bytes, THRIFT_STOP);
}

/* An object whose bytes stand in memory; reads are counted. */
struct memory_object {
    struct store_object object;
    const uint8_t *bytes;
    size_t size;
    size_t *reads;
};

static inline enum error_code memory_read(const struct store_object *object, uint64_t offset,
                                          void *out, size_t size, struct error *error)
{
    const struct memory_object *memory = (const struct memory_object *)object;
    if (offset > memory->size || size > memory->size - offset)
        return error_set(error, ERROR_INPUT, "truncated");
    if (size > 0)
        memcpy(out, memory->bytes + offset, size);
    if (memory->reads != NULL)
        ++*memory->reads;
    return ERROR_NONE;
}

static inline void memory_close(struct store_object *object)
{
    (void)object;
}

static const struct store_driver memory_driver = {.read = memory_read, .close = memory_close};

static inline struct memory_object memory_object_over(const struct bytes *bytes)
{
    struct memory_object memory = {.bytes = bytes->data, .size = bytes->size};
    memory.object.driver = &memory_driver;
    memory.object.path = "memory.parquet";
    memory.object.identity.size = bytes->size;
    return memory;
}

/* A leaf of the schema; type_length, converted and logical are left out when negative. */
static inline void put_leaf(struct bytes *bytes, const char *name, int type, int repetition,
                            int type_length, int converted)
{
    put_i32(bytes, 1, type);
    if (type_length >= 0)
        put_i32(bytes, 2, type_length);
    put_i32(bytes, 3, repetition);
    put_text(bytes, 4, name);
    if (converted >= 0)
        put_i32(bytes, 6, converted);
    put_stop(bytes);
}

static inline void put_root(struct bytes *bytes, int children)
{
    put_text(bytes, 4, "schema");
    put_i32(bytes, 5, children);
    put_stop(bytes);
}

struct chunk_text {
    const char *name;
    int type;
    int codec;
    int64_t values;
    int64_t offset;
    int64_t length;
    int64_t dictionary; /* 0: left out */
};

static inline void put_chunk(struct bytes *bytes, const struct chunk_text *chunk)
{
    put_i64(bytes, 2, chunk->offset);
    put_struct(bytes, 3);
    put_i32(bytes, 1, chunk->type);
    put_list(bytes, 2, THRIFT_I32, 1);
    put_zigzag(bytes, 0);
    put_list(bytes, 3, THRIFT_BINARY, 1);
    put_varint(bytes, strlen(chunk->name));
    put(bytes, chunk->name, strlen(chunk->name));
    put_i32(bytes, 4, chunk->codec);
    put_i64(bytes, 5, chunk->values);
    put_i64(bytes, 6, chunk->length);
    put_i64(bytes, 7, chunk->length);
    put_i64(bytes, 9, chunk->offset);
    if (chunk->dictionary != 0)
        put_i64(bytes, 11, chunk->dictionary);
    put_stop(bytes);
    put_stop(bytes);
}

/* Length and magic behind a footer that began at start. */
static inline void put_ending(struct bytes *bytes, size_t start)
{
    put_u32(bytes, (uint32_t)(bytes->size - start));
    put(bytes, "PAR1", 4);
}

/* Page headers; body follows. */
static inline void put_page_v1_crc(struct bytes *bytes, size_t plain, size_t stored, int values,
                                   int encoding, const uint32_t *crc)
{
    put_i32(bytes, 1, 0);
    put_i32(bytes, 2, (int32_t)plain);
    put_i32(bytes, 3, (int32_t)stored);
    if (crc != NULL)
        put_i32(bytes, 4, (int32_t)*crc);
    put_struct(bytes, 5);
    put_i32(bytes, 1, values);
    put_i32(bytes, 2, encoding);
    put_i32(bytes, 3, 3);
    put_i32(bytes, 4, 3);
    put_stop(bytes);
    put_stop(bytes);
}

static inline void put_page_v1(struct bytes *bytes, size_t plain, size_t stored, int values,
                               int encoding)
{
    put_page_v1_crc(bytes, plain, stored, values, encoding, NULL);
}

static inline void put_page_v2(struct bytes *bytes, size_t plain, size_t stored, int values,
                               int nulls, int encoding, size_t levels, bool compressed)
{
    put_i32(bytes, 1, 3);
    put_i32(bytes, 2, (int32_t)plain);
    put_i32(bytes, 3, (int32_t)stored);
    put_struct(bytes, 8);
    put_i32(bytes, 1, values);
    put_i32(bytes, 2, nulls);
    put_i32(bytes, 3, values);
    put_i32(bytes, 4, encoding);
    put_i32(bytes, 5, (int32_t)levels);
    put_i32(bytes, 6, 0);
    put_field(bytes, 7, compressed ? THRIFT_TRUE : THRIFT_FALSE);
    put_stop(bytes);
    put_stop(bytes);
}

static inline void put_dictionary(struct bytes *bytes, size_t plain, size_t stored, int values)
{
    put_i32(bytes, 1, 2);
    put_i32(bytes, 2, (int32_t)plain);
    put_i32(bytes, 3, (int32_t)stored);
    put_struct(bytes, 7);
    put_i32(bytes, 1, values);
    put_i32(bytes, 2, 0);
    put_field(bytes, 3, THRIFT_FALSE);
    put_stop(bytes);
    put_stop(bytes);
}

#endif
