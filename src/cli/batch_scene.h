/*
 * What every telling of a batch needs to know besides the event itself: whose jobs, which run,
 * where it is kept; and the small texts that all of them share.
 */
#ifndef WEIR_CLI_BATCH_SCENE_H
#define WEIR_CLI_BATCH_SCENE_H

#include <stdio.h>

#include "batch/batch.h"
#include "explain/explain.h"

#define BATCH_FOLDER "weir-out" /* where nothing else is said */

/* Everything is borrowed. */
struct batch_scene {
    const struct jobs *jobs;
    const char *path;   /* of the jobs, as the command line has it */
    const char *folder; /* as the command line has it */
    int64_t run;
    struct admission_pool pool;
    uint64_t memory_said; /* --memory, 0: not given */
    double cpus_said;     /* --cpus, the same */
    int stopped_by;       /* signal that weir got, 0: none */
    bool utf8, colour;    /* of standard error */
};

/* What the report of an attempt that ended tells besides its end. */
struct explain_facts batch_facts(const struct batch_scene *scene, const struct batch_event *event);

/* "1.5", "4": processors. Returns buffer, as all functions here that take one. */
char *batch_cpus(uint64_t milli_cpus, char buffer[static 32]);

/* "2 wait for memory: the oldest needs 1.2 GiB, 900 MiB are free"; empty where nothing does. */
char *batch_wait_text(const struct batch_view *view, char *buffer, size_t size);

/* A word as a shell reads it; control characters are escaped, as it goes to a terminal. */
void batch_put_word(FILE *stream, const char *word);
/* "weir logs 7 load-3", "weir report 7", "weir exec --batch jobs.jsonl --resume 7": each with the
 * options that find the same folder and pool again. */
void batch_put_logs_command(FILE *stream, const struct batch_scene *scene, const struct job *job);
void batch_put_report_command(FILE *stream, const struct batch_scene *scene);
void batch_put_resume_command(FILE *stream, const struct batch_scene *scene);

#endif
