/*
 * Writes the bank's files without Python: path, Date, value, laid out as everyday writers do.
 *
 * The same options give the same bytes on every machine. Values are normal-like, drawn from a
 * counter-based generator keyed by (seed, file, row), so that files differ and any file can be made
 * alone.
 */
#ifndef WEIR_SYNTH_SYNTH_H
#define WEIR_SYNTH_SYNTH_H

#include "base/error.h"
#include "codec/codec.h"
#include "mem/mem.h"

enum synth_layout {
    SYNTH_PYARROW, /* row groups of 1,048,576; pages of 20,000 rows; dictionary, then PLAIN; snappy
                    */
    SYNTH_PLAIN,   /* fastparquet's: one row group, one page a column, PLAIN, uncompressed */
    SYNTH_ZSTD,    /* pyarrow's with zstd and a page index */
    SYNTH_POLARS,  /* row groups of about 122,000 rows, zstd, no dictionary for floats */
    SYNTH_SPARK /* one row group, snappy, pages of 1 MiB, dictionary, INT64 timestamps in us, UTC,
                   v1 */
};

struct synth_options {
    const char *folder; /* made if missing; files are sim-00000.parquet .. */
    uint64_t files;
    uint64_t paths; /* 50,000 */
    uint64_t dates; /* 120 */
    uint64_t seed;
    enum synth_layout layout;
    bool overwrite;
};

CHECKED bool synth_layout_from_name(const char *name, enum synth_layout *ret);
/* Called after each file, by one thread at a time, with the totals so far. */
typedef void (*synth_progress)(void *context, uint64_t files_done, uint64_t bytes);
/*
 * Writes all files on as many threads as processors, files and the account's memory allow. A thread
 * holds some 10 MB; with SYNTH_PLAIN, whose column is one page, the 8 bytes a row of one column as
 * well.
 */
CHECKED enum error_code synth_write(const struct synth_options *options,
                                    struct mem_account *account, synth_progress progress,
                                    void *context, struct error *error);
#endif
