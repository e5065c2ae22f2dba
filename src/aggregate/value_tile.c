#include "aggregate/value_tile.h"

#include <string.h>

#include "aggregate/value_widen.h"
#include "column/expand.h"

static bool has_exact_sum(const struct aggregate_value *value)
{
    return value->wants_sum && value->arithmetic != VALUE_INTEGER;
}

static enum error_code init_extremum(struct value_tile *tile, uint8_t **best, uint8_t **seen,
                                     struct error *error)
{
    TRY(mem_alloc_array(tile->account, tile->capacity, tile->value->width, (void **)best, error));
    return mem_alloc(tile->account, tile->capacity, (void **)seen, error);
}

enum error_code value_tile_init(struct value_tile *tile, const struct aggregate_value *value,
                                size_t capacity, size_t exact_limit, struct exact_grids grids,
                                struct mem_account *account, struct error *error)
{
    *tile = (struct value_tile){
        .value = value, .grids = grids, .capacity = capacity, .account = account};
    TRY(mem_alloc_array(account, capacity, sizeof *tile->missing, (void **)&tile->missing, error));
    TRY(mem_alloc_array(account, VALUE_TILE_WINDOW, value->width < 8 ? 8 : value->width,
                        (void **)&tile->filled, error));
    if (value->widened)
        TRY(mem_alloc_array(account, VALUE_TILE_WINDOW, value->width, (void **)&tile->widened,
                            error));
    if (has_exact_sum(value))
        TRY(exact_tile_create(account, exact_limit, &tile->exact, error));
    if (value->wants_sum && value->arithmetic == VALUE_INTEGER)
        TRY(mem_alloc_array(account, capacity, value->words * sizeof(uint64_t),
                            (void **)&tile->words, error));
    if (value->wants_minimum)
        TRY(init_extremum(tile, &tile->minimum, &tile->seen_minimum, error));
    if (value->wants_maximum)
        TRY(init_extremum(tile, &tile->maximum, &tile->seen_maximum, error));
    return ERROR_NONE;
}

void value_tile_release(struct value_tile *tile)
{
    exact_tile_destroy(tile->exact);
    mem_free(tile->words);
    mem_free(tile->minimum);
    mem_free(tile->maximum);
    mem_free(tile->seen_minimum);
    mem_free(tile->seen_maximum);
    mem_free(tile->missing);
    mem_free(tile->filled);
    mem_free(tile->widened);
    memset(tile, 0, sizeof *tile);
}

size_t value_tile_size(const struct aggregate_value *value, size_t capacity)
{
    size_t bytes = mem_charge_of(capacity * sizeof(uint32_t)) +
                   mem_charge_of(VALUE_TILE_WINDOW * (value->width < 8 ? 8 : value->width));
    if (value->widened)
        bytes += mem_charge_of((size_t)VALUE_TILE_WINDOW * value->width);
    if (has_exact_sum(value))
        bytes += exact_tile_size(capacity, 2);
    if (value->wants_sum && value->arithmetic == VALUE_INTEGER)
        bytes += mem_charge_of(capacity * value->words * sizeof(uint64_t));
    size_t extrema = (size_t)value->wants_minimum + (size_t)value->wants_maximum;
    bytes += extrema * (mem_charge_of(capacity * value->width) + mem_charge_of(capacity));
    return bytes;
}

size_t value_tile_key_limit(const struct value_tile *tile)
{
    if (tile->exact == NULL)
        return tile->capacity;
    size_t limit = exact_tile_key_limit(tile->exact, tile->grids.count);
    return limit < tile->capacity ? limit : tile->capacity;
}

enum error_code value_tile_begin(struct value_tile *tile, size_t key_count, struct error *error)
{
    /* Memory that was never touched must not be made resident by clearing it. */
    if (tile->any_missing)
        memset(tile->missing, 0, tile->capacity * sizeof *tile->missing);
    if (tile->words != NULL)
        memset(tile->words, 0, tile->capacity * tile->value->words * sizeof(uint64_t));
    if (tile->seen_minimum != NULL)
        memset(tile->seen_minimum, 0, key_count);
    if (tile->seen_maximum != NULL)
        memset(tile->seen_maximum, 0, key_count);
    tile->any_missing = false;
    tile->added = 0;
    tile->key_count = key_count;
    if (tile->exact == NULL)
        return ERROR_NONE;
    return exact_tile_begin(tile->exact, key_count, tile->grids, error);
}

