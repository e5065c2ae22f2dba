/*
 * The kept output of an attempt, printed file by file or followed while it grows.
 *
 * A log that was never written to is no file. What is printed is either the bytes themselves or,
 * for a terminal, the same made harmless (log_text.h).
 */
#ifndef WEIR_CLI_LOG_VIEW_H
#define WEIR_CLI_LOG_VIEW_H

#include <stdbool.h>

#include "batch/work_folder.h"
#include "cli/log_text.h"

#define LOG_VIEW_PATH (WORK_FOLDER_PATH + 32)

struct log_view {
    const char *title; /* "stderr"; NULL: no heading */
    char path[LOG_VIEW_PATH];
    int descriptor; /* -1: not open */
    bool harmless;  /* for a terminal */
    bool within_line;
    struct log_text text;
};

/* Opens nothing yet. */
void log_view_init(struct log_view *view, const char *title, const char *folder, const char *name,
                   bool harmless);
void log_view_close(struct log_view *view);

/* Whether something can be printed now, more than at the last time. */
CHECKED enum error_code log_view_has_more(struct log_view *view, bool *ret, struct error *error);
/* Prints to standard output what there is and was not printed yet. */
CHECKED enum error_code log_view_copy(struct log_view *view, struct error *error);
/* Nothing will come any more: what was held back is printed, and a line is ended that has no end
 * where another heading may follow. */
void log_view_end(struct log_view *view);

/* "==> stderr: weir-out/work/1/load/2/stderr.log, 1.2 KiB <==" */
void log_view_write_heading(struct log_view *view);

/* Bytes of the file now, 0 where there is none. */
uint64_t log_view_size(const struct log_view *view);

#endif
