#include "cli/figures.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cli/figures_list.h"

#define MIB       ((uint64_t)1 << 20)
#define USES_MOST (SIZE_MAX / 2)
#define NAME_MOST ((size_t)1 << 16)

const char *figures_class_name(enum figures_class kind)
{
    static const char *const names[] = {"unknown", "within", "too small", "too large"};
    return names[kind];
}

void figures_init(struct figures *figures, enum figures_order order, size_t most,
                  struct mem_account *account)
{
    *figures = (struct figures){.account = account};
    mem_buffer_init(&figures->uses, account, USES_MOST);
    mem_buffer_init(&figures->name, account, NAME_MOST);
    figures_list_init(&figures->listed, order, most, account);
    figures_list_init(&figures->small, FIGURES_BY_FIGURE, most, account);
    figures_list_init(&figures->large, FIGURES_BY_WASTE, most, account);
}

void figures_release(struct figures *figures)
{
    mem_buffer_release(&figures->uses);
    mem_buffer_release(&figures->name);
    figures_list_release(&figures->listed);
    figures_list_release(&figures->small);
    figures_list_release(&figures->large);
}

/* ---- one job ---- */

uint64_t figures_number_for(uint64_t peak)
{
    uint64_t margin = peak / 4 > FIGURES_MARGIN ? peak / 4 : FIGURES_MARGIN;
    if (peak > UINT64_MAX - margin - MIB)
        return UINT64_MAX / MIB * MIB;
    return (peak + margin + MIB - 1) / MIB * MIB;
}

double figures_use_of(const struct figures_job *job)
{
    return job->figure == 0 ? 0 : (double)job->peak / (double)job->figure;
}

static enum figures_class classify(const struct figures_job *job)
{
    if (job->out_of_memory)
        return FIGURES_TOO_SMALL;
    if (job->judged == 0 || job->figure == 0)
        return FIGURES_UNKNOWN;
    bool is_large = job->went_well && job->figure / 2 >= job->peak && job->figure > 2 * job->peak;
    return is_large && figures_number_for(job->peak_most) < job->figure ? FIGURES_TOO_LARGE
                                                                        : FIGURES_WITHIN;
}

static uint64_t number_to_try(const struct figures_job *job)
{
    if (job->kind != FIGURES_TOO_SMALL && job->kind != FIGURES_TOO_LARGE)
        return 0;
    if (!job->went_well && job->suggestion > 0)
        return job->suggestion;
    return figures_number_for(job->peak_most);
}

static enum error_code offer(struct figures *figures, struct figures_job *job, struct error *error)
{
    const char *name = (const char *)figures->name.data;
    TRY(figures_list_offer(&figures->listed, job, name, error));
    if (job->kind == FIGURES_TOO_LARGE)
        return figures_list_offer(&figures->large, job, name, error);
    if (job->kind == FIGURES_TOO_SMALL)
        return figures_list_offer(&figures->small, job, name, error);
    return ERROR_NONE;
}

static void count(struct figures *figures, const struct figures_job *job)
{
    figures->within += job->kind == FIGURES_WITHIN || job->kind == FIGURES_TOO_LARGE;
    figures->too_small += job->kind == FIGURES_TOO_SMALL;
    figures->too_large += job->kind == FIGURES_TOO_LARGE;
    figures->unknown += job->kind == FIGURES_UNKNOWN;
    figures->granted += job->granted;
    figures->used += job->used;
}

static enum error_code end_job(struct figures *figures, struct error *error)
{
    struct figures_job *job = &figures->job;
    if (!figures->in_job)
        return ERROR_NONE;
    figures->in_job = false;
    job->kind = classify(job);
    job->to_try = number_to_try(job);
    count(figures, job);
    if (job->judged > 0 && job->figure > 0) {
        double use = figures_use_of(job);
        TRY(mem_buffer_append(&figures->uses, &use, sizeof use, error));
    }
    return offer(figures, job, error);
}

