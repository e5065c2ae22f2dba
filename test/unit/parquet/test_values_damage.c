/* Values that cannot be true, in every encoding: read, and passed over, they are refused. */
#include "faults.h"

#include <string.h>

#include "bytes.h"
#include "codec/snappy_literals.h"
#include "parquet/page_reader.h"

static struct bytes body, file;
static struct mem_account account;
static struct error error;
static struct memory_object memory;
static struct parquet_column column;
static struct parquet_chunk chunk;

static int setup(void **state)
{
    (void)state;
    mem_account_init(&account, "test", NULL, MEM_NO_LIMIT);
    return 0;
}

static void begin(enum column_physical physical, uint32_t type_length)
{
    body.size = 0;
    file.size = 0;
    put(&file, "PAR1", 4);
    column = (struct parquet_column){
        .name = "x", .path = "x", .type = {.physical = physical, .type_length = type_length}};
    chunk = (struct parquet_chunk){.offset = 4};
}

/* Puts a page around the body. */
static void end_page(int rows, int encoding)
{
    put_page_v1(&file, body.size, body.size, rows, encoding);
    put(&file, body.data, body.size);
    body.size = 0;
    memory = memory_object_over(&file);
    chunk.length = file.size - chunk.offset;
    chunk.value_count += (uint64_t)rows;
}

static void nullable(void)
{
    column.nullable = true;
    column.max_definition = 1;
}

/* Levels that say that all rows, up to 63, are NULL or are not. */
static void put_levels(int rows, bool null)
{
    put_u32(&body, 2);
    put_u8(&body, (unsigned)rows << 1);
    put_u8(&body, !null);
}

/* Numbers as DELTA_BINARY_PACKED has them, 32 bits a difference; said: how many the head says. */
static void put_deltas(const int64_t *values, int count, int said)
{
    put_varint(&body, 128);
    put_varint(&body, 4);
    put_varint(&body, (uint64_t)said);
    put_zigzag(&body, count > 0 ? values[0] : 0);
    if (count < 2)
        return;
    put_zigzag(&body, -1000000);
    put(&body, "\x20\0\0\0", 4);
    for (int i = 1; i < 33; i++)
        put_u32(&body, i < count ? (uint32_t)(values[i] - values[i - 1] + 1000000) : 0);
}

static void put_lengths(int64_t a, int64_t b, int64_t c)
{
    put_deltas((const int64_t[]){a, b, c}, 3, 3);
}

/* One number, and count - 1 times another. */
static void put_step(int64_t first, int64_t others, int count)
{
    int64_t step = others - first, least = step < 0 ? step : 0;
    put_varint(&body, 128);
    put_varint(&body, 4);
    put_varint(&body, (uint64_t)count);
    put_zigzag(&body, first);
    put_zigzag(&body, least);
    put(&body, "\x20\x20\x20\x20", 4);
    for (int i = 0; i < 128; i++)
        put_u32(&body, (uint32_t)((i == 0 ? step : 0) - least));
    for (int block = 1; block * 128 < count - 1; block++)
        put(&body, "\0\0\0\0\0", 5);
}

/* Goes through the chunk, passing over skipped rows first. */
static enum error_code go(uint64_t skipped)
{
    struct parquet_page_reader *reader;
    struct column_slice slice = {.row_count = 1};
    error_init(&error);
    TRY(parquet_page_reader_create(&account, (size_t)64 << 20, &reader, &error));
    enum error_code code =
        parquet_page_reader_open(reader, &memory.object, &column, &chunk, NULL, &error);
    if (code == ERROR_NONE)
        code = parquet_page_reader_skip(reader, skipped, &error);
    while (code == ERROR_NONE && slice.row_count > 0)
        code = parquet_page_reader_next(reader, 4096, &slice, &error);
    parquet_page_reader_destroy(reader);
    return code;
}

static enum error_code go_through(void *context)
{
    return go(*(uint64_t *)context);
}

/* The chunk can be read, unless memory is refused anywhere. */
static void accepted(void)
{
    for (uint64_t skipped = 0; skipped < 2 && skipped < chunk.value_count; skipped++)
        fault_each_allocation(go_through, &skipped, &account);
}

