#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bytes.h"

static struct bytes file;
static struct mem_account account;
static struct error error;

static int setup(void **state)
{
    (void)state;
    file.size = 0;
    mem_account_init(&account, "test", NULL, (size_t)16 << 20);
    error_init(&error);
    return 0;
}

/* What a test may bend of a file of one row group and three columns, of 10 rows. */
struct bend {
    int64_t rows, group_rows, values, offset, length, dictionary;
    int type, codec, chunk_count;
    const char *name, *file_path;
    bool encrypted;
};

static const struct bend straight = {.rows = 10,
                                     .group_rows = 10,
                                     .values = 10,
                                     .offset = 30,
                                     .length = 50,
                                     .type = COLUMN_DOUBLE,
                                     .codec = 1,
                                     .chunk_count = 3,
                                     .name = "value"};

static void put_schema(void)
{
    put_list(&file, 2, THRIFT_STRUCT, 6);
    put_root(&file, 3);
    put_leaf(&file, "Date", COLUMN_INT64, 0, -1, 10);
    put_leaf(&file, "value", COLUMN_DOUBLE, 1, -1, -1);
    put_text(&file, 4, "list");
    put_i32(&file, 3, 1);
    put_i32(&file, 5, 1);
    put_stop(&file);
    put_text(&file, 4, "items");
    put_i32(&file, 3, 2);
    put_i32(&file, 5, 1);
    put_stop(&file);
    put_leaf(&file, "item", COLUMN_FIXED, 0, 7, -1);
}

static void put_bent_chunk(const struct bend *bend)
{
    struct chunk_text chunk = {.name = bend->name,
                               .type = bend->type,
                               .codec = bend->codec,
                               .values = bend->values,
                               .offset = bend->offset,
                               .length = bend->length,
                               .dictionary = bend->dictionary};
    if (bend->file_path != NULL)
        put_text(&file, 1, bend->file_path);
    if (bend->encrypted) {
        put_struct(&file, 8);
        put_stop(&file);
        put_stop(&file);
        return;
    }
    put_chunk(&file, &chunk);
}

static void put_row_group(const struct bend *bend)
{
    struct chunk_text date = {"Date", COLUMN_INT64, 0, bend->group_rows, 4, 26, 0};
    struct chunk_text item = {"item", COLUMN_FIXED, 0, 99, 80, 20, 0};
    put_list(&file, 1, THRIFT_STRUCT, (size_t)bend->chunk_count);
    put_chunk(&file, &date);
    put_bent_chunk(bend);
    for (int i = 2; i < bend->chunk_count; i++)
        put_chunk(&file, &item);
    put_i64(&file, 2, 96);
    put_i64(&file, 3, bend->group_rows);
    put_stop(&file);
}

static void make(const struct bend *bend)
{
    file.size = 0;
    put(&file, "PAR1", 4);
    for (int i = 0; i < 96; i++)
        put_u8(&file, (unsigned)i);
    size_t start = file.size;
    put_i32(&file, 1, 2);
    put_schema();
    put_i64(&file, 3, bend->rows);
    put_list(&file, 4, THRIFT_STRUCT, 1);
    put_row_group(bend);
    put_list(&file, 5, THRIFT_STRUCT, 2);
    put_text(&file, 1, "key");
    put_text(&file, 2, "some value");
    put_stop(&file);
    put_text(&file, 1, "empty");
    put_stop(&file);
    put_text(&file, 6, "a test");
    put_field(&file, 77, THRIFT_TRUE);
    put_stop(&file);
    put_ending(&file, start);
}

static enum error_code read_file(struct parquet_metadata *metadata)
{
    struct memory_object memory = memory_object_over(&file);
    error_init(&error);
    return parquet_metadata_read(&memory.object, &account, metadata, &error);
}

static void assert_bent(struct bend bend, enum error_code code)
{
    struct parquet_metadata metadata;
    make(&bend);
    assert_int_equal(read_file(&metadata), code);
    if (code == ERROR_NONE)
        parquet_metadata_release(&metadata);
    else
        assert_string_equal(error.file, "memory.parquet");
    assert_int_equal(account.used, 0);
}

