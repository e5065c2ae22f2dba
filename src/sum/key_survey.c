#include "sum/key_survey.h"

#include <string.h>

#include "key/cast.h"
#include "os/os.h"
#include "parquet/chunk_pages.h"
#include "parquet/indexes.h"
#include "sum/key_bounds.h"
#include "sum/match.h"

/* What all lists together may take of what is left, and the list of one column in one thread. */
#define LIST_SHARE 4
#define LIST_MOST  ((size_t)32 << 20)
/* A range with few gaps beats a list: nothing is looked up. */
#define RANGE_RATE 4

/* What is known of one key column so far. */
struct column_survey {
    struct key_domain *list; /* NULL: it has no finite list */
    bool has_range;
    struct key_bounds bounds;
};

struct key_survey {
    struct sum *sum;
    bool first_only, measured;
    size_t list_limit; /* the same for all threads: what is full does not depend on them */
    struct failure failure;
    atomic_uint_fast64_t next_file;
    pthread_mutex_t mutex;
    struct column_survey *columns; /* of all threads together */
};

/* What one thread works with. */
struct surveyor {
    struct key_survey *survey;
    struct column_survey *columns;
    struct parquet_page_reader *pages;
    struct mem_buffer values; /* cast */
};

/* ---- one chunk ---- */

static void drop_list(struct column_survey *column)
{
    key_domain_destroy(column->list);
    column->list = NULL;
}

static enum error_code put_dictionary(struct surveyor *surveyor, struct column_survey *column,
                                      const struct store_object *object,
                                      const struct parquet_column *stored,
                                      const struct parquet_chunk *chunk,
                                      const struct key_cast *cast, bool *ret_full,
                                      struct error *error)
{
    const void *values;
    uint32_t count;
    TRY(parquet_page_reader_open(surveyor->pages, object, stored, chunk, NULL, error));
    TRY(parquet_page_reader_dictionary(surveyor->pages, &values, &count, error));
    TRY(key_cast_through(cast, values, count, &surveyor->values, &values, error));
    return key_domain_put(column->list, values, count, ret_full, error);
}

/* Puts the chunk's dictionary into the list, if all of its pages use it. Without room for it keys
 * will do as bytes. */
static enum error_code survey_dictionary(struct surveyor *surveyor, struct column_survey *column,
                                         const struct store_object *object,
                                         const struct parquet_column *stored,
                                         const struct parquet_chunk *chunk,
                                         const struct key_cast *cast, struct error *error)
{
    bool coded = chunk->coding == PARQUET_CODING_ALL, full = false;
    if (chunk->coding == PARQUET_CODING_UNKNOWN || (coded && surveyor->survey->measured))
        TRY(parquet_chunk_all_coded(object, stored, chunk, &coded, error));
    enum error_code code =
        coded ? put_dictionary(surveyor, column, object, stored, chunk, cast, &full, error)
              : ERROR_NONE;
    if (!coded || full || code == ERROR_MEMORY)
        drop_list(column);
    return code == ERROR_MEMORY ? ERROR_NONE : code;
}

/* A bound as the statistics store it; false: it is not there, or not a value of the type. */
static bool stored_bound(const struct column_type *type, const struct parquet_bytes *bytes,
                         uint64_t *ret)
{
    size_t size = column_value_size(type);
    if (bytes->data == NULL || bytes->size != size || size > sizeof *ret)
        return false;
    *ret = 0;
    memcpy(ret, bytes->data, size);
    return true;
}

static enum error_code measure_chunk(struct surveyor *surveyor, struct column_survey *column,
                                     const struct store_object *object,
                                     const struct parquet_column *stored,
                                     const struct parquet_chunk *chunk, const struct key_cast *cast,
                                     struct error *error)
{
    TRY(parquet_page_reader_open(surveyor->pages, object, stored, chunk, NULL, error));
    for (;;) {
        struct column_slice slice;
        const void *values;
        TRY(parquet_page_reader_next(surveyor->pages, BATCH_ROWS, &slice, error));
        if (slice.row_count == 0)
            return ERROR_NONE;
        TRY(key_cast_through(cast, slice.values, slice.value_count, &surveyor->values, &values,
                             error));
        key_bounds_add(&column->bounds, values, slice.value_count);
        TRY(os_check_stop(error));
    }
}

