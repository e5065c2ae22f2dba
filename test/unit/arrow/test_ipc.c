#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "arrow/ipc.h"

static struct mem_account account;
static struct error error;
static struct mem_buffer out;

static int setup(void **state)
{
    (void)state;
    mem_account_init(&account, "test", NULL, MEM_NO_LIMIT);
    error_init(&error);
    mem_buffer_init(&out, &account, 1 << 24);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    mem_buffer_release(&out);
    return atomic_load(&account.used) == 0 ? 0 : -1;
}

static enum error_code collect(void *context, const void *bytes, size_t size, struct error *failure)
{
    return mem_buffer_append(context, bytes, size, failure);
}

/* Writes one batch in a form; the bytes are left in out. */
static enum error_code write_batch(const struct column_field *fields,
                                   const struct column_slice *slices, uint32_t columns,
                                   enum arrow_form form)
{
    struct arrow_writer writer;
    out.size = 0;
    TRY(arrow_writer_open(&writer, &account, fields, columns, form, collect, &out, &error));
    const struct column_batch batch = {slices[0].row_count, columns, fields, slices};
    enum error_code code = arrow_writer_batch(&writer, &batch, &error);
    if (code == ERROR_NONE)
        code = arrow_writer_finish(&writer, NULL, 0, &error);
    arrow_writer_release(&writer);
    return code;
}

/* The body of the first batch: what stands behind the schema's and the batch's metadata. */
static const uint8_t *body(void)
{
    size_t at = 0;
    for (int i = 0; i < 2; i++) {
        uint32_t prefix[2];
        memcpy(prefix, out.data + at, sizeof prefix);
        assert_int_equal(prefix[0], UINT32_MAX);
        at += sizeof prefix + prefix[1];
        assert_int_equal(at % 8, 0);
    }
    return out.data + at;
}

static void check_body(const struct column_field *field, const struct column_slice *slice,
                       const void *expected, size_t size)
{
    assert_int_equal(write_batch(field, slice, 1, ARROW_STREAM), ERROR_NONE);
    const uint8_t *bytes = body();
    static const uint8_t end[8] = {0xff, 0xff, 0xff, 0xff};
    assert_int_equal(out.data + out.size - bytes, (ptrdiff_t)(size + sizeof end));
    assert_memory_equal(bytes, expected, size);
    assert_memory_equal(bytes + size, end, sizeof end);
}

static void nulls_are_spread_and_marked(void **state)
{
    (void)state;
    static const int32_t values[] = {7, 9};
    static const uint8_t present[] = {1, 0, 1};
    struct column_field field = {.name = "a", .type = {.physical = COLUMN_INT32}, .nullable = true};
    struct column_slice slice = {3, 2, present, values};
    static const uint8_t expected[24] = {5, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 9};
    check_body(&field, &slice, expected, sizeof expected);
}

static void text_has_offsets(void **state)
{
    (void)state;
    const struct column_bytes values[] = {{(const uint8_t *)"ab", 2}, {(const uint8_t *)"c", 1}};
    static const uint8_t present[] = {1, 0, 1};
    struct column_field field = {.name = "s",
                                 .type = {.physical = COLUMN_BYTE_ARRAY, .logical = COLUMN_STRING}};
    struct column_slice slice = {3, 2, present, values};
    static const uint8_t expected[32] = {5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,   0,   2,  0,
                                         0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 'a', 'b', 'c'};
    check_body(&field, &slice, expected, sizeof expected);
}

static void booleans_are_bits(void **state)
{
    (void)state;
    static const uint8_t values[] = {1, 0, 1, 1, 0, 0, 0, 0, 1};
    struct column_field field = {.name = "b", .type = {.physical = COLUMN_BOOLEAN}};
    struct column_slice slice = {9, 9, NULL, values};
    static const uint8_t expected[8] = {0x0d, 0x01};
    check_body(&field, &slice, expected, sizeof expected);
}

