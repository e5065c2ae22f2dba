#include "cli/inspect_view.h"

enum error_code inspect_show_pages(struct inspection *inspection, const struct store_object *object,
                                   const struct parquet_metadata *metadata, struct error *error)
{
    (void)inspection, (void)object, (void)metadata;
    return error_set(error, ERROR_INTERNAL, "scaffold");
}
