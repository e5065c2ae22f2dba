#include "parquet/page_index.h"

/* A location has three fields of two bytes at least, and an end. */
#define LOCATION_LEAST 4

/* What the compact protocol writes for true in a list. */
#define LIST_TRUE 1

void offset_index_init(struct offset_index *index, struct mem_account *account)
{
    *index = (struct offset_index){0};
    mem_buffer_init(&index->bytes, account, SIZE_MAX / 2);
}

void offset_index_release(struct offset_index *index)
{
    mem_buffer_release(&index->bytes);
    index->page_count = 0;
    index->next = 0;
}

void column_index_init(struct column_index *index, struct mem_account *account)
{
    *index = (struct column_index){0};
    mem_buffer_init(&index->bytes, account, SIZE_MAX / 2);
}

void column_index_release(struct column_index *index)
{
    mem_buffer_release(&index->bytes);
    index->page_count = 0;
    index->next = 0;
}

static enum error_code read_bytes(struct mem_buffer *bytes, const struct store_object *object,
                                  uint64_t offset, uint32_t length, struct error *error)
{
    TRY(mem_buffer_renew(bytes, length, error));
    TRY(store_read(object, offset, bytes->data, length, error));
    bytes->size = length;
    return ERROR_NONE;
}

static enum error_code read_location(struct thrift_reader *thrift, struct page_location *ret)
{
    struct thrift_field field;
    unsigned seen = 0;
    TRY(thrift_struct_begin(thrift, &field));
    while (field.type != THRIFT_STOP) {
        if (field.id == 1)
            TRY(thrift_u63(thrift, &field, &ret->offset));
        else if (field.id == 2)
            TRY(thrift_u31(thrift, &field, &ret->size));
        else if (field.id == 3)
            TRY(thrift_u63(thrift, &field, &ret->first_row));
        else
            TRY(thrift_skip(thrift, field.type));
        if (field.id >= 1 && field.id <= 3)
            seen |= 1u << field.id;
        TRY(thrift_struct_next(thrift, &field));
    }
    return seen == 0xe ? ERROR_NONE : thrift_fail(thrift, "a page's place is not told whole");
}

/* The list of locations: remembered where it begins, and looked through once. */
static enum error_code check_locations(struct offset_index *index, struct thrift_reader *thrift,
                                       const struct thrift_field *field)
{
    struct page_location location;
    TRY(thrift_list(thrift, field, THRIFT_STRUCT, LOCATION_LEAST, &index->page_count));
    index->at = *thrift;
    for (uint32_t i = 0; i < index->page_count; i++)
        TRY(read_location(thrift, &location));
    return ERROR_NONE;
}

enum error_code offset_index_read(struct offset_index *index, const struct store_object *object,
                                  const struct parquet_chunk *chunk, struct error *error)
{
    struct thrift_field field;
    bool seen = false;
    offset_index_release(index);
    TRY(read_bytes(&index->bytes, object, chunk->offset_index_offset, chunk->offset_index_length,
                   error));
    struct thrift_reader thrift = thrift_reader_over(
        index->bytes.data, index->bytes.size, chunk->offset_index_offset, "an offset index", error);
    TRY(thrift_struct_begin(&thrift, &field));
    while (field.type != THRIFT_STOP) {
        seen = seen || field.id == 1;
        if (field.id == 1)
            TRY(check_locations(index, &thrift, &field));
        else
            TRY(thrift_skip(&thrift, field.type));
        TRY(thrift_struct_next(&thrift, &field));
    }
    return seen ? ERROR_NONE : thrift_fail(&thrift, "it lists no pages");
}

bool offset_index_next(struct offset_index *index, struct page_location *ret)
{
    struct error ignored;
    if (index->next == index->page_count)
        return false;
    index->at.error = &ignored;
    if (read_location(&index->at, ret) != ERROR_NONE)
        return false;
    index->next++;
    return true;
}

/* Writers disagree about what the elements of a list of booleans are called. */
static enum error_code begin_booleans(struct thrift_reader *thrift,
                                      const struct thrift_field *field, uint32_t *ret_count)
{
    struct thrift_reader start = *thrift;
    struct error ignored;
    start.error = &ignored;
    if (thrift_list(&start, field, THRIFT_TRUE, 1, ret_count) == ERROR_NONE) {
        start.error = thrift->error;
        *thrift = start;
        return ERROR_NONE;
    }
    return thrift_list(thrift, field, THRIFT_FALSE, 1, ret_count);
}

static enum error_code read_boolean(struct thrift_reader *thrift, bool *ret)
{
    struct thrift_field element = thrift_element(THRIFT_I8);
    int8_t value;
    TRY(thrift_i8(thrift, &element, &value));
    *ret = value == LIST_TRUE;
    return ERROR_NONE;
}

static enum error_code read_binary(struct thrift_reader *thrift, struct parquet_bytes *ret)
{
    struct thrift_field element = thrift_element(THRIFT_BINARY);
    return thrift_binary(thrift, &element, ret);
}

static enum error_code read_i64(struct thrift_reader *thrift, int64_t *ret)
{
    struct thrift_field element = thrift_element(THRIFT_I64);
    return thrift_i64(thrift, &element, ret);
}

