#include "batch/attempt.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "batch/told_command.h"
#include "cell/variables.h"
#include "document/document.h"

#define TABLE_MOST  ((uint64_t)1 << 20) /* of memory.tsv: samples thin out, so years fit in */
#define MILLISECOND UINT64_C(1000000)

enum log { LOG_OUTPUT, LOG_ERRORS, LOG_SAMPLES, LOG_COUNT };
static const char *const LOG_NAMES[] = {"stdout.log", "stderr.log", "memory.tsv"};

struct attempt {
    const struct attempt_setting *setting;
    const struct job *job;
    struct mem_account *account;
    uint64_t memory;
    struct explain_facts facts;
    struct cell *cell;
    struct cell_receiver receiver;
    char folder[WORK_FOLDER_PATH];
    bool has_folder;
    struct kept_folder kept;          /* the same one, while it has one */
    char temporary[WORK_FOLDER_PATH]; /* empty: none, or no more */
    struct log_file logs[LOG_COUNT];
    struct mem_arena arena;     /* for the facts */
    bool ended;                 /* logs and temporary folder are done with */
    struct mem_buffer document; /* texts of the result; empty: not made yet */
    struct mem_buffer samples;
    char note[768];
};

/* ---- what could not be kept ---- */

static PRINTF_LIKE(2, 3) void add_note(struct attempt *attempt, const char *format, ...)
{
    va_list arguments;
    size_t used = strlen(attempt->note), size = sizeof attempt->note;
    if (used > 0 && used + 2 < size)
        used += (size_t)snprintf(attempt->note + used, size - used, "; ");
    va_start(arguments, format);
    vsnprintf(attempt->note + used, size - used, format, arguments);
    va_end(arguments);
}

static void note_error(struct attempt *attempt, const struct error *error)
{
    char text[384];
    add_note(attempt, "%s", error_render(error, text, sizeof text));
}

/* ---- what the cell gives ---- */

static void take_output(void *context, bool is_error, const void *bytes, size_t size)
{
    struct attempt *attempt = context;
    log_file_write(&attempt->logs[is_error ? LOG_ERRORS : LOG_OUTPUT], bytes, size);
}

static void take_sample(void *context, const struct cell_sample *sample)
{
    struct attempt *attempt = context;
    struct log_file *log = &attempt->logs[LOG_SAMPLES];
    char line[80];
    if (log->total == 0)
        log_file_write(log, CELL_SAMPLE_COLUMNS, strlen(CELL_SAMPLE_COLUMNS));
    int size = snprintf(line, sizeof line, "%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\n",
                        sample->at_ns / MILLISECOND, sample->memory, sample->processes);
    log_file_write(log, line, (size_t)size);
}

/* ---- before it starts ---- */

static void init(struct attempt *attempt, const struct attempt_setting *setting,
                 const struct job *job, uint64_t memory, struct mem_account *account)
{
    attempt->setting = setting;
    attempt->job = job;
    attempt->account = account;
    attempt->memory = memory;
    attempt->receiver = (struct cell_receiver){attempt, take_output, take_sample};
    attempt->facts = (struct explain_facts){
        .memory_option = job->memory_is_preset ? "--job-memory" : "memory",
        .timeout_option = "timeout",
        .timeout_ns = job->timeout_ns,
        .cpus_not_kept = job->milli_cpus > 0 && !setting->place->limits_cpu,
    };
    mem_arena_init(&attempt->arena, account);
    mem_buffer_init(&attempt->document, account, MEM_NO_LIMIT);
    mem_buffer_init(&attempt->samples, account, MEM_NO_LIMIT);
}

/* Without a folder nothing is written where one might appear later. */
static void init_logs(struct attempt *attempt)
{
    for (size_t i = 0; i < LOG_COUNT; i++) {
        log_file_init(&attempt->logs[i], &attempt->kept, LOG_NAMES[i],
                      i == LOG_SAMPLES ? TABLE_MOST : attempt->setting->log_most, attempt->account);
        attempt->logs[i].failure = attempt->has_folder ? 0 : ENOENT;
    }
}

