/*
 * Runs the whole program on one file in a process of its own, and judges how it ended.
 */
#ifndef WEIR_MUTATE_RUN_H
#define WEIR_MUTATE_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum verdict {
    VERDICT_OK,          /* exit 0, nothing on standard error */
    VERDICT_CLEAN_ERROR, /* exit 1 or 2 and one line that tells */
    VERDICT_CRASH,       /* a signal, or a sanitizer's exit */
    VERDICT_HANG,        /* more than RUN_CPU_SECONDS, or RUN_SECONDS by the clock */
    VERDICT_OVER_MEMORY, /* more than RUN_RESIDENT resident */
    VERDICT_UNCLEAN,     /* another status, or another number of lines */
    VERDICT_COUNT
};

#define RUN_CPU_SECONDS 10
#define RUN_SECONDS     30
#define RUN_ADDRESSES   ((size_t)2 << 30)
#define RUN_RESIDENT    ((size_t)512 << 20)
#define RUN_FILE        ((size_t)256 << 20)

const char *verdict_name(enum verdict verdict);

/* One worker's files in memory: what a command reads, and what it says. */
struct runner {
    int input, said;
    char input_path[32];
};

struct outcome {
    enum verdict verdict;
    int status; /* as wait gives it */
    size_t resident;
    char line[1024]; /* the beginning of standard error */
};

bool runner_open(struct runner *runner);
void runner_close(struct runner *runner);

/* Replaces what stands under runner->input_path. */
bool runner_put(struct runner *runner, const uint8_t *bytes, size_t size);

/* arguments ends with NULL; [0] is the program's name. Standard output is dropped. */
struct outcome runner_run(struct runner *runner, char **arguments);

#endif
