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
    bool has_schema;
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

/* Type of a leaf; returns why it cannot be read, or NULL. */
const char *schema_leaf_type(const struct schema_element *element, struct column_type *ret);

enum error_code footer_read_row_groups(struct footer *footer, const struct thrift_field *field);
enum error_code footer_read_column_orders(struct footer *footer, const struct thrift_field *field);

/* Drops minimum and maximum where the order they stand for is not known. */
void footer_settle_statistics(struct footer *footer, bool orders_given);

/* Statistics of a chunk, with minimum and maximum copied into the arena; deprecated bounds only for
 * types whose order was never in doubt. */
enum error_code footer_keep_statistics(struct footer *footer, const struct thrift_field *outer,
                                       const struct column_type *type,
                                       struct parquet_statistics *ret);

#endif
