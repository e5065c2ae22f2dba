/* Values of every layout: as a batch has them, and as a slice must have them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "arrow/stream_maker.h"

/* A field, and values as the batch has them and as the slice must have them. */
struct conversion {
    struct column_field field;
    struct column_type becomes;
    uint32_t rows;
    struct piece in, out;
};

static const int8_t bytes_in[] = {-128, 127, -1};
static const int32_t bytes_out[] = {-128, 127, -1};
static const uint16_t shorts_in[] = {65535, 0, 7};
static const int32_t shorts_out[] = {65535, 0, 7};
static const int64_t days_in[] = {86400000, -86400000, 0};
static const int32_t days_out[] = {1, -1, 0};
static const int64_t seconds_in[] = {1700000000, -3};
static const int64_t seconds_out[] = {1700000000000, -3000};
static const int32_t times_in[] = {86399};
static const int32_t times_out[] = {86399000};
static const uint8_t decimals_in[32] = {0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02, 0x01, 0x00};
static const uint8_t decimals_out[] = {0xff, 0xff, 0xfe, 0x00, 0x01, 0x02};
static const uint8_t wides_in[32] = {0x02, 0x01};
static const uint8_t wides_out[17] = {[15] = 0x01, [16] = 0x02};
static const int64_t plain_in[] = {5, 6};

static const struct conversion conversions[] = {
    {{.name = "int8",
      .type =
          {.physical = COLUMN_INT32, .logical = COLUMN_INTEGER, .bit_width = 8, .is_signed = true}},
     {.physical = COLUMN_INT32, .logical = COLUMN_INTEGER, .bit_width = 8, .is_signed = true},
     3,
     PIECE(bytes_in),
     PIECE(bytes_out)},
    {{.name = "uint16",
      .type = {.physical = COLUMN_INT32, .logical = COLUMN_INTEGER, .bit_width = 16}},
     {.physical = COLUMN_INT32, .logical = COLUMN_INTEGER, .bit_width = 16},
     3,
     PIECE(shorts_in),
     PIECE(shorts_out)},
    {{.name = "date64",
      .type = {.physical = COLUMN_INT32, .logical = COLUMN_DATE},
      .arrow = {.kind = COLUMN_ARROW_DATE64}},
     {.physical = COLUMN_INT32, .logical = COLUMN_DATE},
     3,
     PIECE(days_in),
     PIECE(days_out)},
    {{.name = "seconds",
      .type = {.physical = COLUMN_INT64, .logical = COLUMN_TIMESTAMP, .unit = COLUMN_MILLISECONDS},
      .arrow = {.kind = COLUMN_ARROW_SECONDS}},
     {.physical = COLUMN_INT64, .logical = COLUMN_TIMESTAMP, .unit = COLUMN_MILLISECONDS},
     2,
     PIECE(seconds_in),
     PIECE(seconds_out)},
    {{.name = "time",
      .type = {.physical = COLUMN_INT32, .logical = COLUMN_TIME, .unit = COLUMN_MILLISECONDS},
      .arrow = {.kind = COLUMN_ARROW_SECONDS}},
     {.physical = COLUMN_INT32, .logical = COLUMN_TIME, .unit = COLUMN_MILLISECONDS},
     1,
     PIECE(times_in),
     PIECE(times_out)},
    {{.name = "decimal128",
      .type = {.physical = COLUMN_INT64, .logical = COLUMN_DECIMAL, .precision = 6, .scale = 2}},
     {.physical = COLUMN_FIXED,
      .logical = COLUMN_DECIMAL,
      .type_length = 3,
      .precision = 6,
      .scale = 2},
     2,
     PIECE(decimals_in),
     PIECE(decimals_out)},
    {{.name = "decimal256",
      .type =
          {.physical = COLUMN_BYTE_ARRAY, .logical = COLUMN_DECIMAL, .precision = 39, .scale = 2}},
     {.physical = COLUMN_FIXED,
      .logical = COLUMN_DECIMAL,
      .type_length = 17,
      .precision = 39,
      .scale = 2},
     1,
     PIECE(wides_in),
     PIECE(wides_out)},
    {{.name = "decimal64",
      .type = {.physical = COLUMN_INT64, .logical = COLUMN_DECIMAL, .precision = 12, .scale = 2},
      .arrow = {.decimal_bits = 64}},
     {.physical = COLUMN_INT64, .logical = COLUMN_DECIMAL, .precision = 12, .scale = 2},
     2,
     PIECE(plain_in),
     PIECE(plain_in)},
    {{.name = "duration",
      .type = {.physical = COLUMN_INT64},
      .arrow = {.kind = COLUMN_ARROW_DURATION, .unit = COLUMN_NANOSECONDS}},
     {.physical = COLUMN_INT64},
     2,
     PIECE(plain_in),
     PIECE(plain_in)},
    {{.name = "zone",
      .type = {.physical = COLUMN_INT64,
               .logical = COLUMN_TIMESTAMP,
               .unit = COLUMN_MICROSECONDS,
               .utc_adjusted = true},
      .arrow = {.timezone = "Europe/Berlin"}},
     {.physical = COLUMN_INT64,
      .logical = COLUMN_TIMESTAMP,
      .unit = COLUMN_MICROSECONDS,
      .utc_adjusted = true},
     2,
     PIECE(plain_in),
     PIECE(plain_in)},
};

