/* What the writer writes, the page reader reads; and what it says about it is true. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "parquet/writer.h"
#include "profile.h"
#include "store/folder.h"

#define ROWS    2500
#define COLUMNS 7

static struct mem_account account;
static struct error error;

#define OK(call) assert_int_equal((call), ERROR_NONE)

static int set_up(void **state)
{
    mem_account_init(&account, "writer", NULL, MEM_NO_LIMIT);
    return folder_make(state);
}

static int tear_down(void **state)
{
    return atomic_load(&account.used) == 0 ? folder_remove(state) : -1;
}

static struct column_field fields[COLUMNS] = {
    {"flag", {.physical = COLUMN_BOOLEAN}, true, {0}},
    {"small",
     {.physical = COLUMN_INT32, .logical = COLUMN_INTEGER, .bit_width = 8, .is_signed = true},
     true,
     {0}},
    {"date",
     {.physical = COLUMN_INT64, .logical = COLUMN_TIMESTAMP, .unit = COLUMN_MICROSECONDS},
     false,
     {0}},
    {"value", {.physical = COLUMN_DOUBLE}, true, {0}},
    {"name", {.physical = COLUMN_BYTE_ARRAY, .logical = COLUMN_STRING}, true, {0}},
    {"amount",
     {.physical = COLUMN_FIXED, .logical = COLUMN_DECIMAL, .type_length = 9, .precision = 20},
     true,
     {0}},
    {"nothing", {.physical = COLUMN_INT32, .logical = COLUMN_UNKNOWN}, true, {0}},
};

static bool is_null(uint32_t column, uint64_t row)
{
    static const uint64_t periods[COLUMNS] = {3, 17, 0, 500, 2, 11, 1};
    return periods[column] > 0 && (row / (1 + column) + column) % periods[column] == 0;
}

/* The value of a row; texts lie in a buffer of their own. */
static void make_value(uint32_t column, uint64_t row, uint8_t *ret, char text[static 128])
{
    uint64_t mixed = (row + 1) * 0x9e3779b97f4a7c15u >> 20;
    int32_t small = (int8_t)(mixed % 100);
    int64_t date = (int64_t)row * 86400000000 - 1000;
    double value = mixed % 50 == 0 ? (double)NAN : ((double)mixed - 1e12) / 3;
    struct column_bytes bytes = {(const uint8_t *)text, 0};
    switch (column) {
    case 0:
        *ret = mixed & 1;
        break;
    case 1:
        memcpy(ret, &small, sizeof small);
        break;
    case 2:
        memcpy(ret, &date, sizeof date);
        break;
    case 3:
        memcpy(ret, &value, sizeof value);
        break;
    case 4:
        bytes.size =
            (uint32_t)snprintf(text, 128, "%0*u", (int)(mixed % 90) + 1, (unsigned)(mixed % 700));
        memcpy(ret, &bytes, sizeof bytes);
        break;
    default:
        memset(ret, mixed & 1 ? 0xff : 0, 9);
        memcpy(ret + 5, &mixed, 4);
    }
}

static char texts[ROWS][128];

static void append(struct parquet_writer *writer, uint32_t column, uint64_t first, uint32_t rows)
{
    static uint8_t present[ROWS], values[ROWS * 16];
    struct column_slice slice = {rows, 0, present, values};
    size_t size = column_value_size(&fields[column].type);
    for (uint32_t i = 0; i < rows; i++) {
        present[i] = !is_null(column, first + i);
        if (present[i])
            make_value(column, first + i, values + size * slice.value_count++, texts[i]);
    }
    if (slice.value_count == rows && column % 2 == 1)
        slice.present = NULL;
    OK(parquet_writer_append(writer, column, &slice, &error));
}

/* How a file is to be made. */
struct plan {
    struct parquet_writer_options options;
    uint64_t row_group_rows;
    uint32_t batch_rows;
    bool by_column; /* one column after the other */
};

