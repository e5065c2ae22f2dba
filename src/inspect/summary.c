#include "inspect/summary.h"

#include <string.h>

#include "inspect/summary_state.h"
#include "inspect/summary_text.h"
#include "os/os.h"
#include "parquet/column_reader.h"

/* Tokens are hashed up to this many bytes and this many times the bytes that the column has on
 * disk. Real columns stay far below; without a bound a file of a hundred bytes could ask for
 * hours. */
#define DIGEST_FREE  (UINT64_C(32) << 20)
#define DIGEST_RATIO UINT64_C(256)
#define MOST_STORED  (UINT64_C(1) << 50)

/* Arrow, and with it every engine, has decimals of up to 256 bits. */
#define DECIMAL_DIGITS_MOST 76

/* Bytes that an integer of 128 bits has. */
#define INTEGER_BYTES 16

const char *summary_kind_name(enum summary_kind kind)
{
    static const char *const names[] = {
        [SUMMARY_NULL] = "null",   [SUMMARY_BOOL] = "bool",           [SUMMARY_INT] = "int",
        [SUMMARY_FLOAT] = "float", [SUMMARY_DECIMAL] = "decimal",     [SUMMARY_DATE] = "date",
        [SUMMARY_TIME] = "time",   [SUMMARY_TIMESTAMP] = "timestamp", [SUMMARY_BYTES] = "bytes",
    };
    return names[kind];
}

static enum summary_kind kind_of_physical(enum column_physical physical)
{
    switch (physical) {
    case COLUMN_BOOLEAN:
        return SUMMARY_BOOL;
    case COLUMN_INT32:
    case COLUMN_INT64:
        return SUMMARY_INT;
    case COLUMN_INT96:
        return SUMMARY_TIMESTAMP;
    case COLUMN_FLOAT:
    case COLUMN_DOUBLE:
        return SUMMARY_FLOAT;
    default:
        return SUMMARY_BYTES;
    }
}

enum summary_kind summary_kind_of(const struct column_type *type)
{
    switch (type->logical) {
    case COLUMN_UNKNOWN:
        return SUMMARY_NULL;
    case COLUMN_DECIMAL:
        return SUMMARY_DECIMAL;
    case COLUMN_DATE:
        return SUMMARY_DATE;
    case COLUMN_TIME:
        return SUMMARY_TIME;
    case COLUMN_TIMESTAMP:
        return SUMMARY_TIMESTAMP;
    case COLUMN_FLOAT16:
        return SUMMARY_FLOAT;
    default:
        return kind_of_physical(type->physical);
    }
}

const char *summary_unit_name(const struct column_type *type)
{
    static const char *const names[] = {"s", "ms", "us", "ns"};
    enum summary_kind kind = summary_kind_of(type);
    if (kind != SUMMARY_TIME && kind != SUMMARY_TIMESTAMP)
        return NULL;
    return names[type->physical == COLUMN_INT96 ? COLUMN_NANOSECONDS : type->unit];
}

static const struct summary_adder *adder_of(const struct column_type *type, enum summary_kind kind)
{
    switch (kind) {
    case SUMMARY_NULL:
        return NULL;
    case SUMMARY_FLOAT:
        return &summary_floats;
    case SUMMARY_BYTES:
        return &summary_texts;
    case SUMMARY_DECIMAL:
        return type->physical == COLUMN_BYTE_ARRAY || type->type_length > INTEGER_BYTES
                   ? &summary_wides
                   : &summary_integers;
    default:
        return &summary_integers;
    }
}

/* One token a row; a column without an adder has no values, whatever stands in its pages. */
static void write_rows(struct summary_state *state, const struct column_slice *slice)
{
    const uint8_t *value = slice->values;
    for (uint32_t i = 0; i < slice->row_count && digest_goes_on(state->digest); i++) {
        bool present = slice->present == NULL || slice->present[i] != 0;
        if (!present || state->adder == NULL) {
            digest_char(state->digest, '~');
        } else {
            state->adder->write_token(state, value);
            value += state->width;
        }
        digest_char(state->digest, '\n');
    }
}

/* A small file can stand for thousands of millions of equal values: those are added at once. */
static bool all_equal(const struct summary_state *state, const void *values, uint32_t count)
{
    const uint8_t *bytes = values;
    if (state->type->physical != COLUMN_BYTE_ARRAY)
        return memcmp(bytes, bytes + state->width, (count - 1) * state->width) == 0;
    for (uint32_t i = 1; i < count; i++) {
        struct column_bytes first, next;
        memcpy(&first, bytes, sizeof first);
        memcpy(&next, bytes + i * sizeof next, sizeof next);
        if (first.data != next.data || first.size != next.size)
            return false;
    }
    return true;
}

static enum error_code add_values(struct summary_state *state, const void *values, uint32_t count,
                                  struct error *error)
{
    if (count > 1 && all_equal(state, values, count))
        return state->adder->add(state, values, 1, count, error);
    return state->adder->add(state, values, count, 1, error);
}

static enum error_code add_slice(struct summary_state *state, const struct column_slice *slice,
                                 struct column_summary *summary, struct error *error)
{
    uint32_t count = state->kind != SUMMARY_NULL ? slice->value_count : 0;
    summary->count += count;
    summary->nulls += slice->row_count - count;
    if (count > 0) {
        TRY(add_values(state, slice->values, count, error));
        state->seen |= state->kind != SUMMARY_FLOAT;
    }
    if (state->digest != NULL)
        write_rows(state, slice);
    return ERROR_NONE;
}

