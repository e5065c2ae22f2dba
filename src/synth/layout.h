/*
 * How everyday writers lay a file out: one row of a table a writer. Private to the synth room.
 *
 * Figures were read from files of 6,000,000 rows that the writers themselves made by their defaults
 * (pyarrow 26, fastparquet 2026.9, polars 2.1), and for Spark from parquet-java's documented
 * defaults.
 */
#ifndef WEIR_SYNTH_LAYOUT_H
#define WEIR_SYNTH_LAYOUT_H

#include "parquet/writer.h"
#include "synth/synth.h"

#define SYNTH_COLUMNS 3

struct layout {
    const char *name;
    uint64_t row_group_rows; /* at most; UINT64_MAX: one row group */
    bool even;               /* row groups of equal size rather than full ones and a rest */
    enum column_unit unit;   /* of Date */
    bool utc_adjusted;
    struct parquet_writer_options options;
    struct parquet_column_options columns[SYNTH_COLUMNS];
};

/* The table's row for a layout; options.columns points into it. */
struct layout layout_of(enum synth_layout layout);

/* Rows of every row group but perhaps the last. */
uint64_t layout_row_group_rows(const struct layout *layout, uint64_t rows);

/* path, Date, value; all may be null by their type, as data frame libraries write them. */
void layout_fields(const struct layout *layout, struct column_field ret[static SYNTH_COLUMNS]);

#endif
