#include "aggregate/value_groups.h"

#include <string.h>

#include "aggregate/value_groups_state.h"

#define KEYS_MOST ((size_t)1 << 31)

/* Bytes a key takes in each array; 0: there is no such array. */
struct widths {
    size_t words, minimum, maximum, counts, seen;
};

static bool has_exact_sum(const struct aggregate_value *value)
{
    return value->wants_sum && value->arithmetic != VALUE_INTEGER;
}

static struct widths widths_of(const struct aggregate_value *value)
{
    bool integer = value->wants_sum && value->arithmetic == VALUE_INTEGER;
    bool told = value->wants_count || value->wants_minimum || value->wants_maximum;
    return (struct widths){
        .words = integer ? value->words * sizeof(uint64_t) : 0,
        .minimum = value->wants_minimum ? value->width : 0,
        .maximum = value->wants_maximum ? value->width : 0,
        .counts = value->wants_count ? sizeof(uint64_t) : 0,
        .seen = told ? 0 : 1,
    };
}

static size_t charge_of(size_t key_count, size_t width)
{
    return width > 0 ? mem_charge_of(key_count * width) : 0;
}

size_t value_groups_size(const struct aggregate_value *value, size_t key_count)
{
    struct widths widths = widths_of(value);
    size_t bytes = mem_charge_of(sizeof(struct value_groups));
    bytes += charge_of(key_count, widths.words) + charge_of(key_count, widths.counts);
    bytes += charge_of(key_count, widths.minimum) + charge_of(key_count, widths.minimum > 0);
    bytes += charge_of(key_count, widths.maximum) + charge_of(key_count, widths.maximum > 0);
    bytes += charge_of(key_count, widths.seen);
    return bytes + (has_exact_sum(value) ? exact_tile_size_any(key_count, 2) : 0);
}

size_t value_groups_spare(const struct aggregate_value *value, size_t key_count)
{
    return has_exact_sum(value) ? exact_tile_spare_any(key_count) : 0;
}

/* An array for key_count keys of width bytes each in place of one for fewer. */
static enum error_code grow(struct value_groups *groups, void *array, size_t width,
                            size_t key_count, struct error *error)
{
    void *old, *larger;
    if (width == 0)
        return ERROR_NONE;
    TRY(mem_alloc_array(groups->account, key_count, width, &larger, error));
    memcpy(&old, array, sizeof old);
    if (old != NULL)
        memcpy(larger, old, groups->key_count * width);
    mem_free(old);
    memcpy(array, &larger, sizeof larger);
    return ERROR_NONE;
}

/* Those that grew before one fails are larger than they need to be. */
static enum error_code grow_all(struct value_groups *groups, size_t key_count, struct error *error)
{
    struct widths widths = widths_of(groups->value);
    TRY(grow(groups, &groups->words, widths.words, key_count, error));
    TRY(grow(groups, &groups->minimum, widths.minimum, key_count, error));
    TRY(grow(groups, &groups->seen_minimum, widths.minimum > 0, key_count, error));
    TRY(grow(groups, &groups->maximum, widths.maximum, key_count, error));
    TRY(grow(groups, &groups->seen_maximum, widths.maximum > 0, key_count, error));
    TRY(grow(groups, &groups->counts, widths.counts, key_count, error));
    TRY(grow(groups, &groups->seen, widths.seen, key_count, error));
    return groups->exact != NULL ? exact_tile_grow(groups->exact, key_count, error) : ERROR_NONE;
}

static enum error_code create_exact(struct value_groups *groups, struct exact_grids grids,
                                    struct error *error)
{
    if (!has_exact_sum(groups->value))
        return ERROR_NONE;
    TRY(exact_tile_create(groups->account, MEM_NO_LIMIT, &groups->exact, error));
    return exact_tile_begin_any(groups->exact, 0, grids, error);
}

enum error_code value_groups_create(const struct aggregate_value *value, struct exact_grids grids,
                                    struct mem_account *account, struct value_groups **ret,
                                    struct error *error)
{
    void *memory;
    TRY(mem_alloc(account, sizeof(struct value_groups), &memory, error));
    struct value_groups *groups = memory;
    groups->value = value;
    groups->account = account;
    enum error_code code = create_exact(groups, grids, error);
    if (code == ERROR_NONE)
        code = grow_all(groups, 0, error);
    if (code != ERROR_NONE) {
        value_groups_destroy(groups);
        return code;
    }
    *ret = groups;
    return ERROR_NONE;
}

void value_groups_destroy(struct value_groups *groups)
{
    if (groups == NULL)
        return;
    exact_tile_destroy(groups->exact);
    mem_free(groups->words);
    mem_free(groups->minimum);
    mem_free(groups->seen_minimum);
    mem_free(groups->maximum);
    mem_free(groups->seen_maximum);
    mem_free(groups->counts);
    mem_free(groups->seen);
    mem_free(groups);
}

void value_groups_populate(struct value_groups *groups)
{
    struct widths widths = widths_of(groups->value);
    mem_populate(groups->words, groups->key_count * widths.words);
    mem_populate(groups->counts, groups->key_count * widths.counts);
    if (groups->exact != NULL)
        exact_tile_populate(groups->exact);
}

enum error_code value_groups_reserve(struct value_groups *groups, size_t key_count,
                                     struct error *error)
{
    if (key_count <= groups->key_count)
        return ERROR_NONE;
    if (key_count > KEYS_MOST)
        return error_set(error, ERROR_MEMORY, "%zu keys are more than the %zu that can be",
                         key_count, KEYS_MOST);
    TRY(grow_all(groups, key_count, error));
    groups->key_count = key_count;
    return ERROR_NONE;
}

static void clear(void *array, size_t bytes)
{
    if (array != NULL)
        memset(array, 0, bytes);
}

enum error_code value_groups_clear(struct value_groups *groups, struct error *error)
{
    struct widths widths = widths_of(groups->value);
    size_t keys = groups->key_count;
    (void)error;
    clear(groups->words, keys * widths.words);
    clear(groups->seen_minimum, keys);
    clear(groups->seen_maximum, keys);
    clear(groups->counts, keys * widths.counts);
    clear(groups->seen, keys);
    if (groups->exact != NULL)
        exact_tile_clear(groups->exact);
    return ERROR_NONE;
}
