/*
 * One line of a file of jobs: a JSON object whose keys fill a record, each through its row in
 * jobs_keys. What is wrong with a key is told and the next is looked at, so a line's problems come
 * all at once.
 *
 * A value null is taken as if the key were not there.
 */
#ifndef WEIR_BATCH_JOBS_LINE_H
#define WEIR_BATCH_JOBS_LINE_H

#include <jansson.h>

#include "batch/jobs_problems.h"

struct jobs_line {
    uint32_t number; /* in the file, from 1 */
    const struct jobs_presets *presets;
    struct mem_arena *arena;        /* for all that the record points to */
    struct mem_buffer *after_names; /* the names of "after" are appended, each with its NUL */
    struct jobs_problems *problems;
    struct job *job;    /* after_count: names appended, possibly one name twice */
    bool has_name;      /* false although the line gives one: it is not to be known */
    bool has_attempts;  /* it says how often to try, or may have meant to */
    bool means_command; /* a key is there that was probably meant for it */
};

/*
 * Reads the line into the record, which is set up here. ret_is_job false: it is blank, or so wrong
 * that there is no record; the name of a job may then be missing in the table. The memory that
 * jansson takes for the line is checked against the account first. ERROR_MEMORY only.
 */
CHECKED enum error_code jobs_line_read(struct jobs_line *line, const char *text, size_t size,
                                       bool *ret_is_job, struct error *error);

/* Goes through the members of an object by a table of keys; prefix stands before their names in
 * messages. */
CHECKED enum error_code jobs_line_read_keys(struct jobs_line *line, const struct jobs_key *keys,
                                            const char *prefix, const json_t *object,
                                            struct error *error);

/* Tells a problem of this line. */
void jobs_line_complain(const struct jobs_line *line, const char *hint, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* "retry_strategy", see jobs_retry_keys. */
CHECKED enum error_code jobs_line_read_retry(struct jobs_line *line, const json_t *value,
                                             struct error *error);

/* Bytes that jansson may take for a text, at most. */
size_t jobs_line_cost(const char *text, size_t size);

#endif
