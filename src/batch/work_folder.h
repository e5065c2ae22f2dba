/*
 * Where what an attempt wrote is kept: FOLDER/work/RUN/JOB/ATTEMPT with
 *
 *   run.sh      runs the attempt's command again, alone, with its environment and its limits
 *   stdout.log  stderr.log     what the program wrote, bounded (log_file.h)
 *   memory.tsv  its memory over time: milliseconds, bytes, processes
 *   report.json how it ended, as the ledger has it
 *
 * A job's folder is its name where that is safe as one (letters, digits, '.', '_', '-', at most 64
 * bytes, not beginning with '.' or '-', not ending like the other form), else its safe part, '-'
 * and a digest of the whole, so two jobs never share one. A folder of that number that is there
 * already was left by a weir that died before it wrote the attempt down; it is emptied. Files
 * appear whole or not at all, except logs and memory.tsv, which grow.
 */
#ifndef WEIR_BATCH_WORK_FOLDER_H
#define WEIR_BATCH_WORK_FOLDER_H

#include <sys/types.h>

#include "batch/jobs.h"
#include "batch/kept_folder.h"

#define WORK_FOLDER_PATH 1024
/* Room for the path of a file within one. */
#define WORK_FOLDER_FILE (WORK_FOLDER_PATH + 16)

/* Name of a job's folder. Returns buffer. */
char *work_folder_name(const char *job, char buffer[static 128]);

/* "FOLDER/work/RUN/JOB/ATTEMPT"; ERROR_INPUT where it does not fit. Nothing is made. */
CHECKED enum error_code work_folder_path(const char *folder, int64_t run, const char *job,
                                         int64_t attempt, char ret[static WORK_FOLDER_PATH],
                                         struct error *error);

/* Makes it, with those above it, and empties it. */
CHECKED enum error_code work_folder_make(const char *path, struct error *error);

/* Removes it with all that is in it, and those of its job and its run where nothing else is in
 * them. */
void work_folder_remove(const char *path);

/* Path of a file in it: "PATH/stdout.log". name: at most 15 bytes. Returns ret. */
char *work_folder_file(const char *path, const char *name, char ret[static WORK_FOLDER_FILE]);

/* What run.sh runs; everything is borrowed. */
struct work_folder_script {
    const struct job *job;
    uint64_t memory;         /* bytes granted */
    uint64_t grace_ns;       /* between SIGTERM and SIGKILL */
    const char *const *pass; /* names of weir's own environment, see cell_environment */
    size_t pass_count;
    bool environment_all, pid_namespace;
};

/* Writes run.sh: a shell script that calls "weir exec" with the job's limits, in its directory, so
 * that it ends as the attempt did. Words are quoted for sh, whatever bytes they hold; of the
 * environment only what the job's own line sets is written, never a value of weir's own. */
CHECKED enum error_code work_folder_write_script(const struct kept_folder *folder,
                                                 const struct work_folder_script *script,
                                                 struct mem_account *account, struct error *error);

/* Writes a file of it, whole or not at all: what has that name already is replaced. name: at most
 * 15 bytes. */
CHECKED enum error_code work_folder_write(const struct kept_folder *folder, const char *name,
                                          mode_t mode, const void *bytes, size_t size,
                                          struct error *error);

#endif
