/* From the names that the user gave to columns, values and result fields of the first file. */
#include <math.h>
#include <string.h>

#include "arrow/schema.h"
#include "arrow/stream.h"
#include "sum/match.h"
#include "sum/where.h"

static enum error_code allocate(struct sum *sum, struct error *error)
{
    size_t aggregates = sum->options.aggregate_count;
    size_t most = sum->options.key_count + aggregates + sum->filter_count;
    struct mem_arena *arena = &sum->arena;
    TRY(mem_arena_alloc_array(arena, most, sizeof(uint32_t), (void **)&sum->columns, error));
    TRY(mem_arena_alloc_array(arena, aggregates, sizeof(struct aggregate_value),
                              (void **)&sum->values, error));
    TRY(mem_arena_alloc_array(arena, aggregates, sizeof(struct sum_output), (void **)&sum->outputs,
                              error));
    TRY(mem_arena_alloc_array(arena, most, sizeof(struct column_field), (void **)&sum->fields,
                              error));
    TRY(mem_arena_alloc_array(arena, sum->options.key_count, sizeof *sum->key_types,
                              (void **)&sum->key_types, error));
    TRY(mem_arena_alloc_array(arena, sum->options.key_count, sizeof *sum->key_nullable,
                              (void **)&sum->key_nullable, error));
    return mem_arena_alloc_array(arena, most, sizeof(struct column_facts),
                                 (void **)&sum->facts.columns, error);
}

/* The field of a column of the first file, with what Arrow's schema says about it. */
static struct column_field source_field(struct sum *sum, uint32_t column)
{
    struct column_field field = parquet_column_field(&sum->first.columns[column]);
    if (sum->stream != NULL)
        field.arrow = arrow_stream_field(sum->stream, column)->arrow;
    const struct parquet_key_value *schema = parquet_key_value(&sum->first, "ARROW:schema");
    if (schema != NULL && schema->value != NULL)
        arrow_schema_apply(schema->value, schema->value_size, &field, 1, &sum->account);
    return field;
}

static enum error_code resolve_keys(struct sum *sum, struct error *error)
{
    for (size_t i = 0; i < sum->options.key_count; i++) {
        uint32_t column;
        TRY(sum_find_column(sum, &sum->first, sum->options.keys[i], &column, error));
        sum->columns[i] = column;
        sum->fields[i] = source_field(sum, column);
        sum->fields[i].name = sum->options.keys[i];
        sum->key_types[i] = sum->first.columns[column].type;
        sum->key_count++;
    }
    sum->field_count = sum->key_count;
    return ERROR_NONE;
}

/* The value of that name, made on first use. */
static enum error_code find_value(struct sum *sum, const char *name, uint32_t *ret,
                                  struct error *error)
{
    for (uint32_t i = 0; i < sum->value_count; i++) {
        if (strcmp(sum->values[i].name, name) == 0) {
            *ret = i;
            return ERROR_NONE;
        }
    }
    uint32_t column;
    TRY(sum_find_column(sum, &sum->first, name, &column, error));
    const struct parquet_column *source = &sum->first.columns[column];
    aggregate_value_init(&sum->values[sum->value_count], name, column, &source->type);
    sum->columns[sum->key_count + sum->value_count] = column;
    sum->facts.columns[sum->key_count + sum->value_count].magnitude = NAN;
    *ret = sum->value_count++;
    return ERROR_NONE;
}

static enum error_code resolve_aggregate(struct sum *sum, const struct aggregate *aggregate,
                                         struct error *error)
{
    struct sum_output output = {.function = aggregate->function};
    struct column_field field = {.name = aggregate->name, .type = {.physical = COLUMN_INT64}};
    if (aggregate->function != AGGREGATE_COUNT_ROWS) {
        TRY(find_value(sum, aggregate->column, &output.value, error));
        struct aggregate_value *value = &sum->values[output.value];
        struct column_field source = source_field(sum, value->column);
        TRY(aggregate_value_want(value, aggregate, &source, &field, error));
    }
    sum->outputs[sum->output_count++] = output;
    sum->fields[sum->field_count++] = field;
    return ERROR_NONE;
}

static enum error_code resolve_filter(struct sum *sum, struct error *error)
{
    uint32_t *columns = sum->columns + sum->key_count + sum->value_count;
    for (uint32_t i = 0; i < sum->filter_count; i++)
        TRY(sum_find_column(sum, &sum->first, filter_column_name(sum->filter, i), &columns[i],
                            error));
    return sum_check_where(sum, error);
}

enum error_code sum_resolve_columns(struct sum *sum, struct error *error)
{
    TRY(allocate(sum, error));
    TRY(resolve_keys(sum, error));
    for (size_t i = 0; i < sum->options.aggregate_count; i++)
        TRY(resolve_aggregate(sum, &sum->options.aggregates[i], error));
    return resolve_filter(sum, error);
}
