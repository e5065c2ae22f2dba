/*
 * Where what an attempt wrote is kept: FOLDER/work/RUN/JOB/ATTEMPT with
 *
 *   run.sh      runs the attempt's command again, alone, with its environment and its limits
 *   stdout.log  stderr.log     what the program wrote, bounded (log_file.h)
 *   memory.tsv  its memory over time: milliseconds, bytes, processes
 *   report.json how it ended, as the ledger has it
 *
 * A job's folder is its name where that is safe as one (letters, digits, '.', '_', '-', at most 64
 * bytes, not beginning with '.' or '-'), else its safe part, '-' and a digest of the whole, so two
 * jobs never share one. A folder of that number that is there already was left by a weir that died
 * before it wrote the attempt down; it is emptied. Files appear whole or not at all, except logs
 * and memory.tsv, which grow.
 */
#ifndef WEIR_BATCH_WORK_FOLDER_H
#define WEIR_BATCH_WORK_FOLDER_H

#include "batch/jobs.h"

#define WORK_FOLDER_PATH 1024

/* Name of a job's folder. Returns buffer. */
char *work_folder_name(const char *job, char buffer[static 128]);

/* "FOLDER/work/RUN/JOB/ATTEMPT"; ERROR_INPUT where it does not fit. Nothing is made. */
CHECKED enum error_code work_folder_path(const char *folder, int64_t run, const char *job,
                                         int64_t attempt, char ret[static WORK_FOLDER_PATH],
                                         struct error *error);

/* Makes it, with those above it, and empties it. */
CHECKED enum error_code work_folder_make(const char *path, struct error *error);

/* Writes run.sh: a shell script that calls "weir exec" with the job's limits, in its directory, so
 * that it ends as the attempt did. Words are quoted for sh, whatever bytes they hold; of the
 * environment only what the job's own line sets is written, never what weir's own holds. */
CHECKED enum error_code work_folder_write_script(const char *path, const struct job *job,
                                                 uint64_t memory, struct mem_account *account,
                                                 struct error *error);

/* Writes report.json from a text. */
CHECKED enum error_code work_folder_write_report(const char *path, const char *text,
                                                 struct mem_account *account, struct error *error);

#endif
