/* Memory that is refused, disks that are full and files that cannot be read, at every place. */
#include "faults.h"

#include "parquet/writer.h"
#include "store/folder.h"

#define ROWS 40000

static struct mem_account account;
static struct error error;

static struct column_field fields[] = {
    {"flag", {.physical = COLUMN_BOOLEAN}, true, {0}},
    {"path", {.physical = COLUMN_INT64}, false, {0}},
    {"value", {.physical = COLUMN_DOUBLE}, true, {0}},
    {"name", {.physical = COLUMN_BYTE_ARRAY, .logical = COLUMN_STRING}, true, {0}},
};

#define FIELDS 4

/* What a file is made of; columns in turn or, falling, in an order in which all but one wait. */
struct scenario {
    struct parquet_writer_options options;
    uint32_t field_count;
    uint32_t row_groups;
    uint32_t rows; /* of a row group */
    bool falling;
    size_t padding; /* bytes that stand in the output before */
};

static struct column_slice slice_of(uint32_t column, uint32_t rows)
{
    static uint8_t flags[ROWS], present[ROWS];
    static int64_t paths[ROWS];
    static double values[ROWS];
    static struct column_bytes names[ROWS];
    static char text[ROWS][24];
    const void *all[] = {flags, paths, values, names};
    uint32_t count = 0;
    for (uint32_t i = 0; i < rows; i++) {
        present[i] = column == 1 || i % 7 != 2;
        flags[i] = i % 2;
        paths[i] = (int64_t)i * 1000003;
        values[i] = i / 3.0;
        int size = snprintf(text[i], sizeof text[i], "a name of %u", i);
        names[i] = (struct column_bytes){(const uint8_t *)text[i], (uint32_t)size};
        count += present[i];
    }
    return (struct column_slice){rows, count, column == 1 ? NULL : present, all[column]};
}

/* A slice may be freed or overwritten once it is taken. */
static enum error_code write_rows(struct parquet_writer *writer, const struct scenario *scenario)
{
    for (uint32_t group = 0; group < scenario->row_groups; group++) {
        TRY(parquet_writer_begin_row_group(writer, &error));
        for (uint32_t i = 0; i < scenario->field_count; i++) {
            uint32_t column = scenario->falling ? scenario->field_count - 1 - i : i;
            struct column_slice slice = slice_of(column, scenario->rows);
            TRY(parquet_writer_append(writer, column, &slice, &error));
        }
        TRY(parquet_writer_end_row_group(writer, &error));
    }
    struct parquet_key_value entries[] = {{"key", "value", 5}, {"none", NULL, 0}};
    return parquet_writer_finish(writer, entries, 2, &error);
}

static enum error_code pad(struct output *output, size_t size)
{
    static const uint8_t zeros[4096];
    for (size_t left = size; left > 0;) {
        size_t now = left < sizeof zeros ? left : sizeof zeros;
        TRY(output_write(output, zeros, now, &error));
        left -= now;
    }
    return ERROR_NONE;
}

static enum error_code write_file(void *context)
{
    const struct scenario *scenario = context;
    struct output output;
    struct parquet_writer *writer = NULL;
    enum error_code code = output_open(&output, folder_file("file"), true, &account, &error);
    if (code != ERROR_NONE)
        return code;
    code = pad(&output, scenario->padding);
    if (code == ERROR_NONE)
        code = parquet_writer_create(&account, &output, fields, scenario->field_count,
                                     &scenario->options, &writer, &error);
    if (code == ERROR_NONE)
        code = write_rows(writer, scenario);
    parquet_writer_destroy(writer);
    if (code == ERROR_NONE)
        return output_commit(&output, &error);
    output_abort(&output);
    return code;
}

static const struct parquet_column_options all_dictionary[FIELDS] = {
    {true, PARQUET_PLAIN}, {true, PARQUET_PLAIN}, {true, PARQUET_PLAIN}, {true, PARQUET_PLAIN}};

static const struct parquet_column_options encoded[FIELDS] = {{false, PARQUET_PLAIN},
                                                              {false, PARQUET_DELTA_BINARY_PACKED},
                                                              {false, PARQUET_BYTE_STREAM_SPLIT},
                                                              {false, PARQUET_PLAIN}};

static struct scenario small_file(void)
{
    struct scenario scenario = {
        .options = parquet_writer_defaults(), .field_count = FIELDS, .row_groups = 2, .rows = 300};
    scenario.options.page_rows = 100;
    return scenario;
}

static void memory_is_refused_while_writing(void **state)
{
    (void)state;
    static const struct parquet_column_options *const options[] = {NULL, all_dictionary, encoded};
    static const enum codec codecs[] = {CODEC_SNAPPY, CODEC_ZSTD, CODEC_UNCOMPRESSED};
    for (int i = 0; i < 3; i++) {
        struct scenario scenario = small_file();
        scenario.options.columns = options[i];
        scenario.options.codec = codecs[i];
        scenario.options.page_version = 1 + i % 2;
        scenario.falling = i == 1;
        assert_true(fault_each_allocation(write_file, &scenario, &account) > 15);
    }
}

