/*
 * Where the files of an attempt lie: in its place below the folder that was named, so that a folder
 * may be moved, or else where the ledger says that they were written.
 */
#ifndef WEIR_CLI_ATTEMPT_FILES_H
#define WEIR_CLI_ATTEMPT_FILES_H

#include <stdio.h>

#include "batch/work_folder.h"
#include "cli/ledger_view.h"

/* ret_there: whether the folder is there. */
CHECKED enum error_code attempt_files_find(const struct ledger_view *view, int64_t run,
                                           const struct ledger_view_attempt *attempt,
                                           char ret[static WORK_FOLDER_PATH], bool *ret_there,
                                           struct error *error);

/* The report of its end as JSON, from the ledger or from report.json: NULL where neither has one.
 * Lives in the arena. */
CHECKED enum error_code attempt_files_report(const char *folder,
                                             const struct ledger_view_attempt *attempt,
                                             struct mem_arena *arena, const char **ret,
                                             struct error *error);

/* Opens a file to read it; NULL where none is there, or what a program may have put in its place: a
 * pipe would be waited for. */
FILE *attempt_files_open(const char *path);

/* Whether report.json, the last that is written of an attempt, is there. */
bool attempt_files_has_report(const char *folder);

#endif
