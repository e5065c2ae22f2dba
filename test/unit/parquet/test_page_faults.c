/* Memory that is refused and reads that fail while pages are read, at every place. */
#include "faults.h"

#include <string.h>

#include "bytes.h"
#include "parquet/column_reader.h"

static struct bytes file;
static struct mem_account account;
static struct error error;
static struct memory_object memory;
static uint64_t reads_left; /* before one fails; 0: none does */

static enum error_code failing_read(const struct store_object *object, uint64_t offset, void *out,
                                    size_t size, struct error *failure)
{
    if (reads_left > 0 && --reads_left == 0)
        return error_set(failure, ERROR_IO, "cannot read the file");
    return memory_read(object, offset, out, size, failure);
}

static const struct store_driver failing_driver = {.read = failing_read, .close = memory_close};

/* A chunk of every kind of page, and how it is read. */
struct scenario {
    struct parquet_column column;
    struct parquet_chunk chunk;
    uint64_t rows;
    uint64_t skipped; /* before each slice */
    uint32_t step;
    bool forgotten; /* the dictionary has to be fetched: reading begins behind it */
};

static enum error_code read_slices(struct parquet_page_reader *reader,
                                   const struct scenario *scenario)
{
    struct column_slice slice;
    uint64_t row = parquet_page_reader_position(reader).page_row;
    for (;;) {
        uint64_t left = scenario->rows - row;
        uint64_t skipped = scenario->skipped < left ? scenario->skipped : left;
        TRY(parquet_page_reader_skip(reader, skipped, &error));
        TRY(parquet_page_reader_next(reader, scenario->step, &slice, &error));
        row += skipped + slice.row_count;
        if (slice.row_count == 0)
            return ERROR_NONE;
    }
}

static enum error_code read_chunk(void *context)
{
    struct scenario *scenario = context;
    struct parquet_page_reader *reader;
    struct parquet_position behind = {0};
    TRY(parquet_page_reader_create(&account, (size_t)64 << 20, &reader, &error));
    behind.page_offset = scenario->forgotten ? scenario->chunk.dictionary_offset : 0;
    enum error_code code = parquet_page_reader_open(reader, &memory.object, &scenario->column,
                                                    &scenario->chunk, &behind, &error);
    if (code == ERROR_NONE)
        code = read_slices(reader, scenario);
    parquet_page_reader_destroy(reader);
    return code;
}

static void begin(struct scenario *scenario, enum column_physical physical)
{
    file.size = 0;
    put(&file, "PAR1", 4);
    *scenario = (struct scenario){.column = {.name = "x", .path = "x", .type.physical = physical},
                                  .chunk = {.offset = 4},
                                  .step = 4096};
    mem_account_init(&account, "test", NULL, MEM_NO_LIMIT);
    error_init(&error);
}

/* Lets each read fail once; memory as well. */
static void check(struct scenario *scenario)
{
    memory = memory_object_over(&file);
    memory.object.driver = &failing_driver;
    scenario->chunk.length = file.size - scenario->chunk.offset;
    scenario->chunk.value_count = scenario->rows;
    assert_true(fault_each_allocation(read_chunk, scenario, &account) > 1);
    for (uint64_t n = 1;; n++) {
        reads_left = n;
        enum error_code code = read_chunk(scenario);
        bool failed = reads_left == 0;
        reads_left = 0;
        assert_int_equal(account.used, 0);
        assert_int_equal(code, failed ? ERROR_IO : ERROR_NONE);
        if (!failed)
            break;
        assert_string_equal(error.file, "memory.parquet");
    }
}

/* In every way of going through the chunk. */
static void check_ways(struct scenario *scenario)
{
    for (uint32_t step = 1; step < 10000; step = step * 7 + 1) {
        for (uint64_t skipped = 0; skipped < 10; skipped = skipped * 2 + 3) {
            scenario->step = step;
            scenario->skipped = skipped;
            if (scenario->rows / (step + skipped) < 200)
                check(scenario);
        }
    }
}

static void put_numbers(int64_t first, int count)
{
    for (int64_t i = first; i < first + count; i++)
        put(&file, &i, sizeof i);
}

static void plain_pages(void **state)
{
    (void)state;
    struct scenario scenario;
    begin(&scenario, COLUMN_INT64);
    for (int i = 0; i < 4; i++) {
        put_page_v1(&file, 800, 800, 100, PARQUET_PLAIN);
        put_numbers(i * 100, 100);
    }
    scenario.rows = 400;
    check_ways(&scenario);
}