static enum error_code survey_bounds(struct surveyor *surveyor, struct column_survey *column,
                                     const struct store_object *object,
                                     const struct parquet_column *stored,
                                     const struct parquet_chunk *chunk, const struct key_cast *cast,
                                     struct error *error)
{
    uint64_t bounds[2];
    const void *values;
    const struct column_type *type = &stored->type;
    bool said = !surveyor->survey->measured &&
                stored_bound(type, &chunk->statistics.minimum, &bounds[0]) &&
                stored_bound(type, &chunk->statistics.maximum, &bounds[1]);
    if (!said)
        return measure_chunk(surveyor, column, object, stored, chunk, cast, error);
    for (int i = 0; i < 2; i++) {
        TRY(key_cast_through(cast, &bounds[i], 1, &surveyor->values, &values, error));
        key_bounds_add(&column->bounds, values, 1);
    }
    return ERROR_NONE;
}

static enum error_code survey_chunk(struct surveyor *surveyor, uint32_t key,
                                    const struct store_object *object,
                                    const struct parquet_column *stored,
                                    const struct parquet_chunk *chunk, struct error *error)
{
    struct column_survey *column = &surveyor->columns[key];
    struct key_cast cast;
    if (chunk->value_count == 0)
        return ERROR_NONE;
    key_cast_init(&cast, &stored->type, &surveyor->survey->sum->key_types[key]);
    if (column->list != NULL)
        TRY(survey_dictionary(surveyor, column, object, stored, chunk, &cast, error));
    if (column->has_range)
        TRY(survey_bounds(surveyor, column, object, stored, chunk, &cast, error));
    return ERROR_NONE;
}

/* ---- one file ---- */

/* A column without list and range ends it all: keys will be bytes. */
static bool is_hopeless(const struct surveyor *surveyor)
{
    for (uint32_t i = 0; i < surveyor->survey->sum->key_count; i++)
        if (surveyor->columns[i].list == NULL && !surveyor->columns[i].has_range)
            return true;
    return false;
}

static enum error_code survey_groups(struct surveyor *surveyor, const struct store_object *object,
                                     const struct parquet_metadata *metadata,
                                     const uint32_t *columns, struct error *error)
{
    for (uint32_t group = 0; group < metadata->row_group_count; group++) {
        for (uint32_t key = 0; key < surveyor->survey->sum->key_count; key++) {
            enum error_code code =
                survey_chunk(surveyor, key, object, &metadata->columns[columns[key]],
                             &metadata->row_groups[group].chunks[columns[key]], error);
            if (code != ERROR_NONE) {
                error_in_row_group(error, group);
                error_in_column(error, metadata->columns[columns[key]].path);
                return code;
            }
        }
        if (is_hopeless(surveyor))
            return ERROR_NONE;
        TRY(os_check_stop(error));
    }
    return ERROR_NONE;
}

static enum error_code survey_open_file(struct surveyor *surveyor,
                                        const struct store_object *object, struct error *error)
{
    struct sum *sum = surveyor->survey->sum;
    struct parquet_metadata metadata;
    struct mem_buffer columns;
    TRY(parquet_metadata_read(object, &sum->account, &metadata, error));
    mem_buffer_init(&columns, &sum->account, SIZE_MAX / 2);
    enum error_code code =
        mem_buffer_reserve(&columns, sum_kept_columns(sum) * sizeof(uint32_t), error);
    if (code == ERROR_NONE)
        code = sum_match_columns(sum, &metadata, (uint32_t *)columns.data, error);
    if (code == ERROR_NONE)
        code = survey_groups(surveyor, object, &metadata, (uint32_t *)columns.data, error);
    mem_buffer_release(&columns);
    parquet_metadata_release(&metadata);
    return code;
}

