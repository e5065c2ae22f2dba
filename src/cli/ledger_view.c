#include "cli/ledger_view.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/suggest.h"
#include "cli/parse.h"
#include "os/os.h"
#include "term/text.h"

#define SECOND_NS INT64_C(1000000000)

/* ---- opening ---- */

static enum error_code refuse_missing(const struct ledger_view *view, struct error *error)
{
    error_set(error, ERROR_INPUT, "there is no ledger: no batch has run with this folder");
    error_hint(error, "weir exec --batch jobs.jsonl --memory 8GiB, which makes one; or -o DIR, "
                      "where DIR is the folder of one that has run");
    error_in_file(error, view->path);
    return ERROR_INPUT;
}

/* A writer holds the file beside the ledger, exclusively (flock(2)), until its end. That others
 * share it for a moment makes a writer that comes just now wait for as long. */
static bool is_unattended(const struct ledger_view *view)
{
    char path[sizeof view->path + 8];
    snprintf(path, sizeof path, "%s-lock", view->path);
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (descriptor < 0)
        return false;
    bool is_free = flock(descriptor, LOCK_SH | LOCK_NB) == 0;
    close(descriptor);
    return is_free;
}

void ledger_view_refresh(struct ledger_view *view)
{
    view->unattended = is_unattended(view);
}

const char *ledger_view_word(const struct ledger_view *view, const char *word)
{
    bool is_lost = strcmp(word, "running") == 0 && view->unattended && is_unattended(view);
    return is_lost ? "lost" : word;
}

enum error_code ledger_view_open(const char *folder, struct mem_account *account,
                                 struct ledger_view *ret, struct error *error)
{
    *ret = (struct ledger_view){.folder = folder};
    int size = snprintf(ret->path, sizeof ret->path, "%s/ledger.sqlite", folder);
    if (folder[0] == '\0' || size >= (int)sizeof ret->path)
        return error_set(error, ERROR_USAGE, "--output-dir: \"%.200s\" cannot be a folder", folder);
    if (access(ret->path, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR))
        return refuse_missing(ret, error);
    ledger_view_refresh(ret);
    return ledger_open(ret->path, true, account, &ret->ledger, error);
}

void ledger_view_close(struct ledger_view *view)
{
    ledger_close(view->ledger);
    view->ledger = NULL;
}

static enum error_code copy_text(struct mem_arena *arena, const char *text, const char **ret,
                                 struct error *error)
{
    char *copy;
    *ret = NULL;
    if (text == NULL)
        return ERROR_NONE;
    TRY(mem_arena_copy(arena, text, strlen(text), &copy, error));
    *ret = copy;
    return ERROR_NONE;
}

/* ---- runs ---- */

enum error_code ledger_view_copy_run(const struct ledger_view *view,
                                     const struct ledger_run_row *row, struct mem_arena *arena,
                                     struct ledger_view_run *ret, struct error *error)
{
    *ret = (struct ledger_view_run){
        .run = row->run,
        .started = row->started,
        .ended = row->ended,
        .steps = row->steps,
        .finished = row->finished,
        .failed = row->failed,
    };
    TRY(copy_text(arena, ledger_view_word(view, row->status), &ret->status, error));
    return copy_text(arena, row->command, &ret->command, error);
}

struct found_run {
    const struct ledger_view *view;
    struct mem_arena *arena;
    struct ledger_view_run run;
};

static enum error_code take_run(void *context, const struct ledger_run_row *row,
                                struct error *error)
{
    struct found_run *found = context;
    return ledger_view_copy_run(found->view, row, found->arena, &found->run, error);
}

/* The runs that there are, to say so. */
struct run_range {
    int64_t newest, oldest; /* 0: none */
};

static enum error_code widen(void *context, const struct ledger_run_row *row, struct error *error)
{
    struct run_range *range = context;
    (void)error;
    range->newest = range->newest == 0 ? row->run : range->newest;
    range->oldest = row->run;
    return ERROR_NONE;
}

static enum error_code refuse_run_name(const char *name, struct error *error)
{
    static const char *const words[] = {LEDGER_VIEW_LAST, NULL};
    char shown[80];
    error_set(error, ERROR_USAGE, "\"%s\" is not the number of a run%s",
              text_escape(name, shown, sizeof shown),
              suggest_nearest(name, words) != NULL ? "; did you mean last?" : "");
    error_hint(error, "a number that weir runs lists, or last");
    return ERROR_USAGE;
}

static enum error_code refuse_run(const struct ledger_view *view, const char *name,
                                  struct error *error)
{
    struct run_range range = {.newest = 0};
    TRY(ledger_runs(view->ledger, UINT64_MAX, widen, &range, error));
    if (range.newest == 0)
        error_set(error, ERROR_INPUT, "no run is in the ledger yet");
    else
        error_set(error, ERROR_INPUT, "there is no run %s; the oldest is %lld, the newest %lld",
                  name, (long long)range.oldest, (long long)range.newest);
    error_hint(error, "%s",
               range.newest == 0 ? "weir exec --batch, which begins one"
                                 : "weir runs, which lists them; last is the newest");
    error_in_file(error, view->path);
    return ERROR_INPUT;
}

enum error_code ledger_view_find_run(struct ledger_view *view, const char *name,
                                     struct mem_arena *arena, struct ledger_view_run *ret,
                                     struct error *error)
{
    struct found_run found = {view, arena, {.run = 0}};
    bool is_last = strcmp(name, LEDGER_VIEW_LAST) == 0, is_there;
    uint64_t number = 0;
    if (!is_last && (!cli_parse_count(name, &number) || number == 0))
        return refuse_run_name(name, error);
    ledger_view_refresh(view);
    int64_t run = (int64_t)number;
    if (is_last)
        TRY(ledger_find_run(view->ledger, NULL, &run, error));
    TRY(ledger_read_run(view->ledger, run, take_run, &found, &is_there, error));
    if (!is_there)
        return refuse_run(view, name, error);
    *ret = found.run;
    return ERROR_NONE;
}

