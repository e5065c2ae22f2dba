#include "cli/history_document.h"

#include <string.h>

#include "document/document.h"

void history_set_time(json_t *object, const char *name, int64_t unix_ns)
{
    json_object_set_new(object, name, unix_ns == 0 ? json_null() : json_integer(unix_ns));
}

json_t *history_run_document(const struct ledger_view_run *run)
{
    json_t *object = json_object();
    json_object_set_new(object, "run", json_integer(run->run));
    document_set_text(object, "status", run->status);
    history_set_time(object, "started_ns", run->started);
    history_set_time(object, "ended_ns", run->ended);
    bool runs = strcmp(run->status, "running") == 0;
    document_set_count(object, "wall_ns", ledger_view_took(run->started, run->ended, runs));
    json_object_set_new(object, "jobs", json_integer(run->steps));
    json_object_set_new(object, "ok", json_integer(run->finished));
    json_object_set_new(object, "failed", json_integer(run->failed));
    document_set_text(object, "command", run->command);
    return object;
}
