#include "arrow/stream_fields.h"

#include "arrow/type.h"

/* As deep as Arrow's own readers go. */
#define MOST_DEPTH 64

/* A table's distance to its vtable and the offset that leads to the table. */
#define LEAST_FIELD_BYTES 8

enum { UNION_MODE = 0, UNION_DENSE = 1 };

struct stream_fields stream_fields_of(const struct stream_message *message)
{
    return (struct stream_fields){message->version, message->header.size / LEAST_FIELD_BYTES};
}

static uint32_t union_buffers(const struct flat_table *described)
{
    struct flat_table type;
    bool dense = flat_child(described, STREAM_FIELD_TYPE, &type) &&
                 flat_i16(&type, UNION_MODE, 0) == UNION_DENSE;
    return dense ? 2 : 1;
}

/* Buffers of the field itself; false: a type that is not known. */
static bool own_buffers(const struct stream_fields *fields, const struct flat_table *described,
                        struct stream_extent *own)
{
    struct flat_table encoding;
    int id = flat_u8(described, STREAM_FIELD_TYPE_ID, ARROW_NONE);
    *own = (struct stream_extent){.nodes = 1, .buffers = 2};
    if (flat_child(described, STREAM_FIELD_DICTIONARY, &encoding))
        return true;
    /* What has no validity of its own had one before version 5, nulls apart. */
    uint32_t early = fields->version < STREAM_VERSION_5 ? 1 : 0;
    if (id == ARROW_NULL)
        own->buffers = 0;
    else if (id == STREAM_RUN_END_ENCODED)
        own->buffers = early;
    else if (id == STREAM_STRUCT || id == STREAM_FIXED_SIZE_LIST)
        own->buffers = 1;
    else if (id == ARROW_UTF8 || id == ARROW_BINARY || id == ARROW_LARGE_UTF8 ||
             id == ARROW_LARGE_BINARY || id == STREAM_LIST_VIEW || id == STREAM_LARGE_LIST_VIEW)
        own->buffers = 3;
    else if (id == ARROW_UTF8_VIEW || id == ARROW_BINARY_VIEW)
        own->views = 1;
    else if (id == STREAM_UNION)
        own->buffers = early + union_buffers(described);
    return id != ARROW_NONE && id <= STREAM_LARGE_LIST_VIEW;
}

static enum error_code measure(struct stream_fields *fields, const struct flat_table *described,
                               int depth, struct stream_extent *ret, struct error *error)
{
    struct stream_extent own;
    struct flat_table child;
    struct flat_vector children;
    if (depth > MOST_DEPTH)
        return error_set(error, ERROR_UNSUPPORTED, "an Arrow column is nested too deeply");
    if (fields->left == 0)
        return error_set(error, ERROR_INPUT, "an Arrow schema has more fields than bytes");
    fields->left--;
    if (!own_buffers(fields, described, &own))
        return error_set(error, ERROR_UNSUPPORTED,
                         "an Arrow column has a type that is not known, so those behind it cannot "
                         "be found");
    /* Below 2^29 fields with three of each at most. */
    ret->nodes += own.nodes;
    ret->buffers += own.buffers;
    ret->views += own.views;
    /* Children of an encoded field are its dictionary's. */
    if (flat_child(described, STREAM_FIELD_DICTIONARY, &child) ||
        !flat_vector(described, STREAM_FIELD_CHILDREN, sizeof(uint32_t), &children))
        return ERROR_NONE;
    for (uint32_t i = 0; i < children.count; i++) {
        if (!flat_element(described, &children, i, &child))
            return error_set(error, ERROR_INPUT, "an Arrow schema is damaged: a child is missing");
        TRY(measure(fields, &child, depth + 1, ret, error));
    }
    return ERROR_NONE;
}

enum error_code stream_fields_measure(struct stream_fields *fields,
                                      const struct flat_table *described, struct stream_extent *ret,
                                      struct error *error)
{
    *ret = (struct stream_extent){0};
    return measure(fields, described, 0, ret, error);
}
