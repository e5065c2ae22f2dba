/*
 * Which columns of two files are compared: keys first, then values.
 */
#ifndef WEIR_DIFF_COLUMNS_H
#define WEIR_DIFF_COLUMNS_H

#include "diff/diff.h"
#include "diff/key.h"
#include "diff/value.h"
#include "parquet/metadata.h"

enum diff_side { DIFF_LEFT, DIFF_RIGHT, DIFF_SIDES };

/* A column that both files have; names are the metadata's. */
struct diff_column {
    const char *name;
    uint32_t index[DIFF_SIDES]; /* in the metadata */
    struct column_field field[DIFF_SIDES];
    struct diff_key key;         /* of key columns */
    struct diff_value_pair pair; /* of value columns */
};

struct diff_names {
    const char **names;
    uint32_t count;
};

struct diff_columns {
    struct diff_column *columns; /* key_count keys, then values */
    uint32_t count;
    uint32_t key_count;
    struct diff_names only[DIFF_SIDES];
    struct diff_names skipped;
};

/* Chooses by the options; ERROR_MISMATCH where types do not go together or no key is left. Arrays
 * come from the arena, names are borrowed from options and metadata. */
CHECKED enum error_code diff_columns_choose(const struct diff_options *options,
                                            const struct parquet_metadata *left,
                                            const struct parquet_metadata *right,
                                            struct mem_arena *arena, struct diff_columns *ret,
                                            struct error *error);

#endif
