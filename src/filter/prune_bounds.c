/*
 * Bounds as files have them, and whether they can be believed.
 * Source: Statistics, ColumnOrder and ColumnIndex in parquet.thrift of apache/parquet-format.
 */
#include "filter/prune_state.h"

/* Types for which the format defines an order that this column is said to keep. */
static bool is_ordered(const struct parquet_column *column)
{
    enum value_form form = value_form_of(&column->type);
    return !column->unordered && column->annotation == NULL && column->unsupported == NULL &&
           form != FORM_INT96 && form != FORM_NONE && form != FORM_UNORDERED;
}

/* Texts may have been cut, numbers not. */
static bool bound_fits(const struct column_type *type, struct parquet_bytes bound)
{
    if (type->physical == COLUMN_BYTE_ARRAY)
        return bound.size <= UINT32_MAX;
    if (type->physical == COLUMN_FIXED && value_form_of(type) == FORM_BYTES)
        return bound.size <= type->type_length;
    return bound.size == column_value_size(type);
}

static bool has_bytes(const struct column_type *type)
{
    return type->physical == COLUMN_BYTE_ARRAY || type->physical == COLUMN_FIXED;
}

static bool is_nan(const struct column_type *type, struct parquet_bytes bound)
{
    enum value_form form = value_form_of(type);
    return value_form_is_float(form) && value_key(form, bound.data) == KEY_NAN;
}

static int compare(const struct column_type *type, struct parquet_bytes a, struct parquet_bytes b)
{
    enum value_form form = value_form_of(type);
    if (!value_form_has_key(form)) {
        struct column_bytes x = {a.data, (uint32_t)a.size}, y = {b.data, (uint32_t)b.size};
        return value_bytes_compare(form, x, y);
    }
    uint64_t x = value_key(form, a.data), y = value_key(form, b.data);
    return (x > y) - (x < y);
}

/* A writer that let a NaN into one bound may have spoilt the other. */
static bool are_sound(const struct column_type *type, struct parquet_bytes bound)
{
    return bound.data == NULL || (bound_fits(type, bound) && !is_nan(type, bound));
}

static const void *view(const struct column_type *type, struct parquet_bytes bound,
                        struct column_bytes *bytes)
{
    if (bound.data == NULL || !has_bytes(type))
        return bound.data;
    *bytes = (struct column_bytes){bound.data, (uint32_t)bound.size};
    return bytes;
}

enum bounds_verdict prune_set_bounds(struct column_knowledge *knowledge,
                                     struct parquet_bytes minimum, struct parquet_bytes maximum,
                                     struct filter_facts *facts)
{
    const struct column_type *type = &knowledge->column->type;
    facts->minimum = facts->maximum = NULL;
    if ((minimum.data == NULL && maximum.data == NULL) || !is_ordered(knowledge->column) ||
        !are_sound(type, minimum) || !are_sound(type, maximum))
        return BOUNDS_NONE;
    if (minimum.data != NULL && maximum.data != NULL && compare(type, minimum, maximum) > 0)
        return BOUNDS_CONTRADICTORY;
    facts->minimum = view(type, minimum, &knowledge->minimum);
    facts->maximum = view(type, maximum, &knowledge->maximum);
    return BOUNDS_KNOWN;
}

static struct parquet_bytes bytes_of(const struct column_type *type, const void *bound)
{
    struct column_bytes bytes;
    if (!has_bytes(type))
        return (struct parquet_bytes){bound, column_value_size(type)};
    memcpy(&bytes, bound, sizeof bytes);
    return (struct parquet_bytes){bytes.data, bytes.size};
}

bool prune_bounds_apart(const struct column_knowledge *knowledge, const struct filter_facts *a,
                        const struct filter_facts *b)
{
    const struct column_type *type = &knowledge->column->type;
    if (a->minimum != NULL && b->maximum != NULL &&
        compare(type, bytes_of(type, a->minimum), bytes_of(type, b->maximum)) > 0)
        return true;
    return a->maximum != NULL && b->minimum != NULL &&
           compare(type, bytes_of(type, a->maximum), bytes_of(type, b->minimum)) < 0;
}

/* Counts that cannot be, or bounds of values that are said not to be there. */
static bool is_contradictory(const struct column_knowledge *knowledge)
{
    const struct parquet_statistics *statistics = &knowledge->chunk->statistics;
    uint64_t rows = knowledge->chunk->value_count, nulls = (uint64_t)statistics->null_count;
    if (!statistics->has_null_count)
        return false;
    bool has_bounds = statistics->minimum.data != NULL || statistics->maximum.data != NULL;
    return nulls > rows || (nulls == rows && has_bounds && rows > 0) ||
           (nulls > 0 && !knowledge->column->nullable);
}

void prune_chunk_facts(struct column_knowledge *knowledge, struct filter_facts *facts)
{
    const struct parquet_statistics *statistics = &knowledge->chunk->statistics;
    struct filter_facts known = FILTER_NO_FACTS;
    known.has_nulls = knowledge->column->nullable;
    *facts = known;
    if (is_contradictory(knowledge))
        return;
    if (prune_set_bounds(knowledge, statistics->minimum, statistics->maximum, facts) ==
        BOUNDS_CONTRADICTORY)
        return;
    if (statistics->has_null_count) {
        facts->has_nulls = known.has_nulls && statistics->null_count > 0;
        facts->has_values = (uint64_t)statistics->null_count < knowledge->chunk->value_count;
    }
}
