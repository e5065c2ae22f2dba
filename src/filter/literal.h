/*
 * What a literal means for a column: its place among the values that the column can have. Private
 * to the filter room.
 */
#ifndef WEIR_FILTER_LITERAL_H
#define WEIR_FILTER_LITERAL_H

#include "filter/order_key.h"
#include "filter/tree.h"

enum place_kind {
    PLACE_BELOW, /* every value is greater */
    PLACE_AT,    /* it is this value */
    PLACE_AFTER  /* it is greater than this value, and less than all that are greater */
};

struct place {
    enum place_kind kind;
    uint64_t key;              /* of forms that have keys */
    struct column_bytes bytes; /* of others */
};

/* A column that is compared. */
struct compared {
    const char *name;
    const struct column_type *type;
    enum value_form form;
};

/* ERROR_USAGE where the literal means nothing for the column, naming both. form is not FORM_NONE.
 */
CHECKED enum error_code literal_place(const struct literal *literal,
                                      const struct compared *compared, struct mem_arena *arena,
                                      struct place *ret, struct error *error);

#endif
