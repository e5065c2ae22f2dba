/*
 * Keys as bytes, for keys that are not numbered: any types, any number of columns, any length.
 *
 * One bit a column tells whether there is a value, rounded up to whole bytes; then the values, in
 * the order of the columns: fixed width as it is, text as 4 bytes of length and its bytes. Equal
 * keys have equal bytes and the other way round: -0 is written as 0, every NaN as the quiet one,
 * INT96 as its time, decimals of any length without needless sign bytes. The bytes have no order of
 * their own.
 */
#ifndef WEIR_KEY_ENCODE_H
#define WEIR_KEY_ENCODE_H

#include "column/column.h"
#include "mem/mem.h"

/* Encodes rows_count rows side by side. bytes is emptied and filled; offsets has row_count + 1
 * entries; hashes one a row, of its bytes (XXH3). types: one a column. ERROR_MEMORY beyond 2 GiB.
 */
CHECKED enum error_code key_encode(const struct column_type *types, uint32_t column_count,
                                   const struct column_slice *slices, uint32_t row_count,
                                   struct mem_buffer *bytes, uint32_t *offsets, uint64_t *hashes,
                                   struct error *error);

/* The hash that key_encode gives to these bytes. */
uint64_t key_hash(const uint8_t *bytes, size_t size);

/* A key that stands somewhere. */
struct key_bytes {
    const uint8_t *data;
    uint32_t size;
};

/*
 * The values of one column for count encoded keys: as key_space_decode; text views the keys' bytes.
 * Keys are well-formed: they came from key_encode.
 */
void key_decode(const struct column_type *types, uint32_t column_count, uint32_t column,
                const struct key_bytes *keys, uint32_t count, void *values, uint8_t *present,
                struct column_slice *ret);
#endif
