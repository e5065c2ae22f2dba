/*
 * Forms: how values of a type are compared, and the one way of writing that equal values share.
 *
 * Private to the key room. The canonical way is always a valid value of the type itself: -0 is
 * written as 0, every NaN as the quiet one without a sign, INT96 with its nanoseconds inside one
 * day, a decimal of any length without needless sign bytes. Two values are equal, as
 * column_value_compare has it, exactly when their canonical bytes are.
 */
#ifndef WEIR_KEY_FORM_H
#define WEIR_KEY_FORM_H

#include "column/column.h"

enum key_form {
    KEY_FORM_BOOLEAN,
    KEY_FORM_SIGNED32,
    KEY_FORM_UNSIGNED32,
    KEY_FORM_SIGNED64,
    KEY_FORM_UNSIGNED64,
    KEY_FORM_FLOAT16,
    KEY_FORM_FLOAT,
    KEY_FORM_DOUBLE,
    KEY_FORM_INT96,
    KEY_FORM_FIXED,         /* bytes in unsigned order */
    KEY_FORM_FIXED_DECIMAL, /* big-endian two's complement, all of one length */
    KEY_FORM_TEXT,
    KEY_FORM_DECIMAL /* big-endian two's complement of any length */
};

enum key_form key_form_of(const struct column_type *type);

/* Whether a value is a struct column_bytes. */
static inline bool key_form_is_bytes(enum key_form form)
{
    return form == KEY_FORM_TEXT || form == KEY_FORM_DECIMAL;
}

/* Whether values of fixed width are canonical as they stand. */
static inline bool key_form_is_plain(enum key_form form)
{
    return (form >= KEY_FORM_SIGNED32 && form <= KEY_FORM_UNSIGNED64) || form == KEY_FORM_FIXED ||
           form == KEY_FORM_FIXED_DECIMAL;
}

/* Canonical values of a form of fixed width that is not plain; ret may lie at any address. */
void key_form_canonical(enum key_form form, const uint8_t *values, size_t count, uint8_t *ret);

/* A decimal without needless sign bytes, but with one byte at least: a part of the same bytes. */
struct column_bytes key_form_minimal(struct column_bytes decimal);

/*
 * Images: numbers of 64 bits in the order of the values, for types of at most 8 bytes. Equal values
 * have one image, and the image gives the canonical value back.
 */
bool key_form_has_image(const struct column_type *type);
/* size: column_value_size. */
void key_form_images(enum key_form form, size_t size, const uint8_t *values, size_t count,
                     uint64_t *ret);
void key_form_values(enum key_form form, size_t size, const uint64_t *images, size_t count,
                     uint8_t *ret);

#endif
