/* Plan, report and summary as text and as JSON. */
#include "cli/report.h"
#include "cli/sum_document.h"
#include "document/document.h"
#include "fixture.h"

#define MIB UINT64_C(1048576)

static const struct sum_plan plan = {
    .file_count = 100,
    .row_count = 600000000,
    .key_count = 6000000,
    .file_bytes = 4800 * MIB,
    .bytes_to_read = 4096 * MIB,
    .way = "aligned",
    .reason = "all files have the row count of the first",
    .otherwise = "files that differ are grouped",
    .tile_rows = 131072,
    .tile_count = 46,
    .pass_count = 1,
    .threads = 2,
    .kernels = "avx512",
    .ceiling = 64 * MIB,
    .ceiling_origin = "--memory",
    .memory_figure = 38 * MIB,
    .memory_expected = 24 * MIB,
    .memory_smallest = 21 * MIB,
    .memory_reason = "every tile holds its accumulators and one page a thread.",
    .memory_part_count = 2,
    .memory_parts = {{"accumulators", 12 * MIB}, {"page buffers", 26 * MIB}},
};

static const struct sum_report report = {
    .way = "aligned",
    .way_reason = "all files have the keys of the first",
    .result_rows = 6000000,
    .rows_read = 600000000,
    .rows_selected = 600000000,
    .bytes_read = 4100 * MIB,
    .bytes_read_twice = 4 * MIB,
    .files_aligned = 100,
    .files_identical = 80,
    .files_decoded = 15,
    .files_known = 5,
    .uniqueness = "keys ascend strictly",
    .tiles = 46,
    .tiles_again = 1,
    .listing_ns = 20000000,
    .proving_ns = 310000000,
    .adding_ns = 1200000000,
    .peak_bytes = 31 * MIB,
    .memory_figure = 38 * MIB,
};

/* By groups, of rows that a filter takes, with too little memory and the second way that was tried.
 */
static const struct sum_report grouped = {
    .way = "any",
    .way_reason = "keys are in no common order",
    .result_rows = 2000,
    .rows_read = 50000,
    .rows_selected = 40000,
    .row_groups_passed_over = 1,
    .pages_passed_over = 7,
    .bytes_read = 3 * MIB,
    .keys_in_memory = 1500,
    .rows_aside = 9000,
    .bytes_aside = 2 * MIB,
    .begun_again = 1,
    .peak_bytes = 30 * MIB,
    .memory_figure = 64 * MIB,
};

static void the_plan(void **state)
{
    (void)state;
    char *text;
    size_t size;
    FILE *stream = text_stream(&text, &size);
    report_write_plan(stream, &plan);
    fclose(stream);
    assert_string_equal(text,
                        "Plan\n"
                        "  inputs     100 files, 600,000,000 rows, 4.7 GiB\n"
                        "  result     at most 6,000,000 rows where files are aligned, else "
                        "600,000,000\n"
                        "  way        aligned: all files have the row count of the first\n"
                        "  otherwise  files that differ are grouped\n"
                        "  reading    4 GiB, 1 pass over the values\n"
                        "  tiles      46 tiles of 131,072 rows\n"
                        "  computing  2 threads, avx512 kernels\n"
                        "  memory     38 MiB promised at most, 24 MiB expected; 64 MiB allowed "
                        "(--memory); 21 MiB would do\n"
                        "               accumulators                               12 MiB\n"
                        "               page buffers                               26 MiB\n"
                        "               together                                   38 MiB\n"
                        "  enough     every tile holds its accumulators and one page a "
                        "thread.\n");
    free(text);
}

static void an_empty_plan_is_no_crash(void **state)
{
    (void)state;
    static const struct sum_plan empty;
    static const struct sum_report nothing;
    char *text;
    size_t size;
    FILE *stream = text_stream(&text, &size);
    report_write_plan(stream, &empty);
    report_write_report(stream, &nothing);
    report_write_summary(stream, NULL, &empty, &nothing, 0);
    fclose(stream);
    assert_null(strstr(text, "(null)"));
    free(text);
}

static void the_report(void **state)
{
    (void)state;
    char *text;
    size_t size;
    FILE *stream = text_stream(&text, &size);
    report_write_report(stream, &report);
    fclose(stream);
    assert_string_equal(text,
                        "Report\n"
                        "  result     6,000,000 rows\n"
                        "  way        aligned: all files have the keys of the first\n"
                        "  aligned    100 files: of the files' key chunks 80 are byte for byte "
                        "those of the first, 15 were compared after decoding, 5 are known "
                        "from an earlier run\n"
                        "  unique     keys ascend strictly\n"
                        "  read       600,000,000 rows, 4.0 GiB, 4 MiB of them twice\n"
                        "  tiles      46 tiles, 1 begun again with more grids\n"
                        "  time       0.02 s listing, 0.31 s proving, 1.20 s adding\n"
                        "  memory     31 MiB used at most, 38 MiB promised\n");
    free(text);
}

