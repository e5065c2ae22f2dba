/*
 * Bloom filters. The bits expected were computed apart from the reader: XXH64 of one byte 'a' with
 * seed 0 is d24ec4f1a98c6e5b (the algorithm's own test vector), its block and bits follow from
 * BloomFilter.md by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bytes.h"
#include "parquet/bloom_filter.h"

static struct bytes file;
static struct mem_account account;
static struct error error;
static struct bloom_filter filter;

static int setup(void **state)
{
    (void)state;
    file.size = 0;
    mem_account_init(&account, "test", NULL, (size_t)1 << 20);
    error_init(&error);
    bloom_filter_init(&filter, &account);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    bloom_filter_release(&filter);
    return atomic_load(&account.used) == 0 ? 0 : -1;
}

/* A member of a union of empty structs. */
static void put_choice(int id, int member)
{
    put_struct(&file, id);
    put_struct(&file, member);
    put_stop(&file);
    put_stop(&file);
}

static void put_header(int32_t size, int algorithm, int hash, int compression)
{
    put(&file, "PAR1", 4);
    put_i32(&file, 1, size);
    put_choice(2, algorithm);
    put_choice(3, hash);
    put_choice(4, compression);
    put_stop(&file);
}

static enum error_code read_filter(uint64_t length, uint64_t end)
{
    struct memory_object object = memory_object_over(&file);
    struct parquet_chunk chunk = {.bloom_filter_offset = 4, .bloom_filter_length = length};
    return bloom_filter_read(&filter, &object.object, &chunk, end, &error);
}

/* Two blocks: of 'a' the upper half of the hash d24ec4f1 asks for the second one, and the lower
 * half a98c6e5b for one bit of each word. */
static void put_filter_of_a(void)
{
    static const uint32_t salts[8] = {0x47b6137bu, 0x44974d91u, 0x8824ad5bu, 0xa2b7289du,
                                      0x705495c7u, 0x2df1424bu, 0x9efc4947u, 0x5c6bfb31u};
    put_header(64, 1, 1, 1);
    for (int i = 0; i < 8; i++)
        put_u32(&file, 0);
    for (int i = 0; i < 8; i++)
        put_u32(&file, UINT32_C(1) << ((UINT32_C(0xa98c6e5b) * salts[i]) >> 27));
}

static void test_contains(void **state)
{
    (void)state;
    put_filter_of_a();
    assert_int_equal(read_filter(file.size - 4, file.size), ERROR_NONE);
    assert_int_equal(filter.block_count, 2);
    assert_true(bloom_filter_contains(&filter, "a", 1));
    assert_false(bloom_filter_contains(&filter, "b", 1));
    assert_false(bloom_filter_contains(&filter, "", 0));
}

static void test_length_is_optional_but_true(void **state)
{
    (void)state;
    put_filter_of_a();
    assert_int_equal(read_filter(0, file.size), ERROR_NONE);
    assert_int_equal(read_filter(file.size - 5, file.size), ERROR_INPUT);
    assert_int_equal(error.offset, 4);
}

static void test_must_lie_in_the_file(void **state)
{
    (void)state;
    put_filter_of_a();
    assert_int_equal(read_filter(0, file.size - 1), ERROR_INPUT);
    assert_int_equal(read_filter(0, 4), ERROR_INPUT);
    assert_int_equal(read_filter(0, 9), ERROR_INPUT);
}

static void test_sizes(void **state)
{
    (void)state;
    static const int32_t sizes[] = {0, 31, 33, -32};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        file.size = 0;
        put_header(sizes[i], 1, 1, 1);
        file.size += 64;
        assert_int_equal(read_filter(0, file.size), ERROR_INPUT);
    }
}

static void test_unknown_kinds(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        file.size = 0;
        put_header(32, i == 0 ? 2 : 1, i == 1 ? 2 : 1, i == 2 ? 2 : 1);
        file.size += 32;
        assert_int_equal(read_filter(0, file.size), ERROR_UNSUPPORTED);
    }
}

static void test_larger_than_memory(void **state)
{
    (void)state;
    put_header(2 << 20, 1, 1, 1);
    file.size = (size_t)3 << 20;
    assert_int_equal(read_filter(0, file.size), ERROR_MEMORY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_contains, setup, teardown),
        cmocka_unit_test_setup_teardown(test_length_is_optional_but_true, setup, teardown),
        cmocka_unit_test_setup_teardown(test_must_lie_in_the_file, setup, teardown),
        cmocka_unit_test_setup_teardown(test_sizes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_unknown_kinds, setup, teardown),
        cmocka_unit_test_setup_teardown(test_larger_than_memory, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