/* How many entries each list has; the four lists of an index must be equally long. */
struct list_counts {
    uint32_t null_pages, minima, maxima, null_counts;
    bool has_null_pages, has_minima, has_maxima, has_order;
};

static enum error_code check_null_pages(struct column_index *index, struct thrift_reader *thrift,
                                        const struct thrift_field *field, uint32_t *ret_count)
{
    bool ignored;
    TRY(begin_booleans(thrift, field, ret_count));
    index->null_pages = *thrift;
    for (uint32_t i = 0; i < *ret_count; i++)
        TRY(read_boolean(thrift, &ignored));
    return ERROR_NONE;
}

static enum error_code check_bounds(struct thrift_reader *start, struct thrift_reader *thrift,
                                    const struct thrift_field *field, uint32_t *ret_count)
{
    struct parquet_bytes ignored;
    TRY(thrift_list(thrift, field, THRIFT_BINARY, 1, ret_count));
    *start = *thrift;
    for (uint32_t i = 0; i < *ret_count; i++)
        TRY(read_binary(thrift, &ignored));
    return ERROR_NONE;
}

static enum error_code check_null_counts(struct column_index *index, struct thrift_reader *thrift,
                                         const struct thrift_field *field, uint32_t *ret_count)
{
    int64_t ignored;
    TRY(thrift_list(thrift, field, THRIFT_I64, 1, ret_count));
    index->null_counts = *thrift;
    index->has_null_counts = true;
    for (uint32_t i = 0; i < *ret_count; i++)
        TRY(read_i64(thrift, &ignored));
    return ERROR_NONE;
}

static enum error_code read_order(struct column_index *index, struct thrift_reader *thrift,
                                  const struct thrift_field *field)
{
    int32_t order;
    TRY(thrift_i32(thrift, field, &order));
    if (order < BOUNDARY_UNORDERED || order > BOUNDARY_DESCENDING)
        return thrift_fail(thrift, "the order of its pages is unknown");
    index->order = (enum boundary_order)order;
    return ERROR_NONE;
}

static enum error_code read_index_field(struct column_index *index, struct thrift_reader *thrift,
                                        const struct thrift_field *field,
                                        struct list_counts *counts)
{
    switch (field->id) {
    case 1:
        counts->has_null_pages = true;
        return check_null_pages(index, thrift, field, &counts->null_pages);
    case 2:
        counts->has_minima = true;
        return check_bounds(&index->minima, thrift, field, &counts->minima);
    case 3:
        counts->has_maxima = true;
        return check_bounds(&index->maxima, thrift, field, &counts->maxima);
    case 4:
        counts->has_order = true;
        return read_order(index, thrift, field);
    case 5:
        return check_null_counts(index, thrift, field, &counts->null_counts);
    default:
        return thrift_skip(thrift, field->type);
    }
}

static enum error_code settle_counts(struct column_index *index, struct thrift_reader *thrift,
                                     const struct list_counts *counts)
{
    if (!counts->has_null_pages || !counts->has_minima || !counts->has_maxima || !counts->has_order)
        return thrift_fail(thrift, "it lacks one of its lists");
    if (counts->minima != counts->null_pages || counts->maxima != counts->null_pages)
        return thrift_fail(thrift, "its lists have different lengths");
    /* Some writers give an empty list for counts that they do not have. */
    if (index->has_null_counts && counts->null_counts == 0)
        index->has_null_counts = false;
    if (index->has_null_counts && counts->null_counts != counts->null_pages)
        return thrift_fail(thrift, "its lists have different lengths");
    index->page_count = counts->null_pages;
    return ERROR_NONE;
}

enum error_code column_index_read(struct column_index *index, const struct store_object *object,
                                  const struct parquet_chunk *chunk, struct error *error)
{
    struct thrift_field field;
    struct list_counts counts = {0};
    column_index_release(index);
    index->has_null_counts = false;
    TRY(read_bytes(&index->bytes, object, chunk->column_index_offset, chunk->column_index_length,
                   error));
    struct thrift_reader thrift = thrift_reader_over(
        index->bytes.data, index->bytes.size, chunk->column_index_offset, "a column index", error);
    TRY(thrift_struct_begin(&thrift, &field));
    while (field.type != THRIFT_STOP) {
        TRY(read_index_field(index, &thrift, &field, &counts));
        TRY(thrift_struct_next(&thrift, &field));
    }
    return settle_counts(index, &thrift, &counts);
}

bool column_index_next(struct column_index *index, struct page_summary *ret)
{
    struct error ignored;
    struct page_summary summary = {.has_null_count = index->has_null_counts};
    if (index->next == index->page_count)
        return false;
    index->null_pages.error = index->minima.error = &ignored;
    index->maxima.error = index->null_counts.error = &ignored;
    if (read_boolean(&index->null_pages, &summary.null_page) != ERROR_NONE ||
        read_binary(&index->minima, &summary.minimum) != ERROR_NONE ||
        read_binary(&index->maxima, &summary.maximum) != ERROR_NONE)
        return false;
    if (index->has_null_counts && read_i64(&index->null_counts, &summary.null_count) != ERROR_NONE)
        return false;
    index->next++;
    *ret = summary;
    return true;
}
