/*
 * Mass mutants: damaged files through the whole program, each in a process of its own.
 *
 * usage: mutate_files [--count N] [--seconds S] [--seed N] [--jobs N] [--first N] [--keep FOLDER]
 * FILE...
 *
 * FILEs (or folders of *.parquet) are good files. Mutant number i of a seed is always the same: it
 * takes file i mod F, and the commands in turn. --first starts at another number, so that one
 * mutant can be run again. Whatever ends otherwise than well or with one line of error is kept, and
 * tells how to repeat it. The last line says how many there were of each kind; the exit status is 1
 * if any was bad.
 */
#include <dirent.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "mutate/mutant.h"
#include "mutate/run.h"

#define FILES_MOST 2048
#define FILE_MOST  ((size_t)256 << 10)
#define JOBS_MOST  64

struct options {
    uint64_t count, seed, first, seconds, jobs, lines;
    const char *keep;
};

/* Shared by all workers. */
struct tally {
    atomic_uint_fast64_t counts[VERDICT_COUNT];
    atomic_uint_fast64_t most_resident;
};

struct run_context {
    struct options options;
    struct mutant_maker maker;
    struct runner runner;
    struct tally *tally;
    double deadline;
};

/* {} is the mutant, {original} its original, {by} and {value} columns of it. */
static const char *const commands[][16] = {
    {"inspect", "{}"},
    {"inspect", "--verify", "--memory", "256MiB", "{}"},
    {"inspect", "--summary", "--memory", "256MiB", "{}"},
    {"inspect", "--pages", "--memory", "256MiB", "{}"},
    {"sum", "--by", "{by}", "--agg", "sum:{value},max:{value},count:*", "--memory", "256MiB",
     "--threads", "1", "-q", "{}"},
    {"sum", "--by", "{by}", "--sum", "{value}", "--memory", "256MiB", "--threads", "1", "-q",
     "{original}", "{}"},
    {"inspect", "--verify", "--json", "--memory", "256MiB", "{}"},
    {"sum", "--by", "{by}", "--sum", "{value}", "--memory", "256MiB", "--threads", "1", "-q",
     "--sort", "-o", "-", "--format", "csv", "{}"},
};

#define COMMAND_COUNT (sizeof commands / sizeof commands[0])

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static const char *fill_in(struct pool *pool, const char *word, const struct original *original,
                           const char *mutant)
{
    if (strcmp(word, "{}") == 0)
        return mutant;
    if (strcmp(word, "{original}") == 0)
        return original->path;
    if (strcmp(word, "{by}") == 0)
        return original->by;
    if (strstr(word, "{value}") == NULL)
        return word;
    char *text = pool_take(pool, 512);
    size_t used = 0;
    for (const char *at = word; *at != '\0' && used < 300;) {
        bool here = strncmp(at, "{value}", 7) == 0;
        used += (size_t)snprintf(text + used, 512 - used, "%.*s", here ? ORIGINAL_NAME : 1,
                                 here ? original->value : at);
        at += here ? 7 : 1;
    }
    return text;
}

/* The words of a command; shell: as they are shown, else as they are run. */
static void build_command(struct run_context *run, const char *const *command,
                          const struct original *original, const char *mutant, char *words[18])
{
    int count = 0;
    words[count++] = (char *)"weir";
    for (int i = 0; i < 16 && command[i] != NULL; i++)
        words[count++] = (char *)fill_in(&run->maker.pool, command[i], original, mutant);
    words[count] = NULL;
}

static void keep(const struct run_context *run, uint64_t number, const struct bytes *mutant,
                 enum verdict verdict)
{
    char path[4096];
    if (run->options.keep == NULL)
        return;
    snprintf(path, sizeof path, "%s/%s-%" PRIu64 "-%" PRIu64 ".parquet", run->options.keep,
             verdict_name(verdict), run->options.seed, number);
    FILE *stream = fopen(path, "wb");
    if (stream == NULL)
        return;
    fwrite(mutant->data, 1, mutant->size, stream);
    fclose(stream);
}

static void tell(const struct run_context *run, uint64_t number, const struct outcome *outcome,
                 const struct original *original, char *const *words)
{
    char text[4096];
    size_t used =
        (size_t)snprintf(text, sizeof text,
                         "%s: status 0x%x, %zu KiB resident: --seed %" PRIu64 " --first %" PRIu64
                         " --count 1 of %s:",
                         verdict_name(outcome->verdict), (unsigned)outcome->status,
                         outcome->resident >> 10, run->options.seed, number, original->path);
    for (; *words != NULL && used < sizeof text; words++)
        used += (size_t)snprintf(text + used, sizeof text - used, " %s", *words);
    printf("%s\n    %s\n", text, outcome->line);
    fflush(stdout);
}

static void raise_most(atomic_uint_fast64_t *most, uint64_t value)
{
    uint64_t seen = atomic_load(most);
    while (value > seen && !atomic_compare_exchange_weak(most, &seen, value))
        continue;
}

/* Files without columns to sum are verified instead. */
static const char *const *choose_command(const struct original *original, uint64_t number)
{
    const char *const *command = commands[number % COMMAND_COUNT];
    bool summable = original->by[0] != '\0' && original->value[0] != '\0';
    return !summable && strcmp(command[0], "sum") == 0 ? commands[1] : command;
}

