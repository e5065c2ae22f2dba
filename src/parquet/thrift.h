/*
 * Reads the Thrift compact protocol, in which Parquet's footer, page headers and page index are
 * written.
 *
 * The caller walks a struct field by field and passes over those it does not know. Every length is
 * held against the bytes that are left, and nesting against a limit, before anything is done with
 * it. Bytes are given in place: they live as long as what the cursor views. Source:
 * thrift-compact-protocol.md of apache/thrift.
 */
#ifndef WEIR_PARQUET_THRIFT_H
#define WEIR_PARQUET_THRIFT_H

#include "base/cursor.h"
#include "parquet/metadata.h"

enum thrift_type {
    THRIFT_STOP = 0,
    THRIFT_TRUE = 1,
    THRIFT_FALSE = 2,
    THRIFT_I8 = 3,
    THRIFT_I16 = 4,
    THRIFT_I32 = 5,
    THRIFT_I64 = 6,
    THRIFT_DOUBLE = 7,
    THRIFT_BINARY = 8,
    THRIFT_LIST = 9,
    THRIFT_SET = 10,
    THRIFT_MAP = 11,
    THRIFT_STRUCT = 12,
    THRIFT_UUID = 13
};

/* Structs within structs; the format itself needs fewer than ten. */
#define THRIFT_MOST_DEPTH 32

struct thrift_reader {
    struct cursor cursor;
    uint64_t base;    /* offset in the file of the first byte, for messages */
    const char *what; /* what is being read: "the footer" */
    unsigned depth;
    bool exhausted; /* the last failure came from running out of bytes */
    struct error *error;
};

/* A field's head. last is the id of the field before, from which ids are counted on. */
struct thrift_field {
    int16_t id;
    enum thrift_type type; /* THRIFT_STOP at the end of the struct */
};

struct thrift_reader thrift_reader_over(const void *bytes, size_t size, uint64_t base,
                                        const char *what, struct error *error);

/* ERROR_INPUT: problem, in what is being read, at the cursor. */
enum error_code thrift_fail(struct thrift_reader *thrift, const char *problem);

/* Starts a struct; field then goes from head to head until its type is THRIFT_STOP. */
CHECKED enum error_code thrift_struct_begin(struct thrift_reader *thrift,
                                            struct thrift_field *field);
CHECKED enum error_code thrift_struct_next(struct thrift_reader *thrift,
                                           struct thrift_field *field);

/* Passes over a value of a type. */
CHECKED enum error_code thrift_skip(struct thrift_reader *thrift, enum thrift_type type);

/* Values of the field whose head was read; another type than the one asked for is an error. */
CHECKED enum error_code thrift_i8(struct thrift_reader *thrift, const struct thrift_field *field,
                                  int8_t *ret);
CHECKED enum error_code thrift_i32(struct thrift_reader *thrift, const struct thrift_field *field,
                                   int32_t *ret);
CHECKED enum error_code thrift_i64(struct thrift_reader *thrift, const struct thrift_field *field,
                                   int64_t *ret);
/* The same for counts, sizes and offsets: a negative one is an error. */
CHECKED enum error_code thrift_u31(struct thrift_reader *thrift, const struct thrift_field *field,
                                   uint32_t *ret);
CHECKED enum error_code thrift_u63(struct thrift_reader *thrift, const struct thrift_field *field,
                                   uint64_t *ret);
CHECKED enum error_code thrift_bool(struct thrift_reader *thrift, const struct thrift_field *field,
                                    bool *ret);
CHECKED enum error_code thrift_binary(struct thrift_reader *thrift,
                                      const struct thrift_field *field, struct parquet_bytes *ret);
CHECKED enum error_code thrift_is_struct(struct thrift_reader *thrift,
                                         const struct thrift_field *field);

/*
 * The head of a list whose elements must have the type given and take at least element_size bytes
 * each: a count that cannot be true is refused here, before room is made for it.
 */
CHECKED enum error_code thrift_list(struct thrift_reader *thrift, const struct thrift_field *field,
                                    enum thrift_type element, size_t element_size,
                                    uint32_t *ret_count);

/* A list's element as if it were a field of that type. */
struct thrift_field thrift_element(enum thrift_type type);

#endif
