#include "sum/order_kernels.h"

void order_signs_i64(const int64_t *values, size_t count, int8_t *signs)
{
    for (size_t i = 1; i < count; i++)
        signs[i] = (int8_t)((values[i] > values[i - 1]) - (values[i] < values[i - 1]));
}

void order_signs_i32(const int32_t *values, size_t count, int8_t *signs)
{
    for (size_t i = 1; i < count; i++)
        signs[i] = (int8_t)((values[i] > values[i - 1]) - (values[i] < values[i - 1]));
}

void order_lead(const int8_t *signs, size_t count, int8_t *lead)
{
    for (size_t i = 0; i < count; i++)
        lead[i] = signs[i] != 0 ? signs[i] : lead[i];
}

void order_span(const int8_t *signs, size_t count, int8_t *ret_least, int8_t *ret_greatest)
{
    int8_t least = signs[0], greatest = signs[0];
    for (size_t i = 1; i < count; i++) {
        least = signs[i] < least ? signs[i] : least;
        greatest = signs[i] > greatest ? signs[i] : greatest;
    }
    *ret_least = least;
    *ret_greatest = greatest;
}
