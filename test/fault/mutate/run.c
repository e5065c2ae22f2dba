#include "mutate/run.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/cli.h"
#include "mem/mem.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
/* An exit status that weir does not have. */
#define STATUS_LEAK 70
#endif

const char *verdict_name(enum verdict verdict)
{
    static const char *const names[] = {"ok",   "clean_error", "crash",
                                        "hang", "over_memory", "unclean"};
    return names[verdict];
}

bool runner_open(struct runner *runner)
{
    runner->input = memfd_create("mutant", 0);
    runner->said = memfd_create("said", 0);
    snprintf(runner->input_path, sizeof runner->input_path, "/proc/self/fd/%d", runner->input);
    return runner->input >= 0 && runner->said >= 0;
}

void runner_close(struct runner *runner)
{
    close(runner->input);
    close(runner->said);
}

bool runner_put(struct runner *runner, const uint8_t *bytes, size_t size)
{
    return ftruncate(runner->input, 0) == 0 &&
           pwrite(runner->input, bytes, size, 0) == (ssize_t)size;
}

static void limit(__rlimit_resource_t resource, size_t most)
{
    struct rlimit limits = {most, most};
    setrlimit(resource, &limits);
}

static void set_limits(void)
{
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_CPU, RUN_CPU_SECONDS);
    limit(RLIMIT_FSIZE, RUN_FILE);
    /* A sanitizer's shadow is larger than any limit. */
    if (!SANITIZED)
        limit(RLIMIT_AS, RUN_ADDRESSES);
    alarm(RUN_SECONDS);
}

static _Noreturn void be_weir(const struct runner *runner, char **arguments)
{
    int count = 0, nothing = open("/dev/null", O_RDWR);
    dup2(nothing, STDIN_FILENO);
    dup2(nothing, STDOUT_FILENO);
    dup2(runner->said, STDERR_FILENO);
    set_limits();
    while (arguments[count] != NULL)
        count++;
    mem_process_setup();
    int status = cli_main(count, arguments);
    fflush(NULL);
#ifdef __SANITIZE_ADDRESS__
    if (__lsan_do_recoverable_leak_check())
        status = STATUS_LEAK;
#endif
    _exit(status);
}

/* Whether all that was said is one line that tells. */
static bool is_one_line(const char *said, size_t size)
{
    const char *end = memchr(said, '\n', size);
    return size > 6 && memcmp(said, "weir: ", 6) == 0 && end == said + size - 1;
}

static enum verdict judge(int status, size_t resident, const char *said, size_t size)
{
    if (WIFSIGNALED(status)) {
        int number = WTERMSIG(status);
        bool late = number == SIGXCPU || number == SIGALRM || number == SIGKILL;
        return late ? VERDICT_HANG : VERDICT_CRASH;
    }
    if (resident > RUN_RESIDENT && !SANITIZED)
        return VERDICT_OVER_MEMORY;
    if (WEXITSTATUS(status) == 0)
        return size == 0 ? VERDICT_OK : VERDICT_UNCLEAN;
    if (WEXITSTATUS(status) > 2)
        return SANITIZED ? VERDICT_CRASH : VERDICT_UNCLEAN;
    return is_one_line(said, size) ? VERDICT_CLEAN_ERROR : VERDICT_UNCLEAN;
}

struct outcome runner_run(struct runner *runner, char **arguments)
{
    struct outcome outcome = {0};
    struct rusage usage;
    if (ftruncate(runner->said, 0) != 0 || lseek(runner->said, 0, SEEK_SET) != 0)
        return outcome;
    pid_t child = fork();
    if (child == 0)
        be_weir(runner, arguments);
    while (child > 0 && wait4(child, &outcome.status, 0, &usage) < 0)
        continue;
    ssize_t size = pread(runner->said, outcome.line, sizeof outcome.line - 1, 0);
    outcome.resident = (size_t)usage.ru_maxrss << 10;
    outcome.verdict =
        judge(outcome.status, outcome.resident, outcome.line, size > 0 ? (size_t)size : 0);
    return outcome;
}
