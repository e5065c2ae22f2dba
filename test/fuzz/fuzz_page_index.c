/*
 * Bytes taken for an offset index, a column index and a Bloom filter: as many entries come out as
 * were announced, each within the bytes, and reading again gives the same. The first byte says how
 * far into the file the bytes begin.
 */
#include "memory.h"
#include "parquet/bloom_filter.h"
#include "parquet/page_index.h"

struct found {
    uint32_t count;
    uint64_t sum;
};

static struct parquet_chunk chunk_over(uint64_t offset, size_t size)
{
    struct parquet_chunk chunk = {.value_count = 1000};
    chunk.column_index_offset = chunk.offset_index_offset = offset;
    chunk.column_index_length = chunk.offset_index_length = (uint32_t)size;
    return chunk;
}

static void check_bounds(const struct parquet_bytes *bound, const struct mem_buffer *bytes,
                         struct found *found)
{
    if (bound->data == NULL)
        return;
    demand(bound->data >= bytes->data && bound->size <= bytes->size);
    demand(bound->data + bound->size <= bytes->data + bytes->size);
    for (size_t i = 0; i < bound->size; i++)
        found->sum = found->sum * 31 + bound->data[i];
}

static bool read_offsets(const struct memory_object *memory, const struct parquet_chunk *chunk,
                         struct mem_account *account, struct found *ret)
{
    struct offset_index index;
    struct page_location location;
    struct error error;
    error_init(&error);
    *ret = (struct found){0};
    offset_index_init(&index, account);
    bool good = offset_index_read(&index, &memory->object, chunk, &error) == ERROR_NONE;
    while (good && offset_index_next(&index, &location)) {
        ret->count++;
        ret->sum = ret->sum * 31 + location.offset + location.size + location.first_row;
    }
    demand(!good || ret->count == index.page_count);
    demand(good || error.code != ERROR_NONE);
    offset_index_release(&index);
    return good;
}

static bool read_columns(const struct memory_object *memory, const struct parquet_chunk *chunk,
                         struct mem_account *account, struct found *ret)
{
    struct column_index index;
    struct page_summary page;
    struct error error;
    error_init(&error);
    *ret = (struct found){0};
    column_index_init(&index, account);
    bool good = column_index_read(&index, &memory->object, chunk, &error) == ERROR_NONE;
    while (good && column_index_next(&index, &page)) {
        ret->count++;
        check_bounds(&page.minimum, &index.bytes, ret);
        check_bounds(&page.maximum, &index.bytes, ret);
        demand(page.has_null_count == index.has_null_counts);
    }
    demand(!good || ret->count == index.page_count);
    demand(!good || index.order <= BOUNDARY_DESCENDING);
    column_index_release(&index);
    return good;
}

typedef bool index_reader(const struct memory_object *memory, const struct parquet_chunk *chunk,
                          struct mem_account *account, struct found *ret);

static void read_twice(index_reader *read, const struct memory_object *memory,
                       const struct parquet_chunk *chunk, struct mem_account *account)
{
    struct found once, twice;
    bool good = read(memory, chunk, account, &once);
    demand(read(memory, chunk, account, &twice) == good);
    demand(!good || (once.count == twice.count && once.sum == twice.sum));
}

static void ask_filter(const struct memory_object *memory, uint64_t offset, size_t size,
                       struct mem_account *account)
{
    struct bloom_filter filter;
    struct error error;
    struct parquet_chunk chunk = {.bloom_filter_offset = offset,
                                  .bloom_filter_length = (uint32_t)size};
    error_init(&error);
    bloom_filter_init(&filter, account);
    if (bloom_filter_read(&filter, &memory->object, &chunk, memory->size, &error) == ERROR_NONE) {
        for (uint64_t value = 0; value < 64 && filter.block_count > 0; value++)
            (void)bloom_filter_contains(&filter, &value, sizeof value);
    }
    bloom_filter_release(&filter);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mem_account account;
    if (size < 2)
        return 0;
    size_t offset = 1 + data[0] % (size - 1);
    struct memory_object memory = memory_object_over(data, size);
    struct parquet_chunk chunk = chunk_over(offset, size - offset);
    mem_account_init(&account, "fuzz", NULL, (size_t)64 << 20);
    read_twice(read_offsets, &memory, &chunk, &account);
    read_twice(read_columns, &memory, &chunk, &account);
    ask_filter(&memory, offset, size - offset, &account);
    demand(atomic_load(&account.used) == 0);
    return 0;
}
