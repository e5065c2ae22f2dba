#include "parquet/bloom_filter.h"

#include <inttypes.h>
#include <xxhash.h>

#include "parquet/thrift.h"

#define BLOCK_BYTES 32
#define BLOCK_WORDS 8
/* The header is four fields, three of them unions of empty structs. */
#define HEADER_MOST ((size_t)256)

void bloom_filter_init(struct bloom_filter *filter, struct mem_account *account)
{
    *filter = (struct bloom_filter){0};
    mem_buffer_init(&filter->bytes, account, SIZE_MAX / 2);
}

void bloom_filter_release(struct bloom_filter *filter)
{
    mem_buffer_release(&filter->bytes);
    filter->blocks = NULL;
    filter->block_count = 0;
}

/* What a header says: the member chosen of each union, 0 when none. */
struct bloom_header {
    uint32_t size;
    int16_t choice[5]; /* by field number: algorithm 2, hash 3, compression 4 */
};

static enum error_code read_union(struct thrift_reader *thrift, const struct thrift_field *outer,
                                  int16_t *ret)
{
    struct thrift_field field;
    TRY(thrift_is_struct(thrift, outer));
    TRY(thrift_struct_begin(thrift, &field));
    while (field.type != THRIFT_STOP) {
        *ret = field.id;
        TRY(thrift_skip(thrift, field.type));
        TRY(thrift_struct_next(thrift, &field));
    }
    return ERROR_NONE;
}

static enum error_code read_header(struct thrift_reader *thrift, struct bloom_header *ret)
{
    struct thrift_field field;
    TRY(thrift_struct_begin(thrift, &field));
    while (field.type != THRIFT_STOP) {
        if (field.id == 1)
            TRY(thrift_u31(thrift, &field, &ret->size));
        else if (field.id >= 2 && field.id <= 4)
            TRY(read_union(thrift, &field, &ret->choice[field.id]));
        else
            TRY(thrift_skip(thrift, field.type));
        TRY(thrift_struct_next(thrift, &field));
    }
    return ERROR_NONE;
}

static enum error_code check_header(const struct bloom_header *header, struct error *error)
{
    for (int i = 2; i <= 4; i++) {
        if (header->choice[i] != 1)
            return error_set(error, ERROR_UNSUPPORTED, "a bloom filter of an unknown kind");
    }
    if (header->size == 0 || header->size % BLOCK_BYTES != 0)
        return error_set(error, ERROR_INPUT,
                         "a bloom filter of %" PRIu32 " bytes, which is no number of blocks",
                         header->size);
    return ERROR_NONE;
}

static enum error_code read_filter(struct bloom_filter *filter, const struct store_object *object,
                                   const struct parquet_chunk *chunk, uint64_t data_end,
                                   struct error *error)
{
    uint8_t bytes[HEADER_MOST];
    struct bloom_header header = {0};
    uint64_t offset = chunk->bloom_filter_offset;
    if (offset >= data_end)
        return error_set(error, ERROR_INPUT, "a bloom filter would stand outside the file");
    uint64_t left = data_end - offset;
    size_t first = left < sizeof bytes ? (size_t)left : sizeof bytes;
    TRY(store_read(object, offset, bytes, first, error));
    struct thrift_reader thrift =
        thrift_reader_over(bytes, first, offset, "a bloom filter's header", error);
    TRY(read_header(&thrift, &header));
    TRY(check_header(&header, error));
    uint64_t start = cursor_offset(&thrift.cursor);
    if (header.size > left - start)
        return error_set(error, ERROR_INPUT, "a bloom filter would stand outside the file");
    if (chunk->bloom_filter_length > 0 && chunk->bloom_filter_length != start + header.size)
        return error_set(error, ERROR_INPUT,
                         "a bloom filter of %" PRIu64 " bytes, where the footer says %" PRIu64,
                         start + header.size, chunk->bloom_filter_length);
    TRY(mem_buffer_renew(&filter->bytes, header.size, error));
    TRY(store_read(object, offset + start, filter->bytes.data, header.size, error));
    filter->blocks = filter->bytes.data;
    filter->block_count = header.size / BLOCK_BYTES;
    return ERROR_NONE;
}

enum error_code bloom_filter_read(struct bloom_filter *filter, const struct store_object *object,
                                  const struct parquet_chunk *chunk, uint64_t data_end,
                                  struct error *error)
{
    bloom_filter_release(filter);
    enum error_code code = read_filter(filter, object, chunk, data_end, error);
    if (code != ERROR_NONE)
        error_at_offset(error, (int64_t)chunk->bloom_filter_offset);
    return code;
}

bool bloom_filter_contains(const struct bloom_filter *filter, const void *bytes, size_t size)
{
    /* The salts of the format, one for each word of a block. */
    static const uint32_t salts[BLOCK_WORDS] = {0x47b6137bu, 0x44974d91u, 0x8824ad5bu, 0xa2b7289du,
                                                0x705495c7u, 0x2df1424bu, 0x9efc4947u, 0x5c6bfb31u};
    uint64_t hash = XXH64(bytes, size, 0);
    uint64_t block = ((hash >> 32) * filter->block_count) >> 32;
    uint32_t key = (uint32_t)hash;
    struct cursor words = cursor_over(filter->blocks + block * BLOCK_BYTES, BLOCK_BYTES);
    for (int i = 0; i < BLOCK_WORDS; i++) {
        uint32_t word;
        if (!cursor_u32(&words, &word) || (word >> (key * salts[i] >> 27) & 1) == 0)
            return false;
    }
    return true;
}
