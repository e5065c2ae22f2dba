#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "parquet/metadata.h"

/* Names longer than this are not compared letter by letter. */
#define NEAR_LONGEST 64
/* Letters to add, drop or change in a near name. */
#define NEAR_EDITS 2

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
    unsigned distance = edit_distance(wanted, name);
    return distance <= NEAR_EDITS && distance < strlen(name);
}

/* Names joined by commas, as many as fit. */
static void list_names(const struct parquet_metadata *metadata, const char *wanted, bool near_only,
                       char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (uint32_t i = 0; i < metadata->field_count; i++) {
        const char *name = metadata->fields[i].name;
        if (near_only && !is_near(wanted, name))
            continue;
        size_t length = strlen(name);
        if (used + length + 8 > size) {
            snprintf(text + used, size - used, ", ...");
            return;
        }
        used += (size_t)snprintf(text + used, size - used, used > 0 ? ", %s" : "%s", name);
    }
}

static enum error_code no_such_column(const struct parquet_metadata *metadata, const char *name,
                                      struct error *error)
{
    char names[320];
    enum error_code code = error_set(error, ERROR_MISMATCH, "there is no column \"%s\"", name);
    list_names(metadata, name, true, names, sizeof names);
    if (names[0] == '\0')
        list_names(metadata, name, false, names, sizeof names);
    if (names[0] == '\0')
        error_hint(error, "another file: this one has no columns");
    else
        error_hint(error, "one of its columns: %s", names);
    return code;
}

static enum error_code refuse_nested(const char *name, struct error *error)
{
    enum error_code code = error_set(error, ERROR_UNSUPPORTED,
                                     "column \"%s\" is nested: weir reads flat columns", name);
    error_hint(error, "DuckDB, which reads nested columns, to write it as a flat one");
    return code;
}

enum error_code parquet_find_column(const struct parquet_metadata *metadata, const char *name,
                                    uint32_t *ret, struct error *error)
{
    for (uint32_t i = 0; i < metadata->field_count; i++) {
        const struct parquet_field *field = &metadata->fields[i];
        if (strcmp(field->name, name) != 0)
            continue;
        if (field->nested)
            return refuse_nested(name, error);
        const struct parquet_column *column = &metadata->columns[field->first_column];
        if (column->unsupported != NULL)
            return error_set(error, ERROR_UNSUPPORTED, "column \"%s\" cannot be read: %s", name,
                             column->unsupported);
        *ret = field->first_column;
        return ERROR_NONE;
    }
    return no_such_column(metadata, name, error);
}
