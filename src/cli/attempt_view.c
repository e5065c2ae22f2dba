#include "cli/attempt_view.h"

#include <string.h>

/* Logs can be read without the report, so what is wrong with it does not end the command. */
static void warn(const struct error *problem)
{
    char line[1800];
    fprintf(stderr, "weir: warning: %s\n", error_render(problem, line, sizeof line));
}

static void read_report(struct attempt_view *view, struct mem_arena *arena)
{
    struct error problem;
    error_init(&problem);
    view->has_report = false;
    enum error_code code =
        attempt_files_report(view->folder, &view->found, arena, &view->report, &problem);
    if (code == ERROR_NONE && view->report == NULL)
        return;
    if (code == ERROR_NONE)
        code = explain_document_read(view->report, strlen(view->report), arena, &view->record,
                                     &problem);
    view->has_report = code == ERROR_NONE;
    if (code != ERROR_NONE) {
        view->report = NULL;
        warn(&problem);
    }
}

enum error_code attempt_view_look(struct attempt_view *view, const char *job, int64_t number,
                                  bool samples, struct mem_arena *arena, struct error *error)
{
    TRY(ledger_view_find_attempt(&view->ledger, view->run.run, job, number, samples, arena,
                                 &view->found, error));
    view->folder[0] = '\0';
    view->folder_is_there = view->has_report = false;
    view->report = NULL;
    if (view->found.attempt.number == 0)
        return ERROR_NONE;
    TRY(attempt_files_find(&view->ledger, view->run.run, &view->found, view->folder,
                           &view->folder_is_there, error));
    read_report(view, arena);
    return ERROR_NONE;
}

bool attempt_view_has_ended(const struct attempt_view *view)
{
    return view->found.attempt.number > 0 && attempt_files_has_report(view->folder);
}

bool attempt_view_is_awaited(const struct attempt_view *view)
{
    if (view->found.attempt.number > 0)
        return strcmp(view->found.attempt.verdict, "running") == 0;
    bool runs = strcmp(ledger_view_word(&view->ledger, "running"), "running") == 0;
    return runs && strcmp(view->found.state, "waiting") == 0;
}

static enum error_code read_lines(FILE *stream, const char *path, struct memory_history *ret,
                                  struct error *error)
{
    enum error_code code = memory_history_read_lines(ret, stream, error);
    if (code != ERROR_NONE)
        error_in_file(error, path);
    return code;
}

enum error_code attempt_view_memory(const struct attempt_view *view, struct memory_history *ret,
                                    struct error *error)
{
    char path[LOG_VIEW_PATH];
    snprintf(path, sizeof path, "%s/memory.tsv", view->folder);
    FILE *stream = view->folder_is_there ? attempt_files_open(path) : NULL;
    if (stream == NULL)
        return view->found.attempt.samples == NULL
                   ? ERROR_NONE
                   : memory_history_read_pairs(ret, view->found.attempt.samples, error);
    enum error_code code = read_lines(stream, path, ret, error);
    fclose(stream);
    return code;
}
