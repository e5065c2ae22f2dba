/* Loops over arrays that order.c is made of. Signs are -1, 0 or 1: a row against the row before. */
#ifndef WEIR_SUM_ORDER_KERNELS_H
#define WEIR_SUM_ORDER_KERNELS_H

#include <stddef.h>
#include <stdint.h>

/* Signs of rows 1..count-1. */
void order_signs_i64(const int64_t *values, size_t count, int8_t *signs);
void order_signs_i32(const int32_t *values, size_t count, int8_t *signs);

/* lead[i] becomes signs[i] where that is not 0: a column that leads those seen so far. */
void order_lead(const int8_t *signs, size_t count, int8_t *lead);

/* Smallest and greatest of count > 0 signs. */
void order_span(const int8_t *signs, size_t count, int8_t *ret_least, int8_t *ret_greatest);

#endif
