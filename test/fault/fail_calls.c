/*
 * Every call fails once: allocations and calls of the system, one after the other, in whole
 * commands.
 *
 * usage: fail_calls [--every N]
 *
 * Makes a few small files in a folder of its own. For each command and each kind of call, the first
 * call fails, then in a new process the second, and so on until a run passes in which none was left
 * to fail. A run in which one failed ends with exit 1 and one line of error and leaves nothing
 * behind, or ends well with the same output as ever (what failed was not needed). No descriptor
 * stays open, and under LeakSanitizer no memory is lost. --every N tries each N-th call only. The
 * last line counts.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cli.h"
#include "fail/calls.h"
#include "mem/mem.h"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#endif

/* Exit statuses that weir does not have. */
enum { STATUS_LEAK = 70, STATUS_OPEN, STATUS_CLOSED };

#define CALLS_MOST 20000

static const char *const commands[][16] = {
    {"sum", "--by", "path,Date", "--agg", "sum:value,max:value,count:*", "--threads", "2", "-q",
     "--compression", "zstd", "-o", "out/r.parquet", "s"},
    {"sum", "--by", "path,Date", "--sum", "value", "--threads", "1", "-q", "-o", "out/r.parquet",
     "s"},
    {"sum", "--by", "path,Date", "--sum", "value", "--threads", "1", "--json", "-o",
     "out/r.parquet", "s"},
    {"sum", "--by", "path,Date", "--sum", "value", "--sort", "--threads", "1", "-q", "-o",
     "out/r.csv", "s"},
    {"sum", "--by", "path,Date", "--sum", "value", "--threads", "1", "-q", "-o", "out/r.arrow",
     "s"},
    /* Files that do not align: keys that repeat, ranges, numbers, bytes, one row for all. */
    {"sum", "--by", "Date", "--sum", "value", "--threads", "2", "-q", "-o", "out/r.parquet", "s"},
    {"sum", "--by", "path,Date", "--sum", "value", "--threads", "2", "-q", "-o", "out/r.parquet",
     "s", "more"},
    {"sum", "--by", "Date,path", "--agg", "mean:value", "--where", "path < 15", "--threads", "2",
     "-q", "-o", "out/r.parquet", "s", "more"},
    {"sum", "--by", "value", "--agg", "count:path", "--threads", "2", "-q", "-o", "out/r.parquet",
     "s", "more"},
    {"sum", "--sum", "value", "--threads", "1", "-q", "-o", "out/r.csv", "s", "more"},
    {"inspect", "s"},
    {"inspect", "--json", "s"},
    {"inspect", "--summary", "s/sim-00000.parquet"},
    {"inspect", "--summary", "--json", "s/sim-00000.parquet"},
    {"inspect", "--verify", "s/sim-00000.parquet"},
    {"inspect", "--pages", "s/sim-00000.parquet"},
    {"diff", "--by", "path,Date", "s/sim-00000.parquet", "copy.parquet"},
};

#define COMMAND_COUNT (sizeof commands / sizeof commands[0])

/* What a child tells its parent. */
struct report {
    uint64_t failed; /* calls that were made to fail */
};

struct checked {
    struct report *report;
    const char *expected; /* files with what a good run writes */
    uint64_t passed, bad;
};

static int count_descriptors(void)
{
    int count = 0;
    DIR *folder = opendir("/proc/self/fd");
    while (folder != NULL && readdir(folder) != NULL)
        count++;
    if (folder != NULL)
        closedir(folder);
    return count;
}

static int run_weir(const char *const *command)
{
    char *words[18] = {(char *)"weir"};
    int count = 1;
    for (; count < 17 && command[count - 1] != NULL; count++)
        words[count] = (char *)command[count - 1];
    mem_process_setup();
    return cli_main(count, words);
}

