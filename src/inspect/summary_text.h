/*
 * Numbers as text, quickly: every value of a column may be written once. Private to the inspect
 * room.
 */
#ifndef WEIR_INSPECT_SUMMARY_TEXT_H
#define WEIR_INSPECT_SUMMARY_TEXT_H

#include "mem/mem.h"

/* Digits of 2^127, a sign, a NUL. */
#define INTEGER_TEXT 41
#define FLOAT_TEXT   32

/* Decimal digits, at least width (1 to 20) of them with zeros in front, and no NUL; returns how
 * many. */
size_t summary_digits(uint64_t value, unsigned width, char *text);

/* Digits with a NUL behind them; returns their length. */
size_t summary_integer_text(__int128 value, char text[static INTEGER_TEXT]);

/* Lower-case hexadecimal digits, two a byte, no NUL. */
void summary_hex(const uint8_t *bytes, size_t size, char *text);

/* The shortest digits that read back as the same double, always told from an integer: "1.0",
 * "1e-05", "1.5e+16", "inf", "nan". */
void summary_float_text(double value, char text[static FLOAT_TEXT]);

/* Powers of ten that a decimal's point may be moved by. */
#define SCALE_MOST 4096

/* An integer's digits with the point moved: "-1230" at scale 2 is "-12.30", at scale -2 "-123000".
 * scale is within SCALE_MOST. */
CHECKED enum error_code summary_scale(struct mem_arena *arena, const char *digits, int32_t scale,
                                      const char **ret, struct error *error);

#endif
