#include "sort/order.h"

#include <stdbool.h>
#include <string.h>

#include "sort/record.h"

#define INSERTION_COUNT 12

static size_t common_bytes(const uint8_t *a, const uint8_t *b, size_t size)
{
    size_t same = 0;
    while (same < size && a[same] == b[same])
        same++;
    return same;
}

/* How many bytes all keys begin with. */
static size_t common_prefix(const uint8_t *records, size_t count)
{
    const uint8_t *first = record_key(records);
    size_t common = record_key_size(records);
    const uint8_t *record = records;
    for (size_t i = 0; i < count && common > 0; i++) {
        size_t size = record_key_size(record);
        common = common_bytes(first, record_key(record), size < common ? size : common);
        record += record_size(record);
    }
    return common;
}

/* Eight bytes of the key from skip on as a number, zeros behind a key's end. */
static uint64_t prefix_of(const uint8_t *record, size_t skip)
{
    uint64_t prefix = 0;
    size_t size = record_key_size(record) - skip;
    memcpy(&prefix, record_key(record) + skip, size < sizeof prefix ? size : sizeof prefix);
    return __builtin_bswap64(prefix);
}

static void fill_entries(const uint8_t *records, size_t count, struct order_entry *entries)
{
    size_t skip = common_prefix(records, count);
    size_t offset = 0;
    for (size_t i = 0; i < count; i++) {
        entries[i] = (struct order_entry){prefix_of(records + offset, skip), offset};
        offset += record_size(records + offset);
    }
}

static bool is_before(const uint8_t *records, const struct order_entry *a,
                      const struct order_entry *b)
{
    if (a->prefix != b->prefix)
        return a->prefix < b->prefix;
    return record_compare(records + a->offset, records + b->offset) < 0;
}

static void insertion_sort(const uint8_t *records, struct order_entry *entries, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct order_entry entry = entries[i];
        size_t at = i;
        for (; at > 0 && is_before(records, &entry, &entries[at - 1]); at--)
            entries[at] = entries[at - 1];
        entries[at] = entry;
    }
}

/* Merges two ordered halves; only the first is moved aside, so half the room is enough. */
static void merge_halves(const uint8_t *records, struct order_entry *entries, size_t middle,
                         size_t count, struct order_entry *scratch)
{
    memcpy(scratch, entries, middle * sizeof *entries);
    size_t left = 0, right = middle, out = 0;
    while (left < middle && right < count) {
        bool take_right = is_before(records, &entries[right], &scratch[left]);
        entries[out++] = take_right ? entries[right++] : scratch[left++];
    }
    memcpy(entries + out, scratch + left, (middle - left) * sizeof *entries);
}

/* Recursion is as deep as the logarithm of count. */
static void merge_sort(const uint8_t *records, struct order_entry *entries, size_t count,
                       struct order_entry *scratch)
{
    if (count <= INSERTION_COUNT) {
        insertion_sort(records, entries, count);
        return;
    }
    size_t middle = count / 2;
    merge_sort(records, entries, middle, scratch);
    merge_sort(records, entries + middle, count - middle, scratch);
    if (is_before(records, &entries[middle], &entries[middle - 1]))
        merge_halves(records, entries, middle, count, scratch);
}

void order_records(const uint8_t *records, size_t count, struct order_entry *entries,
                   struct order_entry *scratch)
{
    if (count == 0)
        return;
    fill_entries(records, count, entries);
    merge_sort(records, entries, count, scratch);
}
