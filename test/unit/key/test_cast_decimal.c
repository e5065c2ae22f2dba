/* Decimals of every layout: what comes out of a cast reads as what went in, with more zeros. */
#include "values.h"

#include "key/cast.h"

#define ROUNDS 40000

/* A layout at random that has room for so many digits, as writers choose them, or longer. */
static struct column_type make_type(uint64_t *seed)
{
    struct column_type type = {.logical = COLUMN_DECIMAL};
    static const uint8_t most[] = {9, 18, 38, 76};
    uint64_t kind = value_random(seed) % 5;
    type.precision = 1 + (int32_t)(value_random(seed) % most[kind < 4 ? kind : 2]);
    type.scale = (int32_t)(value_random(seed) % (type.precision + 1));
    type.physical = kind == 0   ? COLUMN_INT32
                    : kind == 1 ? COLUMN_INT64
                    : kind == 4 ? COLUMN_BYTE_ARRAY
                                : COLUMN_FIXED;
    if (type.physical == COLUMN_FIXED)
        type.type_length = (uint32_t)(type.precision * 10 / 24 + 1 + value_random(seed) % 3);
    return type;
}

/* Any bytes, with sign bytes in front more often than not. Beyond the precision, too. */
static void make_value(uint64_t *seed, const struct column_type *type, uint8_t *bytes, uint8_t *ret)
{
    uint32_t size = type->physical == COLUMN_BYTE_ARRAY ? (uint32_t)(value_random(seed) % 45)
                                                        : (uint32_t)column_value_size(type);
    uint64_t kind = value_random(seed);
    uint32_t signs = kind % 4 == 0 ? 0 : (uint32_t)(value_random(seed) % (size + 1));
    for (uint32_t i = 0; i < size; i++)
        bytes[i] = i < signs ? (uint8_t) - (kind >> 8 & 1) : (uint8_t)value_random(seed);
    struct column_bytes view = {bytes, size};
    if (type->physical == COLUMN_BYTE_ARRAY)
        memcpy(ret, &view, sizeof view);
    else
        memcpy(ret, bytes, size);
    for (uint32_t i = 0; type->physical < COLUMN_INT96 && i < size; i++)
        ret[i] = bytes[size - 1 - i];
}

/* The text of a decimal with a longer scale. */
static void add_zeros(char *text, int32_t scale, int32_t wanted)
{
    size_t length = strlen(text);
    if (scale == 0 && wanted > 0)
        text[length++] = '.';
    for (; scale < wanted; scale++)
        text[length++] = '0';
    text[length] = '\0';
}

static size_t digits_of(const char *text)
{
    size_t digits = 0;
    for (text += strspn(text, "-0."); *text != '\0'; text++)
        digits += *text != '.';
    return digits;
}

/* Returns whether the value had an equal. */
static bool check(const struct column_type *from, const uint8_t *value,
                  const struct column_type *to)
{
    struct key_cast cast;
    struct error error;
    _Alignas(16) uint8_t ret[64];
    char before[400], after[400];
    key_cast_init(&cast, from, to);
    column_value_format(from, value, before, 200);
    bool bytes_beyond = before[0] == '0' && before[1] == 'x';
    enum error_code code = key_cast_values(&cast, value, 1, ret, &error);
    if (!bytes_beyond)
        add_zeros(before, from->scale, to->scale);
    if (code == ERROR_NONE) {
        column_value_format(to, ret, after, sizeof after);
        assert_string_equal(after, before);
        return true;
    }
    /* What the target's digits can say is never refused. */
    assert_int_equal(code, ERROR_MISMATCH);
    assert_true(bytes_beyond || digits_of(before) > (size_t)to->precision);
    return false;
}

static void decimals_read_the_same(void **state)
{
    (void)state;
    uint64_t seed = value_seed("decimals", 17);
    size_t agreed = 0, exact = 0, refused = 0;
    for (int i = 0; i < ROUNDS; i++) {
        struct column_type a = make_type(&seed), b = make_type(&seed), to;
        if (!key_types_unify(&a, &b, &to))
            continue;
        uint8_t bytes[64], value[64];
        make_value(&seed, &a, bytes, value);
        agreed++;
        if (check(&a, value, &to))
            exact++;
        else
            refused++;
    }
    assert_true(agreed > ROUNDS / 2);
    assert_true(exact > ROUNDS / 10);
    assert_true(refused > ROUNDS / 100);
}

/* 10^38 - 1 and its negative, through all the digits that there are. */
static void the_greatest_of_38_digits(void **state)
{
    (void)state;
    struct column_type from = {.physical = COLUMN_FIXED,
                               .logical = COLUMN_DECIMAL,
                               .type_length = 16,
                               .precision = 38,
                               .scale = 0};
    struct column_type to = from;
    to.type_length = 32;
    to.precision = 76;
    to.scale = 38;
    unsigned __int128 number = 1;
    for (int i = 0; i < 38; i++)
        number *= 10;
    number--;
    for (int sign = 0; sign < 2; sign++, number = -number) {
        uint8_t value[16];
        for (int i = 0; i < 16; i++)
            value[15 - i] = (uint8_t)(number >> 8 * i);
        assert_true(check(&from, value, &to));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decimals_read_the_same),
        cmocka_unit_test(the_greatest_of_38_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
