#include "parquet/writer_dictionary.h"

#include <string.h>
#include <xxhash.h>

/* Nearly every byte array takes its length and one byte. */
#define SMALLEST_TEXT 5

static size_t entries_at_most(size_t value_size, size_t limit)
{
    size_t entry = value_size > 0 ? value_size : SMALLEST_TEXT;
    return limit / entry + 1;
}

/* A power of two that leaves a third of the slots empty. */
static size_t slots_for(size_t entries)
{
    size_t slots = 16;
    while (slots < entries + entries / 2)
        slots *= 2;
    return slots;
}

static size_t fixed_size(const struct column_type *type)
{
    return type->physical == COLUMN_BYTE_ARRAY ? 0 : column_value_size(type);
}

void dictionary_init(struct dictionary *dictionary, const struct column_type *type, size_t limit,
                     struct mem_account *account)
{
    *dictionary =
        (struct dictionary){.account = account, .value_size = fixed_size(type), .limit = limit};
}

void dictionary_release(struct dictionary *dictionary)
{
    mem_free(dictionary->page);
    mem_free(dictionary->offsets);
    mem_free(dictionary->slots);
    dictionary->page = NULL;
    dictionary->offsets = dictionary->slots = NULL;
    dictionary->size = dictionary->count = 0;
}

size_t dictionary_bytes(const struct column_type *type, size_t limit)
{
    size_t value_size = fixed_size(type), entries = entries_at_most(value_size, limit);
    size_t offsets = value_size == 0 ? mem_charge_of(entries * sizeof(uint32_t)) : 0;
    return mem_charge_of(limit) + offsets + mem_charge_of(slots_for(entries) * sizeof(uint32_t));
}

static enum error_code take_memory(struct dictionary *dictionary, struct error *error)
{
    size_t entries = entries_at_most(dictionary->value_size, dictionary->limit);
    size_t slots = slots_for(entries);
    void *memory;
    if (dictionary->slots == NULL) {
        TRY(mem_alloc_array(dictionary->account, slots, sizeof(uint32_t), &memory, error));
        dictionary->slots = memory;
        dictionary->slot_mask = (uint32_t)slots - 1;
    }
    if (dictionary->offsets == NULL && dictionary->value_size == 0) {
        TRY(mem_alloc_array(dictionary->account, entries, sizeof(uint32_t), &memory, error));
        dictionary->offsets = memory;
    }
    TRY(mem_alloc(dictionary->account, dictionary->limit, &memory, error));
    dictionary->page = memory;
    return ERROR_NONE;
}

void dictionary_clear(struct dictionary *dictionary)
{
    if (dictionary->count > 0)
        memset(dictionary->slots, 0, ((size_t)dictionary->slot_mask + 1) * sizeof(uint32_t));
    dictionary->count = 0;
    dictionary->size = 0;
    dictionary->last = 0;
}

unsigned dictionary_width(const struct dictionary *dictionary)
{
    if (dictionary->count <= 1)
        return dictionary->count;
    return 32 - (unsigned)__builtin_clz(dictionary->count - 1);
}

/* A finaliser of the splitmix64 kind: every bit of the value reaches the low bits of the hash. */
static inline uint64_t mix(uint64_t value)
{
    value = (value ^ (value >> 32)) * 0x9e3779b97f4a7c15;
    value = (value ^ (value >> 29)) * 0xbf58476d1ce4e5b9;
    return value ^ (value >> 32);
}

static inline uint64_t hash_fixed(const uint8_t *value, size_t size)
{
    uint64_t bits = 0;
    if (size > sizeof bits)
        return XXH3_64bits(value, size);
    memcpy(&bits, value, size);
    return mix(bits);
}

static inline bool add_fixed(struct dictionary *dictionary, const uint8_t *value, size_t size)
{
    if (dictionary->limit - dictionary->size < size)
        return false;
    memcpy(dictionary->page + dictionary->size, value, size);
    dictionary->size += size;
    dictionary->count++;
    return true;
}

/* Inlined into one copy a size that is common. */
__attribute__((always_inline)) static inline size_t put_fixed(struct dictionary *dictionary,
                                                              const uint8_t *values, size_t size,
                                                              size_t count, uint32_t *indices)
{
    for (size_t i = 0; i < count; i++, values += size) {
        const uint8_t *last = dictionary->page + dictionary->last * size;
        if (dictionary->count > 0 && memcmp(last, values, size) == 0) {
            indices[i] = dictionary->last;
            continue;
        }
        uint32_t slot = (uint32_t)hash_fixed(values, size) & dictionary->slot_mask;
        uint32_t entry;
        while ((entry = dictionary->slots[slot]) != 0 &&
               memcmp(dictionary->page + (size_t)(entry - 1) * size, values, size) != 0)
            slot = (slot + 1) & dictionary->slot_mask;
        if (entry == 0) {
            if (!add_fixed(dictionary, values, size))
                return i;
            entry = dictionary->slots[slot] = dictionary->count;
        }
        indices[i] = dictionary->last = entry - 1;
    }
    return count;
}

static bool text_is(const struct dictionary *dictionary, uint32_t index, struct column_bytes text)
{
    const uint8_t *entry = dictionary->page + dictionary->offsets[index];
    uint32_t size;
    memcpy(&size, entry, sizeof size);
    return size == text.size && (size == 0 || memcmp(entry + sizeof size, text.data, size) == 0);
}

static bool add_text(struct dictionary *dictionary, struct column_bytes text)
{
    size_t size = sizeof text.size + text.size;
    size_t entries = entries_at_most(0, dictionary->limit);
    if (dictionary->limit - dictionary->size < size || dictionary->count == entries)
        return false;
    dictionary->offsets[dictionary->count++] = (uint32_t)dictionary->size;
    uint8_t *entry = dictionary->page + dictionary->size;
    memcpy(entry, &text.size, sizeof text.size);
    if (text.size > 0)
        memcpy(entry + sizeof text.size, text.data, text.size);
    dictionary->size += size;
    return true;
}

static size_t put_texts(struct dictionary *dictionary, const uint8_t *values, size_t count,
                        uint32_t *indices)
{
    for (size_t i = 0; i < count; i++) {
        struct column_bytes text;
        memcpy(&text, values + i * sizeof text, sizeof text);
        uint32_t slot = (uint32_t)XXH3_64bits(text.data, text.size) & dictionary->slot_mask;
        uint32_t entry;
        while ((entry = dictionary->slots[slot]) != 0 && !text_is(dictionary, entry - 1, text))
            slot = (slot + 1) & dictionary->slot_mask;
        if (entry == 0) {
            if (!add_text(dictionary, text))
                return i;
            entry = dictionary->slots[slot] = dictionary->count;
        }
        indices[i] = entry - 1;
    }
    return count;
}

enum error_code dictionary_put(struct dictionary *dictionary, const void *values, size_t count,
                               uint32_t *indices, size_t *ret_done, struct error *error)
{
    if (dictionary->page == NULL)
        TRY(take_memory(dictionary, error));
    if (dictionary->value_size == 8)
        *ret_done = put_fixed(dictionary, values, 8, count, indices);
    else if (dictionary->value_size == 4)
        *ret_done = put_fixed(dictionary, values, 4, count, indices);
    else if (dictionary->value_size > 0)
        *ret_done = put_fixed(dictionary, values, dictionary->value_size, count, indices);
    else
        *ret_done = put_texts(dictionary, values, count, indices);
    return ERROR_NONE;
}
