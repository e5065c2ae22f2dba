#include "inspect/inspect.h"

#define POINTER        8
#define DATE_OBJECT    32
#define TIME_OBJECT    40
#define DECIMAL_OBJECT 104
#define BYTES_OBJECT   33
#define STRING_OBJECT  49
#define ARRAY_OBJECT   112
#define POLARS_VIEW    16
#define POLARS_INLINE  12
#define LENGTH_UNKNOWN 16 /* guessed where nothing tells how long text is */

/* A leaf over all row groups. */
struct leaf {
    const struct column_type *type;
    uint64_t rows;       /* values and nulls */
    uint64_t values;     /* those that are not null */
    uint64_t text_bytes; /* of BYTE_ARRAY: estimated */
    bool nulls;          /* there are some, or it is not known */
    bool nulls_known;
};

/* Counts come from a file and may be anything: sums and products stop at the largest number. */
static uint64_t plus(uint64_t a, uint64_t b)
{
    uint64_t sum;
    return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

static uint64_t times(uint64_t a, uint64_t b)
{
    uint64_t product;
    return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

static uint64_t minus(uint64_t a, uint64_t b)
{
    return a > b ? a - b : 0;
}

static uint64_t bits(uint64_t count)
{
    return count / 8 + (count % 8 != 0);
}

static uint64_t null_count(const struct parquet_chunk *chunk)
{
    const struct parquet_statistics *statistics = &chunk->statistics;
    if (!statistics->has_null_count || statistics->null_count < 0)
        return 0;
    uint64_t nulls = (uint64_t)statistics->null_count;
    return nulls < chunk->value_count ? nulls : chunk->value_count;
}

/* Text of a PLAIN chunk stands there whole, each value behind its length; a dictionary hides how
 * often a value occurs, and prefixes may be left out: then least and greatest value tell a typical
 * length. */
static uint64_t text_bytes(const struct parquet_chunk *chunk, uint64_t values)
{
    const struct parquet_statistics *statistics = &chunk->statistics;
    const uint32_t hiding = 1u << PARQUET_PLAIN_DICTIONARY | 1u << PARQUET_RLE_DICTIONARY |
                            1u << PARQUET_DELTA_BYTE_ARRAY;
    uint64_t stored = minus(chunk->decoded_length, times(4, values));
    if ((chunk->encodings & hiding) == 0)
        return stored;
    uint64_t typical = LENGTH_UNKNOWN;
    if (statistics->minimum.data != NULL && statistics->maximum.data != NULL)
        typical = (statistics->minimum.size + statistics->maximum.size + 1) / 2;
    uint64_t guessed = times(values, typical);
    return guessed > stored ? guessed : stored;
}

static struct leaf gather(const struct parquet_metadata *metadata, uint32_t column)
{
    const struct parquet_column *description = &metadata->columns[column];
    struct leaf leaf = {.type = &description->type, .nulls_known = true};
    for (uint32_t i = 0; i < metadata->row_group_count; i++) {
        const struct parquet_chunk *chunk = &metadata->row_groups[i].chunks[column];
        uint64_t values = chunk->value_count - null_count(chunk);
        leaf.rows = plus(leaf.rows, chunk->value_count);
        leaf.values = plus(leaf.values, values);
        leaf.text_bytes = plus(leaf.text_bytes, text_bytes(chunk, values));
        leaf.nulls_known &= chunk->statistics.has_null_count;
    }
    bool nullable = description->nullable || description->nested;
    leaf.nulls = nullable && (!leaf.nulls_known || leaf.values < leaf.rows);
    leaf.nulls_known |= !nullable;
    return leaf;
}

static bool is_text(const struct column_type *type)
{
    return type->logical == COLUMN_STRING || type->logical == COLUMN_ENUM ||
           type->logical == COLUMN_JSON;
}

/* Variable length in memory: BYTE_ARRAY, unless it holds decimals. */
static bool is_variable(const struct column_type *type)
{
    return type->physical == COLUMN_BYTE_ARRAY && type->logical != COLUMN_DECIMAL &&
           type->logical != COLUMN_UNKNOWN;
}

static uint64_t physical_width(const struct column_type *type)
{
    switch (type->physical) {
    case COLUMN_INT32:
    case COLUMN_FLOAT:
        return 4;
    case COLUMN_FIXED:
        return type->type_length;
    default: /* INT96 becomes a timestamp of 8 bytes */
        return 8;
    }
}

/* Bytes of one value in Arrow; booleans and text are told apart before. */
static uint64_t arrow_width(const struct column_type *type)
{
    switch (type->logical) {
    case COLUMN_INTEGER:
        return type->bit_width / 8;
    case COLUMN_DECIMAL:
        return type->precision > 38 ? 32 : 16;
    case COLUMN_FLOAT16:
        return 2;
    case COLUMN_UNKNOWN:
        return 0;
    case COLUMN_DATE:
        return 4;
    case COLUMN_TIME:
        return type->unit == COLUMN_MILLISECONDS || type->unit == COLUMN_SECONDS ? 4 : 8;
    default:
        return physical_width(type);
    }
}

static uint64_t validity(const struct leaf *leaf)
{
    return leaf->nulls && leaf->type->logical != COLUMN_UNKNOWN ? bits(leaf->rows) : 0;
}

static uint64_t arrow_bytes(const struct leaf *leaf, uint64_t offset_width)
{
    const struct column_type *type = leaf->type;
    if (is_variable(type))
        return plus(plus(times(plus(leaf->rows, 1), offset_width), leaf->text_bytes),
                    validity(leaf));
    bool is_bits = type->physical == COLUMN_BOOLEAN && type->logical != COLUMN_UNKNOWN;
    uint64_t data = is_bits ? bits(leaf->rows) : times(leaf->rows, arrow_width(type));
    return plus(data, validity(leaf));
}

/* A pointer a row and an object a value. */
static uint64_t objects(const struct leaf *leaf, uint64_t object)
{
    return plus(times(leaf->rows, POINTER), times(leaf->values, object));
}

static uint64_t variable_objects(const struct leaf *leaf, uint64_t header)
{
    return plus(objects(leaf, header), leaf->text_bytes);
}

static bool is_integer(const struct column_type *type)
{
    bool physical = type->physical == COLUMN_INT32 || type->physical == COLUMN_INT64;
    return physical && (type->logical == COLUMN_PLAIN || type->logical == COLUMN_INTEGER);
}

/* What pandas holds apart from text. */
static uint64_t pandas_bytes(const struct leaf *leaf)
{
    const struct column_type *type = leaf->type;
    switch (type->logical) {
    case COLUMN_DATE:
        return objects(leaf, DATE_OBJECT);
    case COLUMN_TIME:
        return objects(leaf, TIME_OBJECT);
    case COLUMN_DECIMAL:
        return objects(leaf, DECIMAL_OBJECT);
    case COLUMN_UNKNOWN:
        return objects(leaf, 0);
    case COLUMN_FLOAT16:
        return times(leaf->rows, 2);
    default:
        break;
    }
    if (type->physical == COLUMN_BOOLEAN)
        return leaf->nulls ? objects(leaf, 0) : leaf->rows;
    if (type->physical == COLUMN_FIXED)
        return objects(leaf, plus(BYTES_OBJECT, type->type_length));
    if (is_variable(type))
        return variable_objects(leaf, BYTES_OBJECT);
    return times(leaf->rows, is_integer(type) && leaf->nulls ? 8 : arrow_width(type));
}

static uint64_t polars_views(const struct leaf *leaf, uint64_t bytes)
{
    uint64_t average = leaf->values > 0 ? bytes / leaf->values : 0;
    uint64_t apart = average > POLARS_INLINE ? bytes : 0;
    return plus(plus(times(leaf->rows, POLARS_VIEW), apart), validity(leaf));
}

static uint64_t polars_bytes(const struct leaf *leaf)
{
    const struct column_type *type = leaf->type;
    bool has_width = type->logical == COLUMN_DECIMAL || type->logical == COLUMN_FLOAT16 ||
                     type->logical == COLUMN_UNKNOWN;
    if (is_variable(type))
        return polars_views(leaf, leaf->text_bytes);
    if (type->physical == COLUMN_FIXED && !has_width)
        return polars_views(leaf, times(leaf->values, type->type_length));
    if (type->logical == COLUMN_DECIMAL)
        return plus(times(leaf->rows, 16), validity(leaf));
    if (type->logical == COLUMN_TIME)
        return plus(times(leaf->rows, 8), validity(leaf));
    return arrow_bytes(leaf, 4);
}

static struct inspect_footprint loaded_leaf(const struct leaf *leaf)
{
    struct inspect_footprint footprint = {
        .arrow = arrow_bytes(leaf, 4),
        .pandas = pandas_bytes(leaf),
        .polars = polars_bytes(leaf),
    };
    footprint.pandas_objects = footprint.pandas;
    if (is_variable(leaf->type) && is_text(leaf->type)) {
        footprint.pandas = arrow_bytes(leaf, 8);
        footprint.pandas_objects = variable_objects(leaf, STRING_OBJECT);
    }
    return footprint;
}

/* A nested field: its leaves as Arrow has them, a list of offsets for each repetition; in pandas
 * an array object a row besides. */
static struct inspect_footprint loaded_nested(const struct parquet_metadata *metadata,
                                              const struct parquet_column *column,
                                              const struct leaf *leaf)
{
    uint64_t offsets = times(times(plus(metadata->row_count, 1), 4), column->max_repetition);
    uint64_t arrow = plus(arrow_bytes(leaf, 4), offsets);
    uint64_t arrays = times(metadata->row_count, POINTER + ARRAY_OBJECT);
    return (struct inspect_footprint){
        .arrow = arrow,
        .pandas = plus(arrow, arrays),
        .pandas_objects = plus(arrow, arrays),
        .polars = plus(polars_bytes(leaf), times(offsets, 2)),
    };
}

void inspect_add(struct inspect_footprint *total, const struct inspect_footprint *footprint)
{
    total->on_disk = plus(total->on_disk, footprint->on_disk);
    total->decoded = plus(total->decoded, footprint->decoded);
    total->arrow = plus(total->arrow, footprint->arrow);
    total->pandas = plus(total->pandas, footprint->pandas);
    total->pandas_objects = plus(total->pandas_objects, footprint->pandas_objects);
    total->polars = plus(total->polars, footprint->polars);
}

static void add_chunks(const struct parquet_metadata *metadata, uint32_t column,
                       struct inspect_footprint *footprint)
{
    for (uint32_t i = 0; i < metadata->row_group_count; i++) {
        const struct parquet_chunk *chunk = &metadata->row_groups[i].chunks[column];
        footprint->on_disk = plus(footprint->on_disk, chunk->length);
        footprint->decoded = plus(footprint->decoded, chunk->decoded_length);
    }
}

void inspect_column(const struct parquet_metadata *metadata, uint32_t field,
                    struct inspect_footprint *ret, bool *ret_exact)
{
    const struct parquet_field *description = &metadata->fields[field];
    struct inspect_footprint total = {0};
    bool exact = true;
    for (uint32_t i = 0; i < description->column_count; i++) {
        uint32_t index = description->first_column + i;
        const struct parquet_column *column = &metadata->columns[index];
        struct leaf leaf = gather(metadata, index);
        bool nested = description->nested || column->nested;
        struct inspect_footprint footprint =
            nested ? loaded_nested(metadata, column, &leaf) : loaded_leaf(&leaf);
        add_chunks(metadata, index, &footprint);
        inspect_add(&total, &footprint);
        exact &= !nested && leaf.nulls_known && !is_variable(leaf.type);
    }
    *ret = total;
    *ret_exact = exact;
}

struct inspect_storage inspect_storage_of(const struct parquet_metadata *metadata, uint32_t field)
{
    const struct parquet_field *description = &metadata->fields[field];
    struct inspect_storage storage = {0};
    for (uint32_t i = 0; i < metadata->row_group_count; i++) {
        for (uint32_t j = 0; j < description->column_count; j++) {
            const struct parquet_chunk *chunk =
                &metadata->row_groups[i].chunks[description->first_column + j];
            if ((unsigned)chunk->codec < 32)
                storage.codecs |= 1u << chunk->codec;
            storage.encodings |= chunk->encodings;
            storage.encrypted |= chunk->encrypted;
        }
    }
    return storage;
}