static void write_row_group(struct parquet_writer *writer, const struct plan *plan, uint64_t first,
                            uint64_t end)
{
    OK(parquet_writer_begin_row_group(writer, &error));
    for (uint32_t pass = 0; pass < (plan->by_column ? COLUMNS : 1); pass++) {
        for (uint64_t row = first; row < end; row += plan->batch_rows) {
            uint64_t left = end - row;
            uint32_t rows = left < plan->batch_rows ? (uint32_t)left : plan->batch_rows;
            for (uint32_t column = 0; column < COLUMNS; column++) {
                if (!plan->by_column || column == pass)
                    append(writer, column, row, rows);
            }
        }
        if (plan->by_column)
            OK(parquet_writer_end_chunk(writer, pass, &error));
    }
    OK(parquet_writer_end_row_group(writer, &error));
}

static void write_file(const char *path, const struct plan *plan, uint64_t rows)
{
    struct output output;
    struct parquet_writer *writer;
    struct mem_account own;
    struct parquet_key_value entries[] = {{"key", "some\0thing", 10}, {"none", NULL, 0}};
    mem_account_init(&own, "own", &account, MEM_NO_LIMIT);
    OK(output_open(&output, path, true, &account, &error));
    OK(parquet_writer_create(&own, &output, fields, COLUMNS, &plan->options, &writer, &error));
    for (uint64_t row = 0; row < rows; row += plan->row_group_rows) {
        uint64_t end = row + plan->row_group_rows;
        write_row_group(writer, plan, row, end < rows ? end : rows);
    }
    OK(parquet_writer_finish(writer, entries, 2, &error));
    assert_true(own.peak <= parquet_writer_size(fields, COLUMNS, &plan->options));
    parquet_writer_destroy(writer);
    assert_int_equal(own.used, 0);
    OK(output_commit(&output, &error));
}

/* A file opened for reading. */
struct source {
    struct store_object object;
    struct parquet_metadata metadata;
    struct parquet_page_reader *reader;
};

static void source_open(struct source *source, const char *path)
{
    OK(store_open(&source->object, path, &error));
    OK(parquet_metadata_read(&source->object, &account, &source->metadata, &error));
    OK(parquet_page_reader_create(&account, MEM_NO_LIMIT, &source->reader, &error));
}

static void source_close(struct source *source)
{
    parquet_page_reader_destroy(source->reader);
    parquet_metadata_release(&source->metadata);
    store_close(&source->object);
}

static void check_value(uint32_t column, uint64_t row, const uint8_t *value)
{
    uint8_t expected[16];
    char text[128];
    make_value(column, row, expected, text);
    if (fields[column].type.physical != COLUMN_BYTE_ARRAY) {
        assert_memory_equal(value, expected, column_value_size(&fields[column].type));
        return;
    }
    struct column_bytes is, should;
    memcpy(&is, value, sizeof is);
    memcpy(&should, expected, sizeof should);
    assert_int_equal(is.size, should.size);
    assert_memory_equal(is.data, should.data, is.size);
}

static void check_slice(uint32_t column, uint64_t first, const struct column_slice *slice)
{
    const uint8_t *value = slice->values;
    for (uint32_t i = 0; i < slice->row_count; i++) {
        bool present = slice->present == NULL || slice->present[i];
        assert_int_equal(present, !is_null(column, first + i));
        if (!present)
            continue;
        check_value(column, first + i, value);
        value += column_value_size(&fields[column].type);
    }
}

