/*
 * The accumulators of one value column for a run of keys: what a tile is made of.
 *
 * Belongs to one thread; made once for a capacity and begun anew for every tile. Rows that have no
 * value are counted, so that a key without any value gets NULL.
 */
#ifndef WEIR_AGGREGATE_VALUE_TILE_H
#define WEIR_AGGREGATE_VALUE_TILE_H

#include "aggregate/value.h"
#include "exact/exact.h"

/* Most rows of a result slice, and of a piece in which NULLs are filled up. */
#define VALUE_TILE_WINDOW 4096

struct value_tile {
    const struct aggregate_value *value;
    struct exact_tile *exact;   /* floats with a sum, else NULL */
    struct exact_grids grids;   /* in use; kept from tile to tile */
    uint64_t *words;            /* integers with a sum, else NULL */
    uint8_t *minimum, *maximum; /* or NULL */
    uint8_t *seen_minimum, *seen_maximum;
    uint32_t *missing; /* rows without a value, by key */
    bool any_missing;
    uint64_t added; /* rows each key has got, with or without a value */
    size_t capacity;
    size_t key_count;
    uint8_t *filled;  /* a window of values with zeros where there is none */
    uint8_t *widened; /* a window of values brought to the tile's width, or NULL */
    struct mem_account *account;
};

/* exact_limit: bytes for the exact tile. Half-built tiles are fit for release. */
CHECKED enum error_code value_tile_init(struct value_tile *tile,
                                        const struct aggregate_value *value, size_t capacity,
                                        size_t exact_limit, struct exact_grids grids,
                                        struct mem_account *account, struct error *error);
void value_tile_release(struct value_tile *tile);

/* Bytes that value_tile_init and all later use take for a capacity, with the usual two grids. */
size_t value_tile_size(const struct aggregate_value *value, size_t capacity);

/* The most keys that one run can have with the grids in use; may be below the capacity. */
size_t value_tile_key_limit(const struct value_tile *tile);

CHECKED enum error_code value_tile_begin(struct value_tile *tile, size_t key_count,
                                         struct error *error);

/*
 * Brings decimals of any length, big-endian in byte arrays, to the width of the tile. values of the
 * result live until the next call. ERROR_INPUT when one of them is beyond what its type may hold.
 */
CHECKED enum error_code value_tile_widen(struct value_tile *tile, const struct column_slice *slice,
                                         struct column_slice *ret, struct error *error);

/* Adds a slice to keys first_key.. on. EXACT_CROWDED: begin again; tile->grids are already the
 * better ones. */
CHECKED enum exact_outcome value_tile_add(struct value_tile *tile, size_t first_key,
                                          const struct column_slice *slice);

/* To be called once every key of the tile got one row of a file. */
void value_tile_end_file(struct value_tile *tile);

/*
 * The results of an aggregate for keys first_key..first_key+count-1 (count at most
 * VALUE_TILE_WINDOW). values (room for count values of the result's width) and present (count
 * bytes) are the caller's; the slice points to them. ERROR_OVERFLOW names the key's index in
 * *ret_key.
 */
CHECKED enum error_code value_tile_result(struct value_tile *tile, enum aggregate_function function,
                                          const struct column_type *type, size_t first_key,
                                          size_t count, uint8_t *values, uint8_t *present,
                                          struct column_slice *ret, size_t *ret_key,
                                          struct error *error);
#endif
