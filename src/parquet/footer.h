/*
 * The parts of the footer's parser. Private to the parquet room.
 *
 * A footer is read in one pass; what has been understood stands in metadata, in its arena.
 */
#ifndef WEIR_PARQUET_FOOTER_H
#define WEIR_PARQUET_FOOTER_H

#include "parquet/metadata.h"
#include "parquet/thrift.h"

struct footer {
    struct thrift_reader thrift;
    struct parquet_metadata *metadata;
    uint64_t data_end; /* offset of the footer: pages end here */
    uint64_t claimed;  /* bytes that all chunks together are said to take */
    bool has_schema;
    bool has_orders;
};

/* An element of the schema as it stands in the file: a tree in depth-first order. */
struct schema_element {
    const char *name;
    int32_t physical; /* -1: a group */
    uint32_t type_length;
    int32_t repetition; /* 0 required, 1 optional, 2 repeated */
    uint32_t child_count;
    int32_t converted; /* ConvertedType, -1: none */
    int32_t logical;   /* field number in the union LogicalType, 0: none */
    int32_t precision;
    int32_t scale;
    bool utc_adjusted;
    bool is_signed;
    int8_t bit_width;
    int16_t unit; /* field number in the union TimeUnit */
};

enum error_code footer_read_schema(struct footer *footer, const struct thrift_field *field);
enum error_code footer_read_logical_type(struct thrift_reader *thrift,
                                         const struct thrift_field *field,
                                         struct schema_element *element);

/*
 * What a nested field looks like, from its element at an index on: "map<string, list<int64>>", by
 * the rules for lists and maps of LogicalTypes.md, those for old writers too. Text in the arena,
 * cut after some 200 bytes; work and depth are bounded by its length.
 */
enum error_code footer_describe_shape(struct footer *footer, const struct schema_element *elements,
                                      uint32_t count, uint32_t at, const char **ret);

/* Text in the arena in which a zero byte stands as its symbol U+2400: names are C strings. */
enum error_code footer_read_name(struct footer *footer, const struct thrift_field *field,
                                 const char **ret);

/* Type of a leaf; returns why it cannot be read, or NULL. */
const char *schema_leaf_type(const struct schema_element *element, struct column_type *ret);

enum error_code footer_read_row_groups(struct footer *footer, const struct thrift_field *field);
/* What is known of the writer and makes its chunks other than they say. */
void footer_settle_writer(struct footer *footer);
enum error_code footer_read_column_orders(struct footer *footer, const struct thrift_field *field);

/* Drops minimum and maximum where the order they stand for is not known. */
void footer_settle_statistics(struct footer *footer, bool orders_given);

/* Statistics of a chunk, with minimum and maximum copied into the arena; deprecated bounds only for
 * types whose order was never in doubt. */
enum error_code footer_keep_statistics(struct footer *footer, const struct thrift_field *outer,
                                       const struct column_type *type,
                                       struct parquet_statistics *ret);

#endif
