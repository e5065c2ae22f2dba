#include "parquet/writer_page.h"

#include <libdeflate.h>

#include "parquet/writer_compact.h"

void page_press_init(struct page_press *press, enum codec codec, int level, bool crc,
                     struct mem_account *account)
{
    *press = (struct page_press){.codec = codec, .level = level, .crc = crc};
    codec_state_init(&press->state, account);
    mem_buffer_init(&press->encoded, account, MEM_NO_LIMIT);
    mem_buffer_init(&press->compressed, account, MEM_NO_LIMIT);
    mem_buffer_init(&press->header, account, PAGE_HEADER_BYTES);
}

void page_press_release(struct page_press *press)
{
    codec_state_release(&press->state);
    mem_buffer_release(&press->encoded);
    mem_buffer_release(&press->compressed);
    mem_buffer_release(&press->header);
}

/* Replaces the body by its compressed form. A v2 page says itself that it is not compressed, and
 * stays as it was where that is smaller. */
static enum error_code compress(struct page_press *press, const struct page_content *content,
                                struct pressed_page *page, bool *ret_compressed,
                                struct error *error)
{
    *ret_compressed = false;
    if (press->codec == CODEC_UNCOMPRESSED || (content->version == 2 && page->body_size == 0))
        return ERROR_NONE;
    struct mem_buffer *out = &press->compressed;
    size_t size;
    TRY(mem_buffer_renew(out, codec_bound(press->codec, page->body_size), error));
    TRY(codec_compress(&press->state, press->codec, press->level, page->body, page->body_size,
                       out->data, out->capacity, &size, error));
    if (content->version == 2 && size >= page->body_size)
        return ERROR_NONE;
    page->body = out->data;
    page->body_size = size;
    *ret_compressed = true;
    return ERROR_NONE;
}

void compact_statistics(struct compact_writer *writer, int field, int64_t null_count,
                        const struct range_bound *least, const struct range_bound *greatest)
{
    compact_begin(writer, field);
    if (null_count >= 0)
        compact_field_i64(writer, 3, null_count);
    if (least != NULL) {
        compact_field_bytes(writer, 5, greatest->bytes, greatest->size);
        compact_field_bytes(writer, 6, least->bytes, least->size);
        compact_field_bool(writer, 7, greatest->exact);
        compact_field_bool(writer, 8, least->exact);
    }
    compact_end(writer);
}

static void put_statistics(struct compact_writer *writer, int field,
                           const struct page_content *content)
{
    if (!content->has_null_count)
        return;
    compact_statistics(writer, field, content->null_count,
                       content->has_bounds ? &content->least : NULL, &content->greatest);
}

static void put_dictionary_header(struct compact_writer *writer, const struct page_content *content)
{
    compact_begin(writer, 7);
    compact_field_i32(writer, 1, (int32_t)content->rows);
    compact_field_i32(writer, 2, content->encoding);
    compact_field_bool(writer, 3, false); /* not sorted */
    compact_end(writer);
}

static void put_data_header(struct compact_writer *writer, const struct page_content *content)
{
    compact_begin(writer, 5);
    compact_field_i32(writer, 1, (int32_t)content->rows);
    compact_field_i32(writer, 2, content->encoding);
    compact_field_i32(writer, 3, PARQUET_RLE);
    compact_field_i32(writer, 4, PARQUET_RLE);
    put_statistics(writer, 5, content);
    compact_end(writer);
}

static void put_data_header_v2(struct compact_writer *writer, const struct page_content *content,
                               bool compressed)
{
    compact_begin(writer, 8);
    compact_field_i32(writer, 1, (int32_t)content->rows);
    compact_field_i32(writer, 2, (int32_t)content->null_count);
    compact_field_i32(writer, 3, (int32_t)content->rows);
    compact_field_i32(writer, 4, content->encoding);
    compact_field_i32(writer, 5, (int32_t)content->levels_size);
    compact_field_i32(writer, 6, 0);
    compact_field_bool(writer, 7, compressed);
    put_statistics(writer, 8, content);
    compact_end(writer);
}

/* Numbers of the format's PageType enum. */
static int32_t page_type(const struct page_content *content)
{
    static const int32_t types[] = {2, 0, 3};
    return types[content->version];
}

static uint32_t checksum(const struct pressed_page *page)
{
    uint32_t crc = libdeflate_crc32(0, page->levels, page->levels_size);
    return libdeflate_crc32(crc, page->body, page->body_size);
}

static enum error_code put_header(struct page_press *press, const struct page_content *content,
                                  const struct pressed_page *page, uint64_t decoded,
                                  bool compressed, struct error *error)
{
    struct compact_writer writer;
    TRY(mem_buffer_renew(&press->header, PAGE_HEADER_BYTES, error));
    compact_init(&writer, &press->header, error);
    compact_field_i32(&writer, 1, page_type(content));
    compact_field_i32(&writer, 2, (int32_t)decoded);
    compact_field_i32(&writer, 3, (int32_t)(page->levels_size + page->body_size));
    if (press->crc)
        compact_field_i32(&writer, 4, (int32_t)checksum(page));
    if (content->version == 0)
        put_dictionary_header(&writer, content);
    else if (content->version == 1)
        put_data_header(&writer, content);
    else
        put_data_header_v2(&writer, content, compressed);
    return compact_finish(&writer);
}

enum error_code page_press_make(struct page_press *press, const struct page_content *content,
                                struct pressed_page *ret, struct error *error)
{
    struct pressed_page page = {.body = content->body, .body_size = content->body_size};
    bool compressed;
    if (content->version == 2) {
        page.levels = content->levels;
        page.levels_size = content->levels_size;
    }
    uint64_t decoded = page.levels_size + page.body_size;
    TRY(compress(press, content, &page, &compressed, error));
    uint64_t stored = page.levels_size + page.body_size;
    if (decoded > INT32_MAX || stored > INT32_MAX)
        return error_set(error, ERROR_UNSUPPORTED,
                         "a page of %llu bytes is more than Parquet allows",
                         (unsigned long long)(decoded > stored ? decoded : stored));
    TRY(put_header(press, content, &page, decoded, compressed, error));
    page.header = press->header.data;
    page.header_size = press->header.size;
    page.size = page.header_size + stored;
    page.decoded_size = page.header_size + decoded;
    *ret = page;
    return ERROR_NONE;
}