/* Bounds are present and hold every value; they are exact for all but text. */
static void check_statistics(uint32_t column, uint64_t first, const struct parquet_chunk *chunk)
{
    const struct parquet_statistics *statistics = &chunk->statistics;
    const struct column_type *type = &fields[column].type;
    int64_t nulls = 0;
    bool least_met = false, greatest_met = false;
    bool text = type->physical == COLUMN_BYTE_ARRAY;
    struct column_bytes low = {statistics->minimum.data, (uint32_t)statistics->minimum.size};
    struct column_bytes high = {statistics->maximum.data, (uint32_t)statistics->maximum.size};
    const void *least = text ? (const void *)&low : low.data;
    const void *greatest = text ? (const void *)&high : high.data;
    for (uint64_t i = 0; i < chunk->value_count; i++) {
        uint8_t value[16];
        char buffer[128];
        if (is_null(column, first + i)) {
            nulls++;
            continue;
        }
        make_value(column, first + i, value, buffer);
        double number;
        memcpy(&number, value, sizeof number);
        if (type->physical == COLUMN_DOUBLE && isnan(number))
            continue;
        assert_true(column_value_compare(type, value, least) >= 0);
        assert_true(column_value_compare(type, value, greatest) <= 0);
        least_met |= column_value_compare(type, value, least) == 0;
        greatest_met |= column_value_compare(type, value, greatest) == 0;
    }
    assert_true(statistics->has_null_count);
    assert_int_equal(statistics->null_count, nulls);
    bool has_values = statistics->minimum.data != NULL;
    assert_int_equal(has_values, type->logical != COLUMN_UNKNOWN);
    assert_true(!has_values || text || (least_met && greatest_met));
}

static void check_file(const char *path, uint64_t rows)
{
    struct source source;
    source_open(&source, path);
    assert_int_equal(source.metadata.row_count, rows);
    assert_int_equal(source.metadata.column_count, COLUMNS);
    for (uint32_t column = 0; column < COLUMNS; column++) {
        const struct parquet_column *is = &source.metadata.columns[column];
        assert_string_equal(is->name, fields[column].name);
        assert_true(column_type_equal(&is->type, &fields[column].type));
        assert_int_equal(is->nullable, fields[column].nullable);
        uint64_t row = 0;
        for (uint32_t group = 0; group < source.metadata.row_group_count; group++) {
            const struct parquet_chunk *chunk = &source.metadata.row_groups[group].chunks[column];
            struct column_slice slice;
            check_statistics(column, row, chunk);
            OK(parquet_page_reader_open(source.reader, &source.object, is, chunk, NULL, &error));
            for (;;) {
                OK(parquet_page_reader_next(source.reader, 333, &slice, &error));
                if (slice.row_count == 0)
                    break;
                check_slice(column, row, &slice);
                row += slice.row_count;
            }
        }
        assert_int_equal(row, rows);
    }
    source_close(&source);
}

static struct plan plan_of(void)
{
    struct plan plan = {parquet_writer_defaults(), 1000, 300, false};
    plan.options.page_rows = 400;
    return plan;
}

static void every_codec_and_page_version_reads_back(void **state)
{
    (void)state;
    static const enum codec codecs[] = {CODEC_UNCOMPRESSED, CODEC_SNAPPY,  CODEC_GZIP,
                                        CODEC_ZSTD,         CODEC_LZ4_RAW, CODEC_BROTLI};
    for (size_t i = 0; i < sizeof codecs / sizeof codecs[0]; i++) {
        struct plan plan = plan_of();
        plan.options.codec = codecs[i];
        plan.options.page_version = 1 + (int)(i + 1) % 2;
        write_file(folder_file("codec"), &plan, ROWS);
        check_file(folder_file("codec"), ROWS);
        plan.options.page_version = 3 - plan.options.page_version;
        plan.by_column = true;
        write_file(folder_file("codec"), &plan, ROWS);
        check_file(folder_file("codec"), ROWS);
    }
}

static void every_encoding_reads_back(void **state)
{
    (void)state;
    struct parquet_column_options columns[COLUMNS] = {
        {false, PARQUET_PLAIN},
        {false, PARQUET_DELTA_BINARY_PACKED},
        {false, PARQUET_DELTA_BINARY_PACKED},
        {false, PARQUET_BYTE_STREAM_SPLIT},
        {true, PARQUET_PLAIN},
        {false, PARQUET_BYTE_STREAM_SPLIT},
        {false, PARQUET_DELTA_BINARY_PACKED},
    };
    struct plan plan = plan_of();
    plan.options.columns = columns;
    write_file(folder_file("encoding"), &plan, ROWS);
    check_file(folder_file("encoding"), ROWS);
    for (uint32_t i = 0; i < COLUMNS; i++)
        columns[i].dictionary = true;
    plan.options.page_index = plan.options.page_crc = false;
    write_file(folder_file("encoding"), &plan, ROWS);
    check_file(folder_file("encoding"), ROWS);
}

