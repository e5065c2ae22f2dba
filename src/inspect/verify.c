#include "inspect/verify.h"

#include <stdio.h>

#include "inspect/verify_state.h"

PRINTF_LIKE(5, 0)
static void report(struct verifier *verifier, const struct verify_place *place, bool note,
                   const char *about, const char *format, va_list arguments)
{
    char what[1024];
    vsnprintf(what, sizeof what, format, arguments);
    uint64_t *count = note ? &verifier->totals.notes : &verifier->totals.problems;
    struct verify_finding finding = {.note = note,
                                     .about = about,
                                     .row_group = place->row_group,
                                     .column = place->column,
                                     .page = place->page,
                                     .offset = place->offset,
                                     .what = what};
    if (++*count <= VERIFY_MOST_REPORTED)
        verifier->report(verifier->context, &finding);
}

void verify_problem(struct verifier *verifier, const struct verify_place *place, const char *about,
                    const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    report(verifier, place, false, about, format, arguments);
    va_end(arguments);
}

void verify_note(struct verifier *verifier, const struct verify_place *place, const char *about,
                 const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    report(verifier, place, true, about, format, arguments);
    va_end(arguments);
}

static void verifier_init(struct verifier *verifier, struct mem_account *account)
{
    page_facts_init(&verifier->headers, account);
    verify_range_init(&verifier->page_range, account);
    verify_range_init(&verifier->chunk_range, account);
    offset_index_init(&verifier->offsets, account);
    column_index_init(&verifier->columns, account);
    bloom_filter_init(&verifier->bloom, account);
}

static void verifier_release(struct verifier *verifier)
{
    parquet_page_reader_destroy(verifier->reader);
    page_facts_release(&verifier->headers);
    verify_range_release(&verifier->page_range);
    verify_range_release(&verifier->chunk_range);
    offset_index_release(&verifier->offsets);
    column_index_release(&verifier->columns);
    bloom_filter_release(&verifier->bloom);
}

/* The footer's end was looked at when it was read. */
static enum error_code check_opening(struct verifier *verifier, struct error *error)
{
    struct verify_place place = {ERROR_NO_PLACE, NULL, ERROR_NO_PLACE, 0};
    struct error failure;
    error_init(&failure);
    enum error_code code = parquet_check_opening(verifier->object, &failure);
    if (code == ERROR_INPUT)
        verify_problem(verifier, &place, "file", "%s", failure.what);
    else if (code != ERROR_NONE)
        *error = failure;
    return code == ERROR_INPUT ? ERROR_NONE : code;
}

static void check_column(struct verifier *verifier, const struct parquet_column *column)
{
    struct verify_place place = {ERROR_NO_PLACE, column->path, ERROR_NO_PLACE, ERROR_NO_PLACE};
    if (column->unsupported != NULL)
        verify_problem(verifier, &place, "schema", "%s", column->unsupported);
    if (column->nested)
        verifier->totals.nested_columns++;
    else if (column->unsupported == NULL)
        verifier->totals.columns++;
}

static enum error_code check_file(struct verifier *verifier, struct error *error)
{
    const struct parquet_metadata *metadata = verifier->metadata;
    TRY(check_opening(verifier, error));
    verifier->totals.rows = metadata->row_count;
    for (uint32_t i = 0; i < metadata->column_count; i++)
        check_column(verifier, &metadata->columns[i]);
    for (uint32_t i = 0; i < metadata->row_group_count; i++) {
        for (uint32_t j = 0; j < metadata->column_count; j++)
            TRY(verify_chunk(verifier, i, j, error));
    }
    return ERROR_NONE;
}

enum error_code inspect_verify(const struct store_object *object,
                               const struct parquet_metadata *metadata, struct mem_account *account,
                               verify_report *report_to, void *context, struct verify_totals *ret,
                               struct error *error)
{
    struct verifier verifier = {
        .object = object, .metadata = metadata, .report = report_to, .context = context};
    verifier_init(&verifier, account);
    enum error_code code =
        parquet_page_reader_create(account, mem_account_left(account), &verifier.reader, error);
    if (code == ERROR_NONE)
        code = check_file(&verifier, error);
    verifier_release(&verifier);
    *ret = verifier.totals;
    return code;
}