static void values_are_converted(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof conversions / sizeof conversions[0]; i++) {
        const struct conversion *wanted = &conversions[i];
        made.size = 0;
        put_schema(&wanted->field, 1);
        put_column(wanted->rows, NULL, &wanted->in, 1);
        struct arrow_stream *stream = open_made();
        const struct column_field *field = arrow_stream_field(stream, 0);
        assert_string_equal(field->name, wanted->field.name);
        assert_true(column_type_equal(&field->type, &wanted->becomes));
        assert_int_equal(field->arrow.kind, wanted->field.arrow.kind);
        assert_string_equal(field->arrow.timezone, wanted->field.arrow.timezone);
        expect_batch(stream, wanted->rows);
        struct column_slice slice = slice_of(0, 0, wanted->rows);
        assert_memory_equal(slice.values, wanted->out.bytes, wanted->out.size);
        expect_end(stream);
        close_made(stream);
    }
}

/* Reads the made stream to the end of its first batch's first column. */
static enum error_code read_first(uint32_t rows)
{
    struct column_slice slice;
    struct arrow_stream *stream = open_made();
    expect_batch(stream, rows);
    enum error_code code = arrow_batch_slice(the_batch, 0, 0, rows, &slice, &error);
    if (code != ERROR_NONE)
        assert_string_equal(error.column, "x");
    close_made(stream);
    made.size = 0;
    return code;
}

static void values_without_an_equal_are_errors(void **state)
{
    (void)state;
    struct column_field field = {.name = "x",
                                 .type = {.physical = COLUMN_INT32, .logical = COLUMN_DATE},
                                 .nullable = true,
                                 .arrow = {.kind = COLUMN_ARROW_DATE64}};
    static const int64_t days[] = {86400001, INT64_C(86400000) * INT32_MAX + 86400000, 86400000};
    static const int64_t large[] = {INT64_MAX / 1000 + 1};
    static const uint8_t wide[16] = {0, 0, 0x80};
    static const uint8_t last[] = {4};
    for (int i = 0; i < 3; i++) {
        put_schema(&field, 1);
        put_column(1, NULL, &(struct piece){days + i, 8}, 1);
        assert_int_equal(read_first(1), i < 2 ? ERROR_INPUT : ERROR_NONE);
    }
    put_schema(&field, 1); /* what a null covers is never wrong */
    put_column(3, last, &(struct piece)PIECE(days), 1);
    assert_int_equal(read_first(3), ERROR_NONE);
    field.type = (struct column_type){
        .physical = COLUMN_INT64, .logical = COLUMN_TIMESTAMP, .unit = COLUMN_MILLISECONDS};
    field.arrow.kind = COLUMN_ARROW_SECONDS;
    put_schema(&field, 1);
    put_column(1, NULL, &(struct piece)PIECE(large), 1);
    assert_int_equal(read_first(1), ERROR_OVERFLOW);
    field.type =
        (struct column_type){.physical = COLUMN_INT64, .logical = COLUMN_DECIMAL, .precision = 6};
    field.arrow.kind = COLUMN_ARROW_DEFAULT;
    put_schema(&field, 1);
    put_column(1, NULL, &(struct piece)PIECE(wide), 1);
    assert_int_equal(read_first(1), ERROR_INPUT);
    field = (struct column_field){.name = "x", .type = {.physical = COLUMN_INT64}};
    put_schema(&field, 1);
    put_column(3, last, &(struct piece)PIECE(days), 1);
    assert_int_equal(read_first(3), ERROR_INPUT); /* nulls where none are allowed */
}