static void a_full_dictionary_gives_way_to_values(void **state)
{
    (void)state;
    struct parquet_column_options columns[COLUMNS];
    for (uint32_t i = 0; i < COLUMNS; i++)
        columns[i] = (struct parquet_column_options){true, PARQUET_PLAIN};
    struct plan plan = plan_of();
    plan.options.columns = columns;
    for (uint32_t bytes = 1; bytes < 9000; bytes = bytes * 3 + 1) {
        plan.options.dictionary_bytes = bytes;
        plan.by_column = !plan.by_column;
        write_file(folder_file("dictionary"), &plan, ROWS);
        check_file(folder_file("dictionary"), ROWS);
    }
    struct source source;
    source_open(&source, folder_file("dictionary"));
    uint32_t used = source.metadata.row_groups[0].chunks[2].encodings;
    assert_int_equal(used, 1u << PARQUET_PLAIN | 1u << PARQUET_RLE | 1u << PARQUET_RLE_DICTIONARY);
    source_close(&source);
}

static void tiny_pages_read_back(void **state)
{
    (void)state;
    struct plan plan = plan_of();
    plan.options.page_bytes = 1;
    write_file(folder_file("tiny"), &plan, 50);
    check_file(folder_file("tiny"), 50);
    plan.options.page_bytes = 100;
    plan.options.page_rows = UINT32_MAX;
    write_file(folder_file("tiny"), &plan, ROWS);
    check_file(folder_file("tiny"), ROWS);
}

static void files_without_rows_are_files(void **state)
{
    (void)state;
    struct plan plan = plan_of();
    write_file(folder_file("empty"), &plan, 0);
    check_file(folder_file("empty"), 0);
    struct output output;
    struct parquet_writer *writer;
    OK(output_open(&output, folder_file("group"), false, &account, &error));
    OK(parquet_writer_create(&account, &output, fields, COLUMNS, &plan.options, &writer, &error));
    OK(parquet_writer_begin_row_group(writer, &error));
    OK(parquet_writer_end_row_group(writer, &error));
    OK(parquet_writer_finish(writer, NULL, 0, &error));
    parquet_writer_destroy(writer);
    OK(output_commit(&output, &error));
    check_file(folder_file("group"), 0);
}

static void keys_and_writer_are_named(void **state)
{
    (void)state;
    struct plan plan = plan_of();
    struct source source;
    write_file(folder_file("named"), &plan, 10);
    source_open(&source, folder_file("named"));
    assert_non_null(strstr(source.metadata.created_by, "weir version "));
    const struct parquet_key_value *entry = parquet_key_value(&source.metadata, "key");
    assert_int_equal(entry->value_size, 10);
    assert_memory_equal(entry->value, "some\0thing", 10);
    assert_null(parquet_key_value(&source.metadata, "none")->value);
    source_close(&source);
}

/* Copies all chunks of a file, columns in falling order if asked, so that all but one have to wait.
 */
