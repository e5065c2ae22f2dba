#include <string.h>

#include "key/list.h"

#define INLINE __attribute__((always_inline)) static inline

#define CAPACITY_LEAST 64
#define CAPACITY_MOST  (UINT32_C(1) << 30)
/* A table half full has runs of some hundred slots at the very most, unless values were chosen. */
#define RUN_MOST 1024

enum error_code list_alloc(struct mem_account *account, size_t count, size_t size, void **ret,
                           bool *ret_full, struct error *error)
{
    size_t bytes, used = atomic_load(&account->used);
    *ret_full = __builtin_mul_overflow(count, size, &bytes) || bytes > account->limit ||
                mem_charge_of(bytes) > account->limit - used;
    if (*ret_full)
        return ERROR_NONE;
    enum error_code code = mem_alloc(account, bytes, ret, error);
    *ret_full = code != ERROR_NONE;
    return code;
}

size_t list_add_places(const uint32_t *places, size_t count, struct list_cursor *cursor,
                       struct list_target target)
{
    uint32_t at = cursor->at;
    size_t far = 0, i = 0;
    for (; i < count && places[i] != LIST_NOWHERE; i++) {
        far += places[i] - at > 1;
        at = places[i];
        target.ret[i] += target.first + at * target.stride;
    }
    *cursor = (struct list_cursor){at, far > count / 4};
    return i;
}

void number_list_init(struct number_list *list, struct mem_account *account)
{
    *list = (struct number_list){.account = account};
}

void number_list_release(struct number_list *list)
{
    mem_free(list->values);
    mem_free(list->slots);
    number_list_init(list, list->account);
}

/* Every bit of the number reaches the low bits of the hash (after splitmix64). */
INLINE uint32_t slot_of(uint64_t number, uint32_t mask)
{
    number = (number ^ number >> 32) * 0x9e3779b97f4a7c15;
    number = (number ^ number >> 29) * 0xbf58476d1ce4e5b9;
    return (uint32_t)(number ^ number >> 32) & mask;
}

/* slot: the number's, or any from there on before which it is not. */
INLINE uint32_t find_from(const struct number_list *list, uint64_t number, uint32_t slot)
{
    uint32_t mask = 2 * list->capacity - 1;
    uint32_t entry;
    while ((entry = list->slots[slot]) != 0) {
        if (list->values[entry - 1] == number)
            return entry - 1;
        slot = (slot + 1) & mask;
    }
    return LIST_NOWHERE;
}

INLINE uint32_t find(const struct number_list *list, uint64_t number)
{
    return find_from(list, number, slot_of(number, 2 * list->capacity - 1));
}

/* A value that is not there yet; false: the run of slots is too long to be an accident. */
static bool enter(struct number_list *list, uint64_t number, uint32_t place)
{
    uint32_t mask = 2 * list->capacity - 1;
    uint32_t slot = slot_of(number, mask);
    uint32_t run = 0;
    for (; list->slots[slot] != 0; run++)
        slot = (slot + 1) & mask;
    list->slots[slot] = place + 1;
    return run <= RUN_MOST;
}

static bool enter_all(struct number_list *list)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (!enter(list, list->values[i], i))
            return false;
    }
    return true;
}

/* The slots go first, as they can be had again: so growing takes no more than what it leads to. */
static enum error_code grow(struct number_list *list, struct error *error)
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

static enum error_code put_new(struct number_list *list, uint64_t number, struct error *error)
{
    if (list->count == list->capacity)
        TRY(grow(list, error));
    if (list->full)
        return ERROR_NONE;
    list->values[list->count] = number;
    list->full = !enter(list, number, list->count);
    list->at = list->count++;
    return ERROR_NONE;
}

/* The place of a number: at, behind it, or anywhere. The list is not empty. */
INLINE uint32_t look(const struct number_list *list, uint64_t number, uint32_t at)
{
    if (list->values[at] == number)
        return at;
    at = at + 1 < list->count ? at + 1 : 0;
    return list->values[at] == number ? at : find(list, number);
}

enum error_code number_list_put(struct number_list *list, const uint64_t *numbers, size_t count,
                                struct error *error)
{
    for (size_t i = 0; i < count && !list->full; i++) {
        uint32_t at = list->count > 0 ? look(list, numbers[i], list->at) : LIST_NOWHERE;
        if (at != LIST_NOWHERE)
            list->at = at;
        else
            TRY(put_new(list, numbers[i], error));
    }
    return ERROR_NONE;
}

void number_list_sort(struct number_list *list)
{
    if (list->count == 0 || list->full)
        return;
    list_sort_numbers(list->values, list->count);
    memset(list->slots, 0, 2 * (size_t)list->capacity * sizeof *list->slots);
    for (uint32_t i = 0; i < list->count; i++)
        (void)enter(list, list->values[i], i);
}

/* Each is looked for near the one before. */
static void find_near(const struct number_list *list, const uint64_t *numbers, size_t count,
                      uint32_t at, uint32_t *ret)
{
    for (size_t i = 0; i < count; i++) {
        ret[i] = look(list, numbers[i], at);
        at = ret[i] != LIST_NOWHERE ? ret[i] : at;
    }
}

/* All slots of the block are fetched, then all values, before the first is compared. */
static void find_scattered(const struct number_list *list, const uint64_t *numbers, size_t count,
                           uint32_t *ret)
{
    uint32_t slots[LIST_BLOCK], mask = 2 * list->capacity - 1;
    for (size_t i = 0; i < count; i++) {
        slots[i] = slot_of(numbers[i], mask);
        __builtin_prefetch(&list->slots[slots[i]]);
    }
    for (size_t i = 0; i < count; i++) {
        uint32_t entry = list->slots[slots[i]];
        __builtin_prefetch(&list->values[entry != 0 ? entry - 1 : 0]);
    }
    for (size_t i = 0; i < count; i++)
        ret[i] = find_from(list, numbers[i], slots[i]);
}

size_t number_list_add(const struct number_list *list, const uint64_t *numbers, size_t count,
                       struct list_cursor *cursor, struct list_target target)
{
    uint32_t places[LIST_BLOCK];
    if (list->count == 0)
        return 0;
    if (cursor->scattered)
        find_scattered(list, numbers, count, places);
    else
        find_near(list, numbers, count, cursor->at, places);
    return list_add_places(places, count, cursor, target);
}