static void a_footer_is_understood(void **state)
{
    (void)state;
    struct parquet_metadata metadata;
    make(&straight);
    assert_int_equal(read_file(&metadata), ERROR_NONE);
    assert_int_equal(metadata.row_count, 10);
    assert_int_equal(metadata.version, 2);
    assert_string_equal(metadata.created_by, "a test");
    assert_int_equal(metadata.field_count, 3);
    assert_int_equal(metadata.column_count, 3);
    assert_int_equal(metadata.footer_length, file.size - 100);

    const struct parquet_column *column = metadata.columns;
    assert_string_equal(column[0].name, "Date");
    assert_int_equal(column[0].type.logical, COLUMN_TIMESTAMP);
    assert_int_equal(column[0].type.unit, COLUMN_MICROSECONDS);
    assert_false(column[0].nullable || column[0].nested);
    assert_true(column[1].nullable);
    assert_int_equal(column[1].max_definition, 1);
    assert_string_equal(column[2].path, "list.items.item");
    assert_true(column[2].nested);
    assert_int_equal(column[2].max_definition, 2);
    assert_int_equal(column[2].max_repetition, 1);
    assert_int_equal(column[2].type.type_length, 7);
    assert_true(metadata.fields[2].nested);
    assert_int_equal(metadata.fields[2].first_column, 2);

    const struct parquet_chunk *chunk = &metadata.row_groups[0].chunks[1];
    assert_int_equal(chunk->offset, 30);
    assert_int_equal(chunk->length, 50);
    assert_int_equal(chunk->codec, CODEC_SNAPPY);
    assert_int_equal(chunk->encodings, 1);

    assert_int_equal(metadata.key_value_count, 2);
    assert_string_equal(parquet_key_value(&metadata, "key")->value, "some value");
    assert_null(parquet_key_value(&metadata, "empty")->value);
    assert_null(parquet_key_value(&metadata, "absent"));
    parquet_metadata_release(&metadata);
    parquet_metadata_release(&metadata);
    assert_int_equal(account.used, 0);
}

static void chunks_begin_with_their_dictionary(void **state)
{
    (void)state;
    static const struct {
        int64_t said;
        uint64_t offset, dictionary;
    } cases[] = {{20, 20, 20}, {30, 30, 0}, {40, 30, 0}, {-1, 30, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct parquet_metadata metadata;
        struct bend bend = straight;
        bend.dictionary = cases[i].said;
        make(&bend);
        assert_int_equal(read_file(&metadata), ERROR_NONE);
        assert_int_equal(metadata.row_groups[0].chunks[1].offset, cases[i].offset);
        assert_int_equal(metadata.row_groups[0].chunks[1].dictionary_offset, cases[i].dictionary);
        parquet_metadata_release(&metadata);
    }
}

#define BENT(field, value, code)                                                                   \
    do {                                                                                           \
        struct bend bend = straight;                                                               \
        bend.field = value;                                                                        \
        assert_bent(bend, code);                                                                   \
    } while (0)

static void footers_that_cannot_be_are_refused(void **state)
{
    (void)state;
    BENT(rows, 11, ERROR_INPUT);
    BENT(rows, -1, ERROR_INPUT);
    BENT(group_rows, 11, ERROR_INPUT);
    BENT(values, 11, ERROR_INPUT);
    BENT(values, -10, ERROR_INPUT);
    BENT(offset, 3, ERROR_INPUT);
    BENT(offset, 51, ERROR_INPUT);
    BENT(offset, INT64_MAX, ERROR_INPUT);
    BENT(offset, -4, ERROR_INPUT);
    BENT(length, 71, ERROR_INPUT);
    BENT(length, 70, ERROR_NONE);
    BENT(length, INT64_MAX, ERROR_INPUT);
    BENT(type, COLUMN_FLOAT, ERROR_INPUT);
    BENT(codec, 8, ERROR_INPUT);
    BENT(chunk_count, 4, ERROR_INPUT);
    BENT(chunk_count, 2, ERROR_INPUT);
    BENT(name, "other", ERROR_INPUT);
    BENT(file_path, "elsewhere.parquet", ERROR_NONE);
    BENT(file_path, "", ERROR_NONE);
    BENT(encrypted, true, ERROR_NONE);
}

static void files_of_other_kinds_are_refused(void **state)
{
    (void)state;
    struct parquet_metadata metadata;
    assert_int_equal(read_file(&metadata), ERROR_INPUT);
    put(&file, "PAR1PAR1", 8);
    assert_int_equal(read_file(&metadata), ERROR_INPUT);
    make(&straight);
    memcpy(file.data + file.size - 4, "PARE", 4);
    assert_int_equal(read_file(&metadata), ERROR_UNSUPPORTED);
    assert_string_equal(error.what, "the file is encrypted, its footer too");
    memcpy(file.data + file.size - 4, "PARX", 4);
    assert_int_equal(read_file(&metadata), ERROR_INPUT);
    make(&straight);
    memset(file.data + file.size - 8, 0xff, 4);
    assert_int_equal(read_file(&metadata), ERROR_INPUT);
    memset(file.data + file.size - 8, 0, 4);
    assert_int_equal(read_file(&metadata), ERROR_INPUT);
    assert_int_equal(account.used, 0);
}

/* Damage anywhere gives an answer or an error, and leaks nothing. */
static void damage_is_survived(void **state)
{
    (void)state;
    make(&straight);
    size_t size = file.size;
    for (size_t at = 100; at < size; at++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            struct parquet_metadata metadata;
            file.data[at] = (uint8_t)(file.data[at] ^ 1u << bit);
            if (read_file(&metadata) == ERROR_NONE)
                parquet_metadata_release(&metadata);
            file.data[at] = (uint8_t)(file.data[at] ^ 1u << bit);
            assert_int_equal(account.used, 0);
        }
    }
}

