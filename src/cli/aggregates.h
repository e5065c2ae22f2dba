/*
 * From --by, --sum and --agg to the sum's keys and aggregates.
 */
#ifndef WEIR_CLI_AGGREGATES_H
#define WEIR_CLI_AGGREGATES_H

#include "cli/command.h"
#include "sum/sum.h"

/* One item of --agg: FUNCTION:COLUMN or FUNCTION:COLUMN=NAME, "\" before a = or \ within a name.
 * Names live in the arena. ERROR_USAGE says what is wrong with it. */
CHECKED enum error_code aggregate_parse(struct mem_arena *arena, const char *item,
                                        struct aggregate *ret, struct error *error);

/* All aggregates, those of --sum first, in an array that lives in the arena. */
CHECKED enum error_code aggregates_build(struct mem_arena *arena, const struct cli_list *sums,
                                         const struct cli_list *items, struct aggregate **ret,
                                         size_t *ret_count, struct error *error);

/* ERROR_USAGE, with how to rename, when two columns of the result have one name. */
CHECKED enum error_code aggregates_check_names(const struct cli_list *keys,
                                               const struct aggregate *aggregates, size_t count,
                                               struct error *error);

/* Bytes up to a = that no backslash stands before. */
size_t cli_length_to_equals(const char *text);

#endif
