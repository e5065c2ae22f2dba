/*
 * Private to the sum room: the state of one grouped sum, and the steps it goes through.
 *
 *   sum_create   options checked, ceiling known
 *   sum_survey   every footer read; catalog, fields and facts filled         (survey.c)
 *   sum_plan     tiles and memory decided from the facts; constant from here (plan.c)
 *   sum_prove_aligned, sum_prove_unique                                      (aligned.c, unique.c)
 *   sum_add      tiles added and written                                     (adding.c, result.c)
 */
#ifndef WEIR_SUM_SUM_INT_H
#define WEIR_SUM_SUM_INT_H

#include <pthread.h>

#include "aggregate/value_tile.h"
#include "filter/filter.h"
#include "fingerprint/fingerprint.h"
#include "group/group.h"
#include "key/space.h"
#include "sum/batch_reader.h"
#include "sum/catalog.h"
#include "sum/order.h"
#include "sum/sum.h"

/* The first error of several threads, and the sign for all of them to stop. */
struct failure {
    pthread_mutex_t mutex;
    atomic_bool stop;
    enum error_code code;
    struct error *error; /* the caller's */
};

void failure_init(struct failure *failure, struct error *error);
void failure_report(struct failure *failure, enum error_code code, const struct error *error);

/* An aggregate of the result: function and which value it takes. */
struct sum_output {
    enum aggregate_function function;
    uint32_t value; /* index in values; unused for AGGREGATE_COUNT_ROWS */
};

/* What the footers say about one kept column over all files. */
struct column_facts {
    uint64_t bytes;      /* of all its chunks */
    size_t reader_bound; /* no page of any file makes a reader larger */
    size_t reader_seen;  /* the same for the pages looked at */
    size_t reader_first; /* the same for all pages of the first file */
    double magnitude;    /* largest |value| that statistics name; NaN: none */
};

/* A page of the first value column of the first file: where tiles may begin. */
struct page_border {
    uint64_t row;     /* of the file */
    bool dictionary;  /* values are indexes into a dictionary ... */
    bool fresh_chunk; /* ... that begins with this page */
    bool divisible;   /* rows within it can be reached without reading it whole */
};

struct sum_facts {
    uint64_t row_count; /* of all files */
    uint64_t file_bytes;
    struct column_facts *columns;    /* one a kept column: keys, values, then the filter's */
    uint64_t usual_rows, usual_file; /* of most files, if more than half agree */
    int64_t votes;
    bool mixed_layouts;    /* files differ in row groups, codecs or encodings */
    uint64_t layout;       /* hash of the first file's */
    uint32_t layouts_seen; /* whose page headers were looked at */
    uint64_t layout_seen[16];
    uint64_t largest_page_rows;  /* of indivisible pages looked at */
    uint64_t largest_dictionary; /* bytes */
    struct mem_buffer borders;   /* struct page_border, ascending */
    size_t largest_record;       /* of the catalog */
};

struct sum {
    struct sum_options options;
    struct sum_progress *progress;
    struct mem_account account;
    struct mem_arena arena; /* names, fields, values, tile starts */
    uint64_t base;          /* resident before any work, with room for code and stacks */
    uint64_t ceiling;
    const char *ceiling_origin;

    struct store_object first_object;
    struct parquet_metadata first;
    bool first_read;
    uint32_t key_count;
    uint32_t value_count;
    uint32_t *columns; /* kept columns in the first file: keys, values, then the filter's */
    struct column_type *key_types; /* of the result: where files differ, what holds them all */
    bool *key_nullable;            /* in any file */
    struct filter *filter;         /* NULL: all rows take part */
    uint32_t filter_count;         /* columns of the filter */
    struct aggregate_value *values;
    uint32_t output_count;
    struct sum_output *outputs;
    uint32_t field_count; /* keys, then outputs */
    struct column_field *fields;

    struct catalog catalog;
    struct arrow_stream *stream; /* where rows come from instead of files; else NULL */
    struct mem_buffer scratch;
    struct sum_facts facts;

    struct output output; /* opened before any work, so that a refusal costs nothing */
    bool output_open;
    struct store_identity replaced; /* the file that the output will replace, all zero: none */

    struct sum_plan plan;
    bool planned;
    uint64_t *tile_starts; /* tile_count + 1 rows */
    uint64_t *tile_turns;  /* which tile is taken as the 0th, 1st, ... */
    bool *tile_early;      /* of each tile: taken before the one in front of it */
    uint64_t tile_rows_most;
    bool ordered;              /* keys proven to be in strict order */
    bool unique;               /* keys proven to be different */
    struct mem_buffer aligned; /* uint8_t a file: 1 where it is aligned with the first, or may be */
    uint64_t aligned_count;

    /* Keys as codes, where all key columns have a domain. */
    struct key_domain **domains; /* one a key */
    struct key_space space;
    bool has_space;
    unsigned row_threads;  /* that read rows; what the plan says is for aligned files */
    size_t row_page_limit; /* of each page reader of a row reader */
    size_t adding_size;    /* what adding aligned files takes */
    size_t group_limit;    /* bytes for groups */
    enum group_keys group_keys;
    bool hopeful; /* memory is divided as if pages and values were like those that are known */

    /* Found out on the way, by any thread. */
    atomic_bool keys_outside;  /* a key has no code */
    atomic_bool keys_unsorted; /* keys of a file do not ascend */
    atomic_uint_fast64_t rows_selected;
    atomic_uint_fast64_t row_groups_passed_over, pages_passed_over;
    size_t page_limit;     /* of a thread's page reader for values */
    size_t key_page_limit; /* of each page reader for keys */
    struct sum_report report;