static enum error_code add_all(struct summary_state *state, struct parquet_column_reader *reader,
                               struct column_summary *summary, struct error *error)
{
    struct column_slice slice;
    do {
        TRY(os_check_stop(error));
        TRY(parquet_column_reader_next(reader, PARQUET_SLICE_ROWS, &slice, error));
        TRY(add_slice(state, &slice, summary, error));
    } while (slice.row_count > 0);
    return ERROR_NONE;
}

static enum error_code check_column(const struct parquet_column *column, struct error *error)
{
    const struct column_type *type = &column->type;
    if (column->unsupported != NULL)
        return error_set(error, ERROR_UNSUPPORTED, "column \"%s\" cannot be read: %s", column->path,
                         column->unsupported);
    if (type->logical == COLUMN_DECIMAL && type->precision > DECIMAL_DIGITS_MOST)
        return error_set(error, ERROR_UNSUPPORTED,
                         "column \"%s\" has decimals of more than %d digits", column->path,
                         DECIMAL_DIGITS_MOST);
    if (type->logical == COLUMN_DECIMAL && (type->scale > SCALE_MOST || type->scale < -SCALE_MOST))
        return error_set(error, ERROR_UNSUPPORTED,
                         "column \"%s\" has a decimal scale beyond %d digits", column->path,
                         SCALE_MOST);
    return ERROR_NONE;
}

static enum error_code read_column(const struct store_object *object,
                                   const struct parquet_metadata *metadata, uint32_t column,
                                   struct mem_account *account, struct summary_state *state,
                                   struct column_summary *summary, struct error *error)
{
    struct parquet_column_reader reader;
    TRY(parquet_column_reader_open(&reader, object, metadata, column, account,
                                   mem_account_left(account), error));
    enum error_code code = add_all(state, &reader, summary, error);
    parquet_column_reader_close(&reader);
    if (code != ERROR_NONE)
        error_in_column(error, metadata->columns[column].path);
    return code;
}

static uint64_t stored_bytes(const struct parquet_metadata *metadata, uint32_t column)
{
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < metadata->row_group_count; i++)
        bytes += metadata->row_groups[i].chunks[column].length; /* each within the file */
    return bytes < MOST_STORED ? bytes : MOST_STORED;
}

enum error_code summarize_column(const struct store_object *object,
                                 const struct parquet_metadata *metadata, uint32_t column,
                                 bool digest, struct mem_account *account, struct mem_arena *arena,
                                 struct column_summary *ret, struct error *error)
{
    const struct column_type *type = &metadata->columns[column].type;
    struct column_summary summary = {.kind = summary_kind_of(type)};
    struct summary_digest hash;
    struct summary_state state = {
        .type = type,
        .kind = summary.kind,
        .adder = adder_of(type, summary.kind),
        .width = column_value_size(type),
        .digest = digest ? &hash : NULL,
    };
    TRY(check_column(&metadata->columns[column], error));
    digest_init(&hash, DIGEST_FREE + DIGEST_RATIO * stored_bytes(metadata, column));
    TRY(read_column(object, metadata, column, account, &state, &summary, error));
    if (digest && digest_goes_on(&hash))
        digest_finish(&hash, summary.digest);
    if (state.adder != NULL)
        TRY(state.adder->finish(&state, arena, &summary, error));
    *ret = summary;
    return ERROR_NONE;
}

static enum error_code pass(void *context, const struct parquet_page *page, struct error *error)
{
    (void)context, (void)page;
    return os_check_stop(error);
}

/* That pages follow each other as they should is seen from their headers. */
static enum error_code walk_headers(const struct store_object *object,
                                    const struct parquet_metadata *metadata, uint32_t column,
                                    struct error *error)
{
    for (uint32_t i = 0; i < metadata->row_group_count; i++)
        TRY(parquet_visit_pages(object, &metadata->columns[column],
                                &metadata->row_groups[i].chunks[column], pass, NULL, error));
    return ERROR_NONE;
}

static bool is_readable(const struct parquet_metadata *metadata, uint32_t column)
{
    struct error ignored;
    error_init(&ignored);
    for (uint32_t i = 0; i < metadata->row_group_count; i++) {
        const struct parquet_chunk *chunk = &metadata->row_groups[i].chunks[column];
        if (chunk->encrypted || chunk->elsewhere)
            return false;
    }
    return check_column(&metadata->columns[column], &ignored) == ERROR_NONE;
}

static enum error_code check_leaf(const struct store_object *object,
                                  const struct parquet_metadata *metadata, uint32_t column,
                                  struct mem_account *account, struct error *error)
{
    struct column_summary dropped;
    struct mem_arena arena;
    struct error failure;
    if (!is_readable(metadata, column))
        return walk_headers(object, metadata, column, error);
    error_init(&failure);
    mem_arena_init(&arena, account);
    enum error_code code =
        summarize_column(object, metadata, column, false, account, &arena, &dropped, &failure);
    mem_arena_release(&arena);
    if (code == ERROR_UNSUPPORTED)
        return walk_headers(object, metadata, column, error);
    if (code != ERROR_NONE)
        *error = failure;
    return code;
}

enum error_code summary_check_nested(const struct store_object *object,
                                     const struct parquet_metadata *metadata,
                                     const struct parquet_field *field, struct mem_account *account,
                                     struct error *error)
{
    for (uint32_t i = 0; i < field->column_count; i++)
        TRY(check_leaf(object, metadata, field->first_column + i, account, error));
    return ERROR_NONE;
}
