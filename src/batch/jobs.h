/*
 * The jobs of a batch: a file of JSON lines, one job a line, read once into a table that is never
 * changed afterwards.
 *
 *   {"name": "load", "command": ["python", "load.py"], "memory": "2GiB", "cpus": 1}
 *   {"name": "sum", "command": "python sum.py < in.csv", "memory": "500MB", "after": ["load"],
 *    "timeout": "10m", "retry_strategy": {"stop_after_attempt": 3, "on": ["oom"], "memory": "x2"}}
 *
 * A command is a list of words or a text for /bin/sh. Job numbers are places in the table, in the
 * order of the file. Reducers: a job that comes after at least two others, each of which is awaited
 * by nobody else, takes up what these leaves made; they form a group (see admission.h). In a tree
 * of reducers the lower ones are no leaves of the upper one's group, but reducers of their own.
 *
 * All strings live in the arena given to jobs_read. Nothing here runs anything.
 */
#ifndef WEIR_BATCH_JOBS_H
#define WEIR_BATCH_JOBS_H

#include "batch/retry.h"
#include "store/store.h"

#define JOBS_MOST           ((uint32_t)10000000)
#define JOBS_LINE_MOST      ((size_t)16 << 20)  /* bytes of a line: a reducer may name many */
#define JOBS_NAME_MOST      ((size_t)200)       /* bytes of a name */
#define JOBS_PROCESSES_MOST ((uint32_t)4194304) /* the kernel's own limit of process numbers */
#define JOBS_PROBLEMS_TOLD  50
#define JOBS_NO_GROUP       UINT32_MAX

struct job {
    const char *name;               /* unique; where the line gives none: "job-" and its line */
    const char *const *arguments;   /* ends with NULL */
    const char *const *environment; /* NAME=VALUE besides the usual, ends with NULL */
    const char *directory;          /* or NULL: weir's own */
    uint64_t memory;                /* bytes asked for */
    bool memory_is_preset;          /* the line gave none */
    uint32_t milli_cpus;            /* 1000 where the line gives none */
    uint32_t processes;             /* 0: no limit */
    uint64_t timeout_ns;            /* 0: none */
    struct retry_rule retry;
    uint32_t group; /* leaf or reducer of this group, or JOBS_NO_GROUP */
    bool is_reducer;
    uint32_t after, after_count;   /* jobs this one waits for: a run of jobs.edges */
    uint32_t before, before_count; /* jobs that wait for this one: a run of jobs.edges */
    uint32_t line;                 /* in the file, from 1 */
    char digest[33];               /* of all that decides what comes out (command, environment,
                                      directory, and names and digests of those it comes after, so
                                      a change reaches all that is behind it): hexadecimal */
};

struct jobs {
    const struct job *items;
    uint32_t count;
    uint32_t group_count;
    const uint32_t *edges;
    char digest[33]; /* of all names and digests in their order */
};

struct jobs_presets {
    uint64_t memory;         /* for lines that give none */
    struct retry_rule retry; /* the same */
};

/*
 * path "-" is standard input; pipes will do. All that is wrong with the file is told at once: each
 * problem goes to complain with its line, at most JOBS_PROBLEMS_TOLD of them, and the error counts
 * them; a hint is a piece behind "Try:", or empty. ERROR_INPUT: not JSON, an unknown key (with the
 * one that was meant), a value of the wrong kind, a name twice, an after that nobody is called, a
 * circle (told whole up to 32 jobs: a -> b -> a, each waiting for the next). Names nobody is called
 * are not told while lines could not be read whose names they may be. ERROR_IO: it cannot be read.
 * ERROR_MEMORY: the account is too small. The table, the strings and one line at a time are held;
 * what the parser of JSON takes for a line is checked against the account before.
 */
typedef void jobs_complaint(void *context, uint32_t line, const char *what, const char *hint);
CHECKED enum error_code jobs_read(const char *path, const struct jobs_presets *presets,
                                  jobs_complaint *complain, void *context, struct mem_arena *arena,
                                  struct jobs *ret, struct error *error);

/* The same from bytes; for tests and fuzzing. */
CHECKED enum error_code jobs_parse(const char *bytes, size_t size,
                                   const struct jobs_presets *presets, jobs_complaint *complain,
                                   void *context, struct mem_arena *arena, struct jobs *ret,
                                   struct error *error);

struct jobs_line;
struct json_t;

/* The keys of a line, for parsing, help and documentation; ends with a NULL name. */
struct jobs_key {
    const char *name, *form, *meaning;
    enum error_code (*read)(struct jobs_line *line, const struct json_t *value,
                            struct error *error); /* see jobs_line.h */
};
extern const struct jobs_key jobs_keys[];
extern const struct jobs_key jobs_retry_keys[]; /* those of "retry_strategy" */

#endif
