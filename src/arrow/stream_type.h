/*
 * Arrow's types as columns: the type that Parquet would give the values, and how to get there from
 * the buffers of a record batch.
 *
 * Private to the arrow room. Source of the numbers: Schema.fbs; of the types that Parquet gives:
 * what Arrow's own Parquet writer does (dates of milliseconds become days, seconds become
 * milliseconds, decimals of 128 and 256 bits take the fewest big-endian bytes that hold their
 * digits), except that decimals of 32 and 64 bits stay integers.
 */
#ifndef WEIR_ARROW_STREAM_TYPE_H
#define WEIR_ARROW_STREAM_TYPE_H

#include "arrow/flat_reader.h"
#include "column/column.h"

/* How the values of an array lie in its buffers. */
enum stream_layout {
    STREAM_NOTHING, /* always null: no buffers at all */
    STREAM_BITS,    /* validity, one bit a value */
    STREAM_FIXED,   /* validity, width bytes a value */
    STREAM_TEXT_32, /* validity, offsets of 32 bits, text */
    STREAM_TEXT_64,
    STREAM_VIEWS, /* validity, 16 bytes a value, any number of texts */
    STREAM_OTHER  /* not read */
};

/* What becomes of each value on its way into a slice. */
enum stream_conversion {
    STREAM_KEEP, /* the bytes are the same */
    STREAM_FROM_INT8,
    STREAM_FROM_INT16,
    STREAM_FROM_UINT8,
    STREAM_FROM_UINT16,
    STREAM_SECONDS_32, /* times 1000 */
    STREAM_SECONDS_64,
    STREAM_DAYS,        /* milliseconds to days, which they must be */
    STREAM_DECIMAL_128, /* little-endian to out_width big-endian bytes, which must do */
    STREAM_DECIMAL_256,
    STREAM_VIEW /* to struct column_bytes */
};

struct stream_type {
    enum stream_layout layout;
    enum stream_conversion conversion;
    uint32_t width;     /* bytes a value in its buffer: of STREAM_FIXED, 16 of views */
    uint32_t out_width; /* bytes a value in a slice */
};

/*
 * Understands a Field table (of Schema.fbs) without its children and its dictionary: fills in type
 * and arrow of the column's field. Returns NULL, or what the column is that cannot be read: "a
 * list".
 */
const char *stream_type_read(const struct flat_table *described, struct column_field *ret_field,
                             struct stream_type *ret);

/* The integers that a DictionaryEncoding table indexes with: false where they are none. */
CHECKED bool stream_index_type_read(const struct flat_table *encoding, struct column_arrow *ret,
                                    struct stream_type *ret_type);

/* Slots of a Field table. */
enum stream_field_slot {
    STREAM_FIELD_NAME = 0,
    STREAM_FIELD_NULLABLE = 1,
    STREAM_FIELD_TYPE_ID = 2,
    STREAM_FIELD_TYPE = 3,
    STREAM_FIELD_DICTIONARY = 4,
    STREAM_FIELD_CHILDREN = 5,
    STREAM_FIELD_METADATA = 6
};

/* Types beside those of arrow/type.h, which only nested or unread columns have. */
enum stream_nested_id {
    STREAM_INTERVAL = 11,
    STREAM_LIST = 12,
    STREAM_STRUCT = 13,
    STREAM_UNION = 14,
    STREAM_FIXED_SIZE_LIST = 16,
    STREAM_MAP = 17,
    STREAM_LARGE_LIST = 21,
    STREAM_RUN_END_ENCODED = 22,
    STREAM_LIST_VIEW = 25,
    STREAM_LARGE_LIST_VIEW = 26
};

#endif
