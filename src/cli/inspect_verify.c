/* "weir inspect --verify": what the verification of a file found, as text or JSON. */
#include <inttypes.h>

#include "cli/inspect_view.h"
#include "inspect/verify.h"
#include "term/text.h"

/* Where findings go. */
struct listing {
    json_t *problems, *notes; /* NULL: text */
};

static void put_finding(const struct verify_finding *finding)
{
    const char *separator = "";
    fputs(finding->note ? "  note: " : "  problem: ", stdout);
    if (finding->row_group != ERROR_NO_PLACE) {
        printf("row group %" PRId64 ", column ", finding->row_group);
        text_put(stdout, finding->column);
        separator = ", ";
    }
    if (finding->page != ERROR_NO_PLACE) {
        printf("%spage %" PRId64, separator, finding->page);
        separator = ", ";
    }
    if (finding->offset != ERROR_NO_PLACE)
        printf("%soffset %" PRId64, separator, finding->offset);
    printf(": %s: ", finding->about);
    text_put(stdout, finding->what);
    putchar('\n');
}

static json_t *place_document(int64_t place)
{
    return place == ERROR_NO_PLACE ? json_null() : document_count((uint64_t)place);
}

static void list_finding(void *context, const struct verify_finding *finding)
{
    struct listing *listing = context;
    if (listing->problems == NULL) {
        put_finding(finding);
        return;
    }
    json_t *object = json_object();
    json_object_set_new(object, "row_group", place_document(finding->row_group));
    json_object_set_new(object, "column", document_text(finding->column));
    json_object_set_new(object, "page", place_document(finding->page));
    json_object_set_new(object, "offset", place_document(finding->offset));
    json_object_set_new(object, "about", document_text(finding->about));
    json_object_set_new(object, "what", document_text(finding->what));
    json_array_append_new(finding->note ? listing->notes : listing->problems, object);
}

static void put_totals(const struct verify_totals *totals)
{
    char rows[64], columns[64], nested[64], pages[64], number[64];
    if (totals->problems > VERIFY_MOST_REPORTED)
        printf("  and %s\n", text_plural(totals->problems - VERIFY_MOST_REPORTED, "more problem",
                                         number, sizeof number));
    if (totals->notes > VERIFY_MOST_REPORTED)
        printf("  and %s\n", text_plural(totals->notes - VERIFY_MOST_REPORTED, "more note", number,
                                         sizeof number));
    text_plural(totals->nested_columns, "nested column", nested, sizeof nested);
    printf("  %s: %s, %s, %s%s%s verified",
           totals->problems == 0 ? "ok" : text_plural(totals->problems, "problem", number, 64),
           text_plural(totals->rows, "row", rows, sizeof rows),
           text_plural(totals->columns, "column", columns, sizeof columns),
           totals->nested_columns > 0 ? nested : "", totals->nested_columns > 0 ? ", " : "",
           text_plural(totals->pages, "page", pages, sizeof pages));
    if (totals->unread_chunks > 0)
        printf("; the values of %s are not",
               text_plural(totals->unread_chunks, "column chunk", number, sizeof number));
    putchar('\n');
}

static json_t *file_document(const char *path, const struct verify_totals *totals,
                             const struct listing *listing)
{
    json_t *object = json_object();
    json_object_set_new(object, "file", document_text(path));
    json_object_set_new(object, "ok", json_boolean(totals->problems == 0));
    json_object_set_new(object, "rows", document_count(totals->rows));
    json_object_set_new(object, "columns", document_count(totals->columns));
    json_object_set_new(object, "nested_columns", document_count(totals->nested_columns));
    json_object_set_new(object, "unverified_chunks", document_count(totals->unread_chunks));
    json_object_set_new(object, "pages", document_count(totals->pages));
    json_object_set_new(object, "problem_count", document_count(totals->problems));
    json_object_set_new(object, "note_count", document_count(totals->notes));
    json_object_set(object, "problems", listing->problems);
    json_object_set(object, "notes", listing->notes);
    return object;
}

/* A document has one object a file, so the failure is told here and not by the run. */
static void tell_in_document(struct inspection *inspection, const char *path,
                             const struct error *failure)
{
    struct error told = *failure;
    char line[2048];
    error_in_file(&told, path);
    inspection->failed++;
    fprintf(stderr, "weir: %s\n", error_render(&told, line, sizeof line));
}

static enum error_code say_problems(const struct verify_totals *totals, struct error *error)
{
    char number[64];
    if (totals->problems == 0)
        return ERROR_NONE;
    return error_set(error, ERROR_INPUT, "%s",
                     text_plural(totals->problems, "problem", number, sizeof number));
}

static enum error_code verify_as_text(struct inspection *inspection,
                                      const struct store_object *object,
                                      const struct parquet_metadata *metadata, struct error *error)
{
    struct listing listing = {0};
    struct verify_totals totals;
    text_put(stdout, object->path);
    putchar('\n');
    TRY(inspect_verify(object, metadata, &inspection->account, list_finding, &listing, &totals,
                       error));
    put_totals(&totals);
    return say_problems(&totals, error);
}

static enum error_code verify_as_document(struct inspection *inspection,
                                          const struct store_object *object,
                                          const struct parquet_metadata *metadata,
                                          const struct listing *listing, struct error *error)
{
    struct verify_totals totals;
    struct error failure;
    TRY(inspect_verify(object, metadata, &inspection->account, list_finding, (void *)listing,
                       &totals, error));
    error_init(&failure);
    json_array_append_new(inspection->files, file_document(object->path, &totals, listing));
    if (say_problems(&totals, &failure) != ERROR_NONE)
        tell_in_document(inspection, object->path, &failure);
    return ERROR_NONE;
}

enum error_code inspect_show_verify(struct inspection *inspection,
                                    const struct store_object *object,
                                    const struct parquet_metadata *metadata, struct error *error)
{
    if (inspection->files == NULL)
        return verify_as_text(inspection, object, metadata, error);
    struct listing listing = {.problems = json_array(), .notes = json_array()};
    enum error_code code = verify_as_document(inspection, object, metadata, &listing, error);
    json_decref(listing.problems);
    json_decref(listing.notes);
    return code;
}
