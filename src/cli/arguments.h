/*
 * What the options of each command say, as the parser leaves it. Defaults come from the table.
 */
#ifndef WEIR_CLI_ARGUMENTS_H
#define WEIR_CLI_ARGUMENTS_H

#include "cli/command.h"

struct sum_arguments {
    struct cli_list by;         /* key columns */
    struct cli_list sums;       /* columns of --sum */
    struct cli_list aggregates; /* items of --agg */
    const char *output;         /* NULL: a table */
    const char *format;         /* NULL: from the output's name */
    const char *compression;    /* "zstd:7"; NULL: not said */
    struct cli_list renames;    /* "old=new" */
    const char *where;          /* NULL: all rows */
    const char *standard_input; /* "arrow"; NULL: rows come from files */
    const char *temp, *cache;   /* NULL: the usual folders */
    const char *progress;
    uint64_t memory;
    uint64_t threads;
    uint64_t rows;
    bool overwrite, sort, dry_run, explain, json, quiet, no_cache, verify_keys;
};

struct inspect_arguments {
    bool summary;
    bool verify;
    bool pages;
    bool raw;
    uint64_t memory;
    bool json;
};

struct diff_arguments {
    struct cli_list by;
    double tolerance;
    uint64_t rows;
    uint64_t memory;
    bool json;
};

struct synth_arguments {
    uint64_t files, paths, dates, seed;
    const char *layout;
    const char *progress;
    bool overwrite, quiet;
};

struct exec_arguments {
    uint64_t memory;             /* bytes; 0: only watched */
    double cpus;                 /* 0: no quota */
    uint64_t timeout_ns;         /* 0: none */
    uint64_t grace_ns;           /* between SIGTERM and SIGKILL */
    uint64_t processes;          /* 0: no limit */
    struct cli_list environment; /* names passed on besides the usual ones */
    const char *progress;
    const char *samples; /* file for the memory over time; NULL: none */
    const char *report;  /* file for the JSON document; NULL: none */
    bool environment_all, pid_namespace, quiet, json;

    const char *batch;   /* file of jobs; NULL: one command, and nothing below is used */
    const char *output;  /* folder for all that is kept; NULL: the usual one */
    const char *resume;  /* number of a run, or "last" */
    uint64_t jobs;       /* attempts at once; 0: as many as fit */
    uint64_t job_memory; /* bytes for lines that give none; 0: the usual figure */
    uint64_t attempts;   /* the same of attempts */
    uint64_t wait_ns;    /* for another run that holds the ledger */
    uint64_t log_size;   /* bytes kept of each output; 0: the usual figure */
    bool fail_fast, dry_run;
};

struct runs_arguments {
    const char *output_dir;
    uint64_t limit; /* 0: all */
    bool json;
};

struct logs_arguments {
    const char *output_dir;
    uint64_t attempt; /* 0: the last */
    bool output, errors, memory, follow, json;
};

struct report_arguments {
    const char *output_dir;
    const char *sort;
    uint64_t limit; /* 0: all */
    bool json;
};

struct doctor_arguments {
    bool json;
};

struct no_arguments {
    bool unused;
};

#endif
