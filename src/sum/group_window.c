#include <stdio.h>
#include <string.h>

#include "sum/groups.h"

enum error_code group_window_open(struct group_window *ret, struct sum *sum, struct error *error)
{
    struct mem_account *account = &sum->account;
    *ret = (struct group_window){.sum = sum};
    TRY(mem_alloc_array(account, sum->field_count, sizeof *ret->values, (void **)&ret->values,
                        error));
    TRY(mem_alloc_array(account, sum->field_count, sizeof *ret->present, (void **)&ret->present,
                        error));
    TRY(mem_alloc_array(account, sum->field_count, sizeof *ret->slices, (void **)&ret->slices,
                        error));
    for (uint32_t i = 0; i < sum->field_count; i++) {
        size_t width = column_value_size(&sum->fields[i].type);
        TRY(mem_alloc_array(account, VALUE_TILE_WINDOW, width < 8 ? 8 : width,
                            (void **)&ret->values[i], error));
        TRY(mem_alloc(account, VALUE_TILE_WINDOW, (void **)&ret->present[i], error));
    }
    return ERROR_NONE;
}

void group_window_close(struct group_window *window)
{
    uint32_t fields = window->sum != NULL ? window->sum->field_count : 0;
    for (uint32_t i = 0; i < fields; i++) {
        if (window->values != NULL)
            mem_free(window->values[i]);
        if (window->present != NULL)
            mem_free(window->present[i]);
    }
    mem_free(window->values);
    mem_free(window->present);
    mem_free(window->slices);
    memset(window, 0, sizeof *window);
}

void group_window_keys(struct group_window *window, const uint64_t *codes,
                       const struct key_bytes *keys, uint32_t count)
{
    const struct sum *sum = window->sum;
    for (uint32_t i = 0; i < sum->key_count; i++) {
        if (codes != NULL)
            key_space_decode(&sum->space, i, codes, count, window->values[i], window->present[i],
                             &window->slices[i]);
        else
            key_decode(sum->key_types, sum->key_count, i, keys, count, window->values[i],
                       window->present[i], &window->slices[i]);
    }
}

static const void *value_of(const struct column_slice *slice, const struct column_type *type,
                            uint32_t row)
{
    uint32_t index = 0;
    if (slice->present != NULL && slice->present[row] == 0)
        return NULL;
    for (uint32_t i = 0; i < row; i++)
        index += slice->present == NULL || slice->present[i] != 0;
    return (const uint8_t *)slice->values + index * column_value_size(type);
}

/* "path=3, Date=2025-01-01" */
static void describe(const struct group_window *window, uint32_t row, char *buffer, size_t size)
{
    const struct sum *sum = window->sum;
    size_t used = 0;
    buffer[0] = '\0';
    for (uint32_t i = 0; i < sum->key_count && used + 1 < size; i++) {
        char text[96] = "NULL";
        const void *value = value_of(&window->slices[i], &sum->key_types[i], row);
        if (value != NULL)
            column_value_format(&sum->key_types[i], value, text, sizeof text);
        int length = snprintf(buffer + used, size - used, "%s%s=%s", i > 0 ? ", " : "",
                              sum->fields[i].name, text);
        used += length > 0 ? (size_t)length : 0;
    }
}

void group_window_blame(const struct group_window *window, size_t row, struct error *error)
{
    char key[200];
    describe(window, (uint32_t)row, key, sizeof key);
    size_t used = strlen(error->what);
    snprintf(error->what + used, sizeof error->what - used, " at the key %s", key);
}

enum error_code group_window_output(struct group_window *window, struct value_groups *groups,
                                    uint32_t output, const uint32_t *keys, uint32_t count,
                                    struct error *error)
{
    const struct sum *sum = window->sum;
    uint32_t field = sum->key_count + output;
    size_t failed = 0;
    enum error_code code = value_groups_result(
        groups, sum->outputs[output].function, &sum->fields[field].type, keys, count,
        window->values[field], window->present[field], &window->slices[field], &failed, error);
    if (code == ERROR_OVERFLOW)
        group_window_blame(window, failed, error);
    return code;
}
