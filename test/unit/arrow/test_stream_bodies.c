/* What stands in the body of a batch: compressed buffers, and columns that are passed over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <lz4frame.h>

#include "arrow/stream_maker.h"
#include "codec/codec.h"

#define VALUES 1000

enum { NO_CODEC = 0, LZ4 = 1, ZSTD = 2 }; /* as made_batch has them */

static const struct column_field number_field = {.name = "x", .type = {.physical = COLUMN_INT64}};

static int64_t numbers[VALUES];
static uint8_t packed[VALUES * 16];

/* numbers as a compressed buffer that says it becomes so many bytes; returns its size. */
static size_t pack(int codec, int64_t said)
{
    size_t size = 0;
    struct codec_state state;
    for (int64_t i = 0; i < VALUES; i++)
        numbers[i] = i / 10;
    memcpy(packed, &said, sizeof said);
    if (codec == LZ4) {
        size = LZ4F_compressFrame(packed + 8, sizeof packed - 8, numbers, sizeof numbers, NULL);
        assert_false(LZ4F_isError(size));
        return 8 + size;
    }
    codec_state_init(&state, &account);
    assert_int_equal(codec_compress(&state, CODEC_ZSTD, 0, (const uint8_t *)numbers, sizeof numbers,
                                    packed + 8, sizeof packed - 8, &size, &error),
                     ERROR_NONE);
    codec_state_release(&state);
    return 8 + size;
}

/* Reads all of a column of VALUES numbers from a buffer. */
static enum error_code read_packed(int codec, size_t size)
{
    const struct piece pieces[] = {{"", 0}, {packed, size}};
    const int64_t nodes[1][2] = {{VALUES, 0}};
    struct column_slice slice;
    made.size = 0;
    put_schema(&number_field, 1);
    put_batch(&(struct made_batch){VALUES, nodes, 1, pieces, 2, NULL, 0, codec});
    struct arrow_stream *stream = open_made();
    expect_batch(stream, VALUES);
    error_init(&error);
    enum error_code code = arrow_batch_slice(the_batch, 0, 0, VALUES, &slice, &error);
    if (code == ERROR_NONE)
        assert_memory_equal(slice.values, numbers, sizeof numbers);
    close_made(stream);
    return code;
}

static void compressed_buffers_are_unpacked(void **state)
{
    (void)state;
    for (int codec = LZ4; codec <= ZSTD; codec++) {
        assert_int_equal(read_packed(codec, pack(codec, sizeof numbers)), ERROR_NONE);
        memset(packed, 0xff, 8); /* -1: stored as it is */
        memcpy(packed + 8, numbers, sizeof numbers);
        assert_int_equal(read_packed(codec, 8 + sizeof numbers), ERROR_NONE);
    }
}

static void sizes_that_are_wrong_are_errors(void **state)
{
    (void)state;
    static const int64_t said[] = {
        sizeof numbers - 1, sizeof numbers + 1, sizeof numbers * 2, -2, 0, 8,
        INT64_MIN,          INT64_MAX,          INT64_C(1) << 40};
    for (int codec = LZ4; codec <= ZSTD; codec++) {
        for (size_t i = 0; i < sizeof said / sizeof said[0]; i++) {
            atomic_store(&account.peak, 0);
            enum error_code code = read_packed(codec, pack(codec, said[i]));
            assert_true(code == ERROR_INPUT || (code == ERROR_MEMORY && codec == ZSTD));
            assert_true(atomic_load(&account.peak) < (size_t)16 << 20);
        }
        for (size_t size = 1; size < pack(codec, sizeof numbers); size += 7)
            assert_int_equal(read_packed(codec, size), ERROR_INPUT);
    }
}

static void other_codecs_are_not_supported(void **state)
{
    (void)state;
    uint64_t rows = 0;
    bool more = false;
    put_schema(&number_field, 1);
    put_batch(&(struct made_batch){.codec = ZSTD + 1});
    struct arrow_stream *stream = open_made();
    assert_int_equal(next_batch(stream, &rows, &more, &error), ERROR_UNSUPPORTED);
    close_made(stream);
}