static void refused_behind(uint64_t skipped, const char *words)
{
    assert_int_equal(go(skipped), ERROR_INPUT);
    if (strstr(error.what, words) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", words, error.what);
    assert_int_equal(account.used, 0);
}

static void refused(const char *words)
{
    refused_behind(0, words);
    refused_behind(1, words);
}

/* A page of NULLs may have nothing behind its levels, whatever its encoding. */
static void pages_of_nulls_have_no_values(void **state)
{
    (void)state;
    static const struct {
        enum column_physical physical;
        int encoding;
    } cases[] = {
        {COLUMN_INT64, PARQUET_PLAIN},
        {COLUMN_INT64, PARQUET_DELTA_BINARY_PACKED},
        {COLUMN_INT32, PARQUET_DELTA_BINARY_PACKED},
        {COLUMN_INT32, PARQUET_BYTE_STREAM_SPLIT},
        {COLUMN_BOOLEAN, PARQUET_RLE},
        {COLUMN_BOOLEAN, PARQUET_PLAIN},
        {COLUMN_BYTE_ARRAY, PARQUET_PLAIN},
        {COLUMN_BYTE_ARRAY, PARQUET_DELTA_LENGTH_BYTE_ARRAY},
        {COLUMN_BYTE_ARRAY, PARQUET_DELTA_BYTE_ARRAY},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        begin(cases[i].physical, 0);
        nullable();
        put_levels(5, true);
        end_page(5, cases[i].encoding);
        accepted();
        begin(cases[i].physical, 0); /* values that are not there */
        nullable();
        put_levels(5, false);
        end_page(5, cases[i].encoding);
        refused("");
    }
}

static void differences(void **state)
{
    (void)state;
    for (int physical = COLUMN_INT32; physical <= COLUMN_INT64; physical++) {
        begin(physical, 0);
        put_lengths(5, -7, 900);
        end_page(3, PARQUET_DELTA_BINARY_PACKED);
        accepted();
        begin(physical, 0);
        put(&body, "\xff\xff\xff", 3);
        end_page(3, PARQUET_DELTA_BINARY_PACKED);
        refused("its differences make no sense");
        begin(physical, 0);
        put_deltas((const int64_t[]){1}, 1, 3);
        end_page(3, PARQUET_DELTA_BINARY_PACKED);
        refused("its differences end too early");
    }
}

static void lengths_apart(void **state)
{
    (void)state;
    begin(COLUMN_BYTE_ARRAY, 0);
    put_lengths(3, 0, 2);
    put(&body, "abcde", 5);
    end_page(3, PARQUET_DELTA_LENGTH_BYTE_ARRAY);
    accepted();
    begin(COLUMN_BYTE_ARRAY, 0);
    put_lengths(3, 0, 3);
    put(&body, "abcde", 5);
    end_page(3, PARQUET_DELTA_LENGTH_BYTE_ARRAY);
    refused("a length points outside of it");
    begin(COLUMN_BYTE_ARRAY, 0);
    put_lengths(3, -1, 3);
    put(&body, "abcde", 5);
    end_page(3, PARQUET_DELTA_LENGTH_BYTE_ARRAY);
    refused("length");
    begin(COLUMN_BYTE_ARRAY, 0);
    put(&body, "\x01\x02", 2);
    end_page(3, PARQUET_DELTA_LENGTH_BYTE_ARRAY);
    refused("its lengths make no sense");
    begin(COLUMN_BYTE_ARRAY, 0);
    put_deltas((const int64_t[]){1}, 1, 3);
    end_page(3, PARQUET_DELTA_LENGTH_BYTE_ARRAY);
    refused("its lengths end too early");
    begin(COLUMN_BYTE_ARRAY, 0); /* two lengths for three rows */
    put_deltas((const int64_t[]){1, 1}, 2, 2);
    put(&body, "ab", 2);
    end_page(3, PARQUET_DELTA_LENGTH_BYTE_ARRAY);
    refused("its lengths end too early");
}

static void shared_beginnings(void **state)
{
    (void)state;
    begin(COLUMN_BYTE_ARRAY, 0);
    put_lengths(0, 2, 3);
    put_lengths(3, 1, 0);
    put(&body, "abcd", 4);
    end_page(3, PARQUET_DELTA_BYTE_ARRAY);
    accepted();
    static const int64_t wrong[][6] = {
        {1, 0, 0, 1, 1, 1},          /* begins with more than nothing */
        {0, 2, 0, 1, 1, 1},          /* or than the value before has */
        {0, 0, 0, 3, 1, 1},          /* ends with more than there is */
        {0, 0, -1, 1, 1, 1},         /* less than nothing */
        {0, 0, 0, 1, 400000, 1},     /* longer than a batch may be */
        {0, 0, 0, 400000, 400000, 1} /* from the first on */
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        begin(COLUMN_BYTE_ARRAY, 0);
        put_lengths(wrong[i][0], wrong[i][1], wrong[i][2]);
        put_lengths(wrong[i][3], wrong[i][4], wrong[i][5]);
        put(&body, "abcd", 4);
        end_page(3, PARQUET_DELTA_BYTE_ARRAY);
        refused("length");
    }
    begin(COLUMN_BYTE_ARRAY, 0);
    put_lengths(0, 0, 0);
    put(&body, "\x01", 1);
    end_page(3, PARQUET_DELTA_BYTE_ARRAY);
    refused("its lengths make no sense");
    begin(COLUMN_BYTE_ARRAY, 0); /* more beginnings than ends */
    put_lengths(0, 0, 0);
    put_deltas((const int64_t[]){1, 1}, 2, 2);
    put(&body, "ab", 2);
    end_page(3, PARQUET_DELTA_BYTE_ARRAY);
    refused("its lengths end too early");
}

/* Long values come in slices of their own, each put together from the one before. */
static void long_values_share_their_beginnings(void **state)
{
    (void)state;
    const uint32_t size = 200000;
    begin(COLUMN_BYTE_ARRAY, 0);
    put_lengths(0, size, size);
    put_lengths(size, 1, 1);
    for (uint32_t i = 0; i < size + 2; i++)
        put_u8(&body, 'a' + i % 26);
    end_page(3, PARQUET_DELTA_BYTE_ARRAY);
    accepted();
}

/* A page of a few hundred kB that stands for more than 2 GiB. */
static void what_sharing_makes_of_a_page_is_bounded(void **state)
{
    (void)state;
    const uint32_t size = 400000;
    const int count = 5500;
    begin(COLUMN_BYTE_ARRAY, 0);
    put_step(0, size, count);
    put_step(size, 0, count);
    for (uint32_t i = 0; i < size; i++)
        put_u8(&body, 'a');
    end_page(count, PARQUET_DELTA_BYTE_ARRAY);
    refused("longer than 2 GiB together");
}

static void fixed_values_have_their_length(void **state)
{
    (void)state;
    begin(COLUMN_FIXED, 4);
    put_lengths(0, 3, 4);
    put_lengths(4, 1, 0);
    put(&body, "abcde", 5);
    end_page(3, PARQUET_DELTA_BYTE_ARRAY);
    accepted();
    begin(COLUMN_FIXED, 4);
    put_lengths(0, 3, 4);
    put_lengths(4, 2, 1);
    put(&body, "abcdefg", 7);
    end_page(3, PARQUET_DELTA_BYTE_ARRAY);
    refused("a length makes no sense");
}

static void put_entries(int count)
{
    put_dictionary(&file, (size_t)count * 8, (size_t)count * 8, count);
    for (int64_t i = 0; i < count; i++)
        put(&file, &i, sizeof i);
}

static void dictionary_indices(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
        const char *words;
    } wrong[] = {
        {"\x21\x06\0\0\0\0\0", 7, "too wide"},
        {"\x02\x06\x03", 3, "outside its dictionary"},
        {"\x02\x03\xff\xff", 4, "outside its dictionary"},
        {"\x02\x04\x01", 3, "end too early"},
        {"\x02", 1, "end too early"},
    };
    begin(COLUMN_INT64, 0);
    put_entries(3);
    put(&body, "\x02\x06\x02", 3);
    end_page(3, PARQUET_RLE_DICTIONARY);
    accepted();
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        begin(COLUMN_INT64, 0);
        put_entries(3);
        put(&body, wrong[i].bytes, wrong[i].size);
        end_page(3, PARQUET_RLE_DICTIONARY);
        refused_behind(0, wrong[i].words);
    }
    begin(COLUMN_INT64, 0); /* two rows, of which one is passed over */
    put_entries(3);
    put(&body, "\x02", 1);
    end_page(3, PARQUET_RLE_DICTIONARY);
    refused("end too early");
    begin(COLUMN_INT64, 0); /* nothing, not even a width */
    nullable();
    put_entries(3);
    put_levels(4, true);
    end_page(4, PARQUET_RLE_DICTIONARY);
    accepted();
}

