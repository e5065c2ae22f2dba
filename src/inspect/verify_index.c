#include <inttypes.h>

#include "inspect/verify_state.h"

#define OFFSET_INDEX "offset index"
#define COLUMN_INDEX "column index"

static struct verify_place index_place(const struct chunk_check *check, uint64_t offset)
{
    struct verify_place place = verify_chunk_place(check);
    place.offset = (int64_t)offset;
    return place;
}

/* An index that cannot be read is told, and left aside. */
static enum error_code settle(struct chunk_check *check, enum error_code code, const char *about,
                              uint64_t offset, struct error *error)
{
    struct verify_place place = index_place(check, offset);
    if (code == ERROR_NONE || !verify_goes_on(code))
        return code;
    verify_problem(check->verifier, &place, about, "%s", error->what);
    error_init(error);
    return ERROR_NONE;
}

static enum error_code open_offsets(struct chunk_check *check, struct error *error)
{
    struct offset_index *index = &check->verifier->offsets;
    uint64_t offset = check->chunk->offset_index_offset;
    if (check->chunk->offset_index_length == 0)
        return ERROR_NONE;
    enum error_code code = offset_index_read(index, check->verifier->object, check->chunk, error);
    check->has_offsets = code == ERROR_NONE;
    check->has_location = check->has_offsets && offset_index_next(index, &check->location);
    return settle(check, code, OFFSET_INDEX, offset, error);
}

static enum error_code open_columns(struct chunk_check *check, struct error *error)
{
    struct column_index *index = &check->verifier->columns;
    uint64_t offset = check->chunk->column_index_offset;
    if (check->chunk->column_index_length == 0)
        return ERROR_NONE;
    enum error_code code = column_index_read(index, check->verifier->object, check->chunk, error);
    check->has_columns = code == ERROR_NONE;
    return settle(check, code, COLUMN_INDEX, offset, error);
}

enum error_code verify_index_open(struct chunk_check *check, struct error *error)
{
    struct verify_place place = verify_chunk_place(check);
    struct error failure;
    error_init(&failure);
    if (check->chunk->page_index_outside)
        verify_problem(check->verifier, &place, "page index", "it would stand outside the file");
    enum error_code code = open_offsets(check, &failure);
    if (code == ERROR_NONE)
        code = open_columns(check, &failure);
    if (code != ERROR_NONE)
        *error = failure;
    return code;
}

static void check_location(struct chunk_check *check, const struct page_facts *facts)
{
    struct verifier *verifier = check->verifier;
    const struct page_location *location = &check->location;
    const struct parquet_page *page = &facts->page;
    uint64_t size = (uint64_t)page->header_size + page->compressed_size;
    uint64_t offset = check->chunk->offset + page->offset;
    if (location->offset != offset)
        verify_problem(verifier, &check->place, OFFSET_INDEX,
                       "the page is at %" PRIu64 ", where %" PRIu64 " is said", offset,
                       location->offset);
    if (location->size != size)
        verify_problem(verifier, &check->place, OFFSET_INDEX,
                       "the page has %" PRIu64 " bytes, where %" PRIu32 " are said", size,
                       location->size);
    if (!check->repeated && check->counted && location->first_row != check->rows)
        verify_problem(verifier, &check->place, OFFSET_INDEX,
                       "the page begins with row %" PRIu64 ", where row %" PRIu64 " is said",
                       check->rows, location->first_row);
}

/* Bounds that a page with values must have. */
static bool bounds_usable(const struct chunk_check *check, const struct page_summary *summary)
{
    const struct column_type *type = &check->column->type;
    return check->ordered && !summary->null_page && verify_bound_fits(type, summary->minimum) &&
           verify_bound_fits(type, summary->maximum) &&
           !verify_bound_is_nan(type, summary->minimum) &&
           !verify_bound_is_nan(type, summary->maximum);
}

