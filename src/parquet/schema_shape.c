/*
 * Nested fields in words. Source: LogicalTypes.md of apache/parquet-format, "Lists" and "Maps",
 * with their rules for files of old writers.
 */
#include <string.h>

#include "base/utf8.h"
#include "parquet/annotations.h"
#include "parquet/footer.h"

enum { REPEATED = 2 };

#define SHAPE_MOST ((size_t)200)
/* A part of the text: the longest type, or a name. */
#define PART_MOST ((size_t)64)

/* Goes through the elements in order and stops where the text is full. Every level adds to the
 * text, so that a deep schema is left soon. */
struct shape {
    const struct schema_element *elements;
    uint32_t count;
    uint32_t at;
    char text[SHAPE_MOST + 4]; /* "..." and the end */
    size_t length;
    bool full;
};

static void say(struct shape *shape, const char *text)
{
    size_t size = strlen(text);
    if (shape->full)
        return;
    if (size > SHAPE_MOST - shape->length) {
        memcpy(shape->text + shape->length, "...", 4);
        shape->full = true;
        return;
    }
    memcpy(shape->text + shape->length, text, size + 1);
    shape->length += size;
}

/* A name that is longer than a part is cut where a character begins. */
static void say_name(struct shape *shape, const char *name)
{
    char part[PART_MOST + 4];
    say(shape, utf8_shorten(name, PART_MOST, part));
}

static const struct schema_element *here(const struct shape *shape, uint32_t ahead)
{
    return ahead < shape->count - shape->at ? &shape->elements[shape->at + ahead] : NULL;
}

static bool is_group(const struct schema_element *element)
{
    return element != NULL && element->physical < 0;
}

static bool is_map(const struct schema_element *group)
{
    return group->logical == LOGICAL_MAP ||
           (group->logical == 0 &&
            (group->converted == CONVERTED_MAP || group->converted == CONVERTED_MAP_KEY_VALUE));
}

static bool is_list(const struct schema_element *group)
{
    return group->logical == LOGICAL_LIST ||
           (group->logical == 0 && group->converted == CONVERTED_LIST);
}

/* The repeated group is the element itself, not a shell around it: it has several fields, one that
 * is repeated, or a name that old writers gave to elements. */
static bool is_element(const struct schema_element *list, const struct schema_element *repeated,
                       const struct schema_element *child)
{
    size_t size = strlen(list->name);
    if (!is_group(repeated) || repeated->child_count != 1)
        return true;
    if (child != NULL && child->repetition == REPEATED)
        return true;
    return strcmp(repeated->name, "array") == 0 ||
           (strncmp(repeated->name, list->name, size) == 0 &&
            strcmp(repeated->name + size, "_tuple") == 0);
}

static void say_node(struct shape *shape, bool as_repeated);

static void say_leaf(struct shape *shape, const struct schema_element *leaf)
{
    char text[PART_MOST];
    struct column_type type;
    schema_leaf_type(leaf, &type);
    say(shape, column_type_describe(&type, text, sizeof text));
}

static void say_struct(struct shape *shape, const struct schema_element *group)
{
    say(shape, "struct<");
    for (uint32_t i = 0; i < group->child_count && !shape->full && here(shape, 0) != NULL; i++) {
        say(shape, i > 0 ? ", " : "");
        say_name(shape, here(shape, 0)->name);
        say(shape, ": ");
        say_node(shape, true);
    }
    say(shape, ">");
}

static void say_list(struct shape *shape, const struct schema_element *list)
{
    if (!is_element(list, here(shape, 0), here(shape, 1)))
        shape->at++;
    say(shape, "list<");
    say_node(shape, false);
    say(shape, ">");
}

/* A map without values is a set of keys. */
static void say_map(struct shape *shape)
{
    uint32_t count = here(shape, 0)->child_count;
    shape->at++;
    say(shape, "map<");
    for (uint32_t i = 0; i < count && !shape->full; i++) {
        say(shape, i > 0 ? ", " : "");
        say_node(shape, true);
    }
    say(shape, ">");
}

static void say_group(struct shape *shape, const struct schema_element *group)
{
    const struct schema_element *child = group->child_count == 1 ? here(shape, 0) : NULL;
    bool repeats = child != NULL && child->repetition == REPEATED;
    if (group->logical == LOGICAL_VARIANT)
        say(shape, "variant ");
    if (repeats && is_map(group) && is_group(child) && child->child_count <= 2)
        say_map(shape);
    else if (repeats && is_list(group))
        say_list(shape, group);
    else
        say_struct(shape, group);
}

/* A repeated field without an annotation above it is a list of what it is. */
static void say_node(struct shape *shape, bool as_repeated)
{
    const struct schema_element *element = here(shape, 0);
    if (element == NULL || shape->full)
        return;
    shape->at++;
    bool repeated = as_repeated && element->repetition == REPEATED;
    if (repeated)
        say(shape, "list<");
    if (is_group(element))
        say_group(shape, element);
    else
        say_leaf(shape, element);
    if (repeated)
        say(shape, ">");
}

enum error_code footer_describe_shape(struct footer *footer, const struct schema_element *elements,
                                      uint32_t count, uint32_t at, const char **ret)
{
    struct shape shape = {.elements = elements, .count = count, .at = at};
    char *copy;
    say_node(&shape, true);
    size_t size = strlen(shape.text);
    TRY(mem_arena_copy(&footer->metadata->arena, shape.text, size, &copy, footer->thrift.error));
    *ret = copy;
    return ERROR_NONE;
}