static enum error_code survey_file(struct surveyor *surveyor, uint64_t file,
                                   struct mem_buffer *buffer, struct error *error)
{
    struct catalog_record record;
    struct store_object object;
    TRY(catalog_load(&surveyor->survey->sum->catalog, file, buffer, &record, error));
    TRY(sum_open_file(&record, &object, error));
    enum error_code code = survey_open_file(surveyor, &object, error);
    if (code != ERROR_NONE)
        code = sum_explain_file(&object, &record, code, error);
    store_close(&object);
    return code;
}

/* ---- threads ---- */

static size_t list_limit(const struct sum *sum)
{
    size_t lists = (size_t)(sum->row_threads + 1) * (sum->key_count > 0 ? sum->key_count : 1);
    size_t limit = mem_account_left(&sum->account) / LIST_SHARE / lists;
    return limit < LIST_MOST ? limit : LIST_MOST;
}

static enum error_code columns_open(struct sum *sum, size_t limit, struct column_survey **ret,
                                    struct error *error)
{
    TRY(mem_alloc_array(&sum->account, sum->key_count, sizeof **ret, (void **)ret, error));
    for (uint32_t i = 0; i < sum->key_count; i++) {
        struct column_survey *column = &(*ret)[i];
        column->has_range = key_domain_can_be_range(&sum->key_types[i]);
        key_bounds_init(&column->bounds, &sum->key_types[i]);
        TRY(key_domain_create_list(&sum->account, &sum->key_types[i], limit, &column->list, error));
    }
    return ERROR_NONE;
}

static void columns_close(const struct sum *sum, struct column_survey *columns)
{
    for (uint32_t i = 0; columns != NULL && i < sum->key_count; i++)
        key_domain_destroy(columns[i].list);
    mem_free(columns);
}

static enum error_code survey_files(struct surveyor *surveyor, struct error *error)
{
    struct key_survey *survey = surveyor->survey;
    struct mem_buffer buffer;
    enum error_code code = ERROR_NONE;
    uint64_t file, count = survey->first_only ? 1 : survey->sum->catalog.file_count;
    mem_buffer_init(&buffer, &survey->sum->account, SIZE_MAX / 2);
    while (code == ERROR_NONE && !atomic_load(&survey->failure.stop) && !is_hopeless(surveyor) &&
           (file = atomic_fetch_add(&survey->next_file, 1)) < count) {
        /* A file that is aligned with the first has its keys. */
        if (file == 0 || !sum_is_aligned(survey->sum, file) || survey->sum->aligned_count == 0)
            code = survey_file(surveyor, file, &buffer, error);
    }
    mem_buffer_release(&buffer);
    return code;
}

static enum error_code merge_column(struct column_survey *all, struct column_survey *part,
                                    struct error *error)
{
    bool full = false;
    if (all->list != NULL && part->list != NULL)
        TRY(key_domain_put_list(all->list, part->list, &full, error));
    if (part->list == NULL || full)
        drop_list(all);
    all->has_range = all->has_range && part->has_range;
    key_bounds_merge(&all->bounds, &part->bounds);
    return ERROR_NONE;
}

static enum error_code merge_columns(struct surveyor *surveyor, struct error *error)
{
    struct key_survey *survey = surveyor->survey;
    enum error_code code = ERROR_NONE;
    pthread_mutex_lock(&survey->mutex);
    for (uint32_t i = 0; code == ERROR_NONE && i < survey->sum->key_count; i++)
        code = merge_column(&survey->columns[i], &surveyor->columns[i], error);
    pthread_mutex_unlock(&survey->mutex);
    return code;
}

