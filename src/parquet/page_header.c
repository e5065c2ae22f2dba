#include "parquet/page_header.h"

/* PageType in parquet.thrift. */
enum { TYPE_DATA = 0, TYPE_INDEX = 1, TYPE_DICTIONARY = 2, TYPE_DATA_V2 = 3 };

/* What was seen of a header, beside what it says. */
struct raw_header {
    int32_t type;
    bool has_sizes[2];
    bool has_v1, has_v2, has_dictionary;
    uint32_t definition_size;
    uint32_t row_count;
    struct page_header header;
};

/* A dictionary's head has the same first two fields, and another third one. */
static enum error_code read_v1_field(struct thrift_reader *thrift, const struct thrift_field *field,
                                     bool dictionary, struct page_header *header)
{
    struct parquet_page *page = &header->page;
    switch (dictionary && field->id > 2 ? 0 : field->id) {
    case 1:
        return thrift_u31(thrift, field, &page->value_count);
    case 2:
        return thrift_i32(thrift, field, &page->encoding);
    case 3:
        return thrift_i32(thrift, field, &page->definition_encoding);
    case 4:
        return thrift_i32(thrift, field, &header->repetition_encoding);
    default:
        return thrift_skip(thrift, field->type);
    }
}

static enum error_code read_v1(struct thrift_reader *thrift, const struct thrift_field *outer,
                               bool dictionary, struct page_header *header)
{
    struct thrift_field field;
    TRY(thrift_is_struct(thrift, outer));
    TRY(thrift_struct_begin(thrift, &field));
    while (field.type != THRIFT_STOP) {
        TRY(read_v1_field(thrift, &field, dictionary, header));
        TRY(thrift_struct_next(thrift, &field));
    }
    return ERROR_NONE;
}

static enum error_code read_v2_field(struct thrift_reader *thrift, const struct thrift_field *field,
                                     struct raw_header *raw)
{
    struct page_header *header = &raw->header;
    switch (field->id) {
    case 1:
        return thrift_u31(thrift, field, &header->page.value_count);
    case 2:
        return thrift_u31(thrift, field, &header->null_count);
    case 3:
        return thrift_u31(thrift, field, &raw->row_count);
    case 4:
        return thrift_i32(thrift, field, &header->page.encoding);
    case 5:
        return thrift_u31(thrift, field, &raw->definition_size);
    case 6:
        return thrift_u31(thrift, field, &header->repetition_size);
    case 7:
        return thrift_bool(thrift, field, &header->page.compressed);
    default:
        return thrift_skip(thrift, field->type);
    }
}

static enum error_code read_v2(struct thrift_reader *thrift, const struct thrift_field *outer,
                               struct raw_header *raw)
{
    struct thrift_field field;
    TRY(thrift_is_struct(thrift, outer));
    TRY(thrift_struct_begin(thrift, &field));
    while (field.type != THRIFT_STOP) {
        TRY(read_v2_field(thrift, &field, raw));
        TRY(thrift_struct_next(thrift, &field));
    }
    raw->header.page.levels_size = raw->definition_size + raw->header.repetition_size;
    return ERROR_NONE;
}

static enum error_code read_field(struct thrift_reader *thrift, const struct thrift_field *field,
                                  struct raw_header *raw)
{
    struct parquet_page *page = &raw->header.page;
    switch (field->id) {
    case 1:
        return thrift_i32(thrift, field, &raw->type);
    case 2:
        raw->has_sizes[0] = true;
        return thrift_u31(thrift, field, &page->uncompressed_size);
    case 3:
        raw->has_sizes[1] = true;
        return thrift_u31(thrift, field, &page->compressed_size);
    case 4:
        page->has_crc = true;
        return thrift_i32(thrift, field, (int32_t *)&page->crc);
    case 5:
        raw->has_v1 = true;
        return read_v1(thrift, field, false, &raw->header);
    case 7:
        raw->has_dictionary = true;
        return read_v1(thrift, field, true, &raw->header);
    case 8:
        raw->has_v2 = true;
        return read_v2(thrift, field, raw);
    default:
        return thrift_skip(thrift, field->type);
    }
}

static enum error_code check_v2(struct thrift_reader *thrift, const struct raw_header *raw)
{
    const struct page_header *header = &raw->header;
    const struct parquet_page *page = &header->page;
    if (page->levels_size > page->compressed_size || page->levels_size > page->uncompressed_size)
        return thrift_fail(thrift, "its levels are larger than the page");
    if (header->null_count > page->value_count)
        return thrift_fail(thrift, "it has more nulls than values");
    return ERROR_NONE;
}

static enum error_code settle_kind(struct thrift_reader *thrift, struct raw_header *raw)
{
    struct page_header *header = &raw->header;
    if (!raw->has_sizes[0] || !raw->has_sizes[1])
        return thrift_fail(thrift, "it has no size");
    switch (raw->type) {
    case TYPE_DATA:
        header->page.kind = PARQUET_PAGE_DATA;
        return raw->has_v1 ? ERROR_NONE : thrift_fail(thrift, "it lacks a data page's head");
    case TYPE_DATA_V2:
        header->page.kind = PARQUET_PAGE_DATA_V2;
        return raw->has_v2 ? check_v2(thrift, raw)
                           : thrift_fail(thrift, "it lacks a data page's head");
    case TYPE_DICTIONARY:
        header->page.kind = PARQUET_PAGE_DICTIONARY;
        return raw->has_dictionary ? ERROR_NONE
                                   : thrift_fail(thrift, "it lacks a dictionary's head");
    case TYPE_INDEX:
        header->foreign = true;
        return ERROR_NONE;
    default:
        return thrift_fail(thrift, "its kind is unknown");
    }
}

enum error_code page_header_parse(const uint8_t *bytes, size_t size, uint64_t offset,
                                  struct page_header *ret, bool *ret_exhausted, struct error *error)
{
    struct thrift_reader thrift = thrift_reader_over(bytes, size, offset, "a page header", error);
    struct raw_header raw = {.type = -1};
    struct thrift_field field;
    enum error_code code;
    raw.header.page.encoding = -1;
    raw.header.page.definition_encoding = PARQUET_RLE;
    raw.header.repetition_encoding = PARQUET_RLE;
    raw.header.page.compressed = true;
    code = thrift_struct_begin(&thrift, &field);
    while (code == ERROR_NONE && field.type != THRIFT_STOP) {
        code = read_field(&thrift, &field, &raw);
        if (code == ERROR_NONE)
            code = thrift_struct_next(&thrift, &field);
    }
    if (code == ERROR_NONE)
        code = settle_kind(&thrift, &raw);
    *ret_exhausted = thrift.exhausted;
    raw.header.page.header_size = (uint32_t)cursor_offset(&thrift.cursor);
    if (code == ERROR_NONE)
        *ret = raw.header;
    return code;
}
