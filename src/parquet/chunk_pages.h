/*
 * What the headers of a chunk's pages say of all of them together, for plans that depend on it
 * where the footer does not say (see enum parquet_coding).
 */
#ifndef WEIR_PARQUET_CHUNK_PAGES_H
#define WEIR_PARQUET_CHUNK_PAGES_H

#include "parquet/page_reader.h"

/*
 * Whether every page with rows is encoded by a dictionary that stands at the chunk's beginning, so
 * that parquet_page_reader_next_indexes gives all of its rows as indexes; true for a chunk without
 * rows. Reads the headers up to the first page that is not. Headers are believed: a damaged page
 * shows only when it is read.
 */
CHECKED enum error_code parquet_chunk_all_coded(const struct store_object *object,
                                                const struct parquet_column *column,
                                                const struct parquet_chunk *chunk, bool *ret,
                                                struct error *error);
#endif
