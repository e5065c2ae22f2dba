/* From arguments to the options of a grouped sum. */
#include "cli/aggregates.h"
#include "cli/request.h"
#include "fixture.h"

static enum error_code request(struct fixture *fixture, const char *line, struct sum_options *ret)
{
    enum error_code code = fixture_parse(fixture, line);
    return code != ERROR_NONE ? code : request_build(&fixture->call, ret, &fixture->error);
}

struct aggregate_case {
    const char *item;
    enum aggregate_function function;
    const char *column, *name;
};

static void aggregates_as_written(void **state)
{
    (void)state;
    static const struct aggregate_case cases[] = {
        {"sum:value", AGGREGATE_SUM, "value", "value_sum"},
        {"sum:value=total", AGGREGATE_SUM, "value", "total"},
        {"count:value", AGGREGATE_COUNT, "value", "value_count"},
        {"count:*", AGGREGATE_COUNT_ROWS, NULL, "count"},
        {"count:*=n", AGGREGATE_COUNT_ROWS, NULL, "n"},
        {"min:a:b", AGGREGATE_MIN, "a:b", "a:b_min"},
        {"max:a\\=b=c", AGGREGATE_MAX, "a=b", "c"},
        {"mean:a\\,b", AGGREGATE_MEAN, "a,b", "a,b_mean"},
        {"sum:a=b=c", AGGREGATE_SUM, "a", "b=c"},
        {"sum:a\\\\=b", AGGREGATE_SUM, "a\\", "b"},
        {"sum:a\\n", AGGREGATE_SUM, "a\\n", "a\\n_sum"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fixture fixture;
        struct aggregate aggregate;
        assert_int_equal(fixture_parse(&fixture, "weir version"), ERROR_NONE);
        assert_int_equal(
            aggregate_parse(&fixture.call.arena, cases[i].item, &aggregate, &fixture.error),
            ERROR_NONE);
        assert_int_equal(aggregate.function, cases[i].function);
        if (cases[i].column == NULL)
            assert_null(aggregate.column);
        else
            assert_string_equal(aggregate.column, cases[i].column);
        assert_string_equal(aggregate.name, cases[i].name);
        fixture_release(&fixture);
    }
}

struct wrong_case {
    const char *line, *what, *hint;
};

static void wrong_requests(void **state)
{
    (void)state;
    static const struct wrong_case cases[] = {
        {"weir sum f --by a --sum v --rename p", "\"p\" is not of the form OLD=NEW",
         "--rename Path=path"},
        {"weir sum f --by a --sum v --rename =p", "OLD=NEW", "--rename Path=path"},
        {"weir sum f --by a --sum v --rename p=", "OLD=NEW", "--rename Path=path"},
        {"weir sum f --by a", "nothing to compute", "--sum"},
        {"weir sum f --by a --agg v", "has no colon", "FUNCTION:COLUMN"},
        {"weir sum f --by a --agg summ:v", "\"summ\" is not a function; did you mean sum?",
         "one of sum"},
        {"weir sum f --by a --agg :v", "is not a function", "mean"},
        {"weir sum f --by a --agg sum:", "names no column", ""},
        {"weir sum f --by a --agg sum:=x", "names no column", ""},
        {"weir sum f --by a --agg sum:v=", "names no result", ""},
        {"weir sum f --by a --agg sum:*", "only count:*", ""},
        {"weir sum f --by a --sum v --agg min:v=v", "called \"v\"", "--agg min:v=v_min"},
        {"weir sum f --by a --sum v,v", "called \"v\"", "--agg sum:v=v_total"},
        {"weir sum f --by a --sum a", "called \"a\"", "--agg sum:a=a_total"},
        {"weir sum f --by count --agg count:*", "called \"count\"", "--agg count:*=rows"},
        {"weir sum f --by a,b,a --sum v", "\"a\" twice", ""},
        {"weir sum f --by a --sum v --format csv", "needs an output", "-o -"},
        {"weir sum f --by a --sum v -o out.dat", "does not tell a format", "--format"},
        {"weir sum f --by a --sum v -o x.csv --compression zstd", "Parquet outputs only", ""},
        {"weir sum f --by a --sum v -o x.parquet --compression zst", "\"zst\"", "zstd"},
        {"weir sum f --by a --sum v -o x.parquet --compression snappy:3", "takes no level", ""},
        {"weir sum f --by a --sum v -o x.parquet --compression zstd:23", "1 to 22", ""},
        {"weir sum f --by a --sum v -o x.parquet --compression zstd:", "1 to 22", ""},
        {"weir sum f --by a --sum v --threads 5000", "the most", ""},
        {"weir sum f --by a --sum v --rows 4294967296", "the most", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fixture fixture;
        struct sum_options options;
        assert_int_equal(request(&fixture, cases[i].line, &options), ERROR_USAGE);
        if (strstr(fixture.error.what, cases[i].what) == NULL ||
            strstr(fixture.error.hint, cases[i].hint) == NULL)
            fail_msg("%s: \"%s\", \"%s\"", cases[i].line, fixture.error.what, fixture.error.hint);
        fixture_release(&fixture);
    }
}

static void a_whole_request(void **state)
{
    (void)state;
    struct fixture fixture;
    struct sum_options options;
    assert_int_equal(request(&fixture,
                             "weir sum --by a,b --sum v,w --agg mean:v f.parquet it's_here "
                             "-o x.parquet --compression zstd:7 --sort --overwrite --memory 1G",
                             &options),
                     ERROR_NONE);
    assert_int_equal(options.input_count, 2);
    assert_int_equal(options.key_count, 2);
    assert_int_equal(options.aggregate_count, 3);
    assert_string_equal(options.aggregates[1].name, "w");
    assert_int_equal(options.aggregates[2].function, AGGREGATE_MEAN);
    assert_int_equal(options.format, SINK_PARQUET);
    assert_int_equal(options.compression, CODEC_ZSTD);
    assert_int_equal(options.compression_level, 7);
    assert_int_equal(options.memory, 1 << 30);
    assert_true(options.sort && options.overwrite);
    assert_string_equal(options.command,
                        "weir sum --by a,b --sum v,w --agg mean:v f.parquet 'it'\\''s here' "
                        "-o x.parquet --compression zstd:7 --sort --overwrite --memory 1G");
    fixture_release(&fixture);
}

/* "--by" may be left out; what the newer options say stands in the request as it was given. */
static void ways_and_keys_of_a_request(void **state)
{
    (void)state;
    struct fixture fixture;
    struct sum_options options;
    assert_int_equal(request(&fixture,
                             "weir sum --sum v f --where v>1 --rename Path=path --rename old=a=b "
                             "--temp t --cache c --verify-keys",
                             &options),
                     ERROR_NONE);
    assert_int_equal(options.key_count, 0);
    assert_string_equal(options.where, "v>1");
    assert_int_equal(options.rename_count, 2);
    assert_string_equal(options.renames[0].from, "Path");
    assert_string_equal(options.renames[0].to, "path");
    assert_string_equal(options.renames[1].from, "old");
    assert_string_equal(options.renames[1].to, "a=b");
    assert_string_equal(options.folder, "t");
    assert_string_equal(options.cache, "c");
    assert_true(options.verify_keys);
    assert_false(options.no_cache || options.arrow_stream);
    fixture_release(&fixture);
    assert_int_equal(request(&fixture, "weir sum --sum v --stdin arrow --no-cache", &options),
                     ERROR_NONE);
    assert_true(options.no_cache && options.arrow_stream);
    assert_null(options.where);
    assert_null(options.cache);
    assert_int_equal(options.input_count, 0);
    fixture_release(&fixture);
}

struct format_case {
    const char *line;
    enum sink_format format;
};

static void formats_follow_the_output(void **state)
{
    (void)state;
    static const struct format_case cases[] = {
        {"weir sum f --by a --sum v", SINK_TABLE},
        {"weir sum f --by a --sum v -o -", SINK_CSV},
        {"weir sum f --by a --sum v -o - --format arrow", SINK_ARROW},
        {"weir sum f --by a --sum v -o x.csv", SINK_CSV},
        {"weir sum f --by a --sum v -o x.csv --format jsonl", SINK_JSONL},
        {"weir sum f --by a --sum v -o x.parquet", SINK_PARQUET},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fixture fixture;
        struct sum_options options;
        assert_int_equal(request(&fixture, cases[i].line, &options), ERROR_NONE);
        assert_int_equal(options.format, cases[i].format);
        fixture_release(&fixture);
    }
}

static void long_command_lines_are_cut(void **state)
{
    (void)state;
    struct fixture fixture;
    assert_int_equal(fixture_parse(&fixture, "weir version"), ERROR_NONE);
    const char *words[2000];
    for (int i = 0; i < 2000; i++)
        words[i] = "a-file-of-some-length.parquet";
    const char *line;
    assert_int_equal(
        request_command_line(&fixture.call.arena, 2000, (char **)words, &line, &fixture.error),
        ERROR_NONE);
    assert_true(strlen(line) < 4200);
    assert_string_equal(line + strlen(line) - 4, " ...");
    fixture_release(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(aggregates_as_written),     cmocka_unit_test(wrong_requests),
        cmocka_unit_test(a_whole_request),           cmocka_unit_test(ways_and_keys_of_a_request),
        cmocka_unit_test(formats_follow_the_output), cmocka_unit_test(long_command_lines_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