static void copy_file(const char *from, const char *to, bool falling)
{
    struct source source;
    struct output output;
    struct parquet_writer *writer;
    struct parquet_writer_options options = parquet_writer_defaults();
    struct spool pages;
    spool_init(&pages, &account, 1000, folder_path);
    source_open(&source, from);
    OK(output_open(&output, to, true, &account, &error));
    OK(parquet_writer_create(&account, &output, fields, COLUMNS, &options, &writer, &error));
    for (uint32_t group = 0; group < source.metadata.row_group_count; group++) {
        OK(parquet_writer_begin_row_group(writer, &error));
        for (uint32_t i = 0; i < COLUMNS; i++) {
            uint32_t column = falling ? COLUMNS - 1 - i : i;
            const struct parquet_column *from_column = &source.metadata.columns[column];
            const struct parquet_chunk *chunk = &source.metadata.row_groups[group].chunks[column];
            struct parquet_chunk_profile profile;
            if (falling)
                profile = profile_of(source.reader, &source.object, from_column, chunk, &pages);
            OK(parquet_writer_copy_chunk(writer, column, &source.object, from_column, chunk,
                                         source.reader, falling ? &profile : NULL, &error));
        }
        OK(parquet_writer_end_row_group(writer, &error));
    }
    OK(parquet_writer_finish(writer, NULL, 0, &error));
    parquet_writer_destroy(writer);
    OK(output_commit(&output, &error));
    spool_release(&pages);
    source_close(&source);
}

static void check_same_bytes(const char *a, const char *b)
{
    struct source first, second;
    source_open(&first, a);
    source_open(&second, b);
    for (uint32_t column = 0; column < COLUMNS; column++) {
        const struct parquet_chunk *one = &first.metadata.row_groups[0].chunks[column];
        const struct parquet_chunk *two = &second.metadata.row_groups[0].chunks[column];
        assert_int_equal(one->length, two->length);
        assert_int_equal(one->decoded_length, two->decoded_length);
        assert_int_equal(one->encodings, two->encodings);
        uint8_t *bytes = malloc(one->length * 2);
        OK(store_read(&first.object, one->offset, bytes, one->length, &error));
        OK(store_read(&second.object, two->offset, bytes + one->length, one->length, &error));
        assert_memory_equal(bytes, bytes + one->length, one->length);
        free(bytes);
    }
    source_close(&second);
    source_close(&first);
}

static void copied_chunks_keep_their_bytes(void **state)
{
    (void)state;
    struct plan plan = plan_of();
    plan.options.page_version = 2;
    write_file(folder_file("from"), &plan, ROWS);
    for (int falling = 0; falling < 2; falling++) {
        copy_file(folder_file("from"), folder_file("to"), falling);
        check_file(folder_file("to"), ROWS);
        check_same_bytes(folder_file("from"), folder_file("to"));
    }
}

static void copying_needs_the_same_type(void **state)
{
    (void)state;
    struct plan plan = plan_of();
    struct source source;
    struct output output;
    struct parquet_writer *writer;
    write_file(folder_file("from"), &plan, 10);
    source_open(&source, folder_file("from"));
    OK(output_open(&output, folder_file("never"), true, &account, &error));
    OK(parquet_writer_create(&account, &output, fields, COLUMNS, &plan.options, &writer, &error));
    OK(parquet_writer_begin_row_group(writer, &error));
    const struct parquet_chunk *chunks = source.metadata.row_groups[0].chunks;
    assert_int_equal(parquet_writer_copy_chunk(writer, 0, &source.object,
                                               &source.metadata.columns[1], &chunks[1],
                                               source.reader, NULL, &error),
                     ERROR_MISMATCH);
    struct parquet_column required = source.metadata.columns[0];
    required.nullable = false;
    assert_int_equal(parquet_writer_copy_chunk(writer, 0, &source.object, &required, &chunks[0],
                                               source.reader, NULL, &error),
                     ERROR_MISMATCH);
    parquet_writer_destroy(writer);
    output_abort(&output);
    source_close(&source);
}

static void columns_of_unequal_length_are_refused(void **state)
{
    (void)state;
    struct plan plan = plan_of();
    struct output output;
    struct parquet_writer *writer;
    OK(output_open(&output, folder_file("never"), true, &account, &error));
    OK(parquet_writer_create(&account, &output, fields, COLUMNS, &plan.options, &writer, &error));
    OK(parquet_writer_begin_row_group(writer, &error));
    append(writer, 0, 0, 5);
    assert_int_equal(parquet_writer_end_row_group(writer, &error), ERROR_INTERNAL);
    parquet_writer_destroy(writer);
    output_abort(&output);
}