static void a_dictionary_that_fills_up_needs_memory_too(void **state)
{
    (void)state;
    struct scenario scenario = small_file();
    scenario.options.columns = all_dictionary;
    scenario.options.dictionary_bytes = 1000;
    for (int falling = 0; falling < 2; falling++) {
        scenario.falling = falling;
        assert_true(fault_each_allocation(write_file, &scenario, &account) > 15);
    }
}

/* Pages that wait grow beyond their memory into a file. */
static void pages_that_wait_in_a_file_fail(void **state)
{
    (void)state;
    struct scenario scenario = small_file();
    scenario.options.codec = CODEC_UNCOMPRESSED;
    scenario.options.page_rows = 10000;
    scenario.field_count = 2;
    scenario.row_groups = 2;
    scenario.rows = ROWS;
    scenario.falling = true;
    assert_true(fault_each_system_call(write_file, &scenario, &account) > 5);
    scenario.options.columns = all_dictionary;
    scenario.options.dictionary_bytes = 1000;
    assert_true(fault_each_system_call(write_file, &scenario, &account) > 2);
}

/* Many pages: what the page index will say of them does, too. */
static void page_entries_in_a_file_fail(void **state)
{
    (void)state;
    struct scenario scenario = small_file();
    scenario.options.page_rows = 10;
    scenario.field_count = 1;
    scenario.row_groups = 1;
    scenario.rows = 5000;
    assert_true(fault_each_system_call(write_file, &scenario, &account) > 100);
}

/* Many row groups: what the footer will say of them does not stay in memory either. */
static void chunk_records_in_a_file_fail(void **state)
{
    (void)state;
    struct scenario scenario = small_file();
    scenario.field_count = 1;
    scenario.row_groups = 450;
    scenario.rows = 1;
    assert_true(fault_each_system_call(write_file, &scenario, &account) > 500);
}

/* The output's buffer is full at every place of the file in turn, and the disk as well. */
static void a_full_disk_is_told_wherever_it_is_met(void **state)
{
    (void)state;
    static const struct parquet_column_options *const options[] = {NULL, all_dictionary};
    const size_t buffer = (size_t)256 << 10;
    for (int i = 0; i < 2; i++) {
        struct scenario scenario = small_file();
        struct stat status;
        scenario.options.columns = options[i];
        scenario.options.page_version = 1 + i;
        scenario.row_groups = 1;
        scenario.rows = 10;
        assert_int_equal(write_file(&scenario), ERROR_NONE);
        assert_int_equal(stat(folder_file("file"), &status), 0);
        size_t size = (size_t)status.st_size;
        for (size_t before = 1; before<size; before += before + 50> size ? 2 : 7) {
            scenario.padding = buffer - before;
            fault_system_call(1);
            enum error_code code = write_file(&scenario);
            fault_system_call(0);
            assert_int_equal(account.used, 0);
            assert_int_equal(code, ERROR_IO);
            assert_non_null(strstr(error.what, "cannot write the output"));
        }
    }
}

/* ---- copies ---- */

struct copy {
    bool falling;
    bool profiled;
};

static enum error_code make_profile(struct parquet_page_reader *reader,
                                    const struct store_object *object,
                                    const struct parquet_column *column,
                                    const struct parquet_chunk *chunk, struct spool *pages,
                                    struct parquet_chunk_profile *ret)
{
    struct parquet_profiler *profiler;
    struct column_slice slice = {.row_count = 1};
    TRY(parquet_profiler_create(&account, pages, &profiler, &error));
    enum error_code code = parquet_page_reader_open(reader, object, column, chunk, NULL, &error);
    while (code == ERROR_NONE && slice.row_count > 0) {
        code = parquet_page_reader_next(reader, 77, &slice, &error);
        if (code == ERROR_NONE && slice.row_count > 0)
            code = parquet_profiler_take(profiler, &column->type, parquet_page_reader_page(reader),
                                         &slice, &error);
    }
    if (code == ERROR_NONE)
        code = parquet_profiler_end(profiler, ret, &error);
    parquet_profiler_destroy(profiler);
    return code;
}

struct copying {
    struct store_object object;
    struct parquet_metadata metadata;
    struct parquet_page_reader *reader;
    struct parquet_writer *writer;
    struct spool pages;
};

static enum error_code copy_chunk(struct copying *copying, uint32_t group, uint32_t column,
                                  bool profiled)
{
    const struct parquet_column *source = &copying->metadata.columns[column];
    const struct parquet_chunk *chunk = &copying->metadata.row_groups[group].chunks[column];
    struct parquet_chunk_profile profile;
    if (profiled)
        TRY(make_profile(copying->reader, &copying->object, source, chunk, &copying->pages,
                         &profile));
    return parquet_writer_copy_chunk(copying->writer, column, &copying->object, source, chunk,
                                     copying->reader, profiled ? &profile : NULL, &error);
}

