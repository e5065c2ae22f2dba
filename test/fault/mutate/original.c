#include "mutate/original.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGES_MOST 4096

static bool read_file(struct original *original, size_t most)
{
    FILE *stream = fopen(original->path, "rb");
    if (stream == NULL)
        return false;
    original->bytes = malloc(most + 1);
    original->size = fread(original->bytes, 1, most + 1, stream);
    fclose(stream);
    return original->size <= most && original->size >= 12;
}

static void add_pages(struct original *original, struct pool *pool, const struct node *meta,
                      uint32_t row_group, uint32_t column)
{
    int64_t data = tree_number(meta, 9, 0), dictionary = tree_number(meta, 11, 0);
    size_t at = (size_t)(dictionary > 0 && dictionary < data ? dictionary : data);
    size_t end = at + (size_t)tree_number(meta, 7, 0);
    while (at < end && end <= original->footer && original->page_count < PAGES_MOST) {
        struct cursor cursor = cursor_over(original->bytes + at, end - at);
        const struct node *header = tree_read(pool, &cursor);
        int64_t body = tree_number(header, 3, -1);
        if (header == NULL || body < 0 || (size_t)body > cursor_left(&cursor))
            return;
        struct original_page page = {at,     cursor_offset(&cursor),      (size_t)body, row_group,
                                     column, (int)tree_number(meta, 4, 0)};
        original->pages[original->page_count++] = page;
        at += page.header_size + page.body_size;
    }
}

static void find_pages(struct original *original, struct pool *pool, const struct node *footer)
{
    uint32_t row_group = 0;
    original->pages = calloc(PAGES_MOST, sizeof *original->pages);
    const struct node *groups = tree_field(footer, 4);
    for (const struct node *group = groups != NULL ? groups->first : NULL; group != NULL;
         group = group->next, row_group++) {
        uint32_t column = 0;
        const struct node *chunks = tree_field(group, 1);
        for (const struct node *chunk = chunks != NULL ? chunks->first : NULL; chunk != NULL;
             chunk = chunk->next, column++)
            add_pages(original, pool, tree_field(chunk, 3), row_group, column);
    }
}

static bool is_listable(const struct node *name)
{
    return name != NULL && name->size > 0 && name->size < ORIGINAL_NAME &&
           memchr(name->bytes, ',', name->size) == NULL;
}

/* Names with commas between them. */
static void add_name(char *names, size_t size, const struct node *name)
{
    size_t used = strlen(names);
    if (name->size + used + 2 <= size)
        snprintf(names + used, size - used, "%s%.*s", used > 0 ? "," : "", (int)name->size,
                 (const char *)name->bytes);
}

/* Flat columns that fit: integers and text as key, the last float as value. Together they are
 * unique more often than one alone. */
static void find_columns(struct original *original, const struct node *footer)
{
    const struct node *schema = tree_field(footer, 2);
    for (const struct node *element = schema != NULL ? schema->first : NULL; element != NULL;
         element = element->next) {
        const struct node *name = tree_field(element, 4);
        int64_t type = tree_number(element, 1, -1);
        if (tree_number(element, 3, 0) >= 2 || !is_listable(name))
            continue;
        if (type == 1 || type == 2 || type == 6)
            add_name(original->by, sizeof original->by, name);
        if (type == 4 || type == 5) {
            original->value[0] = '\0';
            add_name(original->value, sizeof original->value, name);
        }
    }
}

void original_release(struct original *original)
{
    free(original->path);
    free(original->bytes);
    free(original->pages);
}

bool original_load(struct original *ret, const char *path, size_t most, struct pool *pool)
{
    uint32_t length;
    *ret = (struct original){.path = strdup(path)};
    if (!read_file(ret, most)) {
        original_release(ret);
        return false;
    }
    ret->bytes = realloc(ret->bytes, ret->size);
    memcpy(&length, ret->bytes + ret->size - 8, sizeof length);
    ret->footer = length <= ret->size - 12 ? ret->size - 8 - length : ret->size - 8;
    struct cursor cursor = cursor_over(ret->bytes + ret->footer, ret->size - 8 - ret->footer);
    pool_restart(pool, 0);
    const struct node *footer = tree_read(pool, &cursor);
    if (footer != NULL) {
        find_pages(ret, pool, footer);
        find_columns(ret, footer);
    }
    return true;
}
