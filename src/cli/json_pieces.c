#include "cli/json_pieces.h"

#include <errno.h>

static enum error_code write_value(struct json_pieces *pieces, json_t *value, struct error *error)
{
    if (value == NULL)
        return error_set(error, ERROR_MEMORY, "not enough memory for the JSON document");
    int failed = json_dumpf(value, pieces->stream, JSON_ENCODE_ANY | JSON_REAL_PRECISION(17));
    json_decref(value);
    if (failed != 0)
        return error_set_errno(error, errno, "cannot write the JSON document");
    return ERROR_NONE;
}

static void write_name(struct json_pieces *pieces, const char *name)
{
    fprintf(pieces->stream, "%s\n  \"%s\": ", pieces->has_member ? "," : "", name);
    pieces->has_member = true;
}

void json_pieces_begin(struct json_pieces *pieces, FILE *stream)
{
    *pieces = (struct json_pieces){.stream = stream};
    fputc('{', stream);
}

enum error_code json_pieces_member(struct json_pieces *pieces, const char *name, json_t *value,
                                   struct error *error)
{
    write_name(pieces, name);
    return write_value(pieces, value, error);
}

void json_pieces_begin_list(struct json_pieces *pieces, const char *name)
{
    write_name(pieces, name);
    fputc('[', pieces->stream);
    pieces->has_item = false;
}

enum error_code json_pieces_item(struct json_pieces *pieces, json_t *value, struct error *error)
{
    fputs(pieces->has_item ? ",\n    " : "\n    ", pieces->stream);
    pieces->has_item = true;
    return write_value(pieces, value, error);
}

void json_pieces_end_list(struct json_pieces *pieces)
{
    fputs(pieces->has_item ? "\n  ]" : "]", pieces->stream);
}

enum error_code json_pieces_end(struct json_pieces *pieces, struct error *error)
{
    if (fputs("\n}\n", pieces->stream) == EOF || ferror(pieces->stream))
        return error_set_errno(error, errno, "cannot write the JSON document");
    return ERROR_NONE;
}
