#include "mutate/mutant.h"

#include <string.h>

#include "mutate/body.h"

#define POOL_BYTES ((size_t)64 << 20)
/* What a mutant may be longer than its original. */
#define MORE_BYTES ((size_t)512 << 10)

void mutant_maker_init(struct mutant_maker *maker)
{
    *maker = (struct mutant_maker){.pool = pool_create(POOL_BYTES)};
    mem_account_init(&maker->account, "mutants", NULL, MEM_NO_LIMIT);
    codec_state_init(&maker->codec, &maker->account);
}

void mutant_maker_release(struct mutant_maker *maker)
{
    codec_state_release(&maker->codec);
    pool_release(&maker->pool);
}

static struct node *read_footer(struct pool *pool, const struct original *original)
{
    struct cursor cursor =
        cursor_over(original->bytes + original->footer, original->size - 8 - original->footer);
    return tree_read(pool, &cursor);
}

/* Ends a file whose pages are written. */
static void append_footer(struct bytes *out, const struct node *footer)
{
    size_t start = out->size;
    tree_write(footer, out);
    uint32_t length = (uint32_t)(out->size - start);
    bytes_append(out, &length, sizeof length);
    bytes_append(out, "PAR1", 4);
}

static void copy_original(struct bytes *out, const struct original *original)
{
    bytes_append(out, original->bytes, original->size);
}

static void damage_footer(struct mutant_maker *maker, const struct original *original,
                          struct bytes *out)
{
    struct node *footer = read_footer(&maker->pool, original);
    if (footer == NULL) {
        copy_original(out, original);
        return;
    }
    size_t times = 1 + pool_below(&maker->pool, 3);
    for (size_t i = 0; i < times; i++)
        tree_damage(&maker->pool, footer);
    bytes_append(out, original->bytes, original->footer);
    append_footer(out, footer);
}

static struct node *element(const struct node *list, uint32_t index)
{
    struct node *at = list != NULL ? list->first : NULL;
    for (; at != NULL && index > 0; index--)
        at = at->next;
    return at;
}

static void shift_behind(const struct node *node, int id, int64_t behind, int64_t by)
{
    if (tree_number(node, id, -1) > behind)
        tree_shift(node, id, by);
}

/* Puts right what the footer says of a file in which a page has grown. */
static void shift_footer(struct node *footer, const struct original_page *page, int64_t by)
{
    int64_t behind = (int64_t)page->offset;
    const struct node *groups = tree_field(footer, 4);
    for (const struct node *group = groups->first; group != NULL; group = group->next) {
        shift_behind(group, 5, behind, by);
        const struct node *chunks = tree_field(group, 1);
        for (const struct node *chunk = chunks->first; chunk != NULL; chunk = chunk->next) {
            const struct node *meta = tree_field(chunk, 3);
            static const int in_chunk[] = {2, 4, 6}, in_meta[] = {9, 10, 11, 14};
            for (size_t i = 0; i < 3; i++)
                shift_behind(chunk, in_chunk[i], behind, by);
            for (size_t i = 0; i < 4; i++)
                shift_behind(meta, in_meta[i], behind, by);
        }
    }
    const struct node *group = element(groups, page->row_group);
    tree_shift(tree_field(element(tree_field(group, 1), page->column), 3), 7, by);
}

static void damage_page(struct mutant_maker *maker, const struct original *original,
                        struct bytes *out)
{
    struct pool *pool = &maker->pool;
    const struct original_page *page = &original->pages[pool_below(pool, original->page_count)];
    struct cursor cursor = cursor_over(original->bytes + page->offset, page->header_size);
    struct node *header = tree_read(pool, &cursor), *footer = read_footer(pool, original);
    struct bytes body = bytes_create(pool, page->body_size + MORE_BYTES);
    bytes_append(&body, original->bytes + page->offset + page->header_size, page->body_size);
    if (pool_below(pool, 3) == 0)
        tree_damage(pool, header);
    else
        body_damage(maker, page->codec, header, &body);
    bytes_append(out, original->bytes, page->offset);
    tree_write(header, out);
    bytes_append(out, body.data, body.size);
    size_t end = page->offset + page->header_size + page->body_size;
    int64_t by = (int64_t)out->size - (int64_t)end;
    bytes_append(out, original->bytes + end, original->footer - end);
    shift_footer(footer, page, by);
    append_footer(out, footer);
}

/* The pages of one file under the footer of another, or a piece of it somewhere. */
static void splice(struct mutant_maker *maker, const struct original *original, struct bytes *out)
{
    struct pool *pool = &maker->pool;
    const struct original *other = &maker->originals[pool_below(pool, maker->original_count)];
    if (pool_below(pool, 3) == 0) {
        bytes_append(out, original->bytes, original->footer);
        bytes_append(out, other->bytes + other->footer, other->size - other->footer);
        return;
    }
    copy_original(out, original);
    size_t size = 1 + pool_below(pool, other->size < 512 ? other->size : 512);
    size_t from = pool_below(pool, other->size - size + 1), to = pool_below(pool, out->size);
    size = size < out->size - to ? size : out->size - to;
    memcpy(out->data + to, other->bytes + from, size);
}

static void cut(struct mutant_maker *maker, const struct original *original, struct bytes *out)
{
    struct pool *pool = &maker->pool;
    size_t keep = pool_below(pool, original->size);
    bytes_append(out, original->bytes, keep);
    if (pool_below(pool, 2) == 0)
        bytes_append(out, original->bytes + original->footer, original->size - original->footer);
}

static void damage_anywhere(struct mutant_maker *maker, const struct original *original,
                            struct bytes *out)
{
    copy_original(out, original);
    size_t start = pool_below(&maker->pool, 2) == 0 ? original->footer : 0;
    bytes_damage(&maker->pool, out, start, out->size);
}

/* A footer of structs in structs, or of lists in lists. */
static void nest(struct mutant_maker *maker, const struct original *original, struct bytes *out)
{
    static const char *const heads[] = {"\x1c", "\x19\xfc", "\x1b\x10\xcc", "\x19\x19"};
    const char *head = heads[pool_below(&maker->pool, 4)];
    size_t times = (size_t)1 << pool_below(&maker->pool, 17);
    bytes_append(out, original->bytes, original->footer);
    size_t start = out->size;
    for (size_t i = 0; i < times; i++)
        bytes_append(out, head, strlen(head));
    uint32_t length = (uint32_t)(out->size - start);
    bytes_append(out, &length, sizeof length);
    bytes_append(out, "PAR1", 4);
}

struct bytes mutant_make(struct mutant_maker *maker, size_t original, uint64_t seed)
{
    typedef void damage(struct mutant_maker *, const struct original *, struct bytes *);
    static damage *const ways[] = {damage_footer,   damage_footer,
                                   damage_footer,   damage_footer,
                                   damage_page,     damage_page,
                                   damage_page,     damage_page,
                                   damage_page,     damage_page,
                                   damage_anywhere, damage_anywhere,
                                   splice,          cut};
    const struct original *from = &maker->originals[original];
    pool_restart(&maker->pool, seed);
    struct bytes out = bytes_create(&maker->pool, from->size + MORE_BYTES);
    damage *way = ways[pool_below(&maker->pool, sizeof ways / sizeof ways[0])];
    if (way == damage_page && from->page_count == 0)
        way = damage_anywhere;
    if (pool_below(&maker->pool, 200) == 0)
        way = nest;
    way(maker, from, &out);
    return out;
}
