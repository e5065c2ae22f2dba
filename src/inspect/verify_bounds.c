#include <inttypes.h>
#include <string.h>

#include "inspect/verify_state.h"

#define SHOWN_BYTES 64

/* One of the two bounds. */
struct side {
    const char *name, *beyond;
    struct parquet_bytes bound, seen;
    bool exact;    /* said to be exact */
    int direction; /* 1: no value may be below, -1: none above */
};

static bool is_number(const struct column_type *type)
{
    return type->physical != COLUMN_BYTE_ARRAY && type->physical != COLUMN_FIXED;
}

static void tell_difference(struct chunk_check *check, const struct verify_place *place,
                            const char *about, const struct side *side, bool beyond)
{
    char bound[SHOWN_BYTES], seen[SHOWN_BYTES];
    const struct column_type *type = &check->column->type;
    verify_bound_format(type, side->bound, bound, sizeof bound);
    verify_bound_format(type, side->seen, seen, sizeof seen);
    if (beyond)
        verify_problem(check->verifier, place, about,
                       "the value %s is %s the %s, which is said "
                       "to be %s",
                       seen, side->beyond, side->name, bound);
    else if (side->exact)
        verify_problem(check->verifier, place, about, "the %s is %s, where exactly %s is said",
                       side->name, seen, bound);
    else
        verify_note(check->verifier, place, about, "the %s is %s, where the wider %s is said",
                    side->name, seen, bound);
}

static void check_side(struct chunk_check *check, const struct verify_place *place,
                       const char *about, const struct side *side, bool any, bool complete)
{
    const struct column_type *type = &check->column->type;
    if (side->bound.data == NULL)
        return;
    if (!verify_bound_fits(type, side->bound)) {
        verify_problem(check->verifier, place, about,
                       "a %s of %zu bytes, which is no value of "
                       "the column",
                       side->name, side->bound.size);
        return;
    }
    if (verify_bound_is_nan(type, side->bound)) {
        verify_note(check->verifier, place, about, "the %s is NaN, which readers ignore",
                    side->name);
        return;
    }
    if (!any)
        return;
    int order = verify_bound_compare(type, side->seen, side->bound) * side->direction;
    if (order < 0 || (order > 0 && complete && (side->exact || is_number(type))))
        tell_difference(check, place, about, side, order < 0);
}

void verify_bounds(struct chunk_check *check, const struct verify_place *place, const char *about,
                   const struct parquet_statistics *statistics, const struct verify_range *seen,
                   bool complete)
{
    struct side least = {.name = "minimum",
                         .beyond = "below",
                         .bound = statistics->minimum,
                         .seen = {seen->least.data, seen->least.size},
                         .exact = statistics->minimum_exact,
                         .direction = 1};
    struct side greatest = {.name = "maximum",
                            .beyond = "above",
                            .bound = statistics->maximum,
                            .seen = {seen->greatest.data, seen->greatest.size},
                            .exact = statistics->maximum_exact,
                            .direction = -1};
    if (!check->ordered)
        return;
    check_side(check, place, about, &least, seen->any, complete);
    check_side(check, place, about, &greatest, seen->any, complete);
}

/* What counts as a null of a nested column is not said: to some writers only a value that is
 * missing, to others a list that is empty or missing too. */
static void check_nulls(struct chunk_check *check, const struct verify_place *place,
                        const char *about, int64_t said, uint64_t nulls)
{
    if (said == (int64_t)nulls)
        return;
    if (check->column->nested && said >= 0 && said < (int64_t)nulls)
        verify_note(check->verifier, place, about,
                    "%" PRIu64 " entries without a value, of which %" PRId64
                    " are said to be nulls",
                    nulls, said);
    else
        verify_problem(check->verifier, place, about,
                       "%" PRIu64 " nulls, where %" PRId64 " are said", nulls, said);
}

void verify_counts(struct chunk_check *check, const struct verify_place *place, const char *about,
                   const struct parquet_statistics *statistics, uint64_t rows, uint64_t nulls)
{
    if (statistics->has_null_count)
        check_nulls(check, place, about, statistics->null_count, nulls);
    if (statistics->has_distinct_count && statistics->distinct_count > rows - nulls)
        verify_problem(check->verifier, place, about,
                       "%" PRIu64 " values, where %" PRIu64 " distinct ones are said", rows - nulls,
                       statistics->distinct_count);
}

/* An INT32 as the number that its type means. */
static int64_t number_of(const struct column_type *type, const struct mem_buffer *bytes)
{
    int32_t value;
    memcpy(&value, bytes->data, sizeof value);
    return type->is_signed ? value : (int64_t)(uint32_t)value;
}

void verify_width(struct chunk_check *check, const struct verify_place *place)
{
    const struct verify_range *seen = &check->verifier->chunk_range;
    const struct column_type *type = &check->column->type;
    if (type->logical != COLUMN_INTEGER || type->physical != COLUMN_INT32 || type->bit_width == 0 ||
        type->bit_width >= 32 || !seen->any)
        return;
    int64_t span = INT64_C(1) << type->bit_width;
    int64_t low = type->is_signed ? -span / 2 : 0;
    int64_t least = number_of(type, &seen->least);
    int64_t greatest = number_of(type, &seen->greatest);
    if (least < low || greatest >= low + span)
        verify_problem(check->verifier, place, "values",
                       "%" PRId64 " to %" PRId64 " do not fit integers of %u bits", least, greatest,
                       (unsigned)type->bit_width);
}
