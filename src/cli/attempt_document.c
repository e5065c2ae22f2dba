#include "cli/attempt_document.h"

#include "cli/history_document.h"
#include "document/document.h"

static json_t *file_document(const struct attempt_view *view, const char *name)
{
    struct log_view file;
    json_t *object = json_object();
    log_view_init(&file, NULL, view->folder, name, false);
    document_set_text(object, "path", file.path);
    document_set_count(object, "bytes", log_view_size(&file));
    return object;
}

static void set_files(json_t *object, const struct attempt_view *view)
{
    static const char *const names[][2] = {
        {"stdout", "stdout.log"}, {"stderr", "stderr.log"}, {"memory", "memory.tsv"}};
    document_set_text(object, "folder", view->folder);
    json_object_set_new(object, "folder_is_there", json_boolean(view->folder_is_there));
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        json_object_set_new(object, names[i][0], file_document(view, names[i][1]));
}

static json_t *samples_document(const struct memory_history *history)
{
    json_t *list = json_array();
    for (size_t i = 0; i < memory_history_count(history); i++) {
        const struct memory_point *point = memory_history_at(history, i);
        json_t *pair = json_array();
        json_array_append_new(pair, document_count(point->at_ms));
        json_array_append_new(pair, document_count(point->memory));
        json_array_append_new(list, pair);
    }
    return list;
}

/* As it was kept, with all its members. */
static json_t *report_document(const struct attempt_view *view)
{
    const char *text = view->report;
    json_t *report = text == NULL ? NULL : json_loads(text, 0, NULL);
    return report != NULL ? report : json_null();
}

json_t *attempt_document(const struct attempt_view *view, const struct memory_history *history)
{
    const struct ledger_view_attempt *found = &view->found;
    const struct ledger_attempt *attempt = &found->attempt;
    json_t *object = json_object();
    json_object_set_new(object, "run", json_integer(view->run.run));
    document_set_text(object, "job", found->job);
    document_set_text(object, "state", found->state);
    json_object_set_new(object, "attempt", json_integer(attempt->number));
    json_object_set_new(object, "attempts", json_integer(found->attempts));
    document_set_text(object, "verdict", attempt->verdict);
    document_set_count(object, "figure_bytes", attempt->figure);
    document_set_count(object, "peak_bytes", attempt->peak);
    history_set_time(object, "started_ns", attempt->started);
    history_set_time(object, "ended_ns", attempt->ended);
    document_set_count(object, "wall_ns", attempt->wall_ns);
    document_set_count(object, "cpu_ns", attempt->cpu_ns);
    set_files(object, view);
    json_object_set_new(object, "report", report_document(view));
    json_object_set_new(object, "samples", samples_document(history));
    return object;
}