static void nulls_need_a_column_that_allows_them(void **state)
{
    (void)state;
    struct plan plan = plan_of();
    struct output output;
    struct parquet_writer *writer;
    uint8_t present[] = {1, 0};
    int64_t value = 1;
    struct column_slice slice = {2, 1, present, &value};
    OK(output_open(&output, folder_file("never"), true, &account, &error));
    OK(parquet_writer_create(&account, &output, fields, COLUMNS, &plan.options, &writer, &error));
    OK(parquet_writer_begin_row_group(writer, &error));
    assert_int_equal(parquet_writer_append(writer, 2, &slice, &error), ERROR_INTERNAL);
    assert_string_equal(error.column, "date");
    parquet_writer_destroy(writer);
    output_abort(&output);
}

static void encodings_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    struct parquet_column_options columns[COLUMNS] = {{false, PARQUET_DELTA_BINARY_PACKED}};
    struct parquet_writer_options options = parquet_writer_defaults();
    struct output output = {.descriptor = -1};
    struct parquet_writer *writer;
    options.columns = columns;
    assert_int_equal(
        parquet_writer_create(&account, &output, fields, COLUMNS, &options, &writer, &error),
        ERROR_UNSUPPORTED);
    assert_string_equal(error.column, "flag");
}

/* One small file, whose outcome may be a failure. */
static enum error_code try_file(const char *path, const struct plan *plan)
{
    struct output output;
    struct parquet_writer *writer = NULL;
    double values[100] = {1, 2, 3};
    struct column_slice slice = {100, 100, NULL, values};
    enum error_code code = output_open(&output, path, true, &account, &error);
    if (code != ERROR_NONE)
        return code;
    code = parquet_writer_create(&account, &output, &fields[3], 1, &plan->options, &writer, &error);
    if (code == ERROR_NONE)
        code = parquet_writer_begin_row_group(writer, &error);
    if (code == ERROR_NONE)
        code = parquet_writer_append(writer, 0, &slice, &error);
    if (code == ERROR_NONE)
        code = parquet_writer_end_row_group(writer, &error);
    if (code == ERROR_NONE)
        code = parquet_writer_finish(writer, NULL, 0, &error);
    parquet_writer_destroy(writer);
    output_abort(&output);
    return code;
}

static void every_failed_allocation_is_an_ordinary_error(void **state)
{
    (void)state;
    struct parquet_column_options column = {true, PARQUET_PLAIN};
    struct plan plan = plan_of();
    plan.options.columns = &column;
    plan.options.codec = CODEC_ZSTD;
    uint64_t n = 1;
    for (enum error_code code = ERROR_MEMORY; code != ERROR_NONE; n++) {
        mem_fail_allocation(n);
        code = try_file(folder_file("failed"), &plan);
        mem_fail_allocation(0);
        assert_true(code == ERROR_MEMORY || code == ERROR_NONE);
        assert_int_equal(account.used, 0);
        assert_true(n < 1000);
    }
    assert_true(n > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_codec_and_page_version_reads_back),
        cmocka_unit_test(every_encoding_reads_back),
        cmocka_unit_test(a_full_dictionary_gives_way_to_values),
        cmocka_unit_test(tiny_pages_read_back),
        cmocka_unit_test(files_without_rows_are_files),
        cmocka_unit_test(keys_and_writer_are_named),
        cmocka_unit_test(copied_chunks_keep_their_bytes),
        cmocka_unit_test(copying_needs_the_same_type),
        cmocka_unit_test(columns_of_unequal_length_are_refused),
        cmocka_unit_test(nulls_need_a_column_that_allows_them),
        cmocka_unit_test(encodings_that_do_not_fit_are_refused),
        cmocka_unit_test(every_failed_allocation_is_an_ordinary_error),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
