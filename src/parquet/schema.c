#include <string.h>

#include "parquet/footer.h"

/* An element has at least a name: head, length, end. */
#define ELEMENT_LEAST 3
/* Groups within groups; no writer known makes more than some two hundred. */
#define SCHEMA_MOST_DEPTH 256
/* Paths are for messages: they grow no longer than this, however deep and long the names are. */
#define PATH_MOST ((size_t)512)

/* The symbol for a zero byte, U+2400 in UTF-8. */
static const char zero_symbol[] = {'\xe2', '\x90', '\x80'};

static enum error_code copy_with_symbols(struct footer *footer, struct parquet_bytes name,
                                         size_t zeros, const char **ret)
{
    void *memory;
    char *out;
    size_t size;
    if (__builtin_mul_overflow(zeros, sizeof zero_symbol - 1, &size) ||
        __builtin_add_overflow(size, name.size + 1, &size))
        return thrift_fail(&footer->thrift, "a name is too long");
    TRY(mem_arena_alloc(&footer->metadata->arena, size, &memory, footer->thrift.error));
    *ret = out = memory;
    for (size_t i = 0; i < name.size; i++) {
        if (name.data[i] != 0) {
            *out++ = (char)name.data[i];
        } else {
            memcpy(out, zero_symbol, sizeof zero_symbol);
            out += sizeof zero_symbol;
        }
    }
    return ERROR_NONE;
}

enum error_code footer_read_name(struct footer *footer, const struct thrift_field *field,
                                 const char **ret)
{
    struct parquet_bytes name;
    char *copy;
    size_t zeros = 0;
    TRY(thrift_binary(&footer->thrift, field, &name));
    for (size_t i = 0; i < name.size; i++)
        zeros += name.data[i] == 0;
    if (zeros > 0)
        return copy_with_symbols(footer, name, zeros, ret);
    TRY(mem_arena_copy(&footer->metadata->arena, name.data, name.size, &copy,
                       footer->thrift.error));
    *ret = copy;
    return ERROR_NONE;
}

static enum error_code read_element_field(struct footer *footer, const struct thrift_field *field,
                                          struct schema_element *element)
{
    struct thrift_reader *thrift = &footer->thrift;
    switch (field->id) {
    case 1:
        return thrift_i32(thrift, field, &element->physical);
    case 2:
        return thrift_u31(thrift, field, &element->type_length);
    case 3:
        return thrift_i32(thrift, field, &element->repetition);
    case 4:
        return footer_read_name(footer, field, &element->name);
    case 5:
        return thrift_u31(thrift, field, &element->child_count);
    case 6:
        return thrift_i32(thrift, field, &element->converted);
    case 7:
        return thrift_i32(thrift, field, &element->scale);
    case 8:
        return thrift_i32(thrift, field, &element->precision);
    case 10:
        return footer_read_logical_type(thrift, field, element);
    default:
        return thrift_skip(thrift, field->type);
    }
}

static enum error_code check_element(struct footer *footer, const struct schema_element *element)
{
    if (element->name == NULL)
        return thrift_fail(&footer->thrift, "a column has no name");
    if (element->physical < -1 || element->physical > COLUMN_FIXED)
        return thrift_fail(&footer->thrift, "a column has an unknown physical type");
    if (element->repetition < 0 || element->repetition > 2)
        return thrift_fail(&footer->thrift, "a column has an unknown repetition");
    return ERROR_NONE;
}

static enum error_code read_element(struct footer *footer, struct schema_element *element)
{
    struct thrift_field field;
    element->physical = -1;
    element->converted = -1;
    TRY(thrift_struct_begin(&footer->thrift, &field));
    while (field.type != THRIFT_STOP) {
        TRY(read_element_field(footer, &field, element));
        TRY(thrift_struct_next(&footer->thrift, &field));
    }
    return check_element(footer, element);
}

/* Walks the elements as the tree they are. */
struct walk {
    struct footer *footer;
    const struct schema_element *elements;
    uint32_t count;
    uint32_t at;
};

/* What a node inherits from the groups above it. */
struct ancestry {
    const char *path; /* NULL below the root */
    uint16_t definition;
    uint16_t repetition;
    unsigned depth;
};

/* Where the whole would be too long, the path stays at the group. */
static enum error_code join_path(struct footer *footer, const char *parent, const char *name,
                                 const char **ret)
{
    void *joined;
    if (parent == NULL) {
        *ret = name;
        return ERROR_NONE;
    }
    *ret = parent;
    size_t front = strnlen(parent, PATH_MOST), back = strnlen(name, PATH_MOST);
    if (front + back + 1 > PATH_MOST)
        return ERROR_NONE;
    TRY(mem_arena_alloc(&footer->metadata->arena, front + back + 2, &joined, footer->thrift.error));
    char *text = joined;
    memcpy(text, parent, front);
    text[front] = '.';
    memcpy(text + front + 1, name, back);
    *ret = text;
    return ERROR_NONE;
}

