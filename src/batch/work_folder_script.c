#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "batch/work_folder.h"
#include "explain/explain.h"
#include "term/text.h"

#define SECOND_NS UINT64_C(1000000000)
#define MEBIBYTE  ((uint64_t)1 << 20)

/* What is gathered, and the first failure. */
struct script {
    struct mem_buffer text;
    struct error *error;
    enum error_code code;
};

static void put_bytes(struct script *script, const char *bytes, size_t size)
{
    if (script->code == ERROR_NONE)
        script->code = mem_buffer_append(&script->text, bytes, size, script->error);
}

static void put(struct script *script, const char *text)
{
    put_bytes(script, text, strlen(text));
}

/* Within '...' the shell takes every byte as it is, but for the quote itself. */
static void put_word(struct script *script, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_-./:=@%+,";
    size_t size = strlen(word);
    if (size > 0 && strspn(word, plain) == size) {
        put_bytes(script, word, size);
        return;
    }
    put(script, "'");
    for (;;) {
        size = strcspn(word, "'");
        put_bytes(script, word, size);
        word += size;
        if (*word == '\0')
            break;
        put(script, "'\\''");
        word++;
    }
    put(script, "'");
}

static void put_words(struct script *script, const char *const *words)
{
    for (; *words != NULL; words++) {
        put(script, " ");
        put_word(script, *words);
    }
}

/* ---- where ---- */

/* A job's folder stands relative to where weir was started, which the script must name then. */
static void put_directory(struct script *script, const char *directory)
{
    char current[PATH_MAX] = "", path[2 * PATH_MAX];
    bool is_whole = directory != NULL && directory[0] == '/';
    if (!is_whole && getcwd(current, sizeof current) == NULL)
        current[0] = '\0';
    bool joined = !is_whole && directory != NULL && current[0] != '\0';
    int size = snprintf(path, sizeof path, "%s%s%s", current, joined ? "/" : "",
                        directory == NULL ? "" : directory);
    if (size <= 0 || size >= (int)sizeof path)
        return;
    put(script, "cd -- ");
    put_word(script, path);
    put(script, " || exit 125\n");
}

/* weir by its own path while it is there, which an update of it may change, else by PATH. */
static void put_program(struct script *script)
{
    char path[PATH_MAX];
    ssize_t size = readlink("/proc/self/exe", path, sizeof path - 1);
    path[size > 0 ? size : 0] = '\0';
    put(script, "weir=");
    put_word(script, size > 0 && access(path, X_OK) == 0 ? path : "weir");
    put(script, "\n[ -x \"$weir\" ] || weir=weir\n");
}

/* ---- how ---- */

static void put_memory(struct script *script, uint64_t memory)
{
    char size[32];
    if (memory == 0)
        return;
    if (memory % MEBIBYTE == 0)
        explain_size_option(memory, size, sizeof size);
    else
        snprintf(size, sizeof size, "%" PRIu64, memory);
    put(script, " --memory ");
    put(script, size);
}

/* "1.5" of 1500 thousandths. */
static void put_decimal(struct script *script, const char *option, uint64_t whole,
                        uint64_t fraction, int digits, const char *unit)
{
    char number[64];
    int size = snprintf(number, sizeof number, "%" PRIu64 ".%0*" PRIu64, whole, digits, fraction);
    while (number[size - 1] == '0')
        size--;
    size -= number[size - 1] == '.';
    put(script, option);
    put_bytes(script, number, (size_t)size);
    put(script, unit);
}

static void put_limits(struct script *script, const struct work_folder_script *request)
{
    const struct job *job = request->job;
    char processes[48];
    put_memory(script, request->memory);
    if (job->milli_cpus > 0)
        put_decimal(script, " --cpus ", job->milli_cpus / 1000, job->milli_cpus % 1000, 3, "");
    if (job->timeout_ns > 0)
        put_decimal(script, " --timeout ", job->timeout_ns / SECOND_NS, job->timeout_ns % SECOND_NS,
                    9, "s");
    if (request->grace_ns > 0)
        put_decimal(script, " --grace ", request->grace_ns / SECOND_NS,
                    request->grace_ns % SECOND_NS, 9, "s");
    snprintf(processes, sizeof processes, " --processes %" PRIu32, job->processes);
    if (job->processes > 0)
        put(script, processes);
}

/* ---- what it gets ---- */

/* Names stand in lists on weir's command line, where a backslash takes a comma's meaning away. */
static enum error_code put_name(struct script *script, const char *name, struct mem_buffer *word)
{
    word->size = 0;
    TRY(mem_buffer_append(word, "--env=", 6, script->error));
    for (; *name != '\0'; name++) {
        if (strchr(",:=\\", *name) != NULL)
            TRY(mem_buffer_append(word, "\\", 1, script->error));
        TRY(mem_buffer_append(word, name, 1, script->error));
    }
    TRY(mem_buffer_append(word, "", 1, script->error));
    put(script, " ");
    put_word(script, (const char *)word->data);
    return script->code;
}

static void put_passed(struct script *script, const struct work_folder_script *request)
{
    struct mem_buffer word;
    if (request->environment_all)
        put(script, " --env-all");
    if (request->pid_namespace)
        put(script, " --pid-namespace");
    mem_buffer_init(&word, script->text.account, MEM_NO_LIMIT);
    for (size_t i = 0; i < request->pass_count && script->code == ERROR_NONE; i++)
        script->code = put_name(script, request->pass[i], &word);
    mem_buffer_release(&word);
}

/* env(1) sets any name, and takes a first word with '=' for one more: a shell in between does not.
 */
static void put_command(struct script *script, const struct job *job)
{
    bool has_entries = job->environment != NULL && job->environment[0] != NULL;
    put(script, " --");
    if (has_entries) {
        put(script, " env --");
        put_words(script, job->environment);
        if (strchr(job->arguments[0], '=') != NULL)
            put(script, " sh -c 'exec \"$0\" \"$@\"'");
    }
    put_words(script, job->arguments);
}

static void put_script(struct script *script, const struct work_folder_script *request)
{
    char name[JOBS_NAME_MOST * 4 + 1];
    put(script, "#!/bin/sh\n# Runs this attempt of the job ");
    put(script, text_escape(request->job->name, name, sizeof name));
    put(script, " again, alone, with what it was granted.\n");
    put_directory(script, request->job->directory);
    put_program(script);
    put(script, "exec \"$weir\" exec");
    put_limits(script, request);
    put_passed(script, request);
    put_command(script, request->job);
    put(script, " </dev/null\n");
}

enum error_code work_folder_write_script(const struct kept_folder *folder,
                                         const struct work_folder_script *request,
                                         struct mem_account *account, struct error *error)
{
    struct script script = {.error = error};
    mem_buffer_init(&script.text, account, MEM_NO_LIMIT);
    put_script(&script, request);
    enum error_code code = script.code;
    if (code == ERROR_NONE)
        code = work_folder_write(folder, "run.sh", 0700, /* the job's line may hold secrets */
                                 script.text.data, script.text.size, error);
    mem_buffer_release(&script.text);
    return code;
}
