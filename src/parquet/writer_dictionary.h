/*
 * The dictionary of a column chunk while it is made: distinct values in the order they came, as the
 * body of a dictionary page, and a hash table that finds them.
 *
 * Values are distinct when their bytes are: -0 and 0, and NaNs of different bits, stay as they
 * were. All memory is taken when the first value comes and kept from chunk to chunk.
 */
#ifndef WEIR_PARQUET_WRITER_DICTIONARY_H
#define WEIR_PARQUET_WRITER_DICTIONARY_H

#include "column/column.h"
#include "mem/mem.h"

struct dictionary {
    struct mem_account *account;
    size_t value_size;  /* bytes a value of fixed width; 0: byte arrays */
    size_t limit;       /* bytes of the page */
    size_t size;        /* bytes so far */
    uint32_t count;     /* values so far */
    uint32_t slot_mask; /* slots - 1, slots a power of two */
    uint32_t last;      /* index of the last value found: values often repeat */
    uint8_t *page;      /* values, PLAIN */
    uint32_t *offsets;  /* of byte arrays: where entry i begins in page */
    uint32_t *slots;    /* index + 1, or 0 */
};

void dictionary_init(struct dictionary *dictionary, const struct column_type *type, size_t limit,
                     struct mem_account *account);
void dictionary_release(struct dictionary *dictionary);
/* Bytes that a dictionary holds at most. */
size_t dictionary_bytes(const struct column_type *type, size_t limit);

/* Forgets the values. */
void dictionary_clear(struct dictionary *dictionary);

/* Indices of count dense values, new ones added. Stops at the first that does not fit the limit:
 * *ret_done values have an index. */
CHECKED enum error_code dictionary_put(struct dictionary *dictionary, const void *values,
                                       size_t count, uint32_t *indices, size_t *ret_done,
                                       struct error *error);

/* Bits that an index takes now: as many as the count needs, 0 for an empty dictionary. */
unsigned dictionary_width(const struct dictionary *dictionary);

#endif
