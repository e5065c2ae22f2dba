#include "diff/diff.h"

#include <string.h>

#include "diff/compare.h"

/* Where memory has no limit the two sorts share this much. */
#define COMFORTABLE_MEMORY ((size_t)512 << 20)

/* All that a comparison holds until its report is made. */
struct diff_job {
    const struct diff_options *options;
    struct mem_account account;
    struct mem_arena arena;
    struct diff_file files[DIFF_SIDES];
    struct diff_columns columns;
    struct diff_stream streams[DIFF_SIDES];
    struct sorter *sorters[DIFF_SIDES];
    struct collector collector;
};

static void release_streams(struct diff_job *job)
{
    collector_release(&job->collector);
    for (int side = 0; side < DIFF_SIDES; side++)
        diff_stream_release(&job->streams[side]);
}

static void release_job(struct diff_job *job)
{
    release_streams(job);
    for (int side = 0; side < DIFF_SIDES; side++) {
        sorter_destroy(job->sorters[side]);
        diff_file_close(&job->files[side]);
    }
    mem_arena_release(&job->arena);
}

static enum error_code open_files(struct diff_job *job, struct error *error)
{
    const char *paths[DIFF_SIDES] = {job->options->left, job->options->right};
    for (int side = 0; side < DIFF_SIDES; side++)
        TRY(diff_file_open(&job->files[side], paths[side], &job->account, error));
    TRY(diff_columns_choose(job->options, &job->files[DIFF_LEFT].metadata,
                            &job->files[DIFF_RIGHT].metadata, &job->arena, &job->columns, error));
    for (int side = 0; side < DIFF_SIDES; side++)
        TRY(diff_file_choose(&job->files[side], &job->columns, side, &job->arena, error));
    return ERROR_NONE;
}

/* Compares what comes from the files, or from the sorters where there are some. */
static enum error_code compare_streams(struct diff_job *job, bool *ret_ordered, struct error *error)
{
    collector_init(&job->collector, job->options, &job->columns, &job->account);
    for (int side = 0; side < DIFF_SIDES; side++) {
        if (job->sorters[side] == NULL)
            TRY(diff_file_start(&job->files[side], &job->columns, side, error));
        TRY(diff_stream_init(&job->streams[side], &job->files[side], job->sorters[side],
                             &job->columns, side, &job->account, &job->arena, error));
    }
    return diff_compare(&job->streams[DIFF_LEFT], &job->streams[DIFF_RIGHT], &job->collector,
                        ret_ordered, error);
}

/* ---- sorting ---- */

/* Half for each side of what remains when the readers, as far as they are known, have theirs. */
static size_t sorter_limit(const struct diff_job *job)
{
    size_t memory = job->account.limit;
    if (memory > COMFORTABLE_MEMORY && mem_account_left(&job->account) == MEM_NO_LIMIT)
        memory = COMFORTABLE_MEMORY;
    size_t readers = atomic_load(&job->account.peak);
    if (readers > memory / 2)
        readers = memory / 2;
    if (readers < memory / 4)
        readers = memory / 4;
    return (memory - readers) / 2;
}

static enum error_code fill_sorter(struct diff_file *file, struct sorter *sorter,
                                   struct error *error)
{
    struct column_batch batch;
    do {
        TRY(diff_file_next(file, &batch, error));
        TRY(sorter_add(sorter, &batch, error));
    } while (batch.row_count > 0);
    diff_file_stop(file);
    return sorter_finish(sorter, error);
}

static enum error_code sort_side(struct diff_job *job, enum diff_side side, size_t limit,
                                 const uint32_t *keys, struct error *error)
{
    struct diff_file *file = &job->files[side];
    TRY(sorter_create(&job->account, limit, NULL, file->fields, file->column_count, keys,
                      job->columns.key_count, &job->sorters[side], error));
    TRY(diff_file_start(file, &job->columns, side, error));
    return fill_sorter(file, job->sorters[side], error);
}

