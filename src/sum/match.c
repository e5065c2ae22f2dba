#include "sum/match.h"

#include <string.h>

static bool has_column(const struct parquet_metadata *metadata, const char *name)
{
    for (uint32_t i = 0; i < metadata->field_count; i++)
        if (strcmp(metadata->fields[i].name, name) == 0)
            return true;
    return false;
}

/* The first of the names that --rename allows and the file has, or the name itself. */
static const char *name_in_file(const struct sum *sum, const struct parquet_metadata *metadata,
                                const char *name)
{
    if (has_column(metadata, name))
        return name;
    for (size_t i = 0; i < sum->options.rename_count; i++) {
        const struct sum_rename *rename = &sum->options.renames[i];
        if (strcmp(rename->to, name) == 0 && has_column(metadata, rename->from))
            return rename->from;
    }
    return name;
}

enum error_code sum_find_column(const struct sum *sum, const struct parquet_metadata *metadata,
                                const char *name, uint32_t *ret, struct error *error)
{
    return parquet_find_column(metadata, name_in_file(sum, metadata, name), ret, error);
}

static const char *name_of(const struct sum *sum, uint32_t kept)
{
    if (kept < sum->key_count)
        return sum->options.keys[kept];
    if (kept < sum->key_count + sum->value_count)
        return sum->values[kept - sum->key_count].name;
    return filter_column_name(sum->filter, kept - sum->key_count - sum->value_count);
}

enum error_code sum_match_columns(const struct sum *sum, const struct parquet_metadata *metadata,
                                  uint32_t *ret, struct error *error)
{
    for (uint32_t i = 0; i < sum_kept_columns(sum); i++)
        TRY(sum_find_column(sum, metadata, name_of(sum, i), &ret[i], error));
    return ERROR_NONE;
}