static void refused_memory_is_an_error(void **state)
{
    (void)state;
    struct parquet_metadata metadata;
    enum error_code code = ERROR_MEMORY;
    make(&straight);
    for (uint64_t n = 1; code != ERROR_NONE; n++) {
        mem_fail_allocation(n);
        code = read_file(&metadata);
        mem_fail_allocation(0);
        assert_true(code == ERROR_NONE || code == ERROR_MEMORY);
        assert_true(code == ERROR_NONE || account.used == 0);
        assert_true(n < 100);
    }
    parquet_metadata_release(&metadata);
}

/* A footer that is larger than the first guess is read again as a whole. */
static void large_footers_are_read(void **state)
{
    (void)state;
    static char text[100000];
    struct parquet_metadata metadata;
    memset(text, 'x', sizeof text - 1);
    put(&file, "PAR1", 4);
    size_t start = file.size;
    put_list(&file, 2, THRIFT_STRUCT, 1);
    put_root(&file, 0);
    put_i64(&file, 3, 0);
    put_list(&file, 4, THRIFT_STRUCT, 0);
    put_list(&file, 5, THRIFT_STRUCT, 1);
    put_text(&file, 1, "long");
    put_text(&file, 2, text);
    put_stop(&file);
    put_stop(&file);
    put_ending(&file, start);
    assert_int_equal(read_file(&metadata), ERROR_NONE);
    assert_int_equal(metadata.key_values[0].value_size, sizeof text - 1);
    assert_int_equal(metadata.footer_length, file.size - 4);
    parquet_metadata_release(&metadata);
}

static void columns_are_found_by_name(void **state)
{
    (void)state;
    struct parquet_metadata metadata;
    uint32_t column;
    make(&straight);
    assert_int_equal(read_file(&metadata), ERROR_NONE);
    assert_int_equal(parquet_find_column(&metadata, "value", &column, &error), ERROR_NONE);
    assert_int_equal(column, 1);
    assert_int_equal(parquet_find_column(&metadata, "valeu", &column, &error), ERROR_MISMATCH);
    assert_string_equal(error.hint, "one of its columns: value");
    assert_int_equal(parquet_find_column(&metadata, "DATE", &column, &error), ERROR_MISMATCH);
    assert_string_equal(error.hint, "one of its columns: Date");
    assert_int_equal(parquet_find_column(&metadata, "quantity", &column, &error), ERROR_MISMATCH);
    assert_string_equal(error.hint, "one of its columns: Date, value, list");
    assert_int_equal(parquet_find_column(&metadata, "list", &column, &error), ERROR_UNSUPPORTED);
    assert_non_null(strstr(error.hint, "DuckDB"));
    parquet_metadata_release(&metadata);
}