static void damaged_frames_are_errors_or_other_values(void **state)
{
    (void)state;
    struct column_slice slice;
    for (int codec = LZ4; codec <= ZSTD; codec++) {
        size_t size = pack(codec, sizeof numbers);
        for (size_t bit = 64; bit < 8 * size; bit += 3) {
            packed[bit / 8] ^= (uint8_t)(1 << bit % 8);
            const struct piece pieces[] = {{"", 0}, {packed, size}};
            const int64_t nodes[1][2] = {{VALUES, 0}};
            made.size = 0;
            put_schema(&number_field, 1);
            put_batch(&(struct made_batch){VALUES, nodes, 1, pieces, 2, NULL, 0, codec});
            struct arrow_stream *stream = open_made();
            expect_batch(stream, VALUES);
            enum error_code code = arrow_batch_slice(the_batch, 0, 0, VALUES, &slice, &error);
            assert_true(code == ERROR_NONE || code == ERROR_INPUT || code == ERROR_MEMORY);
            close_made(stream);
            packed[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
    }
}

/* A field of a type without anything in its table, with as many children. */
static size_t build_field(struct flat_builder *builder, size_t link, const char *name, uint8_t type,
                          uint32_t children)
{
    struct flat_slot slots[] = {
        FLAT_LINK, {.size = 1, .value = 1}, {.size = 1, .value = type}, FLAT_LINK, {0}, FLAT_LINK};
    flat_build_table(builder, link, slots, 6);
    flat_build_string(builder, slots[0].position, name, strlen(name));
    struct flat_slot bits[] = {{.size = 4, .value = 64}, {.size = 1, .value = 1}};
    flat_build_table(builder, slots[3].position, bits, type == 2 ? 2 : 0);
    return flat_build_vector(builder, slots[5].position, children, 4);
}

/* A struct of a view and of itself, so many times, then a number; children: how many each has. */
static void put_nested_schema(uint32_t depth, uint32_t children)
{
    enum { VIEW = 24, STRUCT = 13, INT = 2 };
    struct flat_builder builder;
    const struct made_batch nothing = {0};
    flat_builder_init(&builder, &account, (size_t)1 << 20, &error);
    size_t link = arrow_build_message(&builder, ARROW_MESSAGE_SCHEMA, 0);
    struct flat_slot slots[] = {{0}, FLAT_LINK};
    flat_build_table(&builder, link, slots, 2);
    size_t fields = flat_build_vector(&builder, slots[1].position, 2, 4);
    size_t at = fields;
    for (uint32_t i = 0; i < depth; i++) {
        size_t first = build_field(&builder, at, "nested", STRUCT, children);
        for (uint32_t k = 1; k < children; k++)
            build_field(&builder, first + 4 * (size_t)k, "view", VIEW, 0);
        at = first;
    }
    build_field(&builder, at, "innermost", INT, 0);
    build_field(&builder, fields + 4, "x", INT, 0);
    put_message(&builder, &nothing);
}

static void nested_columns_are_passed_over(void **state)
{
    (void)state;
    static const int64_t value[] = {42};
    const int64_t nodes[6][2] = {{1, 0}, {1, 0}, {1, 0}, {1, 0}, {1, 0}, {1, 0}};
    const int64_t variadic[] = {2, 0};
    struct piece pieces[12] = {[11] = {value, 8}};
    struct column_slice slice;
    for (int i = 0; i < 11; i++)
        pieces[i] = (struct piece){"", 0};
    /* Structs have one buffer each, then two of the number, and two and its texts of each view. */
    put_nested_schema(2, 2);
    put_batch(&(struct made_batch){1, nodes, 6, pieces, 12, variadic, 2, NO_CODEC});
    struct arrow_stream *stream = open_made();
    assert_int_equal(arrow_stream_column_count(stream), 2);
    assert_string_equal(arrow_stream_unsupported(stream, 0), "a struct");
    assert_null(arrow_stream_unsupported(stream, 1));
    expect_batch(stream, 1);
    struct column_slice number = slice_of(1, 0, 1);
    assert_memory_equal(number.values, value, sizeof value);
    assert_int_equal(arrow_batch_slice(the_batch, 0, 0, 1, &slice, &error), ERROR_UNSUPPORTED);
    assert_string_equal(error.column, "nested");
    close_made(stream);
}

static enum error_code read_schema(void)
{
    bool more = false;
    struct arrow_stream *stream = NULL;
    assert_int_equal(open_bytes(made.data, made.size, (size_t)64 << 20, &stream), ERROR_NONE);
    enum error_code code = arrow_stream_next_schema(stream, &more, &error);
    close_made(stream);
    made.size = 0;
    return code;
}

static void depth_has_an_end(void **state)
{
    (void)state;
    put_nested_schema(64, 1);
    assert_int_equal(read_schema(), ERROR_NONE);
    put_nested_schema(65, 1);
    assert_int_equal(read_schema(), ERROR_UNSUPPORTED);
}

/* Every struct has the same child twice, so that all together would be 2^40 fields. */
static void fields_cannot_be_more_than_bytes(void **state)
{
    (void)state;
    enum { STRUCT = 13, DEPTH = 40 };
    struct flat_builder builder;
    const struct made_batch nothing = {0};
    flat_builder_init(&builder, &account, (size_t)1 << 20, &error);
    size_t link = arrow_build_message(&builder, ARROW_MESSAGE_SCHEMA, 0);
    struct flat_slot slots[] = {{0}, FLAT_LINK};
    flat_build_table(&builder, link, slots, 2);
    size_t at = flat_build_vector(&builder, slots[1].position, 1, 4);
    for (int i = 0; i < DEPTH; i++) {
        size_t children = build_field(&builder, at, "n", STRUCT, 2);
        if (i > 0) { /* the second offset of the one before leads here too */
            uint32_t distance;
            memcpy(&distance, builder.bytes.data + at, sizeof distance);
            distance -= 4;
            flat_put(&builder, at + 4, &distance, sizeof distance);
        }
        at = children;
    }
    build_field(&builder, at, "n", STRUCT, 0);
    build_field(&builder, at + 4, "n", STRUCT, 0);
    put_message(&builder, &nothing);
    assert_int_equal(read_schema(), ERROR_INPUT);
}

static void batches_that_do_not_fit_their_schema_are_errors(void **state)
{
    (void)state;
    static const int64_t values[] = {1, 2};
    const int64_t right[1][2] = {{2, 0}}, longer[1][2] = {{3, 0}}, nulls[1][2] = {{2, 3}},
                  negative[1][2] = {{2, -1}}, some[1][2] = {{2, 1}};
    const struct piece both[] = {{"", 0}, {values, 16}}, few[] = {{"", 0}, {values, 15}};
    const struct made_batch cases[] = {
        {2, right, 1, both, 2, NULL, 0, 0},         {2, longer, 1, both, 2, NULL, 0, 0},
        {2, nulls, 1, both, 2, NULL, 0, 0},         {2, negative, 1, both, 2, NULL, 0, 0},
        {2, some, 1, both, 2, NULL, 0, 0},          {2, right, 1, few, 2, NULL, 0, 0},
        {2, right, 1, both, 1, NULL, 0, 0},         {2, right, 0, both, 2, NULL, 0, 0},
        {-1, right, 1, both, 2, NULL, 0, 0},        {3, longer, 1, both, 2, NULL, 0, 0},
        {INT64_MAX, right, 1, both, 2, NULL, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct column_slice slice;
        uint64_t rows = 0;
        bool more = false;
        made.size = 0;
        put_schema(&number_field, 1);
        put_batch(&cases[i]);
        struct arrow_stream *stream = open_made();
        enum error_code code = next_batch(stream, &rows, &more, &error);
        if (code == ERROR_NONE)
            code = arrow_batch_slice(the_batch, 0, 0, 2, &slice, &error);
        close_made(stream);
        assert_int_equal(code, i == 0                                    ? ERROR_NONE
                               : i + 1 == sizeof cases / sizeof cases[0] ? ERROR_UNSUPPORTED
                                                                         : ERROR_INPUT);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, maker_set_up, maker_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(compressed_buffers_are_unpacked),
        TEST(sizes_that_are_wrong_are_errors),
        TEST(other_codecs_are_not_supported),
        TEST(damaged_frames_are_errors_or_other_values),
        TEST(nested_columns_are_passed_over),
        TEST(depth_has_an_end),
        TEST(fields_cannot_be_more_than_bytes),
        TEST(batches_that_do_not_fit_their_schema_are_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
