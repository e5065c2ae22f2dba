#include "cli/batch_summary.h"

#include <stdlib.h>
#include <string.h>

#include "term/text.h"

#define FAILURES_SHOWN 20
#define CHANGED_SHOWN  5
#define NAME_SIZE      (JOBS_NAME_MOST * 4 + 1) /* escaped */
#define NAME_WIDTH     40

/* ---- before ---- */

static int compare_figures(const void *left, const void *right)
{
    uint64_t one = *(const uint64_t *)left, other = *(const uint64_t *)right;
    return (one > other) - (one < other);
}

/* How many of the smallest fit into all. */
static uint32_t smallest_that_fit(uint64_t *figures, uint32_t count, uint64_t all)
{
    qsort(figures, count, sizeof *figures, compare_figures);
    for (uint32_t i = 0; i < count; i++) {
        if (figures[i] > all)
            return i;
        all -= figures[i];
    }
    return count;
}

static uint64_t add_capped(uint64_t left, uint64_t right)
{
    return left > UINT64_MAX - right ? UINT64_MAX : left + right;
}

static void add_job(struct batch_plan *plan, const struct jobs *jobs, uint32_t number)
{
    const struct job *job = &jobs->items[number];
    plan->memory_sum = add_capped(plan->memory_sum, job->memory);
    plan->cpus_sum += job->milli_cpus;
    plan->after += job->after_count > 0;
    plan->preset += job->memory_is_preset;
    if (job->milli_cpus > plan->cpus_largest)
        plan->cpus_largest = job->milli_cpus;
    if (number > 0 && job->memory <= plan->memory_largest)
        return;
    plan->memory_largest = job->memory;
    plan->largest = number;
}

enum error_code batch_plan_make(const struct jobs *jobs, const struct admission_pool *pool,
                                uint64_t running_most, struct mem_account *account,
                                struct batch_plan *ret, struct error *error)
{
    struct batch_plan plan = {0};
    void *memory;
    TRY(mem_alloc_array(account, jobs->count, sizeof(uint64_t), &memory, error));
    uint64_t *figures = memory;
    for (uint32_t i = 0; i < jobs->count; i++) {
        add_job(&plan, jobs, i);
        figures[i] = jobs->items[i].memory;
    }
    plan.at_once = smallest_that_fit(figures, jobs->count, pool->memory);
    for (uint32_t i = 0; i < jobs->count; i++)
        figures[i] = jobs->items[i].milli_cpus;
    uint32_t by_cpus = smallest_that_fit(figures, jobs->count, pool->milli_cpus);
    mem_free(memory);
    plan.at_once = by_cpus < plan.at_once ? by_cpus : plan.at_once;
    if (running_most > 0 && running_most < plan.at_once)
        plan.at_once = (uint32_t)running_most;
    plan.refused = batch_refusals(jobs, pool, NULL, NULL);
    *ret = plan;
    return ERROR_NONE;
}

void batch_refusal_write(FILE *stream, const struct batch_scene *scene, const struct job *job,
                         enum admission_fit fit)
{
    char name[NAME_SIZE], path[4096], asks[32], all[32], would[32];
    fprintf(stream, "job %s (%s:%u) asks for ", text_escape(job->name, name, sizeof name),
            text_escape(scene->path, path, sizeof path), job->line);
    if (fit == ADMISSION_NEEDS_CPUS) {
        batch_cpus(job->milli_cpus, asks);
        fprintf(stream, "%s processors, all together may have %s; --cpus %s would do", asks,
                batch_cpus(scene->pool.milli_cpus, all), asks);
        return;
    }
    fprintf(stream, "%s, all together may have %s; --memory %s would do",
            mem_format_size(job->memory, asks), mem_format_size(scene->pool.memory, all),
            explain_size_option(job->memory, would, sizeof would));
}

static void write_changed(FILE *stream, const struct batch_scene *scene,
                          const struct batch_past *past)
{
    char count[32], name[NAME_SIZE];
    fprintf(stream, ", %s changed since:", text_count(past->changed_count, count));
    for (uint32_t i = 0; i < past->changed_count && i < CHANGED_SHOWN; i++)
        fprintf(stream, " %s",
                text_escape(scene->jobs->items[past->changed[i]].name, name, sizeof name));
    if (past->changed_count > CHANGED_SHOWN)
        fputs(" ...", stream);
}

void batch_past_write(FILE *stream, const struct batch_scene *scene, const struct batch_past *past)
{
    char finished[32], all[32], gone[64];
    fprintf(stream, "run %lld: %s of %s jobs are finished already", (long long)past->run,
            text_count(past->finished, finished), text_count(scene->jobs->count, all));
    if (past->changed_count > 0)
        write_changed(stream, scene, past);
    if (past->gone > 0)
        fprintf(stream, "; %s of it not in the file any more",
                text_plural(past->gone, "job", gone, sizeof gone));
}

static void write_figures(FILE *stream, const struct batch_scene *scene,
                          const struct batch_plan *plan)
{
    char sum[32], largest[32], all[32], name[NAME_SIZE];
    const struct job *job = &scene->jobs->items[plan->largest];
    fprintf(stream, "memory      %s in all, the largest %s (%s), at most %s at once",
            mem_format_size(plan->memory_sum, sum), mem_format_size(plan->memory_largest, largest),
            text_escape(job->name, name, sizeof name), mem_format_size(scene->pool.memory, all));
    if (plan->preset > 0)
        fprintf(stream, "; %s without a figure", text_count(plan->preset, all));
    fprintf(stream, "\nprocessors  %s in all, the largest %s, at most %s at once\n",
            batch_cpus(plan->cpus_sum, sum), batch_cpus(plan->cpus_largest, largest),
            batch_cpus(scene->pool.milli_cpus, all));
}

