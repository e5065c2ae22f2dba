#include "key/bytes.h"
#include "key/list.h"

#define CAPACITY_LEAST 64
#define CAPACITY_MOST  (UINT32_C(1) << 30)
#define RUN_MOST       1024
#define PIECE_SIZE     ((size_t)64 << 10)
#define PIECE_LEAST    ((size_t)1 << 10)

#define PLACE_BITS 32
#define PLACE_MASK UINT32_MAX

struct text_piece {
    struct text_piece *older;
    _Alignas(8) uint8_t bytes[];
};

void text_list_init(struct text_list *list, struct mem_account *account)
{
    *list = (struct text_list){.account = account};
}

void text_list_release(struct text_list *list)
{
    mem_free(list->values);
    mem_free(list->slots);
    while (list->pieces != NULL) {
        struct text_piece *piece = list->pieces;
        list->pieces = piece->older;
        mem_free(piece);
    }
    text_list_init(list, list->account);
}

BYTES_INLINE bool is_at(const struct text_list *list, uint32_t place, struct column_bytes text)
{
    struct column_bytes here = list->values[place];
    return here.size == text.size && bytes_equal(here.data, text.data, text.size);
}

/* Low bits of the hash choose the slot, high ones stand in it, so that texts are rarely compared in
 * vain. */
static uint32_t find(const struct text_list *list, struct column_bytes text, uint64_t hash)
{
    uint32_t mask = 2 * list->capacity - 1;
    uint32_t slot = (uint32_t)hash & mask;
    uint64_t entry;
    while ((entry = list->slots[slot]) != 0) {
        uint32_t place = (uint32_t)(entry & PLACE_MASK) - 1;
        if (((entry ^ hash) >> PLACE_BITS) == 0 && is_at(list, place, text))
            return place;
        slot = (slot + 1) & mask;
    }
    return LIST_NOWHERE;
}

static bool enter(struct text_list *list, uint64_t hash, uint32_t place)
{
    uint32_t mask = 2 * list->capacity - 1;
    uint32_t slot = (uint32_t)hash & mask;
    uint32_t run = 0;
    for (; list->slots[slot] != 0; run++)
        slot = (slot + 1) & mask;
    list->slots[slot] = (hash & ~(uint64_t)PLACE_MASK) | (place + 1);
    return run <= RUN_MOST;
}

static bool enter_all(struct text_list *list)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (!enter(list, bytes_hash(list->values[i].data, list->values[i].size), i))
            return false;
    }
    return true;
}

/* As for numbers: the slots can be had again. */
static enum error_code grow(struct text_list *list, struct error *error)
{
    uint32_t capacity = list->capacity == 0 ? CAPACITY_LEAST : 2 * list->capacity;
    void *memory;
    bool full = capacity > CAPACITY_MOST;
    mem_free(list->slots);
    list->slots = NULL;
    list->full = true; /* until all went well */
    if (full)
        return ERROR_NONE;
    TRY(list_alloc(list->account, capacity, sizeof *list->values, &memory, &full, error));
    if (full)
        return ERROR_NONE;
    if (list->count > 0)
        memcpy(memory, list->values, list->count * sizeof *list->values);
    mem_free(list->values);
    list->values = memory;
    TRY(list_alloc(list->account, 2 * (size_t)capacity, sizeof *list->slots, &memory, &full,
                   error));
    if (full)
        return ERROR_NONE;
    list->slots = memory;
    list->capacity = capacity;
    list->full = !enter_all(list);
    return ERROR_NONE;
}

static enum error_code add_piece(struct text_list *list, size_t size, uint8_t **ret,
                                 struct error *error)
{
    void *memory;
    TRY(list_alloc(list->account, 1, sizeof(struct text_piece) + size, &memory, &list->full,
                   error));
    if (list->full)
        return ERROR_NONE;
    struct text_piece *piece = memory;
    piece->older = list->pieces;
    list->pieces = piece;
    *ret = piece->bytes;
    return ERROR_NONE;
}