static void pages_with_nulls(void **state)
{
    (void)state;
    struct scenario scenario;
    begin(&scenario, COLUMN_INT64);
    scenario.column.nullable = true;
    scenario.column.max_definition = 1;
    for (int i = 0; i < 3; i++) {
        put_page_v1(&file, 8 + 12 * 8, 8 + 12 * 8, 16, PARQUET_PLAIN);
        put_u32(&file, 4);
        put(&file, "\x03\xf0\x10\x01", 4);
        put_numbers(0, 12);
    }
    scenario.rows = 48;
    check_ways(&scenario);
}

/* A page that is read in pieces, with levels in front or without. */
static void long_pages(void **state)
{
    (void)state;
    const int rows = 100000;
    for (int version = 1; version <= 2; version++) {
        for (int nullable = 0; nullable < 2; nullable++) {
            struct scenario scenario;
            begin(&scenario, COLUMN_INT64);
            scenario.column.nullable = nullable;
            scenario.column.max_definition = (uint8_t)nullable;
            scenario.rows = (uint64_t)rows;
            size_t levels = nullable ? 4 : 0, size = (size_t)rows * 8;
            if (version == 2)
                put_page_v2(&file, size + levels, size + levels, rows, 0, PARQUET_PLAIN, levels,
                            false);
            else
                put_page_v1(&file, size + 2 * levels, size + 2 * levels, rows, PARQUET_PLAIN);
            if (nullable && version == 1)
                put_u32(&file, 4);
            if (nullable)
                put(&file, "\xc0\x9a\x0c\x01", 4); /* rows times one */
            put_numbers(0, rows);
            check_ways(&scenario);
        }
    }
}

static void dictionaries(void **state)
{
    (void)state;
    for (int forgotten = 0; forgotten < 2; forgotten++) {
        struct scenario scenario;
        begin(&scenario, COLUMN_INT64);
        put_dictionary(&file, 4 * 8, 4 * 8, 4);
        put_numbers(100, 4);
        scenario.chunk.dictionary_offset = file.size - 4;
        scenario.forgotten = forgotten;
        for (int i = 0; i < 3; i++) {
            put_page_v1(&file, 4, 4, 8, PARQUET_RLE_DICTIONARY);
            put(&file, "\x02\x03\xe4\x1b", 4);
        }
        scenario.rows = 24;
        check_ways(&scenario);
    }
}

static void put_word(const char *text)
{
    put_u32(&file, (uint32_t)strlen(text));
    put(&file, text, strlen(text));
}

static void dictionaries_of_texts(void **state)
{
    (void)state;
    struct scenario scenario;
    begin(&scenario, COLUMN_BYTE_ARRAY);
    put_dictionary(&file, 13, 13, 2);
    put_word("apple");
    put_word("");
    for (int i = 0; i < 3; i++) {
        put_page_v1(&file, 3, 3, 3, PARQUET_RLE_DICTIONARY);
        put(&file, "\x01\x03\x02", 3);
        put_page_v1(&file, 10, 10, 2, PARQUET_PLAIN);
        put_word("a");
        put_word("b");
    }
    scenario.rows = 15;
    check_ways(&scenario);
}

static void put_compressed(struct codec_state *codec, enum codec which, int page)
{
    uint8_t packed[2000];
    size_t size;
    int64_t plain[100];
    for (int64_t i = 0; i < 100; i++)
        plain[i] = i % 10 + page;
    assert_int_equal(codec_compress(codec, which, 0, (const uint8_t *)plain, sizeof plain, packed,
                                    sizeof packed, &size, &error),
                     ERROR_NONE);
    if (page % 2 == 0)
        put_page_v1(&file, sizeof plain, size, 100, PARQUET_PLAIN);
    else
        put_page_v2(&file, sizeof plain, size, 100, 0, PARQUET_PLAIN, 0, true);
    put(&file, packed, size);
}

static void compressed_pages(void **state)
{
    (void)state;
    static const enum codec codecs[] = {CODEC_SNAPPY, CODEC_ZSTD, CODEC_GZIP, CODEC_LZ4_RAW,
                                        CODEC_BROTLI};
    for (size_t i = 0; i < sizeof codecs / sizeof codecs[0]; i++) {
        struct scenario scenario;
        struct codec_state codec;
        begin(&scenario, COLUMN_INT64);
        codec_state_init(&codec, &account);
        for (int page = 0; page < 4; page++)
            put_compressed(&codec, codecs[i], page);
        codec_state_release(&codec);
        scenario.chunk.codec = codecs[i];
        scenario.rows = 400;
        check(&scenario);
    }
}

