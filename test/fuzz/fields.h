/*
 * Fields of a file for the targets that bring foreign metadata to them.
 */
#ifndef WEIR_FUZZ_FIELDS_H
#define WEIR_FUZZ_FIELDS_H

#include "column/column.h"

#define FIELD_COUNT 11

/* One field of each kind that Arrow's schema or pandas say more about. */
static inline void make_fields(struct column_field fields[FIELD_COUNT])
{
    static const struct column_field kinds[FIELD_COUNT] = {
        {.name = "flag", .type = {.physical = COLUMN_BOOLEAN}},
        {.name = "small", .type = {.physical = COLUMN_INT32}, .nullable = true},
        {.name = "path", .type = {.physical = COLUMN_INT64}},
        {.name = "day",
         .type = {.physical = COLUMN_INT64,
                  .logical = COLUMN_TIMESTAMP,
                  .unit = COLUMN_MILLISECONDS,
                  .utc_adjusted = true}},
        {.name = "date", .type = {.physical = COLUMN_INT32, .logical = COLUMN_DATE}},
        {.name = "time",
         .type = {.physical = COLUMN_INT32, .logical = COLUMN_TIME, .unit = COLUMN_MILLISECONDS}},
        {.name = "value", .type = {.physical = COLUMN_DOUBLE}},
        {.name = "name", .type = {.physical = COLUMN_BYTE_ARRAY, .logical = COLUMN_STRING}},
        {.name = "raw", .type = {.physical = COLUMN_BYTE_ARRAY}},
        {.name = "amount",
         .type = {.physical = COLUMN_FIXED,
                  .logical = COLUMN_DECIMAL,
                  .type_length = 16,
                  .precision = 20,
                  .scale = 2}},
        {.name = "wide",
         .type = {.physical = COLUMN_INT64, .logical = COLUMN_INTEGER, .bit_width = 64}},
    };
    for (int i = 0; i < FIELD_COUNT; i++)
        fields[i] = kinds[i];
}

#endif
