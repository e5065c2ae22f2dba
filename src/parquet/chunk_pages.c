#include "parquet/chunk_pages.h"

struct coded_visit {
    bool has_dictionary;
    bool found_other; /* a page that is not coded, which ends the walk */
};

static bool is_coded(const struct parquet_page *page)
{
    return page->encoding == PARQUET_PLAIN_DICTIONARY || page->encoding == PARQUET_RLE_DICTIONARY;
}

static enum error_code visit_page(void *context, const struct parquet_page *page,
                                  struct error *error)
{
    struct coded_visit *visit = context;
    if (page->kind == PARQUET_PAGE_DICTIONARY) {
        visit->has_dictionary |= page->offset == 0;
        return ERROR_NONE;
    }
    if (page->value_count == 0 || (visit->has_dictionary && is_coded(page)))
        return ERROR_NONE;
    visit->found_other = true;
    return error_set(error, ERROR_CANCELLED, "a page is not encoded by a dictionary");
}

enum error_code parquet_chunk_all_coded(const struct store_object *object,
                                        const struct parquet_column *column,
                                        const struct parquet_chunk *chunk, bool *ret,
                                        struct error *error)
{
    struct coded_visit visit = {0};
    struct error failure;
    error_init(&failure);
    enum error_code code = parquet_visit_pages(object, column, chunk, visit_page, &visit, &failure);
    *ret = code == ERROR_NONE;
    if (code != ERROR_NONE && !visit.found_other) {
        *error = failure;
        return code;
    }
    return ERROR_NONE;
}
