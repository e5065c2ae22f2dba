/* A batch of four jobs, and text gathered from a stream. */
#ifndef WEIR_TEST_CLI_BATCH_FIXTURE_H
#define WEIR_TEST_CLI_BATCH_FIXTURE_H

#include "cli/batch_scene.h"
#include "fixture.h"

#define MIB    UINT64_C(1048576)
#define SECOND UINT64_C(1000000000)

static const char *const batch_words[] = {"python", "load.py", NULL};

static const struct job batch_jobs[] = {
    {.name = "load-1",
     .arguments = batch_words,
     .memory = 512 * MIB,
     .milli_cpus = 1000,
     .line = 1},
    {.name = "load-2",
     .arguments = batch_words,
     .memory = 1024 * MIB,
     .memory_is_preset = true,
     .milli_cpus = 500,
     .line = 2},
    {.name = "sum up",
     .arguments = batch_words,
     .memory = 2048 * MIB,
     .milli_cpus = 4000,
     .after_count = 2,
     .line = 4},
    {.name = "\303\244\303\266\303\274\033[1m",
     .arguments = batch_words,
     .memory = 64 * MIB,
     .milli_cpus = 1000,
     .line = 5},
};
static const struct jobs batch_table = {.items = batch_jobs, .count = 4};

static inline struct batch_scene batch_scene(void)
{
    return (struct batch_scene){
        .jobs = &batch_table,
        .path = "jobs.jsonl",
        .folder = BATCH_FOLDER,
        .run = 7,
        .pool = {.memory = 4096 * MIB, .milli_cpus = 4000},
        .utf8 = true,
    };
}

/* Compares what a piece of code wrote to stream with a text. */
#define assert_writes(CODE, EXPECTED)                                                              \
    do {                                                                                           \
        char *written_ = NULL;                                                                     \
        size_t written_size_ = 0;                                                                  \
        FILE *stream = text_stream(&written_, &written_size_);                                     \
        CODE;                                                                                      \
        fclose(stream);                                                                            \
        assert_string_equal(written_, EXPECTED);                                                   \
        free(written_);                                                                            \
    } while (0)

#endif
