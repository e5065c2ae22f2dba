#include "arrow/schema.h"

#include "arrow/base64.h"
#include "arrow/schema_build.h"

static enum error_code schema_message(const struct arrow_schema_source *source,
                                      struct mem_buffer *ret, struct error *error)
{
    struct flat_builder builder;
    flat_builder_init(&builder, ret->account, ARROW_SCHEMA_MAXIMUM, error);
    arrow_build_schema(&builder, arrow_build_message(&builder, ARROW_MESSAGE_SCHEMA, 0), source);
    enum error_code code = arrow_encapsulate(&builder, ret, error);
    flat_builder_release(&builder);
    return code;
}

enum error_code arrow_schema_message(const struct column_field *fields, uint32_t field_count,
                                     struct mem_buffer *ret, struct error *error)
{
    const struct arrow_schema_source source = {.fields = fields, .field_count = field_count};
    return schema_message(&source, ret, error);
}

enum error_code arrow_schema_base64(const struct column_field *fields, uint32_t field_count,
                                    struct mem_buffer *ret, struct error *error)
{
    struct mem_buffer message;
    mem_buffer_init(&message, ret->account, ARROW_SCHEMA_MAXIMUM);
    enum error_code code = arrow_schema_message(fields, field_count, &message, error);
    if (code == ERROR_NONE)
        code = base64_encode(message.data, message.size, ret, error);
    mem_buffer_release(&message);
    return code;
}
