/*
 * The struct Statistics, as it stands in footers and page headers. Private to the parquet room.
 */
#ifndef WEIR_PARQUET_STATISTICS_READ_H
#define WEIR_PARQUET_STATISTICS_READ_H

#include "parquet/metadata.h"
#include "parquet/thrift.h"

/* As stored: bounds point into the bytes that were read; counts below 0 are not kept. */
struct stored_statistics {
    struct parquet_statistics values;
    struct parquet_bytes old_minimum, old_maximum; /* deprecated, of an order that is not said */
};

CHECKED enum error_code statistics_read(struct thrift_reader *thrift,
                                        const struct thrift_field *outer,
                                        struct stored_statistics *ret);

#endif
