#include "cli/batch_document.h"

#include "document/document.h"

/* {"event": name, "run": 7} */
static json_t *new_event(const struct batch_scene *scene, const char *name)
{
    json_t *object = json_object();
    document_set_text(object, "event", name);
    json_object_set_new(object, "run", scene->run > 0 ? json_integer(scene->run) : json_null());
    return object;
}

static json_t *new_event_at(const struct batch_scene *scene, const char *name, int64_t time_ns)
{
    json_t *object = new_event(scene, name);
    json_object_set_new(object, "time_ns", json_integer(time_ns));
    return object;
}

static void set_job(json_t *object, const struct batch_scene *scene, uint32_t job)
{
    document_set_text(object, "job", scene->jobs->items[job].name);
}

static void set_pool(json_t *object, const struct batch_scene *scene)
{
    document_set_count(object, "memory_bytes", scene->pool.memory);
    document_set_count(object, "milli_cpus", scene->pool.milli_cpus);
}

static void set_past(json_t *object, const struct batch_scene *scene, const struct batch_past *past)
{
    json_t *changed = json_array();
    for (uint32_t i = 0; i < past->changed_count; i++)
        json_array_append_new(changed, document_text(scene->jobs->items[past->changed[i]].name));
    document_set_count(object, "finished", past->finished);
    json_object_set_new(object, "changed", changed);
    document_set_count(object, "gone", past->gone);
}

json_t *batch_document_run(const struct batch_scene *scene, const struct batch_past *past,
                           bool resumes, uint32_t running_most, int64_t time_ns)
{
    json_t *object = new_event_at(scene, "run", time_ns);
    document_set_text(object, "batch", scene->path);
    document_set_text(object, "folder", scene->folder);
    document_set_count(object, "jobs", scene->jobs->count);
    set_pool(object, scene);
    document_set_count(object, "running_most", running_most);
    json_object_set_new(object, "resumed", json_boolean(resumes));
    set_past(object, scene, past);
    return object;
}

/* ---- attempts ---- */

static void set_attempt(json_t *object, const struct batch_event *event)
{
    document_set_count(object, "attempt", (uint64_t)event->attempt);
    document_set_count(object, "memory_bytes", event->memory);
    document_set_text(object, "folder", event->folder);
}

static void set_retry(json_t *object, const struct batch_event *event)
{
    const struct retry_decision *retry = &event->retry;
    json_object_set_new(object, "again", json_boolean(retry->again));
    json_object_set_new(object, "next_memory_bytes",
                        retry->again ? document_count(retry->memory) : json_null());
    bool well = event->result->report->verdict == CELL_OK;
    document_set_text(object, "not_again_because", retry->again || well ? NULL : retry->why);
    document_set_text(object, "note", event->result->note);
}

/* The attempt's own document, as report.json has it; an attempt that weir itself could not run has
 * none. */
static void merge_report(json_t *object, const struct attempt_result *result)
{
    json_t *report = result->document != NULL ? json_loads(result->document, 0, NULL) : NULL;
    json_object_update_missing(object, report);
    json_decref(report);
    if (json_object_get(object, "verdict") != NULL)
        return;
    document_set_text(object, "verdict", cell_verdict_name(result->report->verdict));
    json_object_set_new(object, "started", json_boolean(result->report->started));
    document_set_filled(object, "why", result->report->why);
}

static const char *event_name(enum batch_event_kind kind)
{
    static const char *const names[] = {
        [BATCH_STARTED] = "started",
        [BATCH_ENDED] = "ended",
        [BATCH_PASSED] = "passed",
        [BATCH_LEFT_OUT] = "left-out",
    };
    return names[kind];
}

json_t *batch_document_event(const struct batch_scene *scene, const struct batch_event *event,
                             int64_t time_ns)
{
    json_t *object = new_event_at(scene, event_name(event->kind), time_ns);
    set_job(object, scene, event->job);
    if (event->kind == BATCH_LEFT_OUT)
        document_set_text(object, "cause", scene->jobs->items[event->cause].name);
    if (event->kind == BATCH_STARTED || event->kind == BATCH_ENDED)
        set_attempt(object, event);
    if (event->kind == BATCH_ENDED) {
        set_retry(object, event);
        merge_report(object, event->result);
    }
    return object;
}

/* ---- the whole ---- */

json_t *batch_document_end(const struct batch_scene *scene, const struct batch_totals *totals,
                           int64_t time_ns)
{
    const struct batch_view *view = &totals->view;
    json_t *object = new_event_at(scene, "end", time_ns);
    document_set_text(object, "status", batch_status(scene, totals));
    document_set_count(object, "ok", view->ok);
    document_set_count(object, "failed", view->failed);
    document_set_count(object, "skipped", view->skipped);
    document_set_count(object, "not_run", (uint64_t)view->waiting + view->running);
    document_set_count(object, "jobs", view->jobs);
    document_set_count(object, "passed", view->passed);
    document_set_count(object, "attempts", view->attempts);
    document_set_count(object, "oom_attempts", view->oom);
    document_set_count(object, "wall_ns", totals->wall_ns);
    document_set_count(object, "used_peak_bytes", totals->used_peak);
    document_set_count(object, "granted_peak_bytes", totals->granted_peak);
    set_pool(object, scene);
    json_object_set_new(object, "weir_exit_status", json_integer(batch_exit_status(scene, totals)));
    return object;
}

json_t *batch_document_plan(const struct batch_scene *scene, const struct batch_plan *plan,
                            const struct batch_past *past)
{
    json_t *object = new_event(scene, "plan");
    document_set_text(object, "batch", scene->path);
    document_set_count(object, "jobs", scene->jobs->count);
    document_set_count(object, "jobs_after_others", plan->after);
    document_set_count(object, "jobs_without_figure", plan->preset);
    document_set_count(object, "refused", plan->refused);
    document_set_count(object, "sum_memory_bytes", plan->memory_sum);
    document_set_count(object, "largest_memory_bytes", plan->memory_largest);
    document_set_count(object, "sum_milli_cpus", plan->cpus_sum);
    document_set_count(object, "largest_milli_cpus", plan->cpus_largest);
    set_pool(object, scene);
    document_set_count(object, "running_most", plan->at_once);
    json_object_set_new(object, "resumed", json_boolean(past != NULL));
    if (past != NULL)
        set_past(object, scene, past);
    return object;
}

json_t *batch_document_complaint(const char *path, uint32_t line, const char *what,
                                 const char *hint)
{
    json_t *object = json_object();
    document_set_text(object, "event", "complaint");
    document_set_text(object, "file", path);
    document_set_count(object, "line", line);
    document_set_text(object, "message", what);
    document_set_filled(object, "hint", hint != NULL ? hint : "");
    return object;
}

json_t *batch_document_refusal(const struct batch_scene *scene, const struct job *job,
                               enum admission_fit fit)
{
    json_t *object = new_event(scene, "refused");
    document_set_text(object, "job", job->name);
    document_set_text(object, "file", scene->path);
    document_set_count(object, "line", job->line);
    document_set_text(object, "needs", fit == ADMISSION_NEEDS_CPUS ? "cpus" : "memory");
    document_set_count(object, "asked_memory_bytes", job->memory);
    document_set_count(object, "asked_milli_cpus", job->milli_cpus);
    set_pool(object, scene);
    return object;
}
