#include "document/document.h"

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

void document_set_count(json_t *object, const char *name, uint64_t count)
{
    json_object_set_new(object, name, document_count(count));
}

void document_set_positive(json_t *object, const char *name, uint64_t count)
{
    json_object_set_new(object, name, count == 0 ? json_null() : document_count(count));
}

void document_set_text(json_t *object, const char *name, const char *text)
{
    json_object_set_new(object, name, document_text(text));
}

/* Places that an error does not have are null. */
static void set_place(json_t *object, const char *name, int64_t place)
{
    json_object_set_new(object, name, place == ERROR_NO_PLACE ? json_null() : json_integer(place));
}

void document_set_filled(json_t *object, const char *name, const char *text)
{
    document_set_text(object, name, text[0] != '\0' ? text : NULL);
}

json_t *document_error(const struct error *error)
{
    json_t *object = json_object();
    document_set_text(object, "code", error_code_name(error->code));
    document_set_text(object, "message", error->what);
    document_set_filled(object, "file", error->file);
    set_place(object, "row_group", error->row_group);
    document_set_filled(object, "column", error->column);
    set_place(object, "offset", error->offset);
    document_set_filled(object, "hint", error->hint);
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

struct sink {
    document_put *put;
    void *context;
    struct error *error;
    enum error_code code;
};

static int put_piece(const char *text, size_t size, void *context)
{
    struct sink *sink = context;
    sink->code = sink->put(sink->context, text, size, sink->error);
    return sink->code == ERROR_NONE ? 0 : -1;
}

enum error_code document_dump(json_t *document, bool in_lines, document_put *put, void *context,
                              struct error *error)
{
    struct sink sink = {put, context, error, ERROR_NONE};
    size_t flags = JSON_REAL_PRECISION(17) | (in_lines ? JSON_INDENT(2) : 0);
    int failed = json_dump_callback(document, put_piece, &sink, flags);
    json_decref(document);
    TRY(sink.code);
    if (failed != 0)
        return error_set(error, ERROR_MEMORY, "not enough memory for the JSON document");
    return ERROR_NONE;
}