static _Noreturn void be_weir(const char *const *command, enum failing_call call, uint64_t number,
                              struct report *report)
{
    int before = count_descriptors();
    report->failed = 1; /* if the process ends on the spot */
    calls_fail(call, number);
    int status = run_weir(command);
    report->failed = calls_failed();
    calls_fail(CALL_NONE, 0);
    fflush(NULL);
    int after = count_descriptors();
    if (after != before)
        status = after > before ? STATUS_OPEN : STATUS_CLOSED;
#ifdef __SANITIZE_ADDRESS__
    if (__lsan_do_recoverable_leak_check())
        status = STATUS_LEAK;
#endif
    _exit(status);
}

static void redirect(const char *path, int to)
{
    int descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    dup2(descriptor, to);
    close(descriptor);
}

/* Standard output and error go to the files "shown" and "said". */
static int run_failing(const char *const *command, enum failing_call call, uint64_t number,
                       struct report *report)
{
    int status = -1;
    report->failed = 0;
    fflush(NULL); /* else the child would write it again */
    pid_t child = fork();
    if (child == 0) {
        redirect("shown", STDOUT_FILENO);
        redirect("said", STDERR_FILENO);
        alarm(60);
        be_weir(command, call, number, report);
    }
    while (child > 0 && waitpid(child, &status, 0) < 0)
        continue;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static size_t read_file(const char *path, char *text, size_t size)
{
    FILE *stream = fopen(path, "rb");
    size_t got = stream != NULL ? fread(text, 1, size - 1, stream) : 0;
    if (stream != NULL)
        fclose(stream);
    text[got] = '\0';
    return got;
}

/* Whether a folder has nothing but one name, or nothing at all for NULL. */
static bool has_only(const char *path, const char *name)
{
    bool good = true, found = name == NULL;
    DIR *folder = opendir(path);
    for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL;) {
        if (name != NULL && strcmp(entry->d_name, name) == 0)
            found = true;
        else if (entry->d_name[0] != '.' || strlen(entry->d_name) > 2)
            good = false;
    }
    if (folder != NULL)
        closedir(folder);
    return good && found;
}

static const char *output_of(const char *const *command)
{
    for (; *command != NULL; command++)
        if (strncmp(*command, "out/", 4) == 0)
            return *command;
    return NULL;
}

#define OUTPUT_MOST ((size_t)1 << 20)

/* Output of a good run: what it wrote, else what it showed. */
static void read_output(const char *const *command, char *text)
{
    const char *output = output_of(command);
    text[read_file(output != NULL ? output : "shown", text, OUTPUT_MOST)] = '\0';
}

static bool asks_for_json(const char *const *command)
{
    for (; *command != NULL; command++)
        if (strcmp(*command, "--json") == 0)
            return true;
    return false;
}

/* A report that fails comes after the output, which then stands there whole. */
static bool is_published(const char *const *command, const char *name, const char *expected)
{
    static char output[OUTPUT_MOST];
    if (name == NULL || !asks_for_json(command) || !has_only("out", name))
        return false;
    read_output(command, output);
    return strcmp(output, expected) == 0;
}

/* What is wrong with a run, or NULL. */
static const char *judge(const char *const *command, int status, char *said, const char *expected)
{
    static char output[OUTPUT_MOST];
    const char *name = output_of(command);
    size_t size = read_file("said", said, 4096);
    if (status == STATUS_LEAK)
        return "memory is lost";
    if (status == STATUS_OPEN)
        return "a descriptor stays open";
    if (status == STATUS_CLOSED)
        return "a descriptor was closed that is not weir's";
    if (status != 0 && status != 1)
        return "neither success nor failure";
    name = name != NULL ? name + 4 : NULL;
    if (!has_only("tmp", NULL) ||
        !(has_only("out", status == 0 ? name : NULL) || is_published(command, name, expected)))
        return "something is left behind";
    if (status == 1)
        return strncmp(said, "weir: ", 6) == 0 && strchr(said, '\n') == said + size - 1
                   ? NULL
                   : "not one line of error";
    read_output(command, output);
    return strcmp(output, expected) == 0 ? NULL : "another result";
}