enum error_code figures_begin_job(struct figures *figures, const char *name, struct error *error)
{
    TRY(end_job(figures, error));
    figures->name.size = 0;
    TRY(mem_buffer_append(&figures->name, name, strlen(name) + 1, error));
    figures->job = (struct figures_job){.number = figures->jobs++};
    figures->in_job = true;
    return ERROR_NONE;
}

/* What nobody saw the end of has no peak to go by. */
static bool is_judged(const struct figures_attempt *attempt)
{
    return strcmp(attempt->verdict, "running") != 0 && strcmp(attempt->verdict, "lost") != 0;
}

static void note_memory(struct figures *figures, const struct figures_attempt *attempt)
{
    struct figures_job *job = &figures->job;
    figures->host += strcmp(attempt->verdict, "oom-host") == 0;
    if (strcmp(attempt->verdict, "oom-limit") != 0)
        return;
    figures->out_of_memory++;
    job->out_of_memory = true;
    job->too_small = attempt->figure;
    job->suggestion = attempt->suggestion;
}

void figures_add_attempt(struct figures *figures, const struct figures_attempt *attempt)
{
    struct figures_job *job = &figures->job;
    double seconds = (double)attempt->wall_ns / 1e9;
    job->attempts++;
    if (job->judged == 0 || is_judged(attempt))
        snprintf(job->verdict, sizeof job->verdict, "%s", attempt->verdict);
    if (!is_judged(attempt))
        return;
    job->judged++;
    job->figure = attempt->figure;
    job->peak = attempt->peak;
    if (attempt->peak > job->peak_most)
        job->peak_most = attempt->peak;
    job->wall_ns = attempt->wall_ns;
    job->went_well = strcmp(attempt->verdict, "ok") == 0;
    job->granted += (double)attempt->figure * seconds;
    job->used += attempt->used < 0 ? (double)attempt->peak * seconds : attempt->used;
    note_memory(figures, attempt);
}

enum error_code figures_end(struct figures *figures, struct error *error)
{
    TRY(end_job(figures, error));
    figures_list_sort(&figures->listed);
    figures_list_sort(&figures->small);
    figures_list_sort(&figures->large);
    return ERROR_NONE;
}

/* ---- percentiles ---- */

/* Moves what is below the pivot before it, and what is above behind; *from and *to become the
 * borders of the part that is neither. */
static void partition(double *values, double pivot, size_t *from, size_t *to)
{
    size_t low = *from, at = *from, high = *to;
    while (at < high) {
        double value = values[at];
        if (value < pivot) {
            values[at++] = values[low];
            values[low++] = value;
        } else if (value > pivot) {
            values[at] = values[--high];
            values[high] = value;
        } else {
            at++;
        }
    }
    *from = low;
    *to = high;
}

/* The value at a place of the sorted order, the values being reordered (Hoare's FIND, Comm. ACM
 * 4(7), 1961). The pivot is the middle of three, which sorted and equal values do not slow down. */
static double select_value(double *values, size_t size, size_t place)
{
    size_t from = 0, to = size;
    for (;;) {
        double a = values[from], b = values[from + (to - from) / 2], c = values[to - 1];
        double pivot = fmax(fmin(a, b), fmin(fmax(a, b), c));
        size_t low = from, high = to;
        partition(values, pivot, &low, &high);
        if (place >= low && place < high)
            return pivot;
        from = place < low ? from : high;
        to = place < low ? low : to;
    }
}

static bool use_at(struct figures *figures, size_t place, double *ret)
{
    size_t size = figures->uses.size / sizeof(double);
    if (place >= size)
        return false;
    *ret = select_value((double *)(void *)figures->uses.data, size, place);
    return true;
}

bool figures_use(struct figures *figures, double part, double *ret)
{
    size_t size = figures->uses.size / sizeof(double);
    double rank = ceil(part * (double)size);
    return use_at(figures, rank < 1 ? 0 : (size_t)rank - 1, ret);
}

bool figures_median(struct figures *figures, double *ret)
{
    size_t size = figures->uses.size / sizeof(double);
    double low, high;
    if (size == 0 || !use_at(figures, (size - 1) / 2, &low) || !use_at(figures, size / 2, &high))
        return false;
    *ret = low + (high - low) / 2;
    return true;
}
