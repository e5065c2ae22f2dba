/*
 * One type for a key column that files type differently, and the way there from each file's.
 *
 * Two types agree when every value of both has one exact value in a third: integers of any width
 * and sign, integers and decimals, decimals of other precision, scale and layout, floats of any
 * width and with them integers up to int32, date and local timestamp (midnight), timestamps and
 * times of other units, INT96 and local timestamps, text with and without the annotations of text,
 * bytes of 16 and a UUID. A column of nothing but nulls agrees with every type. A cast of values
 * can fail only where a value is beyond the target (a date far from today in nanoseconds, an
 * unsigned number in a signed column, more digits than a decimal says): never silently.
 *
 * Types may be unified one after the other, in any order: whether all of them agree does not depend
 * on it.
 */
#ifndef WEIR_KEY_CAST_H
#define WEIR_KEY_CAST_H

#include "base/error.h"
#include "column/column.h"
#include "mem/mem.h"

/* false: no type holds both exactly (text and number, UTC and local time, int64 and double, ...).
 * Symmetric. */
CHECKED bool key_types_unify(const struct column_type *a, const struct column_type *b,
                             struct column_type *ret);

struct key_cast {
    struct column_type from, to;
    bool identity; /* values need not be touched */
};

/* to: what key_types_unify made of from and others. */
void key_cast_init(struct key_cast *cast, const struct column_type *from,
                   const struct column_type *to);

/*
 * Casts count dense values (at any address) into ret, aligned, room for count values of the
 * target's width. Text that stays text is copied as struct column_bytes. ERROR_MISMATCH names the
 * value that has no equal in the target.
 */
CHECKED enum error_code key_cast_values(const struct key_cast *cast, const void *values,
                                        size_t count, void *ret, struct error *error);
/*
 * The same where values need not be touched: *ret is then values itself, else they are cast into
 * the buffer and live until it changes.
 */
CHECKED enum error_code key_cast_through(const struct key_cast *cast, const void *values,
                                         size_t count, struct mem_buffer *buffer, const void **ret,
                                         struct error *error);
#endif
