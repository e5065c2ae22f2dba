/*
 * The grouped sum: thousands of Parquet files in, one exact result out, in a fixed amount of
 * memory.
 *
 * The life of a sum: sum_create checks the options and lists the inputs; sum_plan reads every
 * footer and says what will happen and what it will cost, without reading data; sum_run finds out
 * what the keys are like, takes the way that fits, and commits the output. Memory has a ceiling.
 * All ways give the same bits for the same data:
 *
 *   aligned   all files have the keys of the first in the same order, none twice: only values are
 *             read, tile by tile (adding.c)
 *   folded    the same, but keys repeat: rows are added up first, then tiles by key (fold.c)
 *   sorted    keys ascend in every file, but the files have different ones: tiles are ranges of
 * keys (sorted.c) dense     keys are numbers in a small range: an array of accumulators (scatter.c)
 *   any       everything else: by hash, rows put aside where memory does not suffice (scatter.c)
 *   mixed     most files are aligned, some are not: folded, then dense or any
 *
 * A way that turns out wrong while it is taken (keys out of order, values beyond what statistics
 * say) is left for the next one before anything is visible: ways.c.
 *
 * A tile is a run of keys whose accumulators stay in the level-2 cache of a core. Each tile passes
 * over all files before the next begins, so that neither the number of files nor their length
 * decides the memory: what does is the largest page and dictionary.
 */
#ifndef WEIR_SUM_SUM_H
#define WEIR_SUM_SUM_H

#include <stdatomic.h>

#include "aggregate/aggregate.h"
#include "sink/sink.h"

/* A column called from in some files stands for the column to where a file has none of that name.
 */
struct sum_rename {
    const char *from, *to;
};

/* What the user asked for. Strings are borrowed for the life of the sum. */
struct sum_options {
    char *const *inputs; /* as given: files, folders, globs, @list, - */
    size_t input_count;
    const char *const *keys;
    size_t key_count; /* 0: one row for all */
    const struct sum_rename *renames;
    size_t rename_count;
    const char *where;  /* NULL: all rows take part */
    const char *folder; /* for temporary files; NULL: $TMPDIR or /tmp */
    const char *cache;  /* folder of key fingerprints; NULL: the user's */
    bool no_cache;
    bool verify_keys;  /* compare keys whatever the cache says */
    bool arrow_stream; /* rows come as Arrow streams on standard input; there are no inputs */
    const struct aggregate *aggregates;
    size_t aggregate_count;
    const char *output; /* path, "-" for standard output, NULL for a table */
    enum sink_format format;
    enum codec compression;
    int compression_level;
    bool overwrite;
    bool sort;        /* rows ascending by key */
    uint64_t memory;  /* ceiling on resident memory; 0: what the machine can spare */
    unsigned threads; /* 0: all processors */
    uint32_t table_rows;
    const char *command; /* the command line, for provenance */
};

struct sum_memory_part {
    const char *name;
    uint64_t bytes;
};

#define SUM_MEMORY_PARTS 8

/* What will happen, known from footers alone (and the page headers of the first file). */
struct sum_plan {
    uint64_t file_count;
    uint64_t row_count;     /* of all files */
    uint64_t key_count;     /* most rows of the result: those of the first file where aligned */
    uint64_t file_bytes;    /* sizes of all files */
    uint64_t bytes_to_read; /* key chunks and value chunks, expected */
    const char *way;        /* "aligned", "sorted", "dense", "any"; what is expected */
    const char *reason;     /* why it is expected, one sentence */
    const char *otherwise;  /* what follows if its proof fails, one sentence */
    uint64_t tile_rows;
    uint64_t tile_count;
    uint32_t pass_count; /* passes over the value bytes: 1 unless pages must be read again */
    unsigned threads;
    const char *kernels;        /* "avx512" */
    uint64_t ceiling;           /* bytes */
    const char *ceiling_origin; /* "--memory", "80 % of the cgroup's limit", ... */
    uint64_t memory_figure;     /* the promise: peak resident memory is never above this */
    uint64_t memory_expected;   /* likely peak: if all pages are like those of the first file */
    uint64_t memory_smallest;   /* the smallest ceiling that would do */
    const char *memory_reason;  /* why the figure is enough, one sentence */
    uint32_t memory_part_count;
    struct sum_memory_part memory_parts[SUM_MEMORY_PARTS]; /* their sum is memory_figure */
};

enum sum_phase {
    SUM_PHASE_LISTING,
    SUM_PHASE_PROVING,
    SUM_PHASE_ADDING,
    SUM_PHASE_WRITING,
    SUM_PHASE_DONE
};

/* Counters that workers raise and a display reads, all from any thread. */
struct sum_progress {
    _Atomic(enum sum_phase) phase;
    atomic_uint_fast64_t files_total;
    atomic_uint_fast64_t files_done; /* of the phase */
    atomic_uint_fast64_t rows_total; /* rows that the adding phase will add */
    atomic_uint_fast64_t rows_done;
    atomic_uint_fast64_t bytes_total; /* bytes_to_read of the plan */
    atomic_uint_fast64_t bytes_done;  /* read so far, all phases */
};

/* What did happen. */
struct sum_report {
    const char *way;      /* that was taken: also "folded" and "mixed" */
    char way_reason[240]; /* why, one sentence */
    uint64_t result_rows;
    uint64_t rows_read;
    uint64_t bytes_read;
    uint64_t bytes_read_twice;
    uint64_t files_identical; /* key chunks byte for byte those of the first file */
    uint64_t files_decoded;   /* key values compared after decoding */
    const char *uniqueness;   /* how it was proven that no key repeats */
    uint64_t tiles;
    uint64_t tiles_again;   /* begun again with more grids */
    uint64_t files_aligned; /* with the first, itself included */
    uint64_t files_known;   /* whose keys were known from an earlier run */
    uint64_t rows_selected; /* by the filter; all of them without one */
    uint64_t row_groups_passed_over, pages_passed_over; /* by what a file says of itself */
    uint64_t keys_in_memory; /* of groups; the rest came from rows put aside */
    uint64_t rows_aside, bytes_aside;
    uint32_t begun_again; /* with another way, because keys were not what they seemed */
    uint64_t listing_ns, proving_ns, adding_ns;
    uint64_t peak_bytes;    /* resident, as the system counts it */
    uint64_t memory_figure; /* that was promised for the way taken */
};

struct sum;

CHECKED enum error_code sum_create(const struct sum_options *options, struct sum_progress *progress,
                                   struct sum **ret, struct error *error);
void sum_destroy(struct sum *sum);

/* Reads the footers; the plan belongs to the sum. */
CHECKED enum error_code sum_plan(struct sum *sum, const struct sum_plan **ret, struct error *error);
/* Runs the plan made by sum_plan to its end and commits the output. */
CHECKED enum error_code sum_run(struct sum *sum, struct sum_report *ret, struct error *error);

#endif
