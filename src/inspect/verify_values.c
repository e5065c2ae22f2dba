#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "inspect/verify_state.h"
#include "os/os.h"

static void ask_bloom_filter(struct chunk_check *check, const struct column_slice *slice)
{
    const struct bloom_filter *filter = &check->verifier->bloom;
    const struct column_type *type = &check->column->type;
    const uint8_t *at = slice->values;
    size_t size = column_value_size(type);
    if (filter->block_count == 0)
        return;
    for (uint32_t i = 0; i < slice->value_count; i++, at += size) {
        struct parquet_bytes value = verify_value_bytes(type, at);
        check->missing += !bloom_filter_contains(filter, value.data, value.size);
    }
}

static void look_for_text(struct chunk_check *check, const struct column_slice *slice)
{
    const struct column_type *type = &check->column->type;
    const uint8_t *at = slice->values;
    bool is_text = type->logical == COLUMN_STRING || type->logical == COLUMN_ENUM ||
                   type->logical == COLUMN_JSON;
    if (type->physical != COLUMN_BYTE_ARRAY || !is_text)
        return;
    for (uint32_t i = 0; i < slice->value_count; i++, at += sizeof(struct column_bytes)) {
        struct parquet_bytes value = verify_value_bytes(type, at);
        check->not_text += !utf8_is_valid(value.data, value.size);
    }
}

static enum error_code take_slice(struct chunk_check *check, const struct column_slice *slice,
                                  struct error *error)
{
    check->page_nulls += slice->row_count - slice->value_count;
    ask_bloom_filter(check, slice);
    look_for_text(check, slice);
    if (!check->ordered)
        return ERROR_NONE;
    return verify_range_update(&check->verifier->page_range, &check->column->type, slice->values,
                               slice->value_count, error);
}

static enum error_code open_at(struct chunk_check *check, const struct parquet_page *page,
                               struct error *error)
{
    struct parquet_position position = {page->offset, check->rows};
    if (check->open)
        return ERROR_NONE;
    return parquet_page_reader_open(check->verifier->reader, check->verifier->object, check->column,
                                    check->chunk, &position, error);
}

/* All rows of the page, and none of another. */
static enum error_code read_page(struct chunk_check *check, const struct parquet_page *page,
                                 struct error *error)
{
    uint32_t left = page->value_count;
    TRY(open_at(check, page, error));
    while (left > 0) {
        struct column_slice slice;
        TRY(os_check_stop(error));
        TRY(parquet_page_reader_next(check->verifier->reader, left, &slice, error));
        if (slice.row_count == 0 || slice.row_count > left)
            return error_set(error, ERROR_INPUT, "a page has another number of rows than it says");
        TRY(take_slice(check, &slice, error));
        left -= slice.row_count;
    }
    return ERROR_NONE;
}

void verify_tell_repetition(struct chunk_check *check)
{
    struct verify_place place = verify_chunk_place(check);
    if (check->repetition > 0)
        verify_problem(check->verifier, &place, "page", "%" PRIu64 " more pages in a row: %s",
                       check->repetition, check->failure);
    check->repetition = 0;
    check->failure[0] = '\0';
}

/* A damaged dictionary fails every page that needs it: that is told once. */
static void tell_failure(struct chunk_check *check, const struct error *failure)
{
    char what[sizeof check->failure];
    bool has_hint = failure->hint[0] != '\0';
    snprintf(what, sizeof what, "%s%s%s", failure->what, has_hint ? ". Try: " : "", failure->hint);
    if (strcmp(what, check->failure) == 0) {
        check->repetition++;
        return;
    }
    verify_tell_repetition(check);
    verify_problem(check->verifier, &check->place, "page", "%s", what);
    memcpy(check->failure, what, sizeof what);
}

/* What weir cannot read is not wrong for that. */
static void give_up_values(struct chunk_check *check, const struct error *failure)
{
    struct verify_place place = verify_chunk_place(check);
    verify_note(check->verifier, &place, "page", "its values are not verified: %s", failure->what);
    check->verifier->totals.unread_chunks++;
    check->decode = false;
}

enum error_code verify_page_values(struct chunk_check *check, const struct page_facts *facts,
                                   struct error *error)
{
    struct error failure;
    error_init(&failure);
    check->page_nulls = 0;
    check->page_seen = false;
    verify_range_clear(&check->verifier->page_range);
    enum error_code code = read_page(check, &facts->page, &failure);
    check->open = code == ERROR_NONE;
    if (code == ERROR_NONE) {
        verify_tell_repetition(check);
        check->page_seen = true;
        check->nulls += check->page_nulls;
        return verify_range_merge(&check->verifier->chunk_range, &check->column->type,
                                  &check->verifier->page_range, error);
    }
    check->complete = false;
    if (!verify_goes_on(code)) {
        *error = failure;
        return code;
    }
    if (code == ERROR_UNSUPPORTED)
        give_up_values(check, &failure);
    else
        tell_failure(check, &failure);
    return ERROR_NONE;
}
