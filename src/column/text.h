/*
 * Text of a bounded length: what fits is written, what does not is still counted.
 *
 * Private to the column room. The buffer is the caller's; text_end puts the NUL. Numbers are
 * written digit by digit, so that no locale has a say.
 */
#ifndef WEIR_COLUMN_TEXT_H
#define WEIR_COLUMN_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "column/column.h"

struct text {
    char *buffer;
    size_t size;   /* of the buffer, with the NUL */
    size_t length; /* of the whole text, written or not */
};

void text_bytes(struct text *text, const void *bytes, size_t count);
void text_string(struct text *text, const char *string);
void text_char(struct text *text, char c);
void text_repeat(struct text *text, char c, size_t count);
/* Ends the text and returns its whole length. */
size_t text_end(struct text *text);

void text_unsigned(struct text *text, uint64_t value);
void text_signed(struct text *text, int64_t value);
/* At least width digits, with leading zeros. */
void text_padded(struct text *text, uint64_t value, unsigned width);
/* Lower-case hexadecimal digits, two a byte. */
void text_hex(struct text *text, const uint8_t *bytes, size_t count);

/* Shortest decimal digits that read back as the same number; "nan", "inf", "-inf". */
void text_double(struct text *text, double value);
void text_float(struct text *text, float value);
void text_half(struct text *text, uint16_t bits);

/* ISO 8601. Years outside 0000 to 9999 carry a sign; a fraction is written unless it is zero. */
void text_date(struct text *text, int64_t days);
void text_time(struct text *text, int64_t value, const struct column_type *type);
void text_timestamp(struct text *text, int64_t value, const struct column_type *type);
void text_int96(struct text *text, const uint8_t value[static 12]);
/* Months, days and milliseconds as "P1M2DT3.004S". */
void text_interval(struct text *text, const uint8_t value[static 12]);

/* A signed big-endian integer with scale digits behind the point. */
void text_decimal(struct text *text, const uint8_t *bytes, size_t count, int32_t scale);
void text_decimal_integer(struct text *text, int64_t value, int32_t scale);

/* An INT96 as days since 1970 and nanoseconds of that day, brought into 0 to one day. */
void int96_split(const uint8_t value[static 12], int64_t *ret_days, int64_t *ret_nanoseconds);

/* IEEE 754 binary16 to its exact double. */
double half_to_double(uint16_t bits);

#endif
