/*
 * Lists: the two kinds of hash table behind a domain that is a list.
 *
 * Private to the key room. Distinct values stand densely in an array, first in the order in which
 * they came, then sorted; slots, an open-addressing table at most half full, has their places plus
 * one. Dictionaries tend to repeat and keys to be in order, so the place of the value before (at)
 * is tried, and the one behind it, before anything is hashed.
 *
 * What a list may hold is the limit of its account. When that is reached, or when so many values
 * share their hash that it can be no accident, the list is full: it may only be released.
 */
#ifndef WEIR_KEY_LIST_H
#define WEIR_KEY_LIST_H

#include "column/column.h"
#include "mem/mem.h"

/* Values that are images (form.h). */
struct number_list {
    struct mem_account *account;
    uint64_t *values;
    uint32_t *slots;
    uint32_t count, capacity; /* slots: capacity times two, a power of two */
    uint32_t at;              /* of the last value put in */
    bool full;
};

/* Values that are bytes, in their canonical form; the bytes are the list's own. */
struct text_list {
    struct mem_account *account;
    struct column_bytes *values;
    uint64_t *slots; /* 32 bits of the hash, then the place plus one */
    uint32_t count, capacity;
    uint32_t at;
    bool full;
    struct text_piece *pieces; /* where the bytes are, newest first */
    uint8_t *room;             /* what is left of one of them */
    size_t left;
};

/* Values looked up at a time. */
#define LIST_BLOCK 128
/* The place of what is not in a list. */
#define LIST_NOWHERE UINT32_MAX

/* Where a lookup stands between blocks; zero to begin with. */
struct list_cursor {
    uint32_t at;
    bool scattered; /* the last block's values were in no order: places are fetched ahead */
};

/* Where numbers go: first + number times stride is added to each of ret. */
struct list_target {
    uint64_t first, stride;
    uint64_t *ret;
};

/* Adds places as numbers, up to the first that is LIST_NOWHERE; returns how many. Tells the cursor
 * where it stands. */
size_t list_add_places(const uint32_t *places, size_t count, struct list_cursor *cursor,
                       struct list_target target) CHECKED;

/* Memory within the limit of the account; *ret_full: that would pass it, or there is none. */
CHECKED enum error_code list_alloc(struct mem_account *account, size_t count, size_t size,
                                   void **ret, bool *ret_full, struct error *error);

void number_list_init(struct number_list *list, struct mem_account *account);
void number_list_release(struct number_list *list);
CHECKED enum error_code number_list_put(struct number_list *list, const uint64_t *numbers,
                                        size_t count, struct error *error);
void number_list_sort(struct number_list *list);
/* Of a sorted list: how many values of a block it got through. */
size_t number_list_add(const struct number_list *list, const uint64_t *numbers, size_t count,
                       struct list_cursor *cursor, struct list_target target) CHECKED;

void text_list_init(struct text_list *list, struct mem_account *account);
void text_list_release(struct text_list *list);
CHECKED enum error_code text_list_put(struct text_list *list, const struct column_bytes *texts,
                                      size_t count, struct error *error);
/* type: of the values, for their order. */
void text_list_sort(struct text_list *list, const struct column_type *type);
size_t text_list_add(const struct text_list *list, const struct column_bytes *texts, size_t count,
                     struct list_cursor *cursor, struct list_target target) CHECKED;

/* Sort in place, without memory. */
void list_sort_numbers(uint64_t *numbers, size_t count);
void list_sort_texts(struct column_bytes *texts, size_t count, const struct column_type *type);
/* The same; parts that were divided so often are sorted in a way that no order makes slow. */
void list_sort_texts_within(struct column_bytes *texts, size_t count,
                            const struct column_type *type, unsigned depth);

#endif
