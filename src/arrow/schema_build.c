#include "arrow/schema_build.h"

#include <string.h>

#include "arrow/schema.h"
#include "arrow/type.h"

#define EXTENSION_NAME     "ARROW:extension:name"
#define EXTENSION_METADATA "ARROW:extension:metadata"

static void build_key_value(struct flat_builder *builder, size_t link,
                            const struct arrow_key_value *entry)
{
    struct flat_slot slots[] = {FLAT_LINK, FLAT_LINK};
    flat_build_table(builder, link, slots, 2);
    flat_build_string(builder, slots[0].position, entry->key, strlen(entry->key));
    flat_build_string(builder, slots[1].position, entry->value, entry->value_size);
}

static void build_key_values(struct flat_builder *builder, size_t link,
                             const struct arrow_key_value *entries, uint32_t count)
{
    size_t first = flat_build_vector(builder, link, count, sizeof(uint32_t));
    for (uint32_t i = 0; i < count; i++)
        build_key_value(builder, first + 4 * (size_t)i, &entries[i]);
}

static void build_int(struct flat_builder *builder, size_t link, uint32_t bits, bool is_signed)
{
    struct flat_slot slots[] = {{.size = 4, .value = bits}, {.size = 1, .value = is_signed}};
    flat_build_table(builder, link, slots, 2);
}

static void build_decimal(struct flat_builder *builder, size_t link, const struct arrow_type *type)
{
    struct flat_slot slots[] = {{.size = 4, .value = (uint32_t)type->precision},
                                {.size = 4, .value = (uint32_t)type->scale},
                                {.size = 4, .value = type->bit_width}};
    flat_build_table(builder, link, slots, 3);
}

static void build_timestamp(struct flat_builder *builder, size_t link,
                            const struct arrow_type *type)
{
    struct flat_slot slots[] = {{.size = 2, .value = (uint64_t)type->unit}, FLAT_LINK};
    if (type->timezone == NULL)
        slots[1].size = 0;
    flat_build_table(builder, link, slots, 2);
    if (type->timezone != NULL)
        flat_build_string(builder, slots[1].position, type->timezone, strlen(type->timezone));
}

/* The table behind the Type union. */
static void build_type(struct flat_builder *builder, size_t link, const struct arrow_type *type)
{
    struct flat_slot unit[] = {{.size = 2, .value = (uint64_t)type->unit},
                               {.size = 4, .value = type->bit_width}};
    struct flat_slot width[] = {{.size = 4, .value = type->bit_width / 8}};
    switch (type->id) {
    case ARROW_INT:
        build_int(builder, link, type->bit_width, type->is_signed);
        return;
    case ARROW_DECIMAL:
        build_decimal(builder, link, type);
        return;
    case ARROW_TIMESTAMP:
        build_timestamp(builder, link, type);
        return;
    case ARROW_TIME:
        flat_build_table(builder, link, unit, 2);
        return;
    case ARROW_DATE:
    case ARROW_DURATION:
    case ARROW_FLOATING_POINT:
        flat_build_table(builder, link, unit, 1);
        return;
    case ARROW_FIXED_SIZE_BINARY:
        flat_build_table(builder, link, width, 1);
        return;
    default:
        flat_build_table(builder, link, NULL, 0);
        return;
    }
}

static void build_dictionary(struct flat_builder *builder, size_t link,
                             const struct column_arrow *arrow, uint32_t id)
{
    struct flat_slot slots[] = {
        {.size = 8, .value = id}, FLAT_LINK, {.size = 1, .value = arrow->dictionary_ordered}};
    flat_build_table(builder, link, slots, 3);
    bool known = arrow->index_bits != 0;
    build_int(builder, slots[1].position, known ? arrow->index_bits : 32,
              known ? arrow->index_signed : true);
}

static void build_extension(struct flat_builder *builder, size_t link, const char *name)
{
    const struct arrow_key_value entries[] = {{EXTENSION_NAME, name, strlen(name)},
                                              {EXTENSION_METADATA, "", 0}};
    build_key_values(builder, link, entries, 2);
}

enum field_slot {
    FIELD_NAME,
    FIELD_NULLABLE,
    FIELD_TYPE_ID,
    FIELD_TYPE,
    FIELD_DICTIONARY,
    FIELD_CHILDREN,
    FIELD_METADATA,
    FIELD_SLOTS
};

/* id tells the dictionaries of a schema apart. */
static void build_field(struct flat_builder *builder, size_t link, const struct column_field *field,
                        bool as_batches, uint32_t id)
{
    struct arrow_type type = as_batches ? arrow_batch_type_of(field) : arrow_type_of(field);
    bool dictionary = field->arrow.dictionary && !as_batches;
    struct flat_slot slots[FIELD_SLOTS] = {
        [FIELD_NAME] = FLAT_LINK,
        [FIELD_NULLABLE] = {.size = 1, .value = field->nullable},
        [FIELD_TYPE_ID] = {.size = 1, .value = type.id},
        [FIELD_TYPE] = FLAT_LINK,
        [FIELD_DICTIONARY] = {.size = dictionary ? 4 : 0},
        [FIELD_CHILDREN] = FLAT_LINK,
        [FIELD_METADATA] = {.size = type.extension != NULL ? 4 : 0},
    };
    flat_build_table(builder, link, slots, FIELD_SLOTS);
    flat_build_string(builder, slots[FIELD_NAME].position, field->name, strlen(field->name));
    build_type(builder, slots[FIELD_TYPE].position, &type);
    if (dictionary)
        build_dictionary(builder, slots[FIELD_DICTIONARY].position, &field->arrow, id);
    flat_build_vector(builder, slots[FIELD_CHILDREN].position, 0, sizeof(uint32_t));
    if (type.extension != NULL)
        build_extension(builder, slots[FIELD_METADATA].position, type.extension);
}

void arrow_build_schema(struct flat_builder *builder, size_t link,
                        const struct arrow_schema_source *source)
{
    /* Endianness stays out: its default is little. */
    struct flat_slot slots[] = {{0}, FLAT_LINK, {.size = source->key_value_count > 0 ? 4 : 0}};
    flat_build_table(builder, link, slots, 3);
    size_t first =
        flat_build_vector(builder, slots[1].position, source->field_count, sizeof(uint32_t));
    for (uint32_t i = 0; i < source->field_count; i++)
        build_field(builder, first + 4 * (size_t)i, &source->fields[i], source->as_batches, i);
    if (source->key_value_count > 0)
        build_key_values(builder, slots[2].position, source->key_values, source->key_value_count);
}

size_t arrow_build_message(struct flat_builder *builder, enum arrow_message kind,
                           uint64_t body_size)
{
    struct flat_slot slots[] = {{.size = 2, .value = ARROW_METADATA_V5},
                                {.size = 1, .value = kind},
                                FLAT_LINK,
                                {.size = 8, .value = body_size}};
    flat_build_table(builder, FLAT_ROOT, slots, 4);
    return slots[2].position;
}

enum error_code arrow_encapsulate(struct flat_builder *builder, struct mem_buffer *ret,
                                  struct error *error)
{
    TRY(flat_finish(builder));
    const uint32_t prefix[2] = {UINT32_MAX, (uint32_t)builder->bytes.size};
    TRY(mem_buffer_append(ret, prefix, sizeof prefix, error));
    return mem_buffer_append(ret, builder->bytes.data, builder->bytes.size, error);
}