static void try_mutant(struct run_context *run, uint64_t number)
{
    char *words[18];
    size_t count = run->maker.original_count, index = (size_t)(number % count);
    const struct original *original = &run->maker.originals[index];
    const char *const *command = choose_command(original, number / count);
    struct bytes mutant =
        mutant_make(&run->maker, index, run->options.seed * UINT64_C(0x9e3779b9) + number);
    if (!runner_put(&run->runner, mutant.data, mutant.size))
        exit(2);
    build_command(run, command, original, run->runner.input_path, words);
    struct outcome outcome = runner_run(&run->runner, words);
    atomic_fetch_add(&run->tally->counts[outcome.verdict], 1);
    raise_most(&run->tally->most_resident, outcome.resident);
    if (run->options.lines != 0 && outcome.verdict == VERDICT_CLEAN_ERROR)
        printf("%s %s", words[1], outcome.line);
    if (outcome.verdict > VERDICT_CLEAN_ERROR) {
        keep(run, number, &mutant, outcome.verdict);
        tell(run, number, &outcome, original, words);
    }
}

static void work(struct run_context *run, uint64_t job)
{
    const struct options *options = &run->options;
    if (!runner_open(&run->runner))
        exit(2);
    for (uint64_t i = job; i < options->count && now() < run->deadline; i += options->jobs)
        try_mutant(run, options->first + i);
    runner_close(&run->runner);
}

/* Each worker is a process, so that a child is forked from a small one with one thread. */
static bool run_workers(struct run_context *run)
{
    bool good = true;
    int status;
    fflush(stdout);
    for (uint64_t job = 0; job < run->options.jobs; job++) {
        pid_t child = fork();
        if (child == 0) {
            work(run, job);
            exit(0);
        }
        good = good && child > 0;
    }
    while (wait(&status) > 0)
        good = good && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    return good;
}

static void add_file(struct run_context *run, struct original *originals, const char *path)
{
    size_t count = run->maker.original_count;
    if (count < FILES_MOST && original_load(&originals[count], path, FILE_MOST, &run->maker.pool))
        run->maker.original_count++;
}

static int is_parquet(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);
    return length > 8 && strcmp(entry->d_name + length - 8, ".parquet") == 0;
}

/* In the order of their names, on which the numbers of mutants depend. */
static void add_folder(struct run_context *run, struct original *originals, const char *path)
{
    struct dirent **entries;
    int count = scandir(path, &entries, is_parquet, alphasort);
    for (int i = 0; i < count; i++) {
        size_t size = strlen(path) + strlen(entries[i]->d_name) + 2;
        char *name = malloc(size);
        snprintf(name, size, "%s/%s", path, entries[i]->d_name);
        add_file(run, originals, name);
        free(name);
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
}

static bool read_option(struct options *options, const char *name, const char *value)
{
    struct {
        const char *name;
        uint64_t *value;
    } numbers[] = {{"--count", &options->count}, {"--seed", &options->seed},
                   {"--first", &options->first}, {"--seconds", &options->seconds},
                   {"--jobs", &options->jobs},   {"--lines", &options->lines}};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        if (strcmp(name, numbers[i].name) == 0) {
            *numbers[i].value = strtoull(value, NULL, 10);
            return true;
        }
    }
    if (strcmp(name, "--keep") != 0)
        return false;
    options->keep = value;
    return true;
}

static void read_arguments(struct run_context *run, struct original *originals, int argc,
                           char **argv)
{
    for (int i = 1; i < argc; i++) {
        struct stat status;
        if (i + 1 < argc && read_option(&run->options, argv[i], argv[i + 1]))
            i++;
        else if (stat(argv[i], &status) == 0 && S_ISDIR(status.st_mode))
            add_folder(run, originals, argv[i]);
        else
            add_file(run, originals, argv[i]);
    }
    run->maker.originals = originals;
    if (run->options.jobs < 1 || run->options.jobs > JOBS_MOST)
        run->options.jobs = 1;
}

/* The last line. Returns how many were bad. */
static uint64_t report(const struct run_context *run, double seconds)
{
    uint64_t all = 0, bad = 0;
    for (int i = 0; i < VERDICT_COUNT; i++) {
        uint64_t count = atomic_load(&run->tally->counts[i]);
        all += count;
        bad += i > VERDICT_CLEAN_ERROR ? count : 0;
    }
    printf("%" PRIu64 " mutants of %zu files in %.1f s (%.0f a second), most resident %" PRIu64
           " MiB:",
           all, run->maker.original_count, seconds, (double)all / seconds,
           (uint64_t)atomic_load(&run->tally->most_resident) >> 20);
    for (int i = 0; i < VERDICT_COUNT; i++)
        printf(" %s %" PRIu64, verdict_name((enum verdict)i),
               (uint64_t)atomic_load(&run->tally->counts[i]));
    printf("\n");
    return bad;
}

static void release(struct run_context *run, struct original *originals)
{
    for (size_t i = 0; i < run->maker.original_count; i++)
        original_release(&originals[i]);
    free(originals);
    mutant_maker_release(&run->maker);
}

int main(int argc, char **argv)
{
    struct run_context run = {
        .options = {.count = 10000, .seed = 1, .seconds = 1u << 30, .jobs = 2}};
    struct original *originals = calloc(FILES_MOST, sizeof *originals);
    double begin = now();
    mutant_maker_init(&run.maker);
    read_arguments(&run, originals, argc, argv);
    run.tally =
        mmap(NULL, sizeof *run.tally, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (run.maker.original_count == 0 || run.tally == MAP_FAILED) {
        fputs("mutate_files: no file to damage\n", stderr);
        return 2;
    }
    run.deadline = begin + (double)run.options.seconds;
    bool finished = run_workers(&run);
    uint64_t bad = report(&run, now() - begin);
    release(&run, originals);
    return bad == 0 && finished ? 0 : 1;
}