static void decimals_are_turned_round(void **state)
{
    (void)state;
    static const uint8_t values[] = {0xff, 0xff, 0xfe, 0x00, 0x01, 0x02};
    struct column_field field = {
        .name = "d",
        .type = {
            .physical = COLUMN_FIXED, .logical = COLUMN_DECIMAL, .type_length = 3, .precision = 6}};
    struct column_slice slice = {2, 2, NULL, values};
    uint8_t expected[32] = {0};
    memset(expected, 0xff, 16);
    expected[0] = 0xfe;
    expected[16] = 2;
    expected[17] = 1;
    check_body(&field, &slice, expected, sizeof expected);
}

static void narrow_integers_take_their_width(void **state)
{
    (void)state;
    static const int32_t values[] = {-1, 2, 3};
    struct column_field field = {.name = "i",
                                 .type = {.physical = COLUMN_INT32,
                                          .logical = COLUMN_INTEGER,
                                          .bit_width = 8,
                                          .is_signed = true}};
    struct column_slice slice = {3, 3, NULL, values};
    static const uint8_t expected[8] = {0xff, 2, 3};
    check_body(&field, &slice, expected, sizeof expected);
}

static void int96_becomes_nanoseconds(void **state)
{
    (void)state;
    uint8_t value[12] = {5, 0, 0, 0, 0, 0, 0, 0, 0x8d, 0x3d, 0x25, 0};
    struct column_field field = {.name = "t", .type = {.physical = COLUMN_INT96}};
    struct column_slice slice = {1, 1, NULL, value};
    int64_t expected = 5 + INT64_C(86400000000000);
    check_body(&field, &slice, &expected, sizeof expected);
    memset(value + 8, 0xff, 4);
    assert_int_equal(write_batch(&field, &slice, 1, ARROW_STREAM), ERROR_OVERFLOW);
    assert_string_equal(error.column, "t");
}

static void a_file_has_its_magic_at_both_ends(void **state)
{
    (void)state;
    static const double values[] = {1, 2};
    struct column_field field = {.name = "v", .type = {.physical = COLUMN_DOUBLE}};
    struct column_slice slice = {2, 2, NULL, values};
    assert_int_equal(write_batch(&field, &slice, 1, ARROW_FILE), ERROR_NONE);
    assert_memory_equal(out.data, "ARROW1\0\0", 8);
    assert_memory_equal(out.data + out.size - 6, "ARROW1", 6);
    uint32_t footer;
    memcpy(&footer, out.data + out.size - 10, sizeof footer);
    assert_true(footer < out.size - 18);
}

static void refused_memory_is_an_error(void **state)
{
    (void)state;
    static const double values[] = {1, 2};
    struct column_field field = {.name = "v", .type = {.physical = COLUMN_DOUBLE}};
    struct column_slice slice = {2, 2, NULL, values};
    enum error_code code = ERROR_MEMORY;
    for (uint64_t n = 1; code != ERROR_NONE; n++) {
        mem_fail_allocation(n);
        code = write_batch(&field, &slice, 1, ARROW_FILE);
        mem_fail_allocation(0);
        assert_true(code == ERROR_NONE || code == ERROR_MEMORY);
        mem_buffer_release(&out);
        assert_int_equal(atomic_load(&account.used), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nulls_are_spread_and_marked, setup, teardown),
        cmocka_unit_test_setup_teardown(text_has_offsets, setup, teardown),
        cmocka_unit_test_setup_teardown(booleans_are_bits, setup, teardown),
        cmocka_unit_test_setup_teardown(decimals_are_turned_round, setup, teardown),
        cmocka_unit_test_setup_teardown(narrow_integers_take_their_width, setup, teardown),
        cmocka_unit_test_setup_teardown(int96_becomes_nanoseconds, setup, teardown),
        cmocka_unit_test_setup_teardown(a_file_has_its_magic_at_both_ends, setup, teardown),
        cmocka_unit_test_setup_teardown(refused_memory_is_an_error, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
