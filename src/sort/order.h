/*
 * Puts the records of a block in order: a stable merge sort of small entries, not of the records.
 *
 * An entry holds eight bytes of the key, those behind what all keys of the block have in common, so
 * that most comparisons do not touch the records.
 */
#ifndef WEIR_SORT_ORDER_H
#define WEIR_SORT_ORDER_H

#include <stddef.h>
#include <stdint.h>

struct order_entry {
    uint64_t prefix;
    uint64_t offset; /* of the record, from the start of the block */
};

/* Bytes of entries and scratch that a record costs, rounded up. */
#define ORDER_BYTES_A_RECORD (sizeof(struct order_entry) + sizeof(struct order_entry) / 2)

/* entries: room for count, filled here; scratch: room for count / 2. */
void order_records(const uint8_t *records, size_t count, struct order_entry *entries,
                   struct order_entry *scratch);

#endif