/* Room for size bytes, unless the list is full: from a piece, or a long text's own. */
static enum error_code take_room(struct text_list *list, size_t size, uint8_t **ret,
                                 struct error *error)
{
    size_t piece = list->count < CAPACITY_LEAST ? PIECE_LEAST : PIECE_SIZE;
    if (size >= list->left) {
        if (size > piece / 4)
            return add_piece(list, size, ret, error);
        TRY(add_piece(list, piece, &list->room, error));
        list->left = list->full ? 0 : piece;
        if (list->full)
            return ERROR_NONE;
    }
    *ret = list->room;
    list->room += size;
    list->left -= size;
    return ERROR_NONE;
}

static enum error_code put_new(struct text_list *list, struct column_bytes text,
                               struct error *error)
{
    uint8_t *copy;
    if (list->count == list->capacity)
        TRY(grow(list, error));
    if (list->full)
        return ERROR_NONE;
    TRY(take_room(list, text.size, &copy, error));
    if (list->full)
        return ERROR_NONE;
    bytes_copy(copy, text.data, text.size);
    list->values[list->count] = (struct column_bytes){copy, text.size};
    list->full = !enter(list, bytes_hash(copy, text.size), list->count);
    list->at = list->count++;
    return ERROR_NONE;
}

/* The place of a text: at, behind it, or anywhere. The list is not empty. */
BYTES_INLINE uint32_t look(const struct text_list *list, struct column_bytes text, uint32_t at)
{
    uint32_t behind = at + 1 < list->count ? at + 1 : 0;
    if (is_at(list, behind, text))
        return behind;
    if (is_at(list, at, text))
        return at;
    return find(list, text, bytes_hash(text.data, text.size));
}

enum error_code text_list_put(struct text_list *list, const struct column_bytes *texts,
                              size_t count, struct error *error)
{
    for (size_t i = 0; i < count && !list->full; i++) {
        uint32_t at = list->count > 0 ? look(list, texts[i], list->at) : LIST_NOWHERE;
        if (at != LIST_NOWHERE)
            list->at = at;
        else
            TRY(put_new(list, texts[i], error));
    }
    return ERROR_NONE;
}

void text_list_sort(struct text_list *list, const struct column_type *type)
{
    if (list->count == 0 || list->full)
        return;
    list_sort_texts(list->values, list->count, type);
    memset(list->slots, 0, 2 * (size_t)list->capacity * sizeof *list->slots);
    for (uint32_t i = 0; i < list->count; i++)
        (void)enter(list, bytes_hash(list->values[i].data, list->values[i].size), i);
}

static void find_near(const struct text_list *list, const struct column_bytes *texts, size_t count,
                      uint32_t at, uint32_t *ret)
{
    for (size_t i = 0; i < count; i++) {
        ret[i] = look(list, texts[i], at);
        at = ret[i] != LIST_NOWHERE ? ret[i] : at;
    }
}

/* The place that the first slot of a hash has, or any. */
BYTES_INLINE const struct column_bytes *candidate(const struct text_list *list, uint64_t hash)
{
    uint32_t mask = 2 * list->capacity - 1;
    uint64_t entry = list->slots[(uint32_t)hash & mask];
    return &list->values[entry != 0 ? (uint32_t)(entry & PLACE_MASK) - 1 : 0];
}

/* Slots, places and bytes of the whole block are fetched before the first text is compared. */
static void find_scattered(const struct text_list *list, const struct column_bytes *texts,
                           size_t count, uint32_t *ret)
{
    uint64_t hashes[LIST_BLOCK];
    uint32_t mask = 2 * list->capacity - 1;
    for (size_t i = 0; i < count; i++) {
        hashes[i] = bytes_hash(texts[i].data, texts[i].size);
        __builtin_prefetch(&list->slots[(uint32_t)hashes[i] & mask]);
    }
    for (size_t i = 0; i < count; i++)
        __builtin_prefetch(candidate(list, hashes[i]));
    for (size_t i = 0; i < count; i++)
        __builtin_prefetch(candidate(list, hashes[i])->data);
    for (size_t i = 0; i < count; i++)
        ret[i] = find(list, texts[i], hashes[i]);
}

size_t text_list_add(const struct text_list *list, const struct column_bytes *texts, size_t count,
                     struct list_cursor *cursor, struct list_target target)
{
    uint32_t places[LIST_BLOCK];
    if (list->count == 0)
        return 0;
    if (cursor->scattered)
        find_scattered(list, texts, count, places);
    else
        find_near(list, texts, count, cursor->at, places);
    return list_add_places(places, count, cursor, target);
}