static enum error_code write_script(struct attempt *attempt, struct error *error)
{
    const struct attempt_setting *setting = attempt->setting;
    const struct work_folder_script script = {
        .job = attempt->job,
        .memory = attempt->memory,
        .grace_ns = setting->grace_ns,
        .pass = setting->pass,
        .pass_count = setting->pass_count,
        .environment_all = setting->environment_all,
        .pid_namespace = setting->space != NULL,
    };
    return work_folder_write_script(&attempt->kept, &script, attempt->account, error);
}

static void make_work_folder(struct attempt *attempt)
{
    struct error met;
    enum error_code code = work_folder_make(attempt->folder, &met);
    if (code == ERROR_NONE && !kept_folder_find(&attempt->kept, attempt->folder))
        code = error_set_errno(&met, errno, "cannot use a work folder");
    attempt->has_folder = code == ERROR_NONE;
    if (code != ERROR_NONE || write_script(attempt, &met) != ERROR_NONE)
        note_error(attempt, &met);
    init_logs(attempt);
}

/* A name of its own each time: the folder of an attempt before may still be on its way out. Where
 * there can be none, that of all attempts has to do, which weir removes as well. */
static const char *make_temporary(struct attempt *attempt, const char *name)
{
    const char *within = attempt->setting->temporary;
    int size =
        snprintf(attempt->temporary, sizeof attempt->temporary, "%s/%s-XXXXXX", within, name);
    errno = ENAMETOOLONG;
    if (size < (int)sizeof attempt->temporary && mkdtemp(attempt->temporary) != NULL)
        return attempt->temporary;
    add_note(attempt, "no temporary folder of its own could be made: %s", strerror(errno));
    attempt->temporary[0] = '\0';
    return within;
}

static enum error_code make_environment(struct attempt *attempt, const char *temporary,
                                        struct mem_arena *arena, const char *const **ret,
                                        struct error *error)
{
    const struct attempt_setting *setting = attempt->setting;
    TRY(cell_environment(arena, setting->environment, setting->pass, setting->pass_count,
                         setting->environment_all, temporary, ret, error));
    TRY(variables_overlay(arena, *ret, attempt->job->environment, ret, error));
    attempt->facts.variables_withheld = variables_count_withheld(*ret, setting->environment);
    return ERROR_NONE;
}

/* ---- its start ---- */

static enum error_code start_cell(struct attempt *attempt, const char *name, const char *temporary,
                                  struct mem_arena *arena, struct error *error)
{
    const struct job *job = attempt->job;
    struct cell_options options = {
        .name = name,
        .arguments = job->arguments,
        .directory = job->directory,
        .temporary = temporary,
        .memory = attempt->memory,
        .milli_cpus = job->milli_cpus,
        .processes = job->processes,
        .timeout_ns = job->timeout_ns,
        .grace_ns = attempt->setting->grace_ns,
        .input = -1,
        .output = -1,
        .errors = -1,
        .receiver = &attempt->receiver,
        .space = attempt->setting->space,
    };
    TRY(make_environment(attempt, temporary, arena, &options.environment, error));
    TRY(cell_start(attempt->setting->place, &options, attempt->account, &attempt->cell, error));
    /* Only where it could not be run the difference between not there and not allowed matters. */
    attempt->facts.found =
        !cell_is_over(attempt->cell) ||
        variables_find_program(options.environment, job->directory, job->arguments[0]);
    return ERROR_NONE;
}

static enum error_code start(struct attempt *attempt, const char *name, struct error *error)
{
    struct mem_arena arena;
    TRY(told_command(attempt->job->arguments, &attempt->arena, &attempt->facts.arguments, error));
    make_work_folder(attempt);
    const char *temporary = make_temporary(attempt, name);
    mem_arena_init(&arena, attempt->account);
    enum error_code code = start_cell(attempt, name, temporary, &arena, error);
    mem_arena_release(&arena);
    return code;
}

enum error_code attempt_start(const struct attempt_setting *setting, const struct job *job,
                              int64_t number, const char *name, uint64_t memory,
                              struct mem_account *account, struct attempt **ret,
                              struct error *error)
{
    void *block;
    TRY(mem_alloc(account, sizeof(struct attempt), &block, error));
    struct attempt *attempt = block;
    init(attempt, setting, job, memory, account);
    enum error_code code =
        work_folder_path(setting->folder, setting->run, job->name, number, attempt->folder, error);
    if (code == ERROR_NONE)
        code = start(attempt, name, error);
    if (code == ERROR_NONE) {
        *ret = attempt;
        return ERROR_NONE;
    }
    bool has_folder = attempt->has_folder;
    char folder[WORK_FOLDER_PATH];
    memcpy(folder, attempt->folder, sizeof folder);
    attempt_destroy(attempt);
    if (has_folder)
        work_folder_remove(folder);
    return code;
}