static void booleans(void **state)
{
    (void)state;
    begin(COLUMN_BOOLEAN, 0);
    put_u32(&body, 2);
    put(&body, "\x06\x01", 2);
    end_page(3, PARQUET_RLE);
    accepted();
    begin(COLUMN_BOOLEAN, 0);
    put_u32(&body, 3);
    put(&body, "\x06\x01", 2);
    end_page(3, PARQUET_RLE);
    refused("runs of booleans");
    begin(COLUMN_BOOLEAN, 0);
    put(&body, "\x02\0", 2);
    end_page(3, PARQUET_RLE);
    refused("runs of booleans");
    begin(COLUMN_BOOLEAN, 0);
    put_u32(&body, 2);
    put(&body, "\x04\x01", 2);
    end_page(3, PARQUET_RLE);
    refused("runs of booleans");
    begin(COLUMN_BOOLEAN, 0);
    put(&body, "\x05", 1);
    end_page(8, PARQUET_PLAIN);
    accepted();
    begin(COLUMN_BOOLEAN, 0);
    put(&body, "\x05", 1);
    end_page(9, PARQUET_PLAIN);
    refused("its values end too early");
}

static void split_values(void **state)
{
    (void)state;
    begin(COLUMN_FIXED, 3);
    put(&body, "abcdef", 6);
    end_page(2, PARQUET_BYTE_STREAM_SPLIT);
    accepted();
    begin(COLUMN_FIXED, 3);
    put(&body, "abcdefg", 7);
    end_page(2, PARQUET_BYTE_STREAM_SPLIT);
    refused("the wrong size");
}

