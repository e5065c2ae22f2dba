#include "sum/order.h"

#include <string.h>

#include "sum/order_kernels.h"

/* The last value of a column, kept over the edge of a batch. */
struct order_last {
    bool present;
    uint8_t value[64];      /* of fixed width; struct column_bytes into text */
    struct mem_buffer wide; /* fixed values beyond 64 bytes, and text */
};

enum { FIRST_ASCENDING, FIRST_DESCENDING, LAST_ASCENDING, LAST_DESCENDING };

enum error_code order_check_init(struct order_check *order, uint32_t column_count,
                                 struct mem_account *account, struct error *error)
{
    *order = (struct order_check){.column_count = column_count, .account = account};
    memset(order->open, true, sizeof order->open);
    TRY(mem_alloc_array(account, column_count, BATCH_ROWS, (void **)&order->signs, error));
    enum error_code code =
        mem_alloc_array(account, column_count, sizeof *order->last, (void **)&order->last, error);
    for (uint32_t i = 0; code == ERROR_NONE && i < column_count; i++)
        mem_buffer_init(&order->last[i].wide, account, SIZE_MAX / 2);
    if (code != ERROR_NONE)
        order_check_release(order);
    return code;
}

void order_check_release(struct order_check *order)
{
    for (uint32_t i = 0; order->last != NULL && i < order->column_count; i++)
        mem_buffer_release(&order->last[i].wide);
    mem_free(order->last);
    mem_free(order->signs);
    order->last = NULL;
    order->signs = NULL;
}

bool order_check_open(const struct order_check *order)
{
    return order->open[0] || order->open[1] || order->open[2] || order->open[3];
}

#define SIGN(a, b) (int8_t)(((a) > (b)) - ((a) < (b)))

static int8_t compare_or_null(const struct column_type *type, const void *a, const void *b)
{
    if (a == NULL || b == NULL)
        return (int8_t)((a != NULL) - (b != NULL));
    int order = column_value_compare(type, a, b);
    return SIGN(order, 0);
}

static void signs_any(const struct batch_column *column, uint32_t count, int8_t *signs)
{
    const uint8_t *next = column->values;
    const uint8_t *before = NULL;
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *value = column->present[i] != 0 ? next : NULL;
        if (i > 0)
            signs[i] = compare_or_null(&column->type, value, before);
        before = value;
        next += value != NULL ? column->width : 0;
    }
}

static void column_signs(const struct batch_column *column, uint32_t count, int8_t *signs)
{
    bool is_signed = column->type.logical != COLUMN_INTEGER || column->type.is_signed;
    if (column->type.physical == COLUMN_INT64 && is_signed && !column->has_nulls)
        order_signs_i64((const int64_t *)column->values, count, signs);
    else if (column->type.physical == COLUMN_INT32 && is_signed && !column->has_nulls)
        order_signs_i32((const int32_t *)column->values, count, signs);
    else
        signs_any(column, count, signs);
}

static enum error_code keep_last(struct order_last *last, const struct batch_column *column,
                                 const void *value, struct error *error)
{
    last->present = value != NULL;
    if (value == NULL)
        return ERROR_NONE;
    if (column->type.physical == COLUMN_BYTE_ARRAY) {
        struct column_bytes text;
        memcpy(&text, value, sizeof text);
        TRY(mem_buffer_renew(&last->wide, text.size + 1, error));
        memcpy(last->wide.data, text.data, text.size);
        text.data = last->wide.data;
        memcpy(last->value, &text, sizeof text);
        return ERROR_NONE;
    }
    if (column->width <= sizeof last->value) {
        memcpy(last->value, value, column->width);
        return ERROR_NONE;
    }
    TRY(mem_buffer_renew(&last->wide, column->width, error));
    memcpy(last->wide.data, value, column->width);
    return ERROR_NONE;
}

static const void *last_value(const struct order_last *last, const struct batch_column *column)
{
    if (!last->present)
        return NULL;
    bool wide = column->type.physical != COLUMN_BYTE_ARRAY && column->width > sizeof last->value;
    return wide ? last->wide.data : last->value;
}

/* The sign that decides a row is that of the leading column, then of the next where that is 0. */
static void refute(struct order_check *order, uint32_t from, uint32_t count, bool last_leads)
{
    bool *ascending = &order->open[last_leads ? LAST_ASCENDING : FIRST_ASCENDING];
    bool *descending = &order->open[last_leads ? LAST_DESCENDING : FIRST_DESCENDING];
    int8_t lead[BATCH_ROWS], least, greatest;
    if ((!*ascending && !*descending) || from >= count)
        return;
    memset(lead, 0, count);
    for (uint32_t i = 0; i < order->column_count; i++) {
        uint32_t column = last_leads ? i : order->column_count - 1 - i;
        order_lead(order->signs + (size_t)column * BATCH_ROWS, count, lead);
    }
    order_span(lead + from, count - from, &least, &greatest);
    *ascending = *ascending && least > 0;
    *descending = *descending && greatest < 0;
}

enum error_code order_check_batch(struct order_check *order, const struct batch_reader *reader,
                                  struct error *error)
{
    uint32_t count = reader->row_count;
    for (uint32_t i = 0; i < order->column_count; i++) {
        const struct batch_column *column = &reader->columns[i];
        int8_t *signs = order->signs + (size_t)i * BATCH_ROWS;
        column_signs(column, count, signs);
        if (order->started)
            signs[0] = compare_or_null(&column->type, batch_reader_value(reader, i, 0),
                                       last_value(&order->last[i], column));
        TRY(keep_last(&order->last[i], column, batch_reader_value(reader, i, count - 1), error));
    }
    uint32_t from = order->started ? 0 : 1;
    refute(order, from, count, false);
    refute(order, from, count, true);
    order->started = true;
    return ERROR_NONE;
}
