#include "filter/literal.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "base/utf8.h"
#include "filter/moment.h"
#include "filter/number.h"

/* 1970-01-01 as a Julian day. */
#define JULIAN_EPOCH 2440588
#define SHOWN_BYTES  60

struct placing {
    const struct literal *literal;
    const struct compared *compared;
    struct mem_arena *arena;
    struct error *error;
};

/* "a date", as it stands before "but column x is of type y". */
static const char *literal_name(const struct literal *literal)
{
    switch (literal->kind) {
    case LITERAL_NUMBER:
        return "a number";
    case LITERAL_TEXT:
        return "a text";
    case LITERAL_MOMENT:
        return memchr(literal->text, ':', literal->size) != NULL ? "a date and time" : "a date";
    case LITERAL_TIME:
        return "a time";
    case LITERAL_BOOLEAN:
        break;
    }
    return "true or false";
}

static const char *hint_for(const struct compared *compared)
{
    switch (compared->type->logical) {
    case COLUMN_DATE:
        return "a date: 2025-01-31";
    case COLUMN_TIME:
        return "a time: 12:30:00";
    case COLUMN_TIMESTAMP:
        return compared->type->utc_adjusted ? "a date and time: 2025-01-31T12:30:00Z"
                                            : "a date and time: 2025-01-31T12:30:00";
    case COLUMN_UUID:
        return "a UUID: '123e4567-e89b-12d3-a456-426614174000'";
    default:
        break;
    }
    switch (compared->form) {
    case FORM_BOOLEAN:
        return "true or false";
    case FORM_INT96:
        return "a date and time: 2025-01-31T12:30:00";
    case FORM_UNORDERED:
        return "is null, or is not null";
    default:
        return "a number: 1000, -1.5e3";
    }
}

static enum error_code refuse(const struct placing *placing)
{
    const struct literal *literal = placing->literal;
    const struct compared *compared = placing->compared;
    char shown[SHOWN_BYTES + 4], type[64];
    const char *quote = literal->kind == LITERAL_TEXT ? "'" : "";
    utf8_shorten(literal->text, SHOWN_BYTES, shown);
    column_type_describe(compared->type, type, sizeof type);
    error_set(placing->error, ERROR_USAGE, "%s%s%s is %s, but column %s is %s", quote, shown, quote,
              literal_name(literal), compared->name, type);
    if (compared->form == FORM_BYTES && compared->type->logical != COLUMN_UUID)
        error_hint(placing->error, "quote it: '%s'", shown);
    else
        error_hint(placing->error, "%s", hint_for(compared));
    return ERROR_USAGE;
}

/* The place of a whole number, and more if it is not exact, among 64-bit values. */
static struct place place_integer(enum value_form form, __int128 floor, bool exact)
{
    bool is_unsigned = form == FORM_UINT32 || form == FORM_UINT64;
    __int128 least = is_unsigned ? 0 : INT64_MIN;
    __int128 most = is_unsigned ? (__int128)UINT64_MAX : INT64_MAX;
    if (floor < least)
        return (struct place){.kind = PLACE_BELOW};
    if (floor > most) {
        floor = most;
        exact = false;
    }
    uint64_t key = is_unsigned ? (uint64_t)floor : key_of_int64((int64_t)floor);
    return (struct place){.kind = exact ? PLACE_AT : PLACE_AFTER, .key = key};
}

/* Beyond the largest double is still less than infinity. */
static struct place place_double(const struct number *number)
{
    double nearest = number_to_double(number);
    if (!isinf(nearest))
        return (struct place){.kind = PLACE_AT, .key = key_of_double(nearest)};
    uint64_t infinity = key_of_double(nearest);
    return (struct place){.kind = PLACE_AFTER, .key = infinity - (number->negative ? 0 : 1)};
}

static enum error_code keep_bytes(const struct placing *placing, const void *bytes, size_t size,
                                  enum place_kind kind, struct place *ret)
{
    char *copy;
    TRY(mem_arena_copy(placing->arena, bytes, size, &copy, placing->error));
    *ret = (struct place){.kind = kind,
                          .bytes = {.data = (const uint8_t *)copy, .size = (uint32_t)size}};
    return ERROR_NONE;
}

