/*
 * Whether keys come in strict order: ascending or descending, with the first or the last column as
 * the leading one. Any of the four proves that no key stands twice, in constant memory.
 */
#ifndef WEIR_SUM_ORDER_H
#define WEIR_SUM_ORDER_H

#include "sum/batch_reader.h"

/* First or last column leading, ascending or descending. */
#define ORDER_FORMS 4

struct order_check {
    uint32_t column_count;
    bool started;            /* a row was seen */
    bool open[ORDER_FORMS];  /* orders not yet refuted */
    int8_t *signs;           /* column_count runs of BATCH_ROWS: row against the row before */
    struct order_last *last; /* the last row of the batch before, one a column */
    struct mem_account *account;
};

CHECKED enum error_code order_check_init(struct order_check *order, uint32_t column_count,
                                         struct mem_account *account, struct error *error);
void order_check_release(struct order_check *order);
CHECKED enum error_code order_check_batch(struct order_check *order,
                                          const struct batch_reader *reader, struct error *error);
/* Whether some strict order is still possible. */
bool order_check_open(const struct order_check *order);
#endif
