/*
 * Bytes taken for Arrow's schema in a file's metadata: Base64 text, or the message itself where the
 * first byte is odd. What is understood of it lies within its types, and is understood again when
 * it has been written.
 */
#include "arrow/base64.h"
#include "arrow/schema.h"
#include "fields.h"
#include "memory.h"

static void check(const struct column_field fields[FIELD_COUNT])
{
    for (int i = 0; i < FIELD_COUNT; i++) {
        const struct column_arrow *arrow = &fields[i].arrow;
        demand(arrow->kind <= COLUMN_ARROW_SECONDS && arrow->unit <= COLUMN_NANOSECONDS);
        demand(memchr(arrow->timezone, 0, sizeof arrow->timezone) != NULL);
        demand(!arrow->dictionary || (arrow->index_bits >= 8 && arrow->index_bits <= 64));
    }
}

static void write_again(const struct column_field fields[FIELD_COUNT], struct mem_account *account)
{
    struct error error;
    struct mem_buffer first, second;
    struct column_field again[FIELD_COUNT];
    error_init(&error);
    make_fields(again);
    mem_buffer_init(&first, account, (size_t)1 << 20);
    mem_buffer_init(&second, account, (size_t)1 << 20);
    demand(arrow_schema_base64(fields, FIELD_COUNT, &first, &error) == ERROR_NONE);
    arrow_schema_apply((const char *)first.data, first.size, again, FIELD_COUNT, account);
    demand(arrow_schema_base64(again, FIELD_COUNT, &second, &error) == ERROR_NONE);
    demand(first.size == second.size && memcmp(first.data, second.data, first.size) == 0);
    mem_buffer_release(&first);
    mem_buffer_release(&second);
}

static void apply(const char *text, size_t size, struct mem_account *account)
{
    struct column_field fields[FIELD_COUNT];
    make_fields(fields);
    arrow_schema_apply(text, size, fields, FIELD_COUNT, account);
    check(fields);
    write_again(fields, account);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mem_account account;
    struct mem_buffer text;
    struct error error;
    if (size < 1)
        return 0;
    error_init(&error);
    mem_account_init(&account, "fuzz", NULL, (size_t)64 << 20);
    mem_buffer_init(&text, &account, (size_t)8 << 20);
    if ((data[0] & 1) == 0)
        apply((const char *)data + 1, size - 1, &account);
    else if (base64_encode(data + 1, size - 1, &text, &error) == ERROR_NONE)
        apply((const char *)text.data, text.size, &account);
    mem_buffer_release(&text);
    demand(atomic_load(&account.used) == 0);
    return 0;
}