/* Logical types of leaves for which the physical type has to do. */
static const char *annotation_of(const struct schema_element *element)
{
    static const char *const names[] = {"variant", "geometry", "geography"};
    const int32_t first = 16, last_known = 15;
    if (element->logical >= first && element->logical < first + 3)
        return names[element->logical - first];
    return element->logical > last_known || element->logical == 9 ? "unknown logical type" : NULL;
}

static void add_leaf(struct walk *walk, const struct schema_element *element,
                     const struct ancestry *self)
{
    struct parquet_metadata *metadata = walk->footer->metadata;
    struct parquet_column *column = &metadata->columns[metadata->column_count++];
    column->name = element->name;
    column->path = self->path;
    column->max_definition = self->definition;
    column->max_repetition = self->repetition;
    column->nullable = element->repetition == 1;
    column->nested = self->depth > 1 || element->repetition == 2;
    column->field_index = metadata->field_count;
    column->unsupported = schema_leaf_type(element, &column->type);
    column->annotation = annotation_of(element);
}

static enum error_code walk_node(struct walk *walk, const struct ancestry *parent)
{
    struct thrift_reader *thrift = &walk->footer->thrift;
    if (walk->at == walk->count)
        return thrift_fail(thrift, "its schema ends too early");
    if (parent->depth == SCHEMA_MOST_DEPTH)
        return thrift_fail(thrift, "its schema is nested too deeply");
    const struct schema_element *element = &walk->elements[walk->at++];
    struct ancestry self = *parent;
    self.depth++;
    self.definition = (uint16_t)(self.definition + (element->repetition != 0));
    self.repetition = (uint16_t)(self.repetition + (element->repetition == 2));
    TRY(join_path(walk->footer, parent->path, element->name, &self.path));
    if (element->physical >= 0 && element->child_count > 0)
        return thrift_fail(thrift, "a column has both a type and children");
    if (element->physical >= 0)
        add_leaf(walk, element, &self);
    for (uint32_t i = 0; i < element->child_count; i++)
        TRY(walk_node(walk, &self));
    return ERROR_NONE;
}

static enum error_code walk_field(struct walk *walk, struct parquet_field *field)
{
    struct parquet_metadata *metadata = walk->footer->metadata;
    uint32_t at = walk->at;
    field->first_column = metadata->column_count;
    TRY(walk_node(walk, &(struct ancestry){0}));
    field->name = walk->elements[at].name;
    field->nested = walk->elements[at].physical < 0 || walk->elements[at].repetition == 2;
    field->column_count = metadata->column_count - field->first_column;
    if (!field->nested)
        return ERROR_NONE;
    return footer_describe_shape(walk->footer, walk->elements, walk->count, at, &field->shape);
}

static enum error_code walk_fields(struct walk *walk, uint32_t field_count)
{
    struct parquet_metadata *metadata = walk->footer->metadata;
    for (uint32_t i = 0; i < field_count; i++) {
        TRY(walk_field(walk, &metadata->fields[i]));
        metadata->field_count++;
    }
    return ERROR_NONE;
}

static enum error_code build_schema(struct walk *walk)
{
    struct footer *footer = walk->footer;
    struct mem_arena *arena = &footer->metadata->arena;
    void *fields, *columns;
    if (walk->count == 0)
        return thrift_fail(&footer->thrift, "its schema is empty");
    uint32_t field_count = walk->elements[0].child_count;
    if (field_count > walk->count - 1)
        return thrift_fail(&footer->thrift, "its schema has no root");
    TRY(mem_arena_alloc_array(arena, field_count, sizeof(struct parquet_field), &fields,
                              footer->thrift.error));
    TRY(mem_arena_alloc_array(arena, walk->count, sizeof(struct parquet_column), &columns,
                              footer->thrift.error));
    footer->metadata->fields = fields;
    footer->metadata->columns = columns;
    walk->at = 1;
    TRY(walk_fields(walk, field_count));
    if (walk->at != walk->count)
        return thrift_fail(&footer->thrift, "its schema has columns without a place");
    return ERROR_NONE;
}

enum error_code footer_read_schema(struct footer *footer, const struct thrift_field *field)
{
    uint32_t count;
    void *memory;
    if (footer->has_schema)
        return thrift_fail(&footer->thrift, "it has two schemas");
    TRY(thrift_list(&footer->thrift, field, THRIFT_STRUCT, ELEMENT_LEAST, &count));
    TRY(mem_arena_alloc_array(&footer->metadata->arena, count, sizeof(struct schema_element),
                              &memory, footer->thrift.error));
    struct schema_element *elements = memory;
    for (uint32_t i = 0; i < count; i++)
        TRY(read_element(footer, &elements[i]));
    struct walk walk = {.footer = footer, .elements = elements, .count = count};
    footer->has_schema = true;
    return build_schema(&walk);
}
