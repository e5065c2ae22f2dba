#include "column/column.h"

#include "column/text.h"

size_t column_value_size(const struct column_type *type)
{
    switch (type->physical) {
    case COLUMN_BOOLEAN:
        return 1;
    case COLUMN_INT32:
    case COLUMN_FLOAT:
        return 4;
    case COLUMN_INT64:
    case COLUMN_DOUBLE:
        return 8;
    case COLUMN_INT96:
        return 12;
    case COLUMN_BYTE_ARRAY:
        return sizeof(struct column_bytes);
    case COLUMN_FIXED:
        break;
    }
    return type->type_length;
}

/* Only what the logical type has a use for is compared. */
static bool logical_equal(const struct column_type *a, const struct column_type *b)
{
    switch (a->logical) {
    case COLUMN_DECIMAL:
        return a->precision == b->precision && a->scale == b->scale;
    case COLUMN_TIME:
    case COLUMN_TIMESTAMP:
        return a->unit == b->unit && a->utc_adjusted == b->utc_adjusted;
    case COLUMN_INTEGER:
        return a->bit_width == b->bit_width && a->is_signed == b->is_signed;
    default:
        return true;
    }
}

/* A signed integer of the physical type's width: said or left unsaid, it is the same. */
static bool is_native_integer(const struct column_type *type)
{
    uint8_t width = type->physical == COLUMN_INT32 ? 32 : type->physical == COLUMN_INT64 ? 64 : 0;
    if (width == 0)
        return false;
    return type->logical == COLUMN_PLAIN ||
           (type->logical == COLUMN_INTEGER && type->is_signed && type->bit_width == width);
}

bool column_type_equal(const struct column_type *a, const struct column_type *b)
{
    if (a->physical != b->physical)
        return false;
    if (is_native_integer(a) && is_native_integer(b))
        return true;
    if (a->logical != b->logical)
        return false;
    if (a->physical == COLUMN_FIXED && a->type_length != b->type_length)
        return false;
    return logical_equal(a, b);
}

static const char *unit_name(enum column_unit unit)
{
    static const char *const names[] = {"s", "ms", "us", "ns"};
    return names[(unsigned)unit < 4 ? unit : COLUMN_SECONDS];
}

/* "timestamp[us, UTC]" */
static void describe_time(struct text *text, const char *name, const struct column_type *type)
{
    text_string(text, name);
    text_char(text, '[');
    text_string(text, unit_name(type->unit));
    text_string(text, type->utc_adjusted ? ", UTC]" : "]");
}

static void describe_decimal(struct text *text, const struct column_type *type)
{
    text_string(text, "decimal(");
    text_signed(text, type->precision);
    text_string(text, ", ");
    text_signed(text, type->scale);
    text_char(text, ')');
}

static void describe_physical(struct text *text, const struct column_type *type)
{
    static const char *const names[] = {"bool",  "int32",  "int64",  "timestamp[ns, int96]",
                                        "float", "double", "binary", "fixed"};
    text_string(text, names[(unsigned)type->physical < 8 ? type->physical : COLUMN_FIXED]);
    if (type->physical == COLUMN_FIXED) {
        text_char(text, '[');
        text_unsigned(text, type->type_length);
        text_char(text, ']');
    }
}

static void describe_integer(struct text *text, const struct column_type *type)
{
    text_string(text, type->is_signed ? "int" : "uint");
    text_unsigned(text, type->bit_width);
}

/* NULL where the name alone does not say all. */
static const char *logical_name(enum column_logical logical)
{
    switch (logical) {
    case COLUMN_STRING:
        return "string";
    case COLUMN_ENUM:
        return "enum";
    case COLUMN_JSON:
        return "json";
    case COLUMN_BSON:
        return "bson";
    case COLUMN_UUID:
        return "uuid";
    case COLUMN_DATE:
        return "date";
    case COLUMN_FLOAT16:
        return "float16";
    case COLUMN_INTERVAL:
        return "interval";
    case COLUMN_UNKNOWN:
        return "null";
    default:
        return NULL;
    }
}

char *column_type_describe(const struct column_type *type, char *buffer, size_t size)
{
    struct text text = {buffer, size, 0};
    const char *name = logical_name(type->logical);
    if (name != NULL)
        text_string(&text, name);
    else if (type->logical == COLUMN_DECIMAL)
        describe_decimal(&text, type);
    else if (type->logical == COLUMN_TIME)
        describe_time(&text, "time", type);
    else if (type->logical == COLUMN_TIMESTAMP)
        describe_time(&text, "timestamp", type);
    else if (type->logical == COLUMN_INTEGER)
        describe_integer(&text, type);
    else
        describe_physical(&text, type);
    text_end(&text);
    return buffer;
}
