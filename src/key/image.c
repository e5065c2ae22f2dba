/* Images: see form.h. */
#include <string.h>

#include "key/form.h"

#define INLINE __attribute__((always_inline)) static inline

#define SIGN32 UINT64_C(0x80000000)
#define SIGN64 (UINT64_C(1) << 63)

bool key_form_has_image(const struct column_type *type)
{
    return type->physical != COLUMN_BYTE_ARRAY && column_value_size(type) <= sizeof(uint64_t);
}

/* ---- floats: sign and size, so that negative ones come below, the greater the lower ---- */

INLINE uint64_t image_of_float(uint64_t bits, unsigned width, unsigned mantissa)
{
    uint64_t sign = UINT64_C(1) << (width - 1);
    uint64_t magnitude = bits & (sign - 1);
    uint64_t infinity = (sign - 1) >> mantissa << mantissa;
    uint64_t image = (bits & sign) != 0 ? sign - magnitude : sign | magnitude;
    return magnitude > infinity ? sign | (sign - 1) : image;
}

INLINE uint64_t float_of_image(uint64_t image, unsigned width, unsigned mantissa)
{
    uint64_t sign = UINT64_C(1) << (width - 1);
    uint64_t quiet = (sign - 1) >> (mantissa - 1) << (mantissa - 1);
    if (image == (sign | (sign - 1)))
        return quiet;
    return (image & sign) != 0 ? image ^ sign : sign | (sign - image);
}

/* ---- bytes: the first one counts most ---- */

static uint64_t load_big_endian(const uint8_t *bytes, size_t size)
{
    uint64_t number = 0;
    for (size_t i = 0; i < size; i++)
        number = number << 8 | bytes[i];
    return number;
}

static void store_big_endian(uint64_t number, size_t size, uint8_t *ret)
{
    for (size_t i = size; i-- > 0; number >>= 8)
        ret[i] = (uint8_t)number;
}

static uint64_t sign_of_fixed(enum key_form form, size_t size)
{
    return form == KEY_FORM_FIXED_DECIMAL && size > 0 ? UINT64_C(1) << (8 * size - 1) : 0;
}

/* ---- one value ---- */

INLINE uint64_t image_of(enum key_form form, size_t size, const uint8_t *value)
{
    uint64_t bits = 0;
    if (form != KEY_FORM_FIXED && form != KEY_FORM_FIXED_DECIMAL)
        memcpy(&bits, value, size);
    switch (form) {
    case KEY_FORM_BOOLEAN:
        return bits != 0;
    case KEY_FORM_SIGNED32:
        return bits ^ SIGN32;
    case KEY_FORM_SIGNED64:
        return bits ^ SIGN64;
    case KEY_FORM_FLOAT16:
        return image_of_float(bits, 16, 10);
    case KEY_FORM_FLOAT:
        return image_of_float(bits, 32, 23);
    case KEY_FORM_DOUBLE:
        return image_of_float(bits, 64, 52);
    case KEY_FORM_FIXED:
    case KEY_FORM_FIXED_DECIMAL:
        return load_big_endian(value, size) ^ sign_of_fixed(form, size);
    default:
        return bits;
    }
}

INLINE void value_of(enum key_form form, size_t size, uint64_t image, uint8_t *ret)
{
    switch (form) {
    case KEY_FORM_SIGNED32:
        image ^= SIGN32;
        break;
    case KEY_FORM_SIGNED64:
        image ^= SIGN64;
        break;
    case KEY_FORM_FLOAT16:
        image = float_of_image(image, 16, 10);
        break;
    case KEY_FORM_FLOAT:
        image = float_of_image(image, 32, 23);
        break;
    case KEY_FORM_DOUBLE:
        image = float_of_image(image, 64, 52);
        break;
    case KEY_FORM_FIXED:
    case KEY_FORM_FIXED_DECIMAL:
        store_big_endian(image ^ sign_of_fixed(form, size), size, ret);
        return;
    default:
        break;
    }
    memcpy(ret, &image, size);
}

/* ---- many: one loop a form ---- */

#define EACH_FORM(CASE)                                                                            \
    CASE(KEY_FORM_BOOLEAN, 1)                                                                      \
    CASE(KEY_FORM_SIGNED32, 4)                                                                     \
    CASE(KEY_FORM_UNSIGNED32, 4)                                                                   \
    CASE(KEY_FORM_SIGNED64, 8)                                                                     \
    CASE(KEY_FORM_UNSIGNED64, 8)                                                                   \
    CASE(KEY_FORM_FLOAT16, 2)                                                                      \
    CASE(KEY_FORM_FLOAT, 4)                                                                        \
    CASE(KEY_FORM_DOUBLE, 8)                                                                       \
    CASE(KEY_FORM_FIXED, size)                                                                     \
    CASE(KEY_FORM_FIXED_DECIMAL, size)

void key_form_images(enum key_form form, size_t size, const uint8_t *values, size_t count,
                     uint64_t *ret)
{
#define IMAGES(kind, width)                                                                        \
    case kind:                                                                                     \
        for (size_t i = 0; i < count; i++)                                                         \
            ret[i] = image_of(kind, width, values + i * (width));                                  \
        break;
    switch (form) {
        EACH_FORM(IMAGES)
    default:
        break;
    }
#undef IMAGES
}

void key_form_values(enum key_form form, size_t size, const uint64_t *images, size_t count,
                     uint8_t *ret)
{
#define VALUES(kind, width)                                                                        \
    case kind:                                                                                     \
        for (size_t i = 0; i < count; i++)                                                         \
            value_of(kind, width, images[i], ret + i * (width));                                   \
        break;
    switch (form) {
        EACH_FORM(VALUES)
    default:
        break;
    }
#undef VALUES
}
