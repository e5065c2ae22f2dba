/*
 * One type for a key column that files type differently, and the way there from each file's.
 *
 * Two types agree when every value of both has one exact value in a third: int32 and int64, date
 * and timestamp (midnight), timestamps and times of other units, decimals of other precision and
 * scale, INT32, INT64 and byte forms of a decimal, FLOAT16, float and double, text with and without
 * the annotations of text. A cast of values can fail only where a value is beyond the target (a
 * date far from today in nanoseconds, an unsigned number in a signed column): never silently.
 */
#ifndef WEIR_KEY_CAST_H
#define WEIR_KEY_CAST_H

#include "base/error.h"
#include "column/column.h"

/* false: no type holds both exactly (text and number, UTC and local time, ...). Symmetric. */
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
#endif