/* A file of one column without rows, to see what its annotation becomes. */
static enum column_logical logical_of(int physical, int length, int converted, int precision,
                                      bool *ret_readable)
{
    struct parquet_metadata metadata;
    file.size = 0;
    put(&file, "PAR1", 4);
    size_t start = file.size;
    put_list(&file, 2, THRIFT_STRUCT, 2);
    put_root(&file, 1);
    if (precision > 0) {
        put_i32(&file, 7, 2);
        put_i32(&file, 8, precision);
    }
    put_leaf(&file, "x", physical, 0, length, converted);
    put_i64(&file, 3, 0);
    put_list(&file, 4, THRIFT_STRUCT, 0);
    put_stop(&file);
    put_ending(&file, start);
    assert_int_equal(read_file(&metadata), ERROR_NONE);
    enum column_logical logical = metadata.columns[0].type.logical;
    *ret_readable = metadata.columns[0].unsupported == NULL;
    parquet_metadata_release(&metadata);
    return logical;
}

static void old_annotations_are_understood(void **state)
{
    (void)state;
    static const struct {
        int physical, length, converted, precision;
        enum column_logical logical;
        bool readable;
    } cases[] = {
        {COLUMN_BYTE_ARRAY, -1, 0, 0, COLUMN_STRING, true},
        {COLUMN_INT32, -1, 5, 9, COLUMN_DECIMAL, true},
        {COLUMN_INT32, -1, 5, 10, COLUMN_DECIMAL, false},
        {COLUMN_INT64, -1, 5, 18, COLUMN_DECIMAL, true},
        {COLUMN_INT64, -1, 5, 19, COLUMN_DECIMAL, false},
        {COLUMN_FIXED, 16, 5, 38, COLUMN_DECIMAL, true},
        {COLUMN_FIXED, 16, 5, 39, COLUMN_DECIMAL, false},
        {COLUMN_FIXED, 1, 5, 2, COLUMN_DECIMAL, true},
        {COLUMN_FIXED, 1, 5, 3, COLUMN_DECIMAL, false},
        {COLUMN_DOUBLE, -1, 5, 3, COLUMN_DECIMAL, false},
        {COLUMN_INT32, -1, 6, 0, COLUMN_DATE, true},
        {COLUMN_INT64, -1, 6, 0, COLUMN_DATE, false},
        {COLUMN_INT32, -1, 7, 0, COLUMN_TIME, true},
        {COLUMN_INT64, -1, 8, 0, COLUMN_TIME, true},
        {COLUMN_INT64, -1, 7, 0, COLUMN_TIME, false},
        {COLUMN_INT64, -1, 9, 0, COLUMN_TIMESTAMP, true},
        {COLUMN_INT32, -1, 10, 0, COLUMN_TIMESTAMP, false},
        {COLUMN_INT32, -1, 11, 0, COLUMN_INTEGER, true},
        {COLUMN_INT64, -1, 14, 0, COLUMN_INTEGER, true},
        {COLUMN_INT32, -1, 18, 0, COLUMN_INTEGER, false},
        {COLUMN_FIXED, 12, 21, 0, COLUMN_INTERVAL, true},
        {COLUMN_FIXED, 11, 21, 0, COLUMN_INTERVAL, false},
        {COLUMN_FIXED, 0, -1, 0, COLUMN_PLAIN, false},
        {COLUMN_INT64, -1, 99, 0, COLUMN_PLAIN, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bool readable;
        assert_int_equal(logical_of(cases[i].physical, cases[i].length, cases[i].converted,
                                    cases[i].precision, &readable),
                         cases[i].logical);
        assert_int_equal(readable, cases[i].readable);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_footer_is_understood, setup),
        cmocka_unit_test_setup(chunks_begin_with_their_dictionary, setup),
        cmocka_unit_test_setup(footers_that_cannot_be_are_refused, setup),
        cmocka_unit_test_setup(files_of_other_kinds_are_refused, setup),
        cmocka_unit_test_setup(damage_is_survived, setup),
        cmocka_unit_test_setup(refused_memory_is_an_error, setup),
        cmocka_unit_test_setup(large_footers_are_read, setup),
        cmocka_unit_test_setup(columns_are_found_by_name, setup),
        cmocka_unit_test_setup(old_annotations_are_understood, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