struct refusals {
    FILE *stream;
    const struct batch_scene *scene;
};

static void write_refusal(void *context, const struct job *job, enum admission_fit fit)
{
    struct refusals *refusals = context;
    fputs("refused     ", refusals->stream);
    batch_refusal_write(refusals->stream, refusals->scene, job, fit);
    fputc('\n', refusals->stream);
}

void batch_plan_write(FILE *stream, const struct batch_scene *scene, const struct batch_plan *plan,
                      const struct batch_past *past)
{
    char count[32], after[32];
    fprintf(stream, "jobs        %s, of which %s come after others\n",
            text_count(scene->jobs->count, count), text_count(plan->after, after));
    if (scene->jobs->count > 0)
        write_figures(stream, scene, plan);
    fprintf(stream, "at once     %s at most\n", text_count(plan->at_once, count));
    struct refusals refusals = {stream, scene};
    batch_refusals(scene->jobs, &scene->pool, write_refusal, &refusals);
    if (past != NULL) {
        fputs("resume      ", stream);
        batch_past_write(stream, scene, past);
        fputc('\n', stream);
    }
    fputs("nothing was made or run\n", stream);
}

/* ---- after ---- */

static uint32_t not_run(const struct batch_totals *totals)
{
    return totals->view.waiting + totals->view.running;
}

static bool was_stopped(const struct batch_scene *scene, const struct batch_totals *totals)
{
    return scene->stopped_by != 0 && not_run(totals) > 0;
}

const char *batch_status(const struct batch_scene *scene, const struct batch_totals *totals)
{
    if (was_stopped(scene, totals))
        return "cancelled";
    return totals->view.ok == totals->view.jobs ? "ok" : "failed";
}

int batch_exit_status(const struct batch_scene *scene, const struct batch_totals *totals)
{
    if (was_stopped(scene, totals))
        return EXPLAIN_STATUS_SIGNAL + scene->stopped_by;
    return totals->view.ok == totals->view.jobs ? 0 : 1;
}

static char *shown_name(const struct batch_scene *scene, uint32_t job,
                        char buffer[static NAME_SIZE])
{
    return text_escape(scene->jobs->items[job].name, buffer, NAME_SIZE);
}

static int name_columns(const struct batch_scene *scene, const struct batch_totals *totals)
{
    char name[NAME_SIZE];
    size_t widest = 0;
    for (size_t i = 0; i < totals->failure_count && i < FAILURES_SHOWN; i++) {
        size_t columns = text_width(shown_name(scene, totals->failures[i].job, name));
        widest = columns > widest && columns <= NAME_WIDTH ? columns : widest;
    }
    return (int)widest;
}

static void write_failure(FILE *stream, const struct batch_scene *scene,
                          const struct batch_failure *failure, int columns)
{
    char name[NAME_SIZE], path[WORK_FOLDER_PATH];
    struct error ignored; /* a folder whose name is too long was told already */
    shown_name(scene, failure->job, name);
    int blanks = columns - (int)text_width(name);
    fprintf(stream, "  %s%*s  %-9s  attempt %lld", name, blanks > 0 ? blanks : 0, "",
            cell_verdict_name(failure->verdict), (long long)failure->attempt);
    error_init(&ignored);
    if (work_folder_path(scene->folder, scene->run, scene->jobs->items[failure->job].name,
                         failure->attempt, path, &ignored) == ERROR_NONE) {
        fputs("  ", stream);
        text_put(stream, path);
        fputs("/stderr.log", stream);
    }
    fputc('\n', stream);
}

static void write_failures(FILE *stream, const struct batch_scene *scene,
                           const struct batch_totals *totals)
{
    char count[32];
    int columns = name_columns(scene, totals);
    if (totals->failure_count == 0)
        return;
    fputs("Failed:\n", stream);
    for (size_t i = 0; i < totals->failure_count && i < FAILURES_SHOWN; i++)
        write_failure(stream, scene, &totals->failures[i], columns);
    if (totals->failure_count > FAILURES_SHOWN)
        fprintf(stream, "  and %s more\n",
                text_count(totals->failure_count - FAILURES_SHOWN, count));
}

static void write_totals(FILE *stream, const struct batch_scene *scene,
                         const struct batch_totals *totals)
{
    const struct batch_view *view = &totals->view;
    char time[32], used[24], granted[24], all[24];
    if (was_stopped(scene, totals)) {
        const char *name = sigabbrev_np(scene->stopped_by);
        fprintf(stream, "Stopped by SIG%s. ", name != NULL ? name : "?");
    } else {
        fputs("Done. ", stream);
    }
    fprintf(stream, "OK=%u FAILED=%u SKIPPED=%u ", view->ok, view->failed, view->skipped);
    if (not_run(totals) > 0)
        fprintf(stream, "NOT-RUN=%u ", not_run(totals));
    fprintf(stream, "TOTAL=%u in %s, peak %s used, %s granted of %s\n", view->jobs,
            text_duration(totals->wall_ns, time), mem_format_size(totals->used_peak, used),
            mem_format_size(totals->granted_peak, granted),
            mem_format_size(view->pool.memory, all));
}

void batch_summary_write(FILE *stream, const struct batch_scene *scene,
                         const struct batch_totals *totals)
{
    write_failures(stream, scene, totals);
    write_totals(stream, scene, totals);
    if (totals->view.ok < totals->view.jobs) {
        fputs("resume: ", stream);
        batch_put_resume_command(stream, scene);
        fputc('\n', stream);
    }
    fputs("report: ", stream);
    batch_put_report_command(stream, scene);
    fputc('\n', stream);
}