/* The bounds of pages with values rise, or fall, as the index says they do. */
static void check_order(struct chunk_check *check, const struct page_summary *summary)
{
    const struct column_type *type = &check->column->type;
    enum boundary_order order = check->verifier->columns.order;
    if (!bounds_usable(check, summary))
        return;
    int direction = order == BOUNDARY_ASCENDING ? 1 : -1;
    if (check->has_bounds && order != BOUNDARY_UNORDERED && !check->disordered &&
        (verify_bound_compare(type, summary->minimum, check->last_minimum) * direction < 0 ||
         verify_bound_compare(type, summary->maximum, check->last_maximum) * direction < 0)) {
        verify_problem(check->verifier, &check->place, COLUMN_INDEX,
                       "the pages are said to be in %s order, and are not",
                       direction > 0 ? "ascending" : "descending");
        check->disordered = true;
    }
    check->has_bounds = true;
    check->last_minimum = summary->minimum;
    check->last_maximum = summary->maximum;
}

static void check_summary(struct chunk_check *check, const struct page_facts *facts,
                          const struct page_summary *summary)
{
    struct verifier *verifier = check->verifier;
    bool all_null = check->page_nulls == facts->page.value_count;
    struct parquet_statistics statistics = {.has_null_count = summary->has_null_count,
                                            .null_count = summary->null_count};
    if (facts->page.value_count > 0 && summary->null_page != all_null)
        verify_problem(verifier, &check->place, COLUMN_INDEX,
                       all_null ? "the page has nulls alone, and is not said to"
                                : "the page is said to have nulls alone, and has values");
    if (!summary->null_page && !all_null) {
        statistics.minimum = summary->minimum;
        statistics.maximum = summary->maximum;
    }
    verify_bounds(check, &check->place, COLUMN_INDEX, &statistics, &verifier->page_range, false);
    verify_counts(check, &check->place, COLUMN_INDEX, &statistics, facts->page.value_count,
                  check->page_nulls);
}

void verify_index_page(struct chunk_check *check, const struct page_facts *facts)
{
    struct verifier *verifier = check->verifier;
    struct page_summary summary;
    if (check->has_location) {
        check_location(check, facts);
        check->has_location = offset_index_next(&verifier->offsets, &check->location);
    }
    if (check->has_columns && column_index_next(&verifier->columns, &summary)) {
        check_order(check, &summary);
        if (check->page_seen)
            check_summary(check, facts, &summary);
    }
}

bool verify_index_jump(struct chunk_check *check)
{
    struct verifier *verifier = check->verifier;
    struct page_summary ignored;
    uint64_t lost = check->chunk->offset + check->offset;
    uint64_t end = check->chunk->offset + check->chunk->length;
    while (check->has_location && check->location.offset <= lost) {
        check->has_location = offset_index_next(&verifier->offsets, &check->location);
        check->has_columns = check->has_columns && column_index_next(&verifier->columns, &ignored);
        check->page++;
    }
    if (!check->has_location || check->location.offset >= end)
        return false;
    /* The index counts rows. */
    bool rows = !check->repeated;
    if (rows && (check->location.first_row < check->rows ||
                 check->location.first_row > check->chunk->value_count))
        return false;
    check->offset = check->location.offset - check->chunk->offset;
    check->counted = check->counted && rows;
    if (rows)
        check->rows = check->location.first_row;
    return true;
}

static void check_page_count(struct chunk_check *check, const char *about, uint32_t said,
                             uint64_t offset)
{
    struct verify_place place = index_place(check, offset);
    if (said != check->page)
        verify_problem(check->verifier, &place, about,
                       "%" PRIu64 " data pages, where %" PRIu32 " are said", check->page, said);
}

void verify_index_end(struct chunk_check *check)
{
    const struct parquet_chunk *chunk = check->chunk;
    if (check->has_offsets && check->counted)
        check_page_count(check, OFFSET_INDEX, check->verifier->offsets.page_count,
                         chunk->offset_index_offset);
    if (check->has_columns && check->counted)
        check_page_count(check, COLUMN_INDEX, check->verifier->columns.page_count,
                         chunk->column_index_offset);
}