static void texts_stay_inside_their_buffer(void **state)
{
    (void)state;
    static const struct {
        int32_t offsets[3];
        bool right;
    } cases[] = {{{0, 1, 3}, true},  {{3, 3, 3}, true},   {{0, 1, 4}, false},
                 {{0, 2, 1}, false}, {{-1, 0, 1}, false}, {{0, INT32_MAX, INT32_MAX}, false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct piece rest[] = {PIECE(cases[i].offsets), {"abc", 3}};
        put_schema(&text_field, 1);
        put_column(2, NULL, rest, 2);
        assert_int_equal(read_first(2), cases[i].right ? ERROR_NONE : ERROR_INPUT);
    }
    const struct piece few[] = {{cases[0].offsets, 8}, {"abc", 3}};
    put_schema(&text_field, 1);
    put_column(2, NULL, few, 2);
    assert_int_equal(read_first(2), ERROR_INPUT);
}

/* Three views: inside itself, outside, null. */
static enum error_code read_views(int32_t size, int32_t buffer, int32_t offset,
                                  struct arrow_stream **ret, struct column_slice *ret_slice)
{
    static const uint8_t validity[] = {3};
    static const char text[] = "somewhat longer than twelve";
    struct column_field field = text_field;
    const int32_t views[3][4] = {{5}, {size, 0, buffer, offset}, {-1, -1, -1, -1}};
    const int64_t nodes[1][2] = {{3, 1}}, variadic = 2;
    struct piece pieces[] = {{validity, 1}, PIECE(views), {"", 0}, {text, sizeof text - 1}};
    uint8_t copy[sizeof views];
    memcpy(copy, views, sizeof views);
    memcpy(copy + 4, "short", 5);
    pieces[1].bytes = copy;
    field.arrow.kind = COLUMN_ARROW_VIEW;
    made.size = 0;
    put_schema(&field, 1);
    put_batch(&(struct made_batch){3, nodes, 1, pieces, 4, &variadic, 1, 0});
    *ret = open_made();
    expect_batch(*ret, 3);
    return arrow_batch_slice(the_batch, 0, 0, 3, ret_slice, &error);
}

static void views_are_followed(void **state)
{
    (void)state;
    static const int32_t wrong[][3] = {{15, 2, 0},  {15, -1, 0}, {15, 1, 13},      {15, 0, 0},
                                       {15, 1, -1}, {-5, 1, 0},  {INT32_MAX, 1, 1}};
    struct arrow_stream *stream = NULL;
    struct column_slice slice = {0};
    assert_int_equal(read_views(15, 1, 12, &stream, &slice), ERROR_NONE);
    const struct column_bytes *texts = slice.values;
    assert_int_equal(slice.value_count, 2);
    assert_true(texts[0].size == 5 && memcmp(texts[0].data, "short", 5) == 0);
    assert_int_equal(texts[1].size, 15);
    assert_memory_equal(texts[1].data, "ger than twelve", 15);
    close_made(stream);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(read_views(wrong[i][0], wrong[i][1], wrong[i][2], &stream, &slice),
                         ERROR_INPUT);
        close_made(stream);
    }
}

/* Letters of the batch's rows, '-' for null. */
static void expect_letters(struct arrow_stream *stream, const char *wanted)
{
    uint32_t rows = (uint32_t)strlen(wanted), taken = 0;
    char found[16] = {0};
    expect_batch(stream, rows);
    struct column_slice slice = slice_of(0, 0, rows);
    const struct column_bytes *values = slice.values;
    for (uint32_t i = 0; i < rows; i++) {
        bool present = slice.present == NULL || slice.present[i] != 0;
        found[i] = present ? (char)values[taken++].data[0] : '-';
    }
    assert_int_equal(taken, slice.value_count);
    assert_string_equal(found, wanted);
}

static void dictionaries_grow_and_are_replaced(void **state)
{
    (void)state;
    static const int8_t indices[] = {1, 0, 2, 1, 3};
    static const uint8_t validity[] = {0x1b};
    const struct piece rest = PIECE(indices), three = {indices, 3};
    put_schema(&encoded_field, 1);
    put_letters("abcd", false, false);
    put_column(5, NULL, &rest, 1);
    put_column(5, validity, &rest, 1);
    put_letters("xy", false, false);
    put_letters("zw", true, true);
    put_column(5, validity, &rest, 1);
    put_column(5, NULL, &rest, 1);
    put_letters("no", true, false); /* behind a null there is a byte for each */
    put_letters("xyz", false, false);
    put_column(3, NULL, &three, 1);
    put_end();
    struct arrow_stream *stream = open_made();
    assert_true(arrow_stream_field(stream, 0)->arrow.dictionary);
    expect_letters(stream, "bacbd");
    expect_letters(stream, "ba-bd");
    expect_letters(stream, "yx-y-");
    expect_letters(stream, "yxzy-");
    expect_letters(stream, "yxz");
    expect_end(stream);
    close_made(stream);
}

static void indices_stay_inside_their_dictionary(void **state)
{
    (void)state;
    static const int8_t wrong[] = {2, -1, 127};
    static const uint8_t last[] = {2};
    for (size_t i = 0; i < sizeof wrong; i++) {
        const int8_t indices[] = {wrong[i], 1};
        put_schema(&encoded_field, 1);
        put_letters("ab", false, false);
        put_column(2, NULL, &(struct piece)PIECE(indices), 1);
        assert_int_equal(read_first(2), ERROR_INPUT);
        put_schema(&encoded_field, 1);
        put_letters("ab", false, false);
        put_column(2, last, &(struct piece)PIECE(indices), 1);
        assert_int_equal(read_first(2), ERROR_NONE);
    }
    put_schema(&encoded_field, 1); /* a dictionary that never came has no values */
    put_column(1, NULL, &(struct piece){last, 1}, 1);
    assert_int_equal(read_first(1), ERROR_INPUT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, maker_set_up, maker_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(values_are_converted),
        TEST(values_without_an_equal_are_errors),
        TEST(texts_stay_inside_their_buffer),
        TEST(views_are_followed),
        TEST(dictionaries_grow_and_are_replaced),
        TEST(indices_stay_inside_their_dictionary),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
