/*
 * A window on a column chunk: the bytes of it that were read last. Private to the parquet room.
 *
 * Going forward costs one read a page where the guess of its size holds: what was read too much of
 * one page is the start of the next. The window never reads past the chunk, and holds one stretch
 * of bytes in a buffer that somebody lends it.
 */
#ifndef WEIR_PARQUET_PAGE_WINDOW_H
#define WEIR_PARQUET_PAGE_WINDOW_H

#include "parquet/metadata.h"

struct page_reader_memory;

struct page_window {
    struct mem_buffer *buffer;
    struct page_reader_memory *memory; /* who says whether the buffer may grow */
    const struct store_object *object;
    uint64_t chunk_offset; /* in the file */
    uint64_t chunk_length;
    uint64_t start; /* in the chunk, of the first byte held */
    size_t held;
    uint64_t bytes_read; /* since the reader was created */
};

/* Forgets what is held and goes to a chunk. */
void page_window_open(struct page_window *window, const struct store_object *object,
                      uint64_t chunk_offset, uint64_t chunk_length);

/*
 * Makes the bytes of the chunk from offset on available: at least least of them, and up to most
 * when the object has to be read anyway; both must lie in the chunk. They live until the next call.
 */
CHECKED enum error_code page_window_need(struct page_window *window, uint64_t offset, size_t least,
                                         size_t most, const uint8_t **ret, struct error *error);

/* How many bytes from offset on are held. */
size_t page_window_holds(const struct page_window *window, uint64_t offset);

#endif
