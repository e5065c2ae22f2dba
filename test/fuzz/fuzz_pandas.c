/*
 * Bytes taken for pandas' metadata: what is made of them is JSON, and rewriting that changes
 * nothing more.
 */
#include <jansson.h>

#include "arrow/pandas.h"
#include "fields.h"
#include "memory.h"

#define ROWS 50

static void rewrite(const void *text, size_t size, struct mem_buffer *ret)
{
    struct column_field fields[FIELD_COUNT];
    struct error error;
    error_init(&error);
    make_fields(fields);
    demand(pandas_metadata_rewrite(text, size, fields, FIELD_COUNT, ROWS, ret, &error) ==
           ERROR_NONE);
}

static void check(const struct mem_buffer *text, struct mem_buffer *again)
{
    json_t *root = json_loadb((const char *)text->data, text->size, 0, NULL);
    demand(json_is_object(root));
    demand(json_array_size(json_object_get(root, "columns")) == FIELD_COUNT);
    json_decref(root);
    rewrite(text->data, text->size, again);
    demand(again->size == text->size && memcmp(again->data, text->data, text->size) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mem_account account;
    struct mem_buffer once, twice;
    mem_account_init(&account, "fuzz", NULL, (size_t)64 << 20);
    mem_buffer_init(&once, &account, (size_t)8 << 20);
    mem_buffer_init(&twice, &account, (size_t)8 << 20);
    rewrite(data, size, &once);
    if (once.size > 0)
        check(&once, &twice);
    mem_buffer_release(&once);
    mem_buffer_release(&twice);
    demand(atomic_load(&account.used) == 0);
    return 0;
}