static void survey_thread(void *context, unsigned index)
{
    struct key_survey *survey = context;
    struct sum *sum = survey->sum;
    struct surveyor surveyor = {.survey = survey};
    struct error error;
    (void)index;
    error_init(&error);
    mem_buffer_init(&surveyor.values, &sum->account, SIZE_MAX / 2);
    enum error_code code = columns_open(sum, survey->list_limit, &surveyor.columns, &error);
    if (code == ERROR_NONE)
        code =
            parquet_page_reader_create(&sum->account, sum->row_page_limit, &surveyor.pages, &error);
    if (code == ERROR_NONE)
        code = survey_files(&surveyor, &error);
    if (code == ERROR_NONE)
        code = merge_columns(&surveyor, &error);
    columns_close(sum, surveyor.columns);
    parquet_page_reader_destroy(surveyor.pages);
    mem_buffer_release(&surveyor.values);
    failure_report(&survey->failure, code, &error);
}

/* ---- domains ---- */

static uint64_t range_count(const struct key_bounds *bounds)
{
    return bounds->greatest - bounds->least;
}

/* NULL has a number too, and numbers are below 2^63. */
static bool can_be_numbered(const struct key_bounds *bounds)
{
    return range_count(bounds) < ((uint64_t)1 << 62);
}

/* The list unless a range is about as dense, or there is none. */
static enum error_code make_domain(struct sum *sum, uint32_t key, struct column_survey *column,
                                   struct error *error)
{
    bool nullable = sum->key_nullable[key];
    uint64_t low, high;
    bool range = column->has_range && key_bounds_values(&column->bounds, &low, &high) &&
                 can_be_numbered(&column->bounds);
    if (column->list != NULL) {
        TRY(key_domain_finish(column->list, nullable, error));
        uint64_t count = key_domain_count(column->list);
        if (!range || range_count(&column->bounds) / RANGE_RATE > count) {
            sum->domains[key] = column->list;
            column->list = NULL;
            return ERROR_NONE;
        }
    }
    if (!range)
        return ERROR_NONE;
    return key_domain_create_range(&sum->account, &sum->key_types[key], &low, &high, nullable,
                                   &sum->domains[key], error);
}

static enum error_code make_space(struct key_survey *survey, struct error *error)
{
    struct sum *sum = survey->sum;
    bool all = true;
    for (uint32_t i = 0; i < sum->key_count; i++) {
        TRY(make_domain(sum, i, &survey->columns[i], error));
        all = all && sum->domains[i] != NULL;
    }
    sum->has_space =
        all &&
        key_space_init(&sum->space, (const struct key_domain *const *)sum->domains, sum->key_count);
    return ERROR_NONE;
}

void sum_forget_keys(struct sum *sum)
{
    for (uint32_t i = 0; sum->domains != NULL && i < sum->key_count; i++)
        key_domain_destroy(sum->domains[i]);
    mem_free(sum->domains);
    sum->domains = NULL;
    sum->has_space = false;
}

enum error_code sum_survey_keys(struct sum *sum, bool first_only, bool measured,
                                struct error *error)
{
    struct key_survey survey = {.sum = sum, .first_only = first_only, .measured = measured};
    sum_forget_keys(sum);
    survey.list_limit = list_limit(sum);
    failure_init(&survey.failure, error);
    pthread_mutex_init(&survey.mutex, NULL);
    TRY(mem_alloc_array(&sum->account, sum->key_count, sizeof *sum->domains, (void **)&sum->domains,
                        error));
    enum error_code code = columns_open(sum, survey.list_limit, &survey.columns, error);
    if (code == ERROR_NONE && sum->key_count > 0)
        code =
            os_run_threads(sum->row_threads, survey_thread, &survey, &survey.failure.stop, error);
    if (code == ERROR_NONE)
        code = survey.failure.code;
    if (code == ERROR_NONE)
        code = make_space(&survey, error);
    columns_close(sum, survey.columns);
    return code;
}

bool sum_is_dense(const struct sum *sum)
{
    return sum->has_space && sum->space.span / DENSE_SPAN_RATE <= sum->facts.row_count;
}