/* ---- attempts ---- */

#define NAMES_TOLD 5
#define NAME_TOLD  48

struct found_attempt {
    const struct ledger_view *view;
    struct mem_arena *arena;
    bool samples;
    struct ledger_view_attempt found;
};

static enum error_code take_attempt(void *context, const struct ledger_step_row *row,
                                    struct error *error)
{
    struct found_attempt *search = context;
    const struct ledger_view *view = search->view;
    struct ledger_view_attempt *found = &search->found;
    struct ledger_attempt *attempt = &found->attempt;
    found->attempts = row->attempts;
    *attempt = row->last;
    TRY(copy_text(search->arena, row->name, &found->job, error));
    TRY(copy_text(search->arena, ledger_view_word(view, row->state), &found->state, error));
    TRY(copy_text(search->arena, ledger_view_word(view, row->last.verdict), &attempt->verdict,
                  error));
    TRY(copy_text(search->arena, row->last.report, &attempt->report, error));
    TRY(copy_text(search->arena, search->samples ? row->last.samples : NULL, &attempt->samples,
                  error));
    return copy_text(search->arena, row->last.folder, &attempt->folder, error);
}

/* The names that there are, to say so. */
struct job_names {
    uint64_t jobs;
    struct suggest nearest;                      /* its name lives only as long as its row */
    char near[128];                              /* the same, or empty */
    char told[NAMES_TOLD * (NAME_TOLD + 2) + 1]; /* the first names */
};

static enum error_code take_name(void *context, const struct ledger_step_row *row,
                                 struct error *error)
{
    struct job_names *names = context;
    char shown[NAME_TOLD];
    size_t used = strlen(names->told);
    unsigned distance = names->nearest.distance;
    (void)error;
    if (names->jobs++ < NAMES_TOLD)
        snprintf(names->told + used, sizeof names->told - used, "%s%s", used > 0 ? ", " : "",
                 text_escape(row->name, shown, sizeof shown));
    suggest_try(&names->nearest, row->name);
    if (names->nearest.distance < distance)
        text_escape(row->name, names->near, sizeof names->near);
    return ERROR_NONE;
}

static void tell_missing(const struct job_names *names, int64_t run, const char *job,
                         struct error *error)
{
    char name[128];
    if (job == NULL)
        error_set(error, ERROR_USAGE, "a job of run %lld must be named", (long long)run);
    else
        error_set(error, ERROR_INPUT, "run %lld has no job \"%s\"%s%s%s", (long long)run,
                  text_escape(job, name, sizeof name),
                  names->near[0] != '\0' ? "; did you mean " : "", names->near,
                  names->near[0] != '\0' ? "?" : "");
}

static enum error_code refuse_job(const struct ledger_view *view, int64_t run, const char *job,
                                  struct error *error)
{
    struct job_names names = {.nearest = suggest_begin(job != NULL ? job : "")};
    char count[48];
    TRY(ledger_steps(view->ledger, run, false, take_name, &names, error));
    tell_missing(&names, run, job, error);
    if (names.jobs == 0)
        error_hint(error, "another run: this one has no jobs yet");
    else
        error_hint(error, "one of its %s: %s%s",
                   text_plural(names.jobs, "job", count, sizeof count), names.told,
                   names.jobs > NAMES_TOLD ? ", ...; weir report lists more" : "");
    return error->code;
}

static enum error_code refuse_attempt(const struct ledger_view_attempt *found, int64_t number,
                                      struct error *error)
{
    char name[128], count[48];
    error_set(error, ERROR_INPUT, "job \"%s\" has no attempt %lld, but %s",
              text_escape(found->job, name, sizeof name), (long long)number,
              found->attempts == 0
                  ? "none yet"
                  : text_plural((uint64_t)found->attempts, "attempt", count, sizeof count));
    error_hint(error, "without --attempt, for the last one");
    return ERROR_INPUT;
}

enum error_code ledger_view_find_attempt(struct ledger_view *view, int64_t run, const char *job,
                                         int64_t number, bool samples, struct mem_arena *arena,
                                         struct ledger_view_attempt *ret, struct error *error)
{
    struct found_attempt search = {view, arena, samples, {.job = NULL}};
    bool is_there = false;
    ledger_view_refresh(view);
    if (job != NULL)
        TRY(ledger_find_step(view->ledger, run, job, number, take_attempt, &search, &is_there,
                             error));
    if (!is_there)
        return refuse_job(view, run, job, error);
    if (number != 0 && search.found.attempt.number == 0)
        return refuse_attempt(&search.found, number, error);
    *ret = search.found;
    return ERROR_NONE;
}

/* ---- times ---- */

uint64_t ledger_view_took(int64_t started, int64_t ended, bool running)
{
    int64_t until = ended != 0 ? ended : running ? os_wall_ns() : started;
    return until > started ? (uint64_t)until - (uint64_t)started : 0;
}

char *ledger_view_time(int64_t unix_ns, char buffer[static 32])
{
    time_t seconds = (time_t)(unix_ns / SECOND_NS);
    struct tm broken_down;
    if (unix_ns == 0 || localtime_r(&seconds, &broken_down) == NULL ||
        strftime(buffer, 32, "%Y-%m-%d %H:%M:%S", &broken_down) == 0)
        buffer[0] = '\0';
    return buffer;
}
