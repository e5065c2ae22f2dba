/*
 * Thrift's compact protocol, written into a memory buffer.
 *
 * The writer keeps the first failure and turns every later call into nothing; compact_finish gives
 * it back, so that what describes a structure reads like the structure. Field numbers must ascend
 * within a struct. Source of the format: thrift-compact-protocol.md of apache/thrift.
 */
#ifndef WEIR_PARQUET_WRITER_COMPACT_H
#define WEIR_PARQUET_WRITER_COMPACT_H

#include <stdbool.h>

#include "mem/mem.h"

/* Structs within structs: file metadata > schema element > logical type > timestamp > unit > unit's
 * own. */
#define COMPACT_DEPTH 8

enum compact_type {
    COMPACT_TRUE = 1,
    COMPACT_FALSE = 2,
    COMPACT_BYTE = 3,
    COMPACT_I16 = 4,
    COMPACT_I32 = 5,
    COMPACT_I64 = 6,
    COMPACT_BINARY = 8,
    COMPACT_LIST = 9,
    COMPACT_STRUCT = 12
};

struct compact_writer {
    struct mem_buffer *out; /* borrowed */
    struct error *error;
    enum error_code code;
    unsigned depth;
    int last_field[COMPACT_DEPTH];
};

/* Starts a top-level struct behind what out already holds. */
void compact_init(struct compact_writer *writer, struct mem_buffer *out, struct error *error);
/* Ends the top-level struct. */
CHECKED enum error_code compact_finish(struct compact_writer *writer);

void compact_field_bool(struct compact_writer *writer, int field, bool value);
void compact_field_byte(struct compact_writer *writer, int field, int8_t value);
void compact_field_i16(struct compact_writer *writer, int field, int16_t value);
void compact_field_i32(struct compact_writer *writer, int field, int32_t value);
void compact_field_i64(struct compact_writer *writer, int field, int64_t value);
void compact_field_bytes(struct compact_writer *writer, int field, const void *bytes, size_t size);
/* Only type and length: the caller sees to it that size bytes follow. */
void compact_field_bytes_head(struct compact_writer *writer, int field, size_t size);
/* A struct without fields. */
void compact_field_empty(struct compact_writer *writer, int field);

/* A struct as a field, or as an element of a list; both end with compact_end. */
void compact_begin(struct compact_writer *writer, int field);
void compact_begin_element(struct compact_writer *writer);
void compact_end(struct compact_writer *writer);

/* A list as a field; count elements follow. Booleans have type COMPACT_TRUE. */
void compact_list(struct compact_writer *writer, int field, enum compact_type type, uint32_t count);
void compact_element_bool(struct compact_writer *writer, bool value);
void compact_element_int(struct compact_writer *writer, int64_t value);
void compact_element_bytes(struct compact_writer *writer, const void *bytes, size_t size);

#endif
