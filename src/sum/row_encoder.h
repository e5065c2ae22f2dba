/*
 * From columns side by side to rows as groups want them: the filter's choice, keys cast to the
 * types of the result and encoded as bytes.
 *
 * Where columns come from (a Parquet file, an Arrow stream) makes no difference here. Slices stand
 * in this order: keys (none where they are codes already), values, columns of the filter.
 */
#ifndef WEIR_SUM_ROW_ENCODER_H
#define WEIR_SUM_ROW_ENCODER_H

#include "key/cast.h"
#include "sum/row_filter.h"
#include "sum/sum_int.h"

/* Valid until the next call. */
struct row_batch {
    uint32_t row_count; /* that take part; may be 0 */
    uint32_t rows_read; /* of the source; 0: the end was reached */
    /* Keys as codes, or NULL ... */
    const uint64_t *codes;
    /* ... and then as key_encode gives them. */
    const uint8_t *bytes;
    const uint32_t *offsets;
    const uint64_t *hashes;
    const struct column_slice *values; /* one a value column */
};

struct row_encoder {
    struct sum *sum;
    uint32_t key_count; /* of keys to be encoded; 0: keys are codes */
    uint32_t value_count;
    struct key_cast *casts;
    struct mem_buffer *cast_values;
    struct column_slice *key_slices;
    struct mem_buffer bytes;
    uint32_t *offsets;
    uint64_t *hashes;
    size_t *widths; /* of keys and values in the source */
    struct row_filter filter;
};

/* types: of the source's columns, in the order above; filtered: whether the filter is used. */
CHECKED enum error_code row_encoder_open(struct row_encoder *ret, struct sum *sum,
                                         const struct column_type *types, uint32_t key_count,
                                         uint32_t value_count, bool filtered, struct error *error);
void row_encoder_close(struct row_encoder *encoder);
/* Bytes it takes for a source of these types, keys' own bytes not counted. */
size_t row_encoder_size(const struct sum *sum);

/* codes: of row_count rows, compacted in place; NULL: keys are to be encoded. ret->rows_read is set
 * to row_count. */
CHECKED enum error_code row_encoder_take(struct row_encoder *encoder,
                                         const struct column_slice *slices, uint64_t *codes,
                                         uint32_t row_count, struct row_batch *ret,
                                         struct error *error);
#endif
