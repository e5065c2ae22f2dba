#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/utf8.h"
#include "parquet/metadata.h"

/* Names longer than this are not compared letter by letter. */
#define NEAR_LONGEST 64
/* Letters to add, drop or change in a near name. */
#define NEAR_EDITS 2
/* Columns looked at for near names: the search must not take longer than reading the file. */
#define NEAR_COLUMNS 2000
/* Bytes of a name in a message. */
#define NAME_SHOWN 100

/* A name as messages have it: a long one is cut where a character begins. */
static const char *shown(const char *name, char buffer[static NAME_SHOWN + 4])
{
    return utf8_shorten(name, NAME_SHOWN, buffer);
}

/* Levenshtein's distance, one row of the table at a time (R. Wagner, M. Fischer, 1974). */
static unsigned edit_distance(const char *a, const char *b)
{
    unsigned row[NEAR_LONGEST + 1];
    size_t a_size = strlen(a), b_size = strlen(b);
    if (a_size > NEAR_LONGEST || b_size > NEAR_LONGEST)
        return UINT32_MAX;
    for (unsigned i = 0; i <= b_size; i++)
        row[i] = i;
    for (size_t i = 0; i < a_size; i++) {
        unsigned corner = row[0];
        row[0] = (unsigned)i + 1;
        for (size_t j = 0; j < b_size; j++) {
            unsigned change = corner + (a[i] != b[j]);
            corner = row[j + 1];
            unsigned other = (corner < row[j] ? corner : row[j]) + 1;
            row[j + 1] = change < other ? change : other;
        }
    }
    return row[b_size];
}

static bool is_near(const char *wanted, const char *name)
{
    if (strcasecmp(wanted, name) == 0)
        return true;
    if (strnlen(name, NEAR_LONGEST + 1) > NEAR_LONGEST)
        return false;
    unsigned distance = edit_distance(wanted, name);
    return distance <= NEAR_EDITS && distance < strlen(name);
}

/* Names joined by commas, as many as fit. */
static void list_names(const struct parquet_metadata *metadata, const char *wanted, bool near_only,
                       char *text, size_t size)
{
    char buffer[NAME_SHOWN + 4];
    size_t used = 0;
    text[0] = '\0';
    for (uint32_t i = 0; i < metadata->field_count && i < NEAR_COLUMNS; i++) {
        if (near_only && !is_near(wanted, metadata->fields[i].name))
            continue;
        const char *name = shown(metadata->fields[i].name, buffer);
        if (used + strlen(name) + 8 > size) {
            snprintf(text + used, size - used, ", ...");
            return;
        }
        used += (size_t)snprintf(text + used, size - used, used > 0 ? ", %s" : "%s", name);
    }
}

static enum error_code no_such_column(const struct parquet_metadata *metadata, const char *name,
                                      struct error *error)
{
    char names[320], buffer[NAME_SHOWN + 4];
    enum error_code code =
        error_set(error, ERROR_MISMATCH, "there is no column \"%s\"", shown(name, buffer));
    list_names(metadata, name, true, names, sizeof names);
    if (names[0] == '\0')
        list_names(metadata, name, false, names, sizeof names);
    if (names[0] == '\0')
        error_hint(error, "another file: this one has no columns");
    else
        error_hint(error, "one of its columns: %s", names);
    return code;
}

static enum error_code refuse_several(const char *name, uint32_t count, struct error *error)
{
    char buffer[NAME_SHOWN + 4];
    enum error_code code = error_set(error, ERROR_MISMATCH,
                                     "there are %u columns \"%s\": which one is meant is not said",
                                     count, shown(name, buffer));
    error_hint(error, "a file in which each column has a name of its own");
    return code;
}

static enum error_code refuse_nested(const struct parquet_field *field, struct error *error)
{
    char buffer[NAME_SHOWN + 4];
    enum error_code code =
        error_set(error, ERROR_UNSUPPORTED, "column \"%s\" is nested, %s: weir reads flat columns",
                  shown(field->name, buffer), field->shape);
    error_hint(error, "DuckDB, which reads nested columns, to write it as a flat one");
    return code;
}

static bool is_encrypted(const struct parquet_metadata *metadata, uint32_t column)
{
    for (uint32_t i = 0; i < metadata->row_group_count; i++) {
        if (metadata->row_groups[i].chunks[column].encrypted)
            return true;
    }
    return false;
}

static enum error_code refuse_elsewhere(const struct parquet_metadata *metadata, const char *name,
                                        struct error *error)
{
    char buffer[NAME_SHOWN + 4], path[NAME_SHOWN + 4];
    enum error_code code = error_set(error, ERROR_UNSUPPORTED,
                                     "the values of column \"%s\" stand in another file (%s)",
                                     shown(name, buffer), shown(metadata->elsewhere, path));
    error_hint(error, "the files that it refers to in place of this summary file");
    return code;
}

/* A column that is there; whether its values can be had. */
static enum error_code check_readable(const struct parquet_metadata *metadata, uint32_t index,
                                      struct error *error)
{
    const struct parquet_column *column = &metadata->columns[index];
    char buffer[NAME_SHOWN + 4];
    if (metadata->elsewhere != NULL)
        return refuse_elsewhere(metadata, column->name, error);
    if (is_encrypted(metadata, index)) {
        enum error_code code = error_set(error, ERROR_UNSUPPORTED, "column \"%s\" is encrypted",
                                         shown(column->name, buffer));
        error_hint(error, "the file without encryption");
        return code;
    }
    if (column->unsupported != NULL)
        return error_set(error, ERROR_UNSUPPORTED, "column \"%s\" cannot be read: %s",
                         shown(column->name, buffer), column->unsupported);
    return ERROR_NONE;
}

enum error_code parquet_find_column(const struct parquet_metadata *metadata, const char *name,
                                    uint32_t *ret, struct error *error)
{
    const struct parquet_field *found = NULL;
    uint32_t count = 0;
    for (uint32_t i = 0; i < metadata->field_count; i++) {
        if (strcmp(metadata->fields[i].name, name) != 0)
            continue;
        found = &metadata->fields[i];
        count++;
    }
    if (count == 0)
        return no_such_column(metadata, name, error);
    if (count > 1)
        return refuse_several(name, count, error);
    if (found->nested)
        return refuse_nested(found, error);
    TRY(check_readable(metadata, found->first_column, error));
    *ret = found->first_column;
    return ERROR_NONE;
}
