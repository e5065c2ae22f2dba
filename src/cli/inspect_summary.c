#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/inspect_view.h"
#include "cli/table.h"
#include "inspect/summary.h"
#include "term/text.h"

/* The way through one file: where texts live, and what is asked for. */
struct summary_view {
    struct inspection *inspection;
    const struct store_object *object;
    const struct parquet_metadata *metadata;
    struct mem_arena arena;
};

static enum error_code summarize(struct summary_view *view, const struct parquet_field *field,
                                 struct column_summary *ret, struct error *error)
{
    return summarize_column(view->object, view->metadata, field->first_column,
                            view->inspection->arguments->raw, &view->inspection->account,
                            &view->arena, ret, error);
}

static const struct column_type *type_of(const struct summary_view *view,
                                         const struct parquet_field *field)
{
    return &view->metadata->columns[field->first_column].type;
}

/* "2 NaN, 1 inf", or nothing. */
static void describe_specials(const struct column_summary *summary, char *text, size_t size)
{
    const struct {
        uint64_t count;
        const char *name;
    } specials[] = {
        {summary->nans, "NaN"},
        {summary->infinities, "inf"},
        {summary->negative_infinities, "-inf"},
    };
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < sizeof specials / sizeof specials[0] && used < size; i++) {
        char count[32];
        if (specials[i].count > 0)
            used += (size_t)snprintf(text + used, size - used, "%s%s %s", used > 0 ? ", " : "",
                                     text_count(specials[i].count, count), specials[i].name);
    }
}

static enum error_code add_value(struct table *table, const char *text, struct error *error)
{
    return table_add(table, text != NULL ? text : "", error);
}

static enum error_code add_summary(struct table *table, const struct column_type *type,
                                   const struct column_summary *summary, struct error *error)
{
    char text[128];
    TRY(table_add(table, column_type_describe(type, text, sizeof text), error));
    TRY(table_add(table, text_count(summary->count, text), error));
    TRY(table_add(table, text_count(summary->nulls, text), error));
    TRY(add_value(table, summary->sum.shown, error));
    TRY(add_value(table, summary->minimum.shown, error));
    TRY(add_value(table, summary->maximum.shown, error));
    describe_specials(summary, text, sizeof text);
    return table_add(table, text, error);
}

static enum error_code add_nested(struct table *table, struct error *error)
{
    TRY(table_add(table, "nested", error));
    for (int i = 0; i < 6; i++)
        TRY(table_add(table, "", error));
    return ERROR_NONE;
}

/* A group without columns holds nothing: it is not told. */
static enum error_code add_field(struct summary_view *view, struct table *table,
                                 const struct parquet_field *field, struct error *error)
{
    struct column_summary summary;
    if (field->column_count == 0)
        return ERROR_NONE;
    TRY(table_add(table, field->name, error));
    if (field->nested) {
        TRY(summary_check_nested(view->object, view->metadata, field, &view->inspection->account,
                                 error));
        return add_nested(table, error);
    }
    TRY(summarize(view, field, &summary, error));
    return add_summary(table, type_of(view, field), &summary, error);
}

static void write_heading(const struct summary_view *view)
{
    char rows[64];
    if (view->inspection->shown > 0)
        putchar('\n');
    text_put(stdout, view->object->path);
    printf("\n  %s\n\n", text_plural(view->metadata->row_count, "row", rows, sizeof rows));
}

static enum error_code write_text(struct summary_view *view, struct error *error)
{
    static const struct table_column columns[] = {
        {"column", false}, {"type", false},   {"count", true},   {"nulls", true},
        {"sum", true},     {"minimum", true}, {"maximum", true}, {"besides", false},
    };
    struct table table;
    table_init(&table, &view->arena, columns, sizeof columns / sizeof columns[0]);
    for (uint32_t i = 0; i < view->metadata->field_count; i++)
        TRY(add_field(view, &table, &view->metadata->fields[i], error));
    write_heading(view);
    return table_write(&table, stdout, error);
}

/* For programs: counts as numbers, all else as text, so that nothing is rounded on the way. */
static json_t *column_document(const struct column_type *type, const struct column_summary *summary)
{
    char text[128];
    json_t *object = json_object();
    column_type_describe(type, text, sizeof text);
    json_object_set_new(object, "type", document_text(text));
    json_object_set_new(object, "count", document_count(summary->count));
    json_object_set_new(object, "nulls", document_count(summary->nulls));
    json_object_set_new(object, "sum", document_text(summary->sum.shown));
    json_object_set_new(object, "minimum", document_text(summary->minimum.shown));
    json_object_set_new(object, "maximum", document_text(summary->maximum.shown));
    if (summary->kind != SUMMARY_FLOAT)
        return object;
    json_object_set_new(object, "nan", document_count(summary->nans));
    json_object_set_new(object, "infinite", document_count(summary->infinities));
    json_object_set_new(object, "negative_infinite", document_count(summary->negative_infinities));
    return object;
}

