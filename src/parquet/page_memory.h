/*
 * The buffers of a page reader, and the limit that they keep together. Private to the parquet room.
 */
#ifndef WEIR_PARQUET_PAGE_MEMORY_H
#define WEIR_PARQUET_PAGE_MEMORY_H

#include "parquet/metadata.h"

enum page_buffer {
    PAGE_BUFFER_INPUT,      /* bytes of the chunk as they stand in the file */
    PAGE_BUFFER_BODY,       /* a decompressed page; before that the dictionary's compressed bytes */
    PAGE_BUFFER_DICTIONARY, /* a decompressed dictionary page */
    PAGE_BUFFER_ENTRIES,    /* where the dictionary's byte arrays are */
    PAGE_BUFFER_VIEWS,      /* the dictionary's byte arrays as a slice has them, when asked for */
    PAGE_BUFFER_VALUES,     /* decoded values of a slice, or indexes */
    PAGE_BUFFER_TEXT,       /* bytes that values of a slice point to, when they stand in no page */
    PAGE_BUFFER_LAST,       /* the byte array before, whose beginning the next one may share */
    PAGE_BUFFER_COUNT
};

struct page_reader_memory {
    struct mem_account *account;
    size_t limit;
    uint32_t
        idle; /* bit b set: nobody needs what stands in buffer b, and it may give up its room */
    struct mem_buffer buffers[PAGE_BUFFER_COUNT];
};

void page_memory_init(struct page_reader_memory *memory, struct mem_account *account, size_t limit);
void page_memory_release(struct page_reader_memory *memory);

/*
 * Room for size bytes in a buffer, whose contents are lost if it has to grow. Beyond the limit it
 * is ERROR_MEMORY with the ceiling that would do.
 */
CHECKED enum error_code page_memory_renew(struct page_reader_memory *memory,
                                          struct mem_buffer *buffer, size_t size,
                                          struct error *error);

#endif