static enum exact_outcome add_halves(struct value_tile *tile, size_t first_key,
                                     const uint8_t *values, size_t count)
{
    float widened[256];
    for (size_t done = 0; done < count;) {
        size_t piece = count - done < 256 ? count - done : 256;
        value_widen_halves(values + 2 * done, piece, widened);
        if (exact_tile_add_floats(tile->exact, first_key + done, widened, piece) != EXACT_DONE)
            return EXACT_CROWDED;
        done += piece;
    }
    return EXACT_DONE;
}

/* Adds values that every key of the run has. */
static enum exact_outcome add_sums(struct value_tile *tile, size_t first_key, const void *values,
                                   size_t count)
{
    if (tile->words != NULL) {
        integer_sums_add(tile->words, tile->capacity, tile->value->source, tile->value->width,
                         first_key, values, count);
        return EXACT_DONE;
    }
    if (tile->exact == NULL)
        return EXACT_DONE;
    if (tile->value->arithmetic == VALUE_DOUBLE)
        return exact_tile_add(tile->exact, first_key, values, count);
    if (tile->value->arithmetic == VALUE_FLOAT)
        return exact_tile_add_floats(tile->exact, first_key, values, count);
    return add_halves(tile, first_key, values, count);
}

static void add_extrema(struct value_tile *tile, size_t first_key, const uint8_t *values,
                        size_t count)
{
    const struct aggregate_value *value = tile->value;
    size_t offset = first_key * value->width;
    if (tile->minimum != NULL)
        extrema_update(value->extrema, value->width, false, tile->minimum + offset,
                       tile->seen_minimum + first_key, 0, values, count);
    if (tile->maximum != NULL)
        extrema_update(value->extrema, value->width, true, tile->maximum + offset,
                       tile->seen_maximum + first_key, 0, values, count);
}

/* Extrema of rows with gaps, one run of values after another. */
static void add_extrema_runs(struct value_tile *tile, size_t first_key, const uint8_t *present,
                             const uint8_t *values, size_t count)
{
    for (size_t row = 0; row < count;) {
        size_t end = row;
        while (end < count && present[end] != 0)
            end++;
        if (end > row)
            add_extrema(tile, first_key + row, values, end - row);
        values += (end - row) * tile->value->width;
        row = end + (end < count);
    }
}

/* Rows without a value become zeros, which change no sum. */
static enum exact_outcome add_with_gaps(struct value_tile *tile, size_t first_key,
                                        const struct column_slice *slice)
{
    const uint8_t *values = slice->values;
    size_t width = tile->value->width;
    tile->any_missing = true;
    for (size_t row = 0; row < slice->row_count;) {
        size_t left = slice->row_count - row;
        size_t piece = left < VALUE_TILE_WINDOW ? left : VALUE_TILE_WINDOW;
        const uint8_t *present = slice->present + row;
        uint32_t *missing = tile->missing + first_key + row;
        for (size_t i = 0; i < piece; i++)
            missing[i] += present[i] == 0;
        add_extrema_runs(tile, first_key + row, present, values, piece);
        size_t used = expand_values(present, values, width, piece, tile->filled);
        if (add_sums(tile, first_key + row, tile->filled, piece) != EXACT_DONE)
            return EXACT_CROWDED;
        values += used * width;
        row += piece;
    }
    return EXACT_DONE;
}

enum exact_outcome value_tile_add(struct value_tile *tile, size_t first_key,
                                  const struct column_slice *slice)
{
    enum exact_outcome outcome;
    if (slice->present != NULL) {
        outcome = add_with_gaps(tile, first_key, slice);
    } else {
        add_extrema(tile, first_key, slice->values, slice->row_count);
        outcome = add_sums(tile, first_key, slice->values, slice->row_count);
    }
    if (outcome != EXACT_DONE)
        tile->grids = exact_tile_advice(tile->exact);
    return outcome;
}

void value_tile_end_file(struct value_tile *tile)
{
    tile->added++;
}
