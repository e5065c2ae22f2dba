/*
 * From arguments to paths: files, folders (their *.parquet, sorted), globs that weir expands
 * itself,
 * "@list" and "-" (one path a line, read as a stream).
 */
#ifndef WEIR_STORE_LISTING_H
#define WEIR_STORE_LISTING_H

#include "mem/mem.h"

/* Called once per path, in order; the path is borrowed for the call. */
typedef enum error_code (*listing_visit)(void *context, const char *path, struct error *error);

/*
 * Visits every file that the arguments stand for. A glob or folder that gives nothing is an error.
 * Neither a list nor a folder is ever held whole: names of a folder are found in order, 8,192 at a
 * time (2 MiB charged to the account).
 */
CHECKED enum error_code listing_expand(char *const *arguments, size_t count,
                                       struct mem_account *account, listing_visit visit,
                                       void *context, struct error *error);
#endif