static enum error_code sort_files(struct diff_job *job, struct error *error)
{
    size_t limit = sorter_limit(job);
    void *memory;
    TRY(mem_arena_alloc_array(&job->arena, job->columns.key_count, sizeof(uint32_t), &memory,
                              error));
    uint32_t *keys = memory;
    for (uint32_t i = 0; i < job->columns.key_count; i++)
        keys[i] = i;
    for (int side = 0; side < DIFF_SIDES; side++)
        diff_file_stop(&job->files[side]);
    for (int side = 0; side < DIFF_SIDES; side++)
        TRY(sort_side(job, side, limit, keys, error));
    return ERROR_NONE;
}

static enum error_code compare_files(struct diff_job *job, bool *ret_sorted, struct error *error)
{
    bool ordered;
    TRY(open_files(job, error));
    TRY(compare_streams(job, &ordered, error));
    *ret_sorted = !ordered;
    if (ordered)
        return ERROR_NONE;
    release_streams(job);
    TRY(sort_files(job, error));
    TRY(compare_streams(job, &ordered, error));
    return ordered ? ERROR_NONE : error_set(error, ERROR_INTERNAL, "sorted rows are out of order");
}

/* ---- the report ---- */

static enum error_code copy_names(struct mem_arena *arena, const char *const *names, uint32_t count,
                                  char ***ret, uint32_t *ret_count, struct error *error)
{
    void *memory;
    TRY(mem_arena_alloc_array(arena, count, sizeof(char *), &memory, error));
    char **copies = memory;
    for (uint32_t i = 0; i < count; i++)
        TRY(mem_arena_copy(arena, names[i], strlen(names[i]), &copies[i], error));
    *ret = copies;
    *ret_count = count;
    return ERROR_NONE;
}

static enum error_code copy_columns(struct mem_arena *arena, const struct diff_column *columns,
                                    uint32_t count, char ***ret, uint32_t *ret_count,
                                    struct error *error)
{
    void *memory;
    TRY(mem_arena_alloc_array(arena, count, sizeof(char *), &memory, error));
    const char **names = memory;
    for (uint32_t i = 0; i < count; i++)
        names[i] = columns[i].name;
    return copy_names(arena, names, count, ret, ret_count, error);
}

static enum error_code report_columns(const struct diff_columns *columns,
                                      struct diff_report *report, struct error *error)
{
    struct mem_arena *arena = &report->arena;
    uint32_t keys = columns->key_count;
    TRY(copy_columns(arena, columns->columns, keys, &report->keys, &report->key_count, error));
    TRY(copy_columns(arena, columns->columns + keys, columns->count - keys, &report->columns,
                     &report->column_count, error));
    TRY(copy_names(arena, columns->only[DIFF_LEFT].names, columns->only[DIFF_LEFT].count,
                   &report->columns_only_left, &report->columns_only_left_count, error));
    TRY(copy_names(arena, columns->only[DIFF_RIGHT].names, columns->only[DIFF_RIGHT].count,
                   &report->columns_only_right, &report->columns_only_right_count, error));
    return copy_names(arena, columns->skipped.names, columns->skipped.count,
                      &report->columns_skipped, &report->columns_skipped_count, error);
}

static enum error_code make_report(struct diff_job *job, struct diff_report *report,
                                   struct error *error)
{
    TRY(compare_files(job, &report->sorted, error));
    report->left_rows = job->streams[DIFF_LEFT].row_count;
    report->right_rows = job->streams[DIFF_RIGHT].row_count;
    TRY(report_columns(&job->columns, report, error));
    return collector_report(&job->collector, report, error);
}

enum error_code diff_files(const struct diff_options *options, struct mem_account *account,
                           size_t memory, struct diff_report *ret, struct error *error)
{
    if (!(options->tolerance >= 0))
        return error_set(error, ERROR_USAGE, "a tolerance is a number that is not negative");
    struct diff_report report = {0};
    struct diff_job job = {.options = options};
    size_t left = mem_account_left(account);
    mem_account_init(&job.account, "diff", account, memory < left ? memory : left);
    mem_arena_init(&job.arena, &job.account);
    mem_arena_init(&report.arena, account);
    enum error_code code = make_report(&job, &report, error);
    release_job(&job);
    if (code == ERROR_NONE)
        *ret = report;
    else
        diff_report_release(&report);
    return code;
}

void diff_report_release(struct diff_report *report)
{
    mem_arena_release(&report->arena);
    *report = (struct diff_report){0};
}
