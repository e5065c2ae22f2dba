/*
 * Compares two result files by key: a bank must reconcile.
 *
 * Files whose keys come in the same order are compared as streams; else both are sorted by key
 * within the memory limit and merged. Rows with equal keys are paired in the order in which they
 * stand. Key columns must be of one type in both files.
 *
 * Values are compared column by name. Numbers are compared as numbers (|a - b|), whatever their
 * types: integers and decimals exactly, a decimal against a float as the nearest double; everything
 * else for equality. NULL equals NULL and NaN equals NaN; either of them differs from everything
 * else by infinity, as do texts, and no tolerance covers that.
 */
#ifndef WEIR_DIFF_DIFF_H
#define WEIR_DIFF_DIFF_H

#include "base/error.h"
#include "column/column.h"
#include "mem/mem.h"

struct diff_options {
    const char *left;
    const char *right;
    const char *const
        *keys; /* NULL: every column that both have and that neither has as float or decimal */
    size_t key_count;
    double tolerance; /* differences |a - b| <= tolerance count as equal */
    uint32_t shown;   /* how many largest differences are kept */
};

struct diff_row {
    char *key; /* "path=3, Date=2025-01-01" */
    char *column;
    char *left, *right; /* values as text */
    double difference;  /* |a - b|; infinity where not comparable */
};

struct diff_report {
    uint64_t left_rows, right_rows;
    uint64_t keys_both, only_left, only_right;
    uint64_t values_compared, values_identical /* same bits; for integers the same number */,
        values_within, values_different;
    double largest_difference;
    uint32_t row_count;
    struct diff_row
        *rows; /* largest difference first, then as they came: in key order, where sorted */
    uint32_t only_count; /* only_left_count + only_right_count */
    char **only_left_keys,
        **only_right_keys; /* examples of keys on one side only, at most shown each */
    uint32_t only_left_count, only_right_count;
    bool sorted; /* the files had to be sorted */
    char **keys; /* names of the key columns, most significant first */
    uint32_t key_count;
    char **columns; /* names of the value columns compared */
    uint32_t column_count;
    char **columns_only_left, **columns_only_right; /* names of columns that one file lacks */
    uint32_t columns_only_left_count, columns_only_right_count;
    char **columns_skipped; /* nested or unreadable in a file: not compared */
    uint32_t columns_skipped_count;
    struct mem_arena arena; /* holds all of the above */
};

/* The report is charged to account; memory bounds everything else. */
CHECKED enum error_code diff_files(const struct diff_options *options, struct mem_account *account,
                                   size_t memory, struct diff_report *ret, struct error *error);
void diff_report_release(struct diff_report *report);
#endif