static void clear_output(const char *const *command)
{
    const char *output = output_of(command);
    if (output != NULL)
        unlink(output);
}

static void tell(const char *const *command, enum failing_call call, uint64_t number, int status,
                 const char *problem, const char *said)
{
    printf("%s, exit %d: %s number %" PRIu64 " fails in: weir", problem, status, calls_name(call),
           number);
    for (; *command != NULL; command++)
        printf(" %s", *command);
    printf("\n    %s\n", said);
}

/* Until one run passes in which nothing failed. */
static void fail_each(struct checked *checked, const char *const *command, enum failing_call call,
                      uint64_t every)
{
    static char said[4096];
    for (uint64_t number = 1; number < CALLS_MOST; number += every) {
        int status = run_failing(command, call, number, checked->report);
        const char *problem = judge(command, status, said, checked->expected);
        if (problem == NULL && checked->report->failed == 0 && status != 0)
            problem = "nothing failed, and yet";
        checked->passed += problem == NULL;
        checked->bad += problem != NULL;
        if (problem != NULL)
            tell(command, call, number, status, problem, said);
        clear_output(command);
        if (checked->report->failed == 0)
            return;
    }
}

static bool make_files(struct report *report)
{
    static const char *const synth[] = {"synth", "s",       "--files", "3",  "--paths",
                                        "20",    "--dates", "5",       "-q", NULL};
    static const char *const more[] = {"synth", "more",    "--files", "1",  "--paths",
                                       "25",    "--dates", "4",       "-q", NULL};
    char cache[PATH_MAX];
    return mkdir("out", 0700) == 0 && mkdir("tmp", 0700) == 0 && setenv("TMPDIR", "tmp", 1) == 0 &&
           getcwd(cache, sizeof cache) != NULL && setenv("XDG_CACHE_HOME", cache, 1) == 0 &&
           run_failing(synth, CALL_NONE, 0, report) == 0 &&
           run_failing(more, CALL_NONE, 0, report) == 0 &&
           link("s/sim-00000.parquet", "copy.parquet") == 0;
}

static bool check_command(struct checked *checked, const char *const *command, uint64_t every)
{
    static char expected[OUTPUT_MOST];
    if (run_failing(command, CALL_NONE, 0, checked->report) != 0) {
        tell(command, CALL_NONE, 0, 1, "does not pass at all", "");
        return false;
    }
    read_output(command, expected);
    clear_output(command);
    checked->expected = expected;
    for (enum failing_call call = CALL_NONE + 1; call < CALL_COUNT; call++)
        fail_each(checked, command, call, every);
    return true;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status, (void)kind, (void)place;
    return remove(path);
}

static void remove_folder(const char *path)
{
    if (chdir("/") != 0 || nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0)
        fprintf(stderr, "fail_calls: %s stays\n", path);
}

int main(int argc, char **argv)
{
    char folder[] = "/tmp/weir-fail-XXXXXX";
    uint64_t every = argc == 3 && strcmp(argv[1], "--every") == 0 ? strtoull(argv[2], NULL, 10) : 1;
    struct checked checked = {.report = mmap(NULL, sizeof(struct report), PROT_READ | PROT_WRITE,
                                             MAP_SHARED | MAP_ANONYMOUS, -1, 0)};
    if (every == 0 || checked.report == MAP_FAILED || mkdtemp(folder) == NULL || chdir(folder) != 0)
        return 2;
    bool good = make_files(checked.report);
    for (size_t i = 0; i < COMMAND_COUNT && good; i++)
        good = check_command(&checked, commands[i], every);
    remove_folder(folder);
    printf("%" PRIu64 " passed, %" PRIu64 " failed\n", checked.passed, checked.bad + !good);
    return good && checked.bad == 0 ? 0 : 1;
}
