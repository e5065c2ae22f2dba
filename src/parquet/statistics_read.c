/*
 * Bounds and null counts of chunks, and whether their order can be trusted.
 * Source: Statistics and ColumnOrder in parquet.thrift of apache/parquet-format.
 */
#include "parquet/statistics_read.h"

#include "parquet/footer.h"

/* Field number of TypeDefinedOrder in the union ColumnOrder. */
#define ORDER_OF_TYPE 1

/* Types whose order was the same before the format defined orders: signed numbers. */
static bool order_never_in_doubt(const struct column_type *type)
{
    switch (type->physical) {
    case COLUMN_INT32:
    case COLUMN_INT64:
        return type->logical != COLUMN_INTEGER || type->is_signed;
    case COLUMN_FLOAT:
    case COLUMN_DOUBLE:
        return true;
    default:
        return false;
    }
}

/* A count that is there and makes sense. */
static enum error_code read_count(struct thrift_reader *thrift, const struct thrift_field *field,
                                  bool *ret_has, int64_t *ret)
{
    if (field->type != THRIFT_I64)
        return thrift_skip(thrift, field->type);
    TRY(thrift_i64(thrift, field, ret));
    *ret_has = *ret >= 0;
    return ERROR_NONE;
}

static enum error_code read_exactness(struct thrift_reader *thrift,
                                      const struct thrift_field *field, bool *ret)
{
    *ret = field->type == THRIFT_TRUE;
    return thrift_skip(thrift, field->type);
}

static enum error_code read_field(struct thrift_reader *thrift, const struct thrift_field *field,
                                  struct stored_statistics *ret)
{
    struct parquet_statistics *values = &ret->values;
    switch (field->id) {
    case 1:
        return thrift_binary(thrift, field, &ret->old_maximum);
    case 2:
        return thrift_binary(thrift, field, &ret->old_minimum);
    case 3:
        return read_count(thrift, field, &values->has_null_count, &values->null_count);
    case 4:
        return read_count(thrift, field, &values->has_distinct_count,
                          (int64_t *)&values->distinct_count);
    case 5:
        return thrift_binary(thrift, field, &values->maximum);
    case 6:
        return thrift_binary(thrift, field, &values->minimum);
    case 7:
        return read_exactness(thrift, field, &values->maximum_exact);
    case 8:
        return read_exactness(thrift, field, &values->minimum_exact);
    default:
        return thrift_skip(thrift, field->type);
    }
}

enum error_code statistics_read(struct thrift_reader *thrift, const struct thrift_field *outer,
                                struct stored_statistics *ret)
{
    struct thrift_field field;
    *ret = (struct stored_statistics){0};
    TRY(thrift_is_struct(thrift, outer));
    TRY(thrift_struct_begin(thrift, &field));
    while (field.type != THRIFT_STOP) {
        TRY(read_field(thrift, &field, ret));
        TRY(thrift_struct_next(thrift, &field));
    }
    return ERROR_NONE;
}

static enum error_code keep(struct footer *footer, struct parquet_bytes bytes,
                            struct parquet_bytes *ret)
{
    char *copy;
    *ret = (struct parquet_bytes){0};
    if (bytes.data == NULL)
        return ERROR_NONE;
    TRY(mem_arena_copy(&footer->metadata->arena, bytes.data, bytes.size, &copy,
                       footer->thrift.error));
    *ret = (struct parquet_bytes){(const uint8_t *)copy, bytes.size};
    return ERROR_NONE;
}

enum error_code footer_keep_statistics(struct footer *footer, const struct thrift_field *outer,
                                       const struct column_type *type,
                                       struct parquet_statistics *ret)
{
    struct stored_statistics stored;
    TRY(statistics_read(&footer->thrift, outer, &stored));
    struct parquet_bytes minimum = stored.values.minimum, maximum = stored.values.maximum;
    if (minimum.data == NULL && maximum.data == NULL && order_never_in_doubt(type)) {
        minimum = stored.old_minimum;
        maximum = stored.old_maximum;
    }
    *ret = stored.values;
    TRY(keep(footer, minimum, &ret->minimum));
    return keep(footer, maximum, &ret->maximum);
}

static void drop_bounds(struct parquet_metadata *metadata, uint32_t column)
{
    metadata->columns[column].unordered = true;
    for (uint32_t i = 0; i < metadata->row_group_count; i++) {
        struct parquet_statistics *statistics = &metadata->row_groups[i].chunks[column].statistics;
        statistics->minimum = (struct parquet_bytes){0};
        statistics->maximum = (struct parquet_bytes){0};
    }
}

static enum error_code read_order(struct thrift_reader *thrift, bool *ret_of_type)
{
    struct thrift_field field;
    TRY(thrift_struct_begin(thrift, &field));
    while (field.type != THRIFT_STOP) {
        *ret_of_type = field.id == ORDER_OF_TYPE;
        TRY(thrift_skip(thrift, field.type));
        TRY(thrift_struct_next(thrift, &field));
    }
    return ERROR_NONE;
}

enum error_code footer_read_column_orders(struct footer *footer, const struct thrift_field *field)
{
    uint32_t count;
    TRY(thrift_list(&footer->thrift, field, THRIFT_STRUCT, 1, &count));
    for (uint32_t i = 0; i < count; i++) {
        bool of_type = false;
        TRY(read_order(&footer->thrift, &of_type));
        if (!of_type && i < footer->metadata->column_count)
            drop_bounds(footer->metadata, i);
    }
    return ERROR_NONE;
}

void footer_settle_statistics(struct footer *footer, bool orders_given)
{
    struct parquet_metadata *metadata = footer->metadata;
    for (uint32_t i = 0; i < metadata->column_count && !orders_given; i++) {
        if (!order_never_in_doubt(&metadata->columns[i].type))
            drop_bounds(metadata, i);
    }
}
