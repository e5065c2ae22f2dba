/* Sorting in place: numbers by their digits, texts by comparison. */
#include <string.h>

#include "key/list.h"

/* ---- numbers: most significant byte first, each sent to its bucket by exchange (American flag
 * sort; McIlroy, Bostic, McIlroy, Engineering Radix Sort, 1993) ---- */

#define BUCKETS    256
#define FEW        32
#define BYTE_BITS  8
#define FIRST_BYTE 56

static void insert_numbers(uint64_t *numbers, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        uint64_t number = numbers[i];
        size_t at = i;
        for (; at > 0 && numbers[at - 1] > number; at--)
            numbers[at] = numbers[at - 1];
        numbers[at] = number;
    }
}

/* ends: where each bucket ends. Every exchange puts one number into its place. */
static void permute(uint64_t *numbers, unsigned shift, const size_t *begins, const size_t *ends)
{
    size_t next[BUCKETS];
    memcpy(next, begins, sizeof next);
    for (unsigned bucket = 0; bucket < BUCKETS; bucket++) {
        while (next[bucket] < ends[bucket]) {
            uint64_t number = numbers[next[bucket]];
            unsigned home = (number >> shift) % BUCKETS;
            while (home != bucket) {
                size_t to = next[home]++;
                uint64_t other = numbers[to];
                numbers[to] = number;
                number = other;
                home = (number >> shift) % BUCKETS;
            }
            numbers[next[bucket]++] = number;
        }
    }
}

static void sort_from(uint64_t *numbers, size_t count, unsigned shift)
{
    if (count <= FEW) {
        insert_numbers(numbers, count);
        return;
    }
    size_t begins[BUCKETS], ends[BUCKETS] = {0}, sum = 0;
    for (size_t i = 0; i < count; i++)
        ends[(numbers[i] >> shift) % BUCKETS]++;
    for (unsigned bucket = 0; bucket < BUCKETS; bucket++) {
        begins[bucket] = sum;
        sum += ends[bucket];
        ends[bucket] = sum;
    }
    permute(numbers, shift, begins, ends);
    for (unsigned bucket = 0; shift > 0 && bucket < BUCKETS; bucket++)
        sort_from(numbers + begins[bucket], ends[bucket] - begins[bucket], shift - BYTE_BITS);
}

static bool in_order(const uint64_t *numbers, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        if (numbers[i - 1] > numbers[i])
            return false;
    }
    return true;
}

void list_sort_numbers(uint64_t *numbers, size_t count)
{
    uint64_t differ = 0;
    if (in_order(numbers, count))
        return;
    for (size_t i = 0; i < count; i++)
        differ |= numbers[i] ^ numbers[0];
    unsigned shift = FIRST_BYTE;
    while (shift > 0 && differ >> shift == 0)
        shift -= BYTE_BITS;
    sort_from(numbers, count, shift);
}

/* ---- texts: quicksort; where it goes too deep, heapsort (Musser, Introspective Sorting and
 * Selection Algorithms, 1997) ---- */

struct order {
    const struct column_type *type;
    bool bytes; /* a value is a struct column_bytes, not what it points to */
};

static bool before(const struct order *order, const struct column_bytes *a,
                   const struct column_bytes *b)
{
    if (order->bytes)
        return column_value_compare(order->type, a, b) < 0;
    return column_value_compare(order->type, a->data, b->data) < 0;
}

static void swap(struct column_bytes *a, struct column_bytes *b)
{
    struct column_bytes c = *a;
    *a = *b;
    *b = c;
}

static void insert_texts(const struct order *order, struct column_bytes *texts, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct column_bytes text = texts[i];
        size_t at = i;
        for (; at > 0 && before(order, &text, &texts[at - 1]); at--)
            texts[at] = texts[at - 1];
        texts[at] = text;
    }
}

static void sink(const struct order *order, struct column_bytes *texts, size_t at, size_t count)
{
    for (size_t child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && before(order, &texts[child], &texts[child + 1]))
            child++;
        if (!before(order, &texts[at], &texts[child]))
            return;
        swap(&texts[at], &texts[child]);
    }
}

static void heap_sort(const struct order *order, struct column_bytes *texts, size_t count)
{
    for (size_t i = count / 2; i-- > 0;)
        sink(order, texts, i, count);
    while (count-- > 1) {
        swap(&texts[0], &texts[count]);
        sink(order, texts, 0, count);
    }
}

/* The median of three goes to the front. */
static void choose_pivot(const struct order *order, struct column_bytes *texts, size_t count)
{
    struct column_bytes *low = &texts[1], *middle = &texts[count / 2], *high = &texts[count - 1];
    if (before(order, middle, low))
        swap(middle, low);
    if (before(order, high, middle))
        swap(high, middle);
    if (before(order, middle, low))
        swap(middle, low);
    swap(&texts[0], middle);
}

/* Returns where the pivot came to stand: none before it is greater, none behind it less. */
static size_t divide(const struct order *order, struct column_bytes *texts, size_t count)
{
    choose_pivot(order, texts, count);
    size_t low = 1, high = count - 1;
    for (;;) {
        while (low <= high && before(order, &texts[low], &texts[0]))
            low++;
        while (low <= high && before(order, &texts[0], &texts[high]))
            high--;
        if (low >= high)
            break;
        swap(&texts[low++], &texts[high--]);
    }
    swap(&texts[0], &texts[low - 1]);
    return low - 1;
}

/* The smaller part is sorted by a call, so calls nest no deeper than count has bits. */
static void sort_texts(const struct order *order, struct column_bytes *texts, size_t count,
                       unsigned depth)
{
    while (count > FEW) {
        if (depth-- == 0) {
            heap_sort(order, texts, count);
            return;
        }
        size_t pivot = divide(order, texts, count);
        size_t behind = count - pivot - 1;
        if (pivot < behind) {
            sort_texts(order, texts, pivot, depth);
            texts += pivot + 1;
            count = behind;
        } else {
            sort_texts(order, texts + pivot + 1, behind, depth);
            count = pivot;
        }
    }
    insert_texts(order, texts, count);
}

void list_sort_texts_within(struct column_bytes *texts, size_t count,
                            const struct column_type *type, unsigned depth)
{
    struct order order = {type, type->physical == COLUMN_BYTE_ARRAY};
    sort_texts(&order, texts, count, depth);
}

void list_sort_texts(struct column_bytes *texts, size_t count, const struct column_type *type)
{
    unsigned bits = 64 - (unsigned)__builtin_clzll(count | 1);
    list_sort_texts_within(texts, count, type, 2 * bits);
}