static void the_report_of_groups(void **state)
{
    (void)state;
    char *text;
    size_t size;
    FILE *stream = text_stream(&text, &size);
    report_write_report(stream, &grouped);
    fclose(stream);
    assert_string_equal(text,
                        "Report\n"
                        "  result     2,000 rows\n"
                        "  way        any: keys are in no common order\n"
                        "  again      1 time: keys were not what they seemed\n"
                        "  groups     1,500 keys found room in memory; 9,000 rows put aside, 2 MiB "
                        "written\n"
                        "  filter     40,000 rows taken; 1 row group and 7 pages passed over\n"
                        "  read       50,000 rows, 3 MiB\n"
                        "  time       0.00 s listing, 0.00 s proving, 0.00 s adding\n"
                        "  memory     30 MiB used at most, 64 MiB promised\n");
    free(text);
}

static char *summary(const char *output, const struct sum_report *of)
{
    char *text;
    size_t size;
    FILE *stream = text_stream(&text, &size);
    report_write_summary(stream, output, &plan, of, 1500000000);
    fclose(stream);
    return text;
}

static void the_summary(void **state)
{
    (void)state;
    char *text = summary("out.parquet", &report);
    assert_string_equal(text, "weir: wrote out.parquet: 6,000,000 rows from 100 files (600,000,000 "
                              "rows, 4.7 GiB) in 1.50 s, 400 M rows/s, 3.4 GB/s\n"
                              "weir: memory: 64 MiB allowed (--memory), 38 MiB promised, 31 MiB "
                              "used; enough: every tile holds its accumulators and one page "
                              "a thread\n");
    free(text);
    text = summary(NULL, &report);
    assert_null(strstr(text, "wrote"));
    free(text);
}

static void a_broken_promise_is_admitted(void **state)
{
    (void)state;
    struct sum_report over = report;
    over.peak_bytes = 39 * MIB;
    char *text = summary("out.parquet", &over);
    assert_non_null(strstr(text, "39 MiB used, more than promised"));
    assert_null(strstr(text, "enough:"));
    free(text);
}

static json_int_t integer_at(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    assert_true(json_is_integer(value));
    return json_integer_value(value);
}

static void documents_have_every_field(void **state)
{
    (void)state;
    json_t *object = sum_document_plan(&plan);
    assert_int_equal(integer_at(object, "files"), 100);
    assert_int_equal(integer_at(object, "bytes_to_read"), 4096 * MIB);
    const json_t *memory = json_object_get(object, "memory");
    assert_int_equal(integer_at(memory, "promised_bytes"), 38 * MIB);
    assert_int_equal(json_array_size(json_object_get(memory, "parts")), 2);
    assert_int_equal(json_object_size(object), 14);
    json_decref(object);
    object = sum_document_report(&report);
    assert_int_equal(integer_at(object, "peak_bytes"), 31 * MIB);
    assert_int_equal(integer_at(object, "files_aligned"), 100);
    assert_int_equal(integer_at(object, "files_known"), 5);
    assert_string_equal(json_string_value(json_object_get(object, "way")), "aligned");
    assert_int_equal(json_object_size(object), 25);
    json_decref(object);
    object = sum_document_report(&grouped);
    assert_string_equal(json_string_value(json_object_get(object, "way_reason")),
                        "keys are in no common order");
    assert_int_equal(integer_at(object, "rows_aside"), 9000);
    assert_int_equal(integer_at(object, "bytes_aside"), 2 * MIB);
    assert_int_equal(integer_at(object, "begun_again"), 1);
    assert_int_equal(integer_at(object, "rows_selected"), 40000);
    assert_int_equal(integer_at(object, "promised_bytes"), 64 * MIB);
    json_decref(object);
}

static void errors_as_documents(void **state)
{
    (void)state;
    struct error error;
    error_set(&error, ERROR_INPUT, "a page is shorter than its header says");
    error_in_file(&error, "b\xff.parquet");
    error_at_offset(&error, 1234);
    json_t *object = document_error(&error);
    assert_string_equal(json_string_value(json_object_get(object, "code")), "input");
    assert_string_equal(json_string_value(json_object_get(object, "file")), "b\\xff.parquet");
    assert_int_equal(integer_at(object, "offset"), 1234);
    assert_true(json_is_null(json_object_get(object, "row_group")));
    assert_true(json_is_null(json_object_get(object, "column")));
    assert_true(json_is_null(json_object_get(object, "hint")));
    assert_int_equal(json_object_size(object), 7);
    json_decref(object);
    assert_int_equal(json_integer_value(object = document_count(UINT64_MAX)), INT64_MAX);
    json_decref(object);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_plan),
        cmocka_unit_test(an_empty_plan_is_no_crash),
        cmocka_unit_test(the_report),
        cmocka_unit_test(the_report_of_groups),
        cmocka_unit_test(the_summary),
        cmocka_unit_test(a_broken_promise_is_admitted),
        cmocka_unit_test(documents_have_every_field),
        cmocka_unit_test(errors_as_documents),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