static enum error_code place_wide_decimal(const struct placing *placing,
                                          const struct number *number, struct place *ret)
{
    uint8_t bytes[NUMBER_BYTES_MOST];
    size_t size;
    bool exact;
    if (!number_floor_bytes(number, placing->compared->type->scale, bytes, &size, &exact))
        return error_set(placing->error, ERROR_UNSUPPORTED,
                         "%.40s takes too many digits with the scale of column %s",
                         placing->literal->text, placing->compared->name);
    return keep_bytes(placing, bytes, size, exact ? PLACE_AT : PLACE_AFTER, ret);
}

static bool is_temporal(const struct column_type *type)
{
    return type->logical == COLUMN_DATE || type->logical == COLUMN_TIME ||
           type->logical == COLUMN_TIMESTAMP;
}

static enum error_code place_number(const struct placing *placing, const struct number *number,
                                    struct place *ret)
{
    const struct column_type *type = placing->compared->type;
    enum value_form form = placing->compared->form;
    bool exact;
    if (is_temporal(type) || form == FORM_BOOLEAN)
        return refuse(placing);
    if (form == FORM_DECIMAL)
        return place_wide_decimal(placing, number, ret);
    if (!value_form_has_key(form))
        return refuse(placing);
    if (value_form_is_float(form)) {
        *ret = place_double(number);
        return ERROR_NONE;
    }
    __int128 floor =
        number_floor(number, type->logical == COLUMN_DECIMAL ? type->scale : 0, &exact);
    *ret = place_integer(form, floor, exact);
    return ERROR_NONE;
}

static int64_t units_a_second(enum column_unit unit)
{
    static const int64_t counts[] = {1, 1000, 1000000, 1000000000};
    return counts[(unsigned)unit < 4 ? unit : COLUMN_SECONDS];
}

static enum error_code place_int96(const struct placing *placing, const struct moment *moment,
                                   struct place *ret)
{
    uint8_t bytes[12];
    int64_t day = moment->days + JULIAN_EPOCH;
    int64_t nanoseconds = moment->nanoseconds;
    if (day < 0) {
        *ret = (struct place){.kind = PLACE_BELOW};
        return ERROR_NONE;
    }
    uint32_t julian = (uint32_t)day; /* years have six digits */
    memcpy(bytes, &nanoseconds, sizeof nanoseconds);
    memcpy(bytes + 8, &julian, sizeof julian);
    return keep_bytes(placing, bytes, sizeof bytes, moment->beyond ? PLACE_AFTER : PLACE_AT, ret);
}

static enum error_code refuse_zone(const struct placing *placing)
{
    char type[64];
    const struct compared *compared = placing->compared;
    error_set(placing->error, ERROR_USAGE,
              "%.40s is a time in UTC, but column %s is %s, of no time zone",
              placing->literal->text, compared->name,
              column_type_describe(compared->type, type, sizeof type));
    error_hint(placing->error, "the time as the column has it, without Z or offset");
    return ERROR_USAGE;
}

/* A date, with its time if there is one; time: a time of the day alone. */
static enum error_code place_moment(const struct placing *placing, const struct moment *moment,
                                    bool time, struct place *ret)
{
    const struct column_type *type = placing->compared->type;
    bool exact;
    if (placing->compared->form == FORM_INT96)
        return time ? refuse(placing) : place_int96(placing, moment, ret);
    if (!is_temporal(type) || time != (type->logical == COLUMN_TIME))
        return refuse(placing);
    if (moment->zoned && !type->utc_adjusted)
        return refuse_zone(placing);
    int64_t a_second = type->logical == COLUMN_DATE ? 0 : units_a_second(type->unit);
    __int128 floor = moment_floor(moment, a_second, &exact);
    *ret = place_integer(placing->compared->form, floor, exact);
    return ERROR_NONE;
}

static bool text_is(const struct literal *literal, const char *word)
{
    return literal->size == strlen(word) && strncasecmp(literal->text, word, literal->size) == 0;
}