    /* What the first file's key chunks hold, where they will be copied: one a row group and key,
     * made during the proof, in a spool a thread and key. NULL: they are decoded when they are
     * copied. */
    struct parquet_chunk_profile *profiles;
    struct spool *profile_spools;
};

/* Chunks of keys that are profiled ahead; in files with more row groups they are decoded when
 * copied. */
#define PROFILES_MOST 4096
/* Memory of a thread's profiles of one key; what is beyond goes to a temporary file. */
#define PROFILE_SPOOL_BYTES ((size_t)64 << 10)

/* Threads a plan may ask for at most. */
#define SUM_THREADS_MOST 64
#define SUM_KEYS_MOST    64
/* From so many aligned files on it pays to add up their rows before they are grouped. */
#define SUM_FILES_WORTH_FOLDING 3
/* Value columns: one an aggregate. */
#define SUM_VALUES_MOST 1024
/* Distinct columns of a filter. */
#define SUM_FILTER_COLUMNS_MOST 64

static inline uint32_t sum_kept_columns(const struct sum *sum)
{
    return sum->key_count + sum->value_count + sum->filter_count;
}

/* Whether most files are aligned, as far as is known: with fewer it is not worth a way of its own.
 */
static inline bool sum_may_be_aligned(const struct sum *sum)
{
    return sum->filter == NULL && 2 * sum->aligned_count > sum->catalog.file_count;
}

static inline bool sum_is_aligned(const struct sum *sum, uint64_t file)
{
    return sum->aligned.data[file] != 0;
}

CHECKED enum error_code sum_survey(struct sum *sum, struct error *error);
/* The survey again, with another of the files it found as the first. */
CHECKED enum error_code sum_survey_from(struct sum *sum, uint64_t first, struct error *error);
CHECKED enum error_code sum_resolve_columns(struct sum *sum, struct error *error);
CHECKED enum error_code sum_make_plan(struct sum *sum, struct error *error);
/* After sum_survey_from. */
CHECKED enum error_code sum_plan_again(struct sum *sum, struct error *error);
CHECKED enum error_code sum_plan_tiles(struct sum *sum, uint64_t rows, uint64_t rows_most,
                                       struct error *error);
/* Decides in which order tiles are taken; after sum_plan_tiles, which leaves the page borders. */
CHECKED enum error_code sum_order_tiles(struct sum *sum, struct error *error);
/* Reads the part of the first file's keys that falls to a thread; open tells in which strict orders
 * they may be, digest (unless it is NULL) gets what they are. first: the first file, opened by that
 * thread. */
struct key_digest;
CHECKED enum error_code sum_follow_order(struct sum *sum, const struct store_object *first,
                                         unsigned part, bool open[static ORDER_FORMS],
                                         struct key_digest *digest, struct error *error);
/* Compares all files with the first, whose own order is followed meanwhile: sets aligned and
 * ordered; what an earlier run has proven is believed. known: opened for this sum; what is proven
 * is added. */
struct known_keys;
CHECKED enum error_code sum_prove_aligned(struct sum *sum, struct known_keys *known,
                                          struct key_digest *ret_digest, struct error *error);
/* Proves that no key repeats, by order where that is known, else with more memory and time. */
CHECKED enum error_code sum_prove_unique(struct sum *sum, struct error *error);
/* Whether the result takes over the first file's key chunks. */
bool sum_copies_keys(const struct sum *sum);
/* Makes room for profiles, if there will be any; released by sum_destroy. */
CHECKED enum error_code sum_open_profiles(struct sum *sum, struct error *error);
void sum_close_profiles(struct sum *sum);
struct grouping;
/* Adds the values of all aligned files: into the output, which is committed, or into groups. */
CHECKED enum error_code sum_add(struct sum *sum, struct output *output, struct grouping *grouping,
                                struct error *error);
/* ERROR_MEMORY that names the ceiling and the least bytes that would do. */
enum error_code sum_refuse_ceiling(const struct sum *sum, uint64_t least, struct error *error);
/* Adds a part to the plan's memory figure, unless it is nothing. */
void sum_add_part(struct sum_plan *plan, const char *name, uint64_t bytes);
/* Divides the ceiling among readers of rows; before sum_survey_keys. ERROR_MEMORY where it is too
 * little. */
CHECKED enum error_code sum_plan_readers(struct sum *sum, struct error *error);
/* What is left for groups; after sum_survey_keys. */
CHECKED enum error_code sum_plan_groups(struct sum *sum, struct error *error);
/* The smallest ceiling that would do for groups; before anything is known of keys. */
uint64_t sum_smallest_for_groups(const struct sum *sum);
/* The plan where files cannot be aligned. */
CHECKED enum error_code sum_make_group_plan(struct sum *sum, struct error *error);

/* Opens a file of the catalog and checks that it is still the one that was surveyed. */
CHECKED enum error_code sum_open_file(const struct catalog_record *record, struct store_object *ret,
                                      struct error *error);

/* A file that changed under our eyes explains any damage found in it: ERROR_CHANGED then, else
 * code; the file is named. */
enum error_code sum_explain_file(const struct store_object *object,
                                 const struct catalog_record *record, enum error_code code,
                                 struct error *error);

/* Inputs that a thread may hold open at once: its share of the limit, from 1 to most. */
size_t sum_files_a_thread(const struct sum *sum, size_t most);

static inline void progress_begin(struct sum_progress *progress, enum sum_phase phase)
{
    atomic_store(&progress->files_done, 0);
    atomic_store(&progress->phase, phase);
}

#endif