static void plain_values(void **state)
{
    (void)state;
    begin(COLUMN_INT64, 0);
    put(&body, "0123456789", 10);
    end_page(2, PARQUET_PLAIN);
    refused("its values end too early");
    begin(COLUMN_BYTE_ARRAY, 0);
    put(&body, "\x01\0\0\0a\0\0\0\0", 9);
    end_page(2, PARQUET_PLAIN);
    accepted();
    begin(COLUMN_BYTE_ARRAY, 0);
    put(&body, "\x01\0\0\0a\x01\0\0\0", 9);
    end_page(2, PARQUET_PLAIN);
    refused("its values end too early");
    begin(COLUMN_BYTE_ARRAY, 0);
    put(&body, "\x04\0\0\0a", 5);
    end_page(2, PARQUET_PLAIN);
    refused("its values end too early");
    begin(COLUMN_INT64, 0);
    end_page(2, 4);
    refused("");
}

/* A page read in pieces, with fewer values than rows. */
static void long_plain_values(void **state)
{
    (void)state;
    const int rows = 100000;
    begin(COLUMN_INT64, 0);
    for (int i = 0; i < rows - 1; i++)
        put(&body, "01234567", 8);
    end_page(rows, PARQUET_PLAIN);
    refused("its values end too early");
    refused_behind((uint64_t)rows - 1, "its values end too early");
}

/* A Snappy block without copies, read where it stands: it may end within a value. */
static void literal_values(void **state)
{
    (void)state;
    static uint8_t plain[80000], block[90000];
    for (size_t i = 0; i < sizeof plain; i++)
        plain[i] = (uint8_t)(i * 7 + i / 251);
    for (size_t missing = 0; missing < 17; missing++) {
        begin(COLUMN_INT64, 0);
        chunk.codec = CODEC_SNAPPY;
        size_t size = snappy_literals_write(plain, sizeof plain - missing, block);
        put_page_v1(&file, sizeof plain - missing, size, 10000, PARQUET_PLAIN);
        put(&file, block, size);
        memory = memory_object_over(&file);
        chunk.length = file.size - 4;
        chunk.value_count = 10000;
        if (missing == 0)
            accepted();
        else
            refused("its values end too early");
    }
}

/* Levels of such a page that do not fit its first run, or are no runs. */
static void literal_levels(void **state)
{
    (void)state;
    static uint8_t block[90000];
    static const uint32_t lengths[] = {2, 3, 79000, 90000, UINT32_MAX};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        begin(COLUMN_INT64, 0);
        nullable();
        chunk.codec = CODEC_SNAPPY;
        put_u32(&body, lengths[i]);
        put(&body, "\x40\x01", 2);
        for (int j = 0; j < 32 + 9900; j++)
            put(&body, "01234567", 8);
        size_t size = snappy_literals_write(body.data, body.size, block);
        put_page_v1(&file, body.size, size, 32, PARQUET_PLAIN);
        put(&file, block, size);
        memory = memory_object_over(&file);
        chunk.length = file.size - 4;
        chunk.value_count = 32;
        assert_int_equal(go(0), lengths[i] < 80000 ? ERROR_NONE : ERROR_INPUT);
    }
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(pages_of_nulls_have_no_values),
        TEST(differences),
        TEST(lengths_apart),
        TEST(shared_beginnings),
        TEST(long_values_share_their_beginnings),
        TEST(what_sharing_makes_of_a_page_is_bounded),
        TEST(fixed_values_have_their_length),
        TEST(dictionary_indices),
        TEST(booleans),
        TEST(split_values),
        TEST(plain_values),
        TEST(long_plain_values),
        TEST(literal_values),
        TEST(literal_levels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
