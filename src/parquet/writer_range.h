/*
 * The least and the greatest value seen, as Parquet's statistics want them.
 *
 * Order is the column order of the type: unsigned integers, signed decimals, unsigned bytes for
 * text. NaN does not count. Long text is cut to 64 bytes: the least downwards, the greatest
 * upwards, and is then marked as not exact. Types without an order (INT96, interval) have no range.
 * Source: the comments on Statistics and ColumnOrder in parquet.thrift.
 */
#ifndef WEIR_PARQUET_WRITER_RANGE_H
#define WEIR_PARQUET_WRITER_RANGE_H

#include "column/column.h"

#define RANGE_BYTES 64

struct range_bound {
    uint8_t size;
    bool exact;
    uint8_t bytes[RANGE_BYTES]; /* PLAIN, without the length of byte arrays */
};

struct value_range {
    bool any;     /* at least one value that counts */
    bool unknown; /* values were seen that no bound of 64 bytes can stand for */
    struct range_bound least, greatest;
};

/* Takes in count dense values, which may lie at any address. */
void range_update(struct value_range *range, const struct column_type *type, const void *values,
                  size_t count);

/* Takes in what another range of the same type has seen. */
void range_merge(struct value_range *range, const struct column_type *type,
                 const struct value_range *other);

/* The bounds as they are written (zero as -0 below and +0 above); false: there are none to write.
 */
bool range_bounds(const struct value_range *range, const struct column_type *type,
                  struct range_bound *ret_least, struct range_bound *ret_greatest);

/* Order of two bounds of a type. */
int range_bound_compare(const struct column_type *type, const struct range_bound *a,
                        const struct range_bound *b);

/* Loops over unaligned arrays (writer_range_scalar.c). least and greatest go in and come out; NaN
 * is passed over. */
void range_i32(const void *values, size_t count, int32_t *least, int32_t *greatest);
void range_u32(const void *values, size_t count, uint32_t *least, uint32_t *greatest);
void range_i64(const void *values, size_t count, int64_t *least, int64_t *greatest);
void range_u64(const void *values, size_t count, uint64_t *least, uint64_t *greatest);
void range_float(const void *values, size_t count, float *least, float *greatest);
void range_double(const void *values, size_t count, double *least, double *greatest);

/* Cuts a long text to at most RANGE_BYTES (writer_range_text.c). utf8: keep whole characters.
 * range_cut_greatest gives false where no greater text of that size exists. */
void range_cut_least(struct column_bytes text, bool utf8, struct range_bound *ret);
bool range_cut_greatest(struct column_bytes text, bool utf8, struct range_bound *ret);

#endif