/* Whether nanoseconds, in digits, are microseconds of 64 bits. */
static bool fits_microseconds(const char *digits)
{
    char cut[32];
    size_t size = strlen(digits);
    if (size <= 3)
        return true;
    if (size >= sizeof cut)
        return false;
    memcpy(cut, digits, size - 3);
    cut[size - 3] = '\0';
    errno = 0;
    (void)strtoll(cut, NULL, 10);
    return errno == 0;
}

/* INT96 can hold moments 296,000 years and more from 1970, which fit no type of 64 bits that
 * scripts have: readers wrap them around, each in its own way. */
static enum error_code check_moments(const struct parquet_field *field,
                                     const struct column_type *type,
                                     const struct column_summary *summary, struct error *error)
{
    if (type->physical != COLUMN_INT96 || summary->count == 0 ||
        (fits_microseconds(summary->minimum.exact) && fits_microseconds(summary->maximum.exact)))
        return ERROR_NONE;
    enum error_code code =
        error_set(error, ERROR_UNSUPPORTED, "a time of INT96 is beyond 64 bits of microseconds");
    error_in_column(error, field->name);
    error_hint(error, "--summary without --raw shows it");
    return code;
}

/* For scripts that compare readers. */
static json_t *column_raw(const struct column_type *type, const struct column_summary *summary)
{
    const char *unit = summary_unit_name(type);
    json_t *object = json_object();
    json_object_set_new(object, "kind", document_text(summary_kind_name(summary->kind)));
    json_object_set_new(object, "count", document_count(summary->count));
    json_object_set_new(object, "nulls", document_count(summary->nulls));
    json_object_set_new(object, "sum", document_text(summary->sum.exact));
    json_object_set_new(object, "min", document_text(summary->minimum.exact));
    json_object_set_new(object, "max", document_text(summary->maximum.exact));
    if (unit != NULL)
        json_object_set_new(object, "unit", document_text(unit));
    if (summary->kind == SUMMARY_DECIMAL)
        json_object_set_new(object, "scale", json_integer(type->scale));
    json_object_set_new(object, "digest",
                        document_text(summary->digest[0] != '\0' ? summary->digest : NULL));
    return object;
}

static json_t *nested_document(bool raw)
{
    json_t *object = json_object();
    json_object_set_new(object, raw ? "kind" : "type", json_null());
    return object;
}

/* The name stands first. */
static json_t *named(const char *name, json_t *rest)
{
    json_t *object = json_object();
    json_object_set_new(object, "name", document_text(name));
    json_object_update_new(object, rest);
    return object;
}

static enum error_code field_document(struct summary_view *view, const struct parquet_field *field,
                                      json_t **ret, struct error *error)
{
    bool raw = view->inspection->arguments->raw;
    struct column_summary summary;
    if (field->nested) {
        TRY(summary_check_nested(view->object, view->metadata, field, &view->inspection->account,
                                 error));
        *ret = nested_document(raw);
        return ERROR_NONE;
    }
    TRY(summarize(view, field, &summary, error));
    if (raw)
        TRY(check_moments(field, type_of(view, field), &summary, error));
    *ret = raw ? column_raw(type_of(view, field), &summary)
               : column_document(type_of(view, field), &summary);
    return ERROR_NONE;
}

static enum error_code add_columns(struct summary_view *view, json_t *columns, struct error *error)
{
    for (uint32_t i = 0; i < view->metadata->field_count; i++) {
        const struct parquet_field *field = &view->metadata->fields[i];
        json_t *column;
        if (field->column_count == 0)
            continue;
        TRY(field_document(view, field, &column, error));
        json_array_append_new(columns, named(field->name, column));
    }
    return ERROR_NONE;
}

static enum error_code write_line(json_t *object, struct error *error)
{
    int failed = json_dumpf(object, stdout, JSON_COMPACT);
    json_decref(object);
    if (failed != 0 || fputc('\n', stdout) == EOF)
        return error_set(error, ERROR_IO, "cannot write the line of JSON");
    return ERROR_NONE;
}

static enum error_code make_document(struct summary_view *view, struct error *error)
{
    struct inspection *inspection = view->inspection;
    json_t *object = json_object();
    json_t *columns = json_array();
    if (!inspection->arguments->raw)
        json_object_set_new(object, "file", document_text(view->object->path));
    json_object_set_new(object, "rows", document_count(view->metadata->row_count));
    json_object_set_new(object, "columns", columns);
    enum error_code code = add_columns(view, columns, error);
    if (code != ERROR_NONE) {
        json_decref(object);
        return code;
    }
    if (inspection->arguments->raw)
        return write_line(object, error);
    json_array_append_new(inspection->files, object);
    return ERROR_NONE;
}

enum error_code inspect_show_summary(struct inspection *inspection,
                                     const struct store_object *object,
                                     const struct parquet_metadata *metadata, struct error *error)
{
    struct summary_view view = {inspection, object, metadata, {0}};
    mem_arena_init(&view.arena, &inspection->account);
    enum error_code code =
        inspection->arguments->json ? make_document(&view, error) : write_text(&view, error);
    mem_arena_release(&view.arena);
    return code;
}