static enum error_code copy_all(struct copying *copying, const struct copy *copy)
{
    for (uint32_t group = 0; group < copying->metadata.row_group_count; group++) {
        TRY(parquet_writer_begin_row_group(copying->writer, &error));
        for (uint32_t i = 0; i < FIELDS; i++)
            TRY(copy_chunk(copying, group, copy->falling ? FIELDS - 1 - i : i, copy->profiled));
        TRY(parquet_writer_end_row_group(copying->writer, &error));
    }
    return parquet_writer_finish(copying->writer, NULL, 0, &error);
}

static enum error_code copy_file(void *context)
{
    struct copying copying = {0};
    struct output output;
    const struct parquet_writer_options options = parquet_writer_defaults();
    enum error_code code = store_open(&copying.object, folder_file("from"), &error);
    if (code != ERROR_NONE)
        return code;
    spool_init(&copying.pages, &account, 500, folder_path);
    bool read = false;
    code = output_open(&output, folder_file("to"), true, &account, &error);
    bool opened = code == ERROR_NONE;
    if (code == ERROR_NONE)
        code = parquet_metadata_read(&copying.object, &account, &copying.metadata, &error);
    read = code == ERROR_NONE;
    if (code == ERROR_NONE)
        code = parquet_page_reader_create(&account, MEM_NO_LIMIT, &copying.reader, &error);
    if (code == ERROR_NONE)
        code = parquet_writer_create(&account, &output, fields, FIELDS, &options, &copying.writer,
                                     &error);
    if (code == ERROR_NONE)
        code = copy_all(&copying, context);
    parquet_writer_destroy(copying.writer);
    parquet_page_reader_destroy(copying.reader);
    if (read)
        parquet_metadata_release(&copying.metadata);
    spool_release(&copying.pages);
    if (opened)
        output_abort(&output);
    store_close(&copying.object);
    return code;
}

static void copying_fails_at_every_place(void **state)
{
    (void)state;
    struct scenario scenario = small_file();
    scenario.options.page_version = 2;
    scenario.options.columns = all_dictionary;
    scenario.rows = 600;
    assert_int_equal(write_file(&scenario), ERROR_NONE);
    assert_int_equal(rename(folder_file("file"), folder_file("from")), 0);
    for (int i = 0; i < 4; i++) {
        struct copy copy = {.falling = i % 2, .profiled = i / 2};
        assert_true(fault_each_allocation(copy_file, &copy, &account) > 10);
        assert_true(fault_each_system_call(copy_file, &copy, &account) > 10);
    }
}

/* ---- names that fill the footer ---- */

static void footers_are_written_piece_by_piece(void **state)
{
    (void)state;
    static struct column_field many[3000];
    static char names[3000][16];
    struct parquet_writer_options options = parquet_writer_defaults();
    struct store_object object;
    struct parquet_metadata metadata;
    struct output output;
    struct parquet_writer *writer;
    uint8_t flag = 1;
    struct column_slice slice = {1, 1, NULL, &flag};
    for (uint32_t i = 0; i < 3000; i++) {
        snprintf(names[i], sizeof names[i], "column %u", i);
        many[i] = (struct column_field){.name = names[i], .type.physical = COLUMN_BOOLEAN};
    }
    assert_int_equal(output_open(&output, folder_file("many"), true, &account, &error), 0);
    assert_int_equal(
        parquet_writer_create(&account, &output, many, 3000, &options, &writer, &error), 0);
    assert_int_equal(parquet_writer_begin_row_group(writer, &error), 0);
    for (uint32_t i = 0; i < 3000; i++)
        assert_int_equal(parquet_writer_append(writer, i, &slice, &error), 0);
    assert_int_equal(parquet_writer_end_row_group(writer, &error), 0);
    assert_int_equal(parquet_writer_finish(writer, NULL, 0, &error), 0);
    parquet_writer_destroy(writer);
    assert_int_equal(output_commit(&output, &error), 0);
    assert_int_equal(store_open(&object, folder_file("many"), &error), 0);
    assert_int_equal(parquet_metadata_read(&object, &account, &metadata, &error), 0);
    assert_int_equal(metadata.column_count, 3000);
    assert_string_equal(metadata.columns[2999].name, "column 2999");
    parquet_metadata_release(&metadata);
    store_close(&object);
    assert_int_equal(account.used, 0);
}

static int set_up(void **state)
{
    mem_account_init(&account, "writer", NULL, MEM_NO_LIMIT);
    error_init(&error);
    return folder_make(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_refused_while_writing),
        cmocka_unit_test(a_dictionary_that_fills_up_needs_memory_too),
        cmocka_unit_test(pages_that_wait_in_a_file_fail),
        cmocka_unit_test(page_entries_in_a_file_fail),
        cmocka_unit_test(chunk_records_in_a_file_fail),
        cmocka_unit_test(a_full_disk_is_told_wherever_it_is_met),
        cmocka_unit_test(copying_fails_at_every_place),
        cmocka_unit_test(footers_are_written_piece_by_piece),
    };
    return cmocka_run_group_tests(tests, set_up, folder_remove);
}
