/* Keys of a table in order. */
#include "group/table.h"

static int compare_texts(const uint8_t *a, const uint8_t *b)
{
    struct key_bytes x = group_text(a), y = group_text(b);
    int order = memcmp(x.data, y.data, x.size < y.size ? x.size : y.size);
    return order != 0 ? order : (x.size > y.size) - (x.size < y.size);
}

int group_table_compare(const struct group_table *a, uint32_t a_number, const struct group_table *b,
                        uint32_t b_number)
{
    uint64_t x = a->hashes[a_number], y = b->hashes[b_number];
    if (x != y)
        return x < y ? -1 : 1;
    return a->texts == NULL ? 0 : compare_texts(a->texts[a_number], b->texts[b_number]);
}

/* Numbers as the buckets have them: nearly in order, none further from its place than a search
 * may go. */
static void collect(struct group_table *table)
{
    uint32_t mask = ((uint32_t)1 << table->placing.bits) - 1;
    size_t buckets = ((size_t)1 << table->placing.bits) + TABLE_PROBES_MOST, count = 0;
    for (size_t at = 0; at < buckets; at++) {
        uint32_t number = table->buckets[at] & mask;
        table->order[count] = number;
        count += number != 0;
    }
}

static void insertion_sort(struct group_table *table)
{
    uint32_t *order = table->order;
    for (uint32_t i = 1; i < table->count; i++) {
        uint32_t number = order[i], at = i;
        for (; at > 0 && group_table_compare(table, number, table, order[at - 1]) < 0; at--)
            order[at] = order[at - 1];
        order[at] = number;
    }
}

/* Lets the entry at root sink until none below is greater. */
static void sift(struct group_table *table, size_t root, size_t count)
{
    uint32_t *order = table->order, number = order[root];
    for (size_t child; (child = 2 * root + 1) < count; root = child) {
        if (child + 1 < count &&
            group_table_compare(table, order[child], table, order[child + 1]) < 0)
            child++;
        if (group_table_compare(table, number, table, order[child]) >= 0)
            break;
        order[root] = order[child];
    }
    order[root] = number;
}

static void heap_sort(struct group_table *table)
{
    for (size_t root = table->count / 2; root-- > 0;)
        sift(table, root, table->count);
    for (size_t last = table->count; last-- > 1;) {
        uint32_t greatest = table->order[0];
        table->order[0] = table->order[last];
        table->order[last] = greatest;
        sift(table, 0, last);
    }
}

void group_table_order(struct group_table *table)
{
    table->order = table->buckets;
    table->closed = true;
    collect(table);
    if (table->placing.scrambled)
        heap_sort(table);
    else
        insertion_sort(table);
}