static enum error_code place_boolean(const struct placing *placing, bool truth, struct place *ret)
{
    if (placing->compared->form != FORM_BOOLEAN)
        return refuse(placing);
    *ret = (struct place){.kind = PLACE_AT, .key = truth};
    return ERROR_NONE;
}

/* What is no number and yet a value of floats. */
static bool parse_special(const struct literal *literal, uint64_t *ret_key)
{
    if (text_is(literal, "nan"))
        *ret_key = KEY_NAN;
    else if (text_is(literal, "inf") || text_is(literal, "+inf") || text_is(literal, "infinity"))
        *ret_key = key_of_double((double)INFINITY);
    else if (text_is(literal, "-inf") || text_is(literal, "-infinity"))
        *ret_key = key_of_double(-(double)INFINITY);
    else
        return false;
    return true;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* 32 hexadecimal digits; hyphens may stand between bytes, as in column_value_format. */
static bool parse_uuid(const struct literal *literal, uint8_t uuid[static 16])
{
    unsigned digits = 0;
    for (size_t i = 0; i < literal->size; i++) {
        int digit = hex_digit(literal->text[i]);
        if (literal->text[i] == '-' && digits % 2 == 0)
            continue;
        if (digit < 0 || digits == 32)
            return false;
        uint8_t high = digits % 2 == 0 ? 0 : (uint8_t)(uuid[digits / 2] << 4);
        uuid[digits++ / 2] = (uint8_t)(high | digit);
    }
    return digits == 32;
}

static enum error_code place_bytes(const struct placing *placing, struct place *ret)
{
    const struct literal *literal = placing->literal;
    uint8_t uuid[16];
    if (placing->compared->type->logical == COLUMN_UUID) {
        if (!parse_uuid(literal, uuid))
            return refuse(placing);
        return keep_bytes(placing, uuid, sizeof uuid, PLACE_AT, ret);
    }
    *ret = (struct place){.kind = PLACE_AT,
                          .bytes = {(const uint8_t *)literal->text, (uint32_t)literal->size}};
    return ERROR_NONE;
}

/* A text beside a column of something else: it may say in quotes what could stand without. */
static enum error_code place_text(const struct placing *placing, struct place *ret)
{
    const struct literal *literal = placing->literal;
    enum value_form form = placing->compared->form;
    struct number number;
    struct moment moment;
    uint64_t key;
    if (form == FORM_BYTES)
        return place_bytes(placing, ret);
    if (form == FORM_BOOLEAN && (text_is(literal, "true") || text_is(literal, "false")))
        return place_boolean(placing, text_is(literal, "true"), ret);
    if (value_form_is_float(form) && parse_special(literal, &key)) {
        *ret = (struct place){.kind = PLACE_AT, .key = key};
        return ERROR_NONE;
    }
    if (number_parse(literal->text, literal->size, &number))
        return place_number(placing, &number, ret);
    if (moment_parse(literal->text, literal->size, &moment))
        return place_moment(placing, &moment, false, ret);
    if (moment_parse_time(literal->text, literal->size, &moment))
        return place_moment(placing, &moment, true, ret);
    return refuse(placing);
}

enum error_code literal_place(const struct literal *literal, const struct compared *compared,
                              struct mem_arena *arena, struct place *ret, struct error *error)
{
    const struct placing placing = {literal, compared, arena, error};
    struct number number;
    struct moment moment;
    if (compared->form == FORM_UNORDERED)
        return refuse(&placing);
    switch (literal->kind) {
    case LITERAL_TEXT:
        return place_text(&placing, ret);
    case LITERAL_BOOLEAN:
        return place_boolean(&placing, literal->truth, ret);
    case LITERAL_NUMBER:
        if (number_parse(literal->text, literal->size, &number))
            return place_number(&placing, &number, ret);
        break;
    case LITERAL_MOMENT:
        if (moment_parse(literal->text, literal->size, &moment))
            return place_moment(&placing, &moment, false, ret);
        break;
    case LITERAL_TIME:
        if (moment_parse_time(literal->text, literal->size, &moment))
            return place_moment(&placing, &moment, true, ret);
        break;
    }
    return refuse(&placing); /* never: the parser has read it the same way */
}
