/*
 * The least and the greatest value seen, whole and in any length, and the order of such values.
 * Private to the verification.
 *
 * Values stand as statistics have them: PLAIN, without the length of byte arrays. NaN does not
 * count. A range owns copies of its two values.
 */
#ifndef WEIR_INSPECT_VERIFY_RANGE_H
#define WEIR_INSPECT_VERIFY_RANGE_H

#include "parquet/metadata.h"

struct verify_range {
    bool any; /* at least one value that counts */
    struct mem_buffer least, greatest;
};

void verify_range_init(struct verify_range *range, struct mem_account *account);
void verify_range_release(struct verify_range *range);
void verify_range_clear(struct verify_range *range);

/* Takes in count dense values. */
CHECKED enum error_code verify_range_update(struct verify_range *range,
                                            const struct column_type *type, const void *values,
                                            size_t count, struct error *error);

/* Takes in what another range of the same type has seen. */
CHECKED enum error_code verify_range_merge(struct verify_range *range,
                                           const struct column_type *type,
                                           const struct verify_range *other, struct error *error);

/* A value of a slice as bytes. */
struct parquet_bytes verify_value_bytes(const struct column_type *type, const void *value);

/* Whether values of the type have an order that bounds can stand for. */
bool verify_is_ordered(const struct parquet_column *column);

/* Whether a bound can be one of the type; byte arrays and fixed ones may be cut. */
bool verify_bound_fits(const struct column_type *type, struct parquet_bytes bound);
bool verify_bound_is_nan(const struct column_type *type, struct parquet_bytes bound);

/* Order of two bounds that fit. */
int verify_bound_compare(const struct column_type *type, struct parquet_bytes a,
                         struct parquet_bytes b);

/* A bound as text, cut to fit. Returns buffer. */
char *verify_bound_format(const struct column_type *type, struct parquet_bytes bound, char *buffer,
                          size_t size);

#endif