/* ---- while it runs ---- */

struct cell *attempt_cell(const struct attempt *attempt)
{
    return attempt->cell;
}

const char *attempt_folder(const struct attempt *attempt)
{
    return attempt->folder;
}

void attempt_cancel(struct attempt *attempt, int signal)
{
    if (attempt->facts.stopped_by == 0)
        attempt->facts.stopped_by = signal;
    cell_cancel(attempt->cell, signal);
}

void attempt_flush(struct attempt *attempt)
{
    for (size_t i = 0; i < LOG_COUNT; i++)
        log_file_flush(&attempt->logs[i]);
}

/* ---- its end ---- */

static void end_logs(struct attempt *attempt)
{
    for (size_t i = 0; i < LOG_COUNT; i++) {
        log_file_end(&attempt->logs[i]);
        if (attempt->logs[i].failure != 0 && attempt->has_folder)
            add_note(attempt, "%s is not whole: %s", LOG_NAMES[i],
                     strerror(attempt->logs[i].failure));
    }
}

static void let_go(struct attempt *attempt)
{
    if (attempt->ended)
        return;
    attempt->ended = true;
    end_logs(attempt);
    if (attempt->temporary[0] != '\0')
        remover_add(attempt->setting->remover, attempt->temporary);
}

static enum error_code put_text(void *context, const char *text, size_t size, struct error *error)
{
    return mem_buffer_append(context, text, size, error);
}

/* One line and its end. */
static enum error_code write_document(struct attempt *attempt, struct error *error)
{
    attempt->document.size = 0;
    TRY(document_dump(explain_document(&attempt->facts, cell_report(attempt->cell)), false,
                      put_text, &attempt->document, error));
    return mem_buffer_append(&attempt->document, "\n", 2, error);
}

static enum error_code write_samples(struct attempt *attempt, struct error *error)
{
    struct cell_sample samples[CELL_SAMPLES];
    struct mem_buffer *text = &attempt->samples;
    size_t count = cell_samples(attempt->cell, samples, CELL_SAMPLES);
    text->size = 0;
    TRY(mem_buffer_append(text, "[", 1, error));
    for (size_t i = 0; i < count; i++)
        TRY(mem_buffer_printf(text, error, "%s[%" PRIu64 ", %" PRIu64 "]", i > 0 ? ", " : "",
                              samples[i].at_ns / MILLISECOND, samples[i].memory));
    return mem_buffer_append(text, "]", 2, error);
}

/* The end of the line stands in the file and not in the text. */
static void write_report(struct attempt *attempt)
{
    struct error met;
    size_t size = attempt->document.size - 1;
    if (attempt->has_folder && work_folder_write(&attempt->kept, "report.json", 0666,
                                                 attempt->document.data, size, &met) != ERROR_NONE)
        note_error(attempt, &met);
    attempt->document.data[size - 1] = '\0';
}

enum error_code attempt_end(struct attempt *attempt, struct attempt_result *ret,
                            struct error *error)
{
    let_go(attempt);
    TRY(write_samples(attempt, error));
    TRY(write_document(attempt, error));
    write_report(attempt);
    *ret = (struct attempt_result){
        .report = cell_report(attempt->cell),
        .facts = &attempt->facts,
        .document = (const char *)attempt->document.data,
        .samples = (const char *)attempt->samples.data,
        .note = attempt->note[0] != '\0' ? attempt->note : NULL,
    };
    return ERROR_NONE;
}

/* The cell goes first: it may still give something. */
void attempt_destroy(struct attempt *attempt)
{
    if (attempt == NULL)
        return;
    cell_destroy(attempt->cell);
    let_go(attempt);
    mem_buffer_release(&attempt->document);
    mem_buffer_release(&attempt->samples);
    mem_arena_release(&attempt->arena);
    mem_free(attempt);
}
