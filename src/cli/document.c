#include "cli/document.h"

#include <errno.h>

#include "term/text.h"

json_t *document_text(const char *text)
{
    char escaped[4096];
    if (text == NULL)
        return json_null();
    json_t *string = json_string(text);
    return string != NULL ? string : json_string(text_escape(text, escaped, sizeof escaped));
}

json_t *document_count(uint64_t count)
{
    return json_integer(count > INT64_MAX ? INT64_MAX : (json_int_t)count);
}

static void set_count(json_t *object, const char *name, uint64_t count)
{
    json_object_set_new(object, name, document_count(count));
}

static void set_text(json_t *object, const char *name, const char *text)
{
    json_object_set_new(object, name, document_text(text));
}

static json_t *memory_parts(const struct sum_plan *plan)
{
    json_t *parts = json_array();
    for (uint32_t i = 0; i < plan->memory_part_count && i < SUM_MEMORY_PARTS; i++) {
        json_t *part = json_object();
        set_text(part, "name", plan->memory_parts[i].name);
        set_count(part, "bytes", plan->memory_parts[i].bytes);
        json_array_append_new(parts, part);
    }
    return parts;
}

static json_t *plan_memory(const struct sum_plan *plan)
{
    json_t *memory = json_object();
    set_count(memory, "ceiling_bytes", plan->ceiling);
    set_text(memory, "ceiling_origin", plan->ceiling_origin);
    set_count(memory, "promised_bytes", plan->memory_figure);
    set_count(memory, "expected_bytes", plan->memory_expected);
    set_count(memory, "smallest_bytes", plan->memory_smallest);
    set_text(memory, "reason", plan->memory_reason);
    json_object_set_new(memory, "parts", memory_parts(plan));
    return memory;
}

json_t *document_plan(const struct sum_plan *plan)
{
    json_t *object = json_object();
    set_count(object, "files", plan->file_count);
    set_count(object, "rows", plan->row_count);
    set_count(object, "keys", plan->key_count);
    set_count(object, "file_bytes", plan->file_bytes);
    set_count(object, "bytes_to_read", plan->bytes_to_read);
    set_text(object, "way", plan->way);
    set_text(object, "reason", plan->reason);
    set_text(object, "otherwise", plan->otherwise);
    set_count(object, "tile_rows", plan->tile_rows);
    set_count(object, "tiles", plan->tile_count);
    set_count(object, "passes", plan->pass_count);
    set_count(object, "threads", plan->threads);
    set_text(object, "kernels", plan->kernels);
    json_object_set_new(object, "memory", plan_memory(plan));
    return object;
}

json_t *document_report(const struct sum_report *report)
{
    json_t *object = json_object();
    set_count(object, "result_rows", report->result_rows);
    set_count(object, "rows_read", report->rows_read);
    set_count(object, "bytes_read", report->bytes_read);
    set_count(object, "bytes_read_twice", report->bytes_read_twice);
    set_count(object, "files_identical", report->files_identical);
    set_count(object, "files_decoded", report->files_decoded);
    set_text(object, "uniqueness", report->uniqueness);
    set_count(object, "tiles", report->tiles);
    set_count(object, "tiles_again", report->tiles_again);
    set_count(object, "listing_ns", report->listing_ns);
    set_count(object, "proving_ns", report->proving_ns);
    set_count(object, "adding_ns", report->adding_ns);
    set_count(object, "peak_bytes", report->peak_bytes);
    return object;
}

/* Places and hints that an error does not have are null. */
static void set_place(json_t *object, const char *name, int64_t place)
{
    json_object_set_new(object, name, place == ERROR_NO_PLACE ? json_null() : json_integer(place));
}

static void set_filled(json_t *object, const char *name, const char *text)
{
    set_text(object, name, text[0] != '\0' ? text : NULL);
}

json_t *document_error(const struct error *error)
{
    json_t *object = json_object();
    set_text(object, "code", error_code_name(error->code));
    set_text(object, "message", error->what);
    set_filled(object, "file", error->file);
    set_place(object, "row_group", error->row_group);
    set_filled(object, "column", error->column);
    set_place(object, "offset", error->offset);
    set_filled(object, "hint", error->hint);
    return object;
}

static enum error_code write_with(json_t *document, FILE *stream, size_t flags, struct error *error)
{
    if (document == NULL)
        return error_set(error, ERROR_MEMORY, "not enough memory for the JSON document");
    int failed = json_dumpf(document, stream, flags | JSON_REAL_PRECISION(17));
    json_decref(document);
    if (failed != 0 || fputc('\n', stream) == EOF)
        return error_set_errno(error, errno, "cannot write the JSON document");
    return ERROR_NONE;
}

enum error_code document_write(json_t *document, FILE *stream, struct error *error)
{
    return write_with(document, stream, JSON_INDENT(2), error);
}

enum error_code document_write_line(json_t *document, FILE *stream, struct error *error)
{
    return write_with(document, stream, 0, error);
}
