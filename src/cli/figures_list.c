/* The first jobs in an order, of any number: a heap whose root is the last of those kept. */
#include "cli/figures_list.h"

#include <string.h>

static double key_of(enum figures_order order, const struct figures_job *job)
{
    switch (order) {
    case FIGURES_BY_PEAK:
        return (double)job->peak;
    case FIGURES_BY_FIGURE:
        return (double)job->figure;
    case FIGURES_BY_TIME:
        return (double)job->wall_ns;
    case FIGURES_BY_WASTE:
        break;
    }
    return job->granted - job->used;
}

/* Whether a stands before b; of equals the one that came first. */
static bool is_before(const struct figures_list *list, const struct figures_job *a,
                      const struct figures_job *b)
{
    double left = key_of(list->order, a), right = key_of(list->order, b);
    return left > right || (left >= right && a->number < b->number);
}

static void swap(struct figures_job *a, struct figures_job *b)
{
    struct figures_job kept = *a;
    *a = *b;
    *b = kept;
}

static void sift_up(struct figures_list *list, size_t at)
{
    for (; at > 0; at = (at - 1) / 2) {
        if (!is_before(list, &list->jobs[(at - 1) / 2], &list->jobs[at]))
            return;
        swap(&list->jobs[(at - 1) / 2], &list->jobs[at]);
    }
}

static void sift_down(struct figures_list *list, size_t count)
{
    for (size_t at = 0;;) {
        size_t last = at;
        for (size_t child = 2 * at + 1; child < count && child <= 2 * at + 2; child++)
            if (is_before(list, &list->jobs[last], &list->jobs[child]))
                last = child;
        if (last == at)
            return;
        swap(&list->jobs[last], &list->jobs[at]);
        at = last;
    }
}

void figures_list_init(struct figures_list *list, enum figures_order order, size_t most,
                       struct mem_account *account)
{
    *list = (struct figures_list){.account = account, .most = most, .order = order};
}

void figures_list_release(struct figures_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        mem_free(list->jobs[i].name);
    mem_free(list->jobs);
    list->jobs = NULL;
    list->count = list->capacity = 0;
}

static enum error_code make_room(struct figures_list *list, struct error *error)
{
    if (list->count < list->capacity)
        return ERROR_NONE;
    size_t capacity = list->capacity == 0 ? 16 : list->capacity * 2;
    void *jobs;
    TRY(mem_alloc_array(list->account, capacity, sizeof *list->jobs, &jobs, error));
    if (list->count > 0)
        memcpy(jobs, list->jobs, list->count * sizeof *list->jobs);
    mem_free(list->jobs);
    list->jobs = jobs;
    list->capacity = capacity;
    return ERROR_NONE;
}

enum error_code figures_list_offer(struct figures_list *list, const struct figures_job *job,
                                   const char *name, struct error *error)
{
    struct figures_job kept = *job;
    bool is_full = list->count == list->most;
    list->offered++;
    if (list->most == 0 || (is_full && !is_before(list, job, &list->jobs[0])))
        return ERROR_NONE;
    if (!is_full)
        TRY(make_room(list, error));
    TRY(mem_copy_string(list->account, name, &kept.name, error));
    if (is_full) {
        mem_free(list->jobs[0].name);
        list->jobs[0] = kept;
        sift_down(list, list->count);
    } else {
        list->jobs[list->count++] = kept;
        sift_up(list, list->count - 1);
    }
    return ERROR_NONE;
}

void figures_list_sort(struct figures_list *list)
{
    for (size_t count = list->count; count > 1; count--) {
        swap(&list->jobs[0], &list->jobs[count - 1]);
        sift_down(list, count - 1);
    }
}
