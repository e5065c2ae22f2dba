/*
 * What a Parquet file holds and what it would occupy in memory, from its footer alone.
 *
 * The figures are those of the data itself, as each library lays it out once loaded; copies made on
 * the way come on top. In bytes, for n rows of which v have a value:
 *
 *   Arrow    n values of the type's width (booleans: bits); text n + 1 offsets of 4 and its bytes;
 *            a bit a row where there are nulls. Decimals take 16, beyond 38 digits 32.
 *   pandas   3 and later: NumPy's widths; integers with nulls become float64; text is Arrow's
 *            large_string (offsets of 8). Dates, times, decimals, binary and booleans with nulls
 *            are Python objects: a pointer of 8 and 32, 40, 104, 33 + length, or nothing (shared).
 *   pandas   before 3: the same, but text is a pointer of 8 and a str object of 49 + length.
 *   Polars   Arrow's widths; text and binary a view of 16, and the bytes of those longer than 12;
 *            times take 8, decimals 16.
 *
 * Object sizes are sys.getsizeof of CPython 3.11 on 64 bits. The length of text is estimated from
 * the decompressed size, or from the lengths of the least and greatest value where a dictionary
 * hides it.
 */
#ifndef WEIR_INSPECT_INSPECT_H
#define WEIR_INSPECT_INSPECT_H

#include "parquet/metadata.h"

/* Bytes that a column (or a file) would take as data of each library. */
struct inspect_footprint {
    uint64_t on_disk; /* compressed */
    uint64_t decoded; /* after decompression, still encoded */
    uint64_t arrow;
    uint64_t pandas;
    uint64_t pandas_objects; /* pandas before 3 */
    uint64_t polars;
};

/*
 * The footprint of one top-level field (its index in metadata->fields) over all row groups.
 * *ret_exact is false where it had to be estimated: text, nested fields, unknown numbers of nulls.
 * Sums that do not fit stay at UINT64_MAX.
 */
void inspect_column(const struct parquet_metadata *metadata, uint32_t field,
                    struct inspect_footprint *ret, bool *ret_exact);

/* Adds a footprint to a total. */
void inspect_add(struct inspect_footprint *total, const struct inspect_footprint *footprint);

/* How a top-level field is stored, over all its leaves and row groups. */
struct inspect_storage {
    uint32_t codecs;    /* bit c set: codec number c is used */
    uint32_t encodings; /* bit e set: encoding number e is used, levels included */
    bool encrypted;
};
struct inspect_storage inspect_storage_of(const struct parquet_metadata *metadata, uint32_t field);

#endif
