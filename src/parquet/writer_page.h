/*
 * From encoded values to the bytes of a page: compression, CRC, header.
 *
 * A page press holds what is needed for that, once for all columns of a writer, since pages are
 * made one at a time. What it gives out lives until its next page.
 */
#ifndef WEIR_PARQUET_WRITER_PAGE_H
#define WEIR_PARQUET_WRITER_PAGE_H

#include "parquet/metadata.h"
#include "parquet/writer_range.h"

/* Most bytes of a page header: two bounds in it, and some twenty numbers. */
#define PAGE_HEADER_BYTES ((size_t)512)

struct page_press {
    enum codec codec;
    int level;
    bool crc;
    struct codec_state state;
    struct mem_buffer encoded; /* values in another encoding, behind room for levels */
    struct mem_buffer compressed;
    struct mem_buffer header;
};

void page_press_init(struct page_press *press, enum codec codec, int level, bool crc,
                     struct mem_account *account);
void page_press_release(struct page_press *press);

/* What a page is made of. */
struct page_content {
    int version; /* 1, 2; 0 for a dictionary page */
    enum parquet_encoding encoding;
    uint32_t rows; /* entries of a dictionary page */
    uint32_t null_count;
    const uint8_t *levels; /* without a length before them */
    size_t levels_size;
    const uint8_t *body; /* v1: levels with their length, and values; else values */
    size_t body_size;
    bool has_bounds; /* statistics in the header */
    bool has_null_count;
    struct range_bound least, greatest;
};

/* The bytes of a page: header, levels (of v2), body. */
struct pressed_page {
    const uint8_t *header, *levels, *body;
    size_t header_size, levels_size, body_size;
    uint64_t size;         /* of all three */
    uint64_t decoded_size; /* of all three, without compression */
};

CHECKED enum error_code page_press_make(struct page_press *press,
                                        const struct page_content *content,
                                        struct pressed_page *ret, struct error *error);

/* The Statistics struct, as a field of the struct being written. */
struct compact_writer;
void compact_statistics(struct compact_writer *writer, int field, int64_t null_count,
                        const struct range_bound *least, const struct range_bound *greatest);

#endif
