/*
 * Bytes taken for a filter: what is parsed names its columns, is bound to types or refused at a
 * place of the text, takes rows that facts about them do not rule out, and the opposite filter
 * takes none of them. The first bytes choose the columns' types.
 */
#include "fields.h"
#include "filter/filter.h"
#include "memory.h"

#define ROWS         9
#define COLUMNS_MOST 6

struct setting {
    struct mem_account account;
    struct mem_arena arena;
    struct column_type types[FILTER_COLUMNS_MOST];
    const uint8_t *data; /* behind the text: values */
    size_t size;
};

static void choose_types(struct setting *setting, uint8_t choice)
{
    struct column_field fields[FIELD_COUNT];
    make_fields(fields);
    for (unsigned i = 0; i < FILTER_COLUMNS_MOST; i++)
        setting->types[i] = fields[(choice + i) % FIELD_COUNT].type;
}

/* Values from the input, again and again. */
static void fill(const struct setting *setting, unsigned column, void *bytes, size_t size)
{
    uint8_t *at = bytes;
    for (size_t i = 0; i < size; i++)
        at[i] = setting->size > 0 ? setting->data[(i + column) % setting->size] : 0;
}

struct rows {
    uint8_t present[COLUMNS_MOST][ROWS];
    uint8_t values[COLUMNS_MOST][ROWS * 16];
    struct column_slice slices[COLUMNS_MOST];
};

/* One row in three has no value. */
static void make_rows(const struct setting *setting, unsigned columns, struct rows *rows)
{
    for (unsigned i = 0; i < columns; i++) {
        const struct column_type *type = &setting->types[i];
        fill(setting, i, rows->values[i], sizeof rows->values[i]);
        uint32_t count = 0;
        for (unsigned row = 0; row < ROWS; row++)
            count += rows->present[i][row] = (row + i) % 3 != 0;
        for (uint32_t k = 0; k < count && type->physical == COLUMN_BYTE_ARRAY; k++) {
            struct column_bytes text = {setting->data, (uint32_t)(k % (setting->size + 1))};
            memcpy(rows->values[i] + k * sizeof text, &text, sizeof text);
        }
        for (uint32_t k = 0; k < count && type->physical == COLUMN_BOOLEAN; k++)
            rows->values[i][k] &= 1;
        rows->slices[i] = (struct column_slice){ROWS, count, rows->present[i], rows->values[i]};
    }
}

/* All values that there are, as a dictionary would have them. */
static bool may_select(const struct bound_filter *bound, const struct rows *rows, unsigned columns)
{
    struct filter_facts facts[COLUMNS_MOST];
    for (unsigned i = 0; i < columns; i++)
        facts[i] = (struct filter_facts){.has_nulls = true,
                                         .has_values = true,
                                         .values = rows->slices[i].values,
                                         .value_count = rows->slices[i].value_count};
    return filter_may_select(bound, facts);
}

static uint32_t select_rows(const struct bound_filter *bound, const struct rows *rows,
                            unsigned columns, uint8_t selected[ROWS])
{
    uint32_t ones = 0, found = filter_select(bound, rows->slices, ROWS, selected);
    for (unsigned i = 0; i < ROWS; i++) {
        demand(selected[i] <= 1);
        ones += selected[i];
    }
    demand(ones == found);
    demand(found == 0 || may_select(bound, rows, columns));
    return found;
}

static enum error_code parse_and_bind(struct setting *setting, const char *text,
                                      struct filter **filter, struct bound_filter **bound)
{
    struct error error;
    size_t offset = 0;
    error_init(&error);
    enum error_code code = filter_parse(text, &setting->arena, filter, &offset, &error);
    if (code == ERROR_NONE)
        code = filter_bind(*filter, setting->types, &setting->arena, bound, &offset, &error);
    demand(code == ERROR_NONE || code == ERROR_USAGE || code == ERROR_UNSUPPORTED);
    demand(code == ERROR_NONE || (error.what[0] != '\0' && offset <= strlen(text)));
    return code;
}

/* Nothing is taken by a filter and by its opposite, with "not (" in front. */
static void compare_opposite(struct setting *setting, const char *text, const struct rows *rows,
                             unsigned columns, const uint8_t selected[ROWS])
{
    struct filter *filter;
    struct bound_filter *bound;
    uint8_t opposite[ROWS];
    size_t size = strlen(text);
    char *turned = malloc(size + 8);
    demand(turned != NULL);
    memcpy(turned, "not (", 5);
    memcpy(turned + 5, text, size);
    memcpy(turned + 5 + size, ")", 2);
    if (size + 6 <= FILTER_TEXT_MOST &&
        parse_and_bind(setting, turned, &filter, &bound) == ERROR_NONE) {
        select_rows(bound, rows, columns, opposite);
        for (unsigned i = 0; i < ROWS; i++)
            demand(!(selected[i] && opposite[i]));
    }
    free(turned);
}

static void try_filter(struct setting *setting, const char *text)
{
    struct filter *filter;
    struct bound_filter *bound;
    static struct rows rows;
    uint8_t selected[ROWS];
    if (parse_and_bind(setting, text, &filter, &bound) != ERROR_NONE)
        return;
    uint32_t columns = filter_column_count(filter);
    demand(columns > 0);
    for (uint32_t i = 0; i < columns; i++)
        demand(filter_column_offset(filter, i) < strlen(text));
    if (columns > COLUMNS_MOST)
        return;
    make_rows(setting, columns, &rows);
    select_rows(bound, &rows, columns, selected);
    compare_opposite(setting, text, &rows, columns, selected);
}

/* A byte for the types, the text up to a zero byte, then values. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct setting setting;
    if (size < 2)
        return 0;
    choose_types(&setting, data[0]);
    size_t length = strnlen((const char *)data + 1, size - 1);
    char *text = malloc(length + 1);
    demand(text != NULL);
    memcpy(text, data + 1, length);
    text[length] = '\0';
    setting.data = data + 1 + length;
    setting.size = size - 1 - length;
    mem_account_init(&setting.account, "fuzz", NULL, (size_t)256 << 20);
    mem_arena_init(&setting.arena, &setting.account);
    try_filter(&setting, text);
    mem_arena_release(&setting.arena);
    demand(atomic_load(&setting.account.used) == 0);
    free(text);
    return 0;
}