/* Eight rows of doubles, split into streams: decoded into memory of the reader. */
static void split_pages(void **state)
{
    (void)state;
    struct scenario scenario;
    begin(&scenario, COLUMN_DOUBLE);
    scenario.column.nullable = true;
    scenario.column.max_definition = 1;
    for (int i = 0; i < 3; i++) {
        put_page_v1(&file, 6 + 64, 6 + 64, 8, PARQUET_BYTE_STREAM_SPLIT);
        put_u32(&file, 2);
        put(&file, "\x10\x01", 2);
        put_numbers(0, 8);
    }
    scenario.rows = 24;
    check_ways(&scenario);
}

static enum error_code ignore_page(void *context, const struct parquet_page *page,
                                   struct error *failure)
{
    (void)context;
    (void)page;
    (void)failure;
    return ERROR_NONE;
}

static void walks_over_headers_fail_too(void **state)
{
    (void)state;
    struct scenario scenario;
    begin(&scenario, COLUMN_INT64);
    put_page_v1(&file, 800, 800, 100, PARQUET_PLAIN);
    put_numbers(0, 100);
    memory = memory_object_over(&file);
    memory.object.driver = &failing_driver;
    scenario.chunk.length = file.size - 4;
    scenario.chunk.value_count = 100;
    reads_left = 1;
    assert_int_equal(parquet_visit_pages(&memory.object, &scenario.column, &scenario.chunk,
                                         ignore_page, NULL, &error),
                     ERROR_IO);
    assert_string_equal(error.column, "x");
}

/* A file of two row groups by way of the column reader. */
static enum error_code read_column(void *context)
{
    const struct parquet_metadata *metadata = context;
    struct parquet_column_reader reader = {0};
    struct column_slice slice = {.row_count = 1};
    enum error_code code = parquet_column_reader_open(&reader, &memory.object, metadata, 0,
                                                      &account, (size_t)1 << 20, &error);
    if (code == ERROR_NONE)
        code = parquet_column_reader_skip(&reader, 5, &error);
    while (code == ERROR_NONE && slice.row_count > 0)
        code = parquet_column_reader_next(&reader, 7, &slice, &error);
    parquet_column_reader_close(&reader);
    return code;
}

static void columns_fail_at_every_place(void **state)
{
    (void)state;
    struct scenario scenario;
    begin(&scenario, COLUMN_INT64);
    struct parquet_chunk chunks[2];
    struct parquet_row_group groups[2];
    for (int i = 0; i < 2; i++) {
        chunks[i] = (struct parquet_chunk){.offset = file.size, .value_count = 20};
        put_page_v1(&file, 160, 160, 20, PARQUET_PLAIN);
        put_numbers(0, 20);
        chunks[i].length = file.size - chunks[i].offset;
        groups[i] = (struct parquet_row_group){.row_count = 20, .chunks = &chunks[i]};
    }
    struct parquet_metadata metadata = {.columns = &scenario.column,
                                        .column_count = 1,
                                        .row_groups = groups,
                                        .row_group_count = 2,
                                        .row_count = 40};
    memory = memory_object_over(&file);
    memory.object.driver = &failing_driver;
    assert_true(fault_each_allocation(read_column, &metadata, &account) > 0);
    for (uint64_t n = 1; n <= 2; n++) {
        reads_left = n;
        assert_int_equal(read_column(&metadata), ERROR_IO);
        assert_int_equal(error.row_group, n - 1);
    }
    reads_left = 0;
    chunks[0].encrypted = true;
    assert_int_equal(read_column(&metadata), ERROR_UNSUPPORTED);
    chunks[0].encrypted = false;
    chunks[1].encrypted = true;
    assert_int_equal(read_column(&metadata), ERROR_UNSUPPORTED);
    assert_int_equal(error.row_group, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_pages),
        cmocka_unit_test(pages_with_nulls),
        cmocka_unit_test(long_pages),
        cmocka_unit_test(dictionaries),
        cmocka_unit_test(dictionaries_of_texts),
        cmocka_unit_test(compressed_pages),
        cmocka_unit_test(split_pages),
        cmocka_unit_test(walks_over_headers_fail_too),
        cmocka_unit_test(columns_fail_at_every_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
