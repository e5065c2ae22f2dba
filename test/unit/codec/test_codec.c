#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "codec/codec.h"

static struct mem_account account;
static struct codec_state state;
static struct error error;

static int setup(void **unused)
{
    (void)unused;
    mem_account_init(&account, "test", NULL, MEM_NO_LIMIT);
    codec_state_init(&state, &account);
    error_init(&error);
    return 0;
}

static int teardown(void **unused)
{
    (void)unused;
    codec_state_release(&state);
    assert_int_equal(account.used, 0);
    return 0;
}

static const enum codec writable[] = {CODEC_UNCOMPRESSED, CODEC_SNAPPY,  CODEC_GZIP,
                                      CODEC_BROTLI,       CODEC_LZ4_RAW, CODEC_ZSTD};
#define WRITABLE (sizeof writable / sizeof writable[0])

#define LARGEST 100000
static uint8_t plain[LARGEST], packed[2 * LARGEST], again[LARGEST + 1];

/* Bytes that compress, with some that do not. */
static void fill(size_t size)
{
    uint32_t random = 1;
    for (size_t i = 0; i < size; i++) {
        random = random * 1664525u + 1013904223u;
        plain[i] = i % 64 < 48 ? (uint8_t)(i / 64) : (uint8_t)(random >> 24);
    }
}

static size_t pack(enum codec codec, int level, size_t size)
{
    size_t packed_size = 0;
    assert_true(codec_bound(codec, size) <= sizeof packed);
    assert_int_equal(codec_compress(&state, codec, level, plain, size, packed,
                                    codec_bound(codec, size), &packed_size, &error),
                     ERROR_NONE);
    return packed_size;
}

static void blocks_go_both_ways(void **unused)
{
    (void)unused;
    static const size_t sizes[] = {1, 2, 100, 4096, 65537, LARGEST};
    for (size_t c = 0; c < WRITABLE; c++) {
        for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
            fill(sizes[s]);
            size_t size = pack(writable[c], 0, sizes[s]);
            again[sizes[s]] = 0xa5;
            assert_true(codec_is_plausible(writable[c], packed, size, sizes[s]));
            assert_int_equal(
                codec_decompress(&state, writable[c], packed, size, again, sizes[s], &error),
                ERROR_NONE);
            assert_memory_equal(plain, again, sizes[s]);
            assert_int_equal(again[sizes[s]], 0xa5);
        }
    }
}

static void levels_are_taken(void **unused)
{
    (void)unused;
    static const enum codec leveled[] = {CODEC_GZIP, CODEC_BROTLI, CODEC_ZSTD};
    fill(LARGEST);
    for (size_t c = 0; c < 3; c++) {
        for (int level = 1; level <= 9; level += 4) {
            size_t size = pack(leveled[c], level, LARGEST);
            memset(again, 0, LARGEST);
            assert_int_equal(
                codec_decompress(&state, leveled[c], packed, size, again, LARGEST, &error),
                ERROR_NONE);
            assert_memory_equal(plain, again, LARGEST);
        }
    }
}

/* Neither a truncated block nor another size than said is ever taken for a good one. */
static void wrong_sizes_are_errors(void **unused)
{
    (void)unused;
    fill(5000);
    for (size_t c = 0; c < WRITABLE; c++) {
        size_t size = pack(writable[c], 0, 5000);
        assert_int_equal(codec_decompress(&state, writable[c], packed, size, again, 5001, &error),
                         ERROR_INPUT);
        assert_int_equal(codec_decompress(&state, writable[c], packed, size, again, 4999, &error),
                         ERROR_INPUT);
        for (size_t cut = 0; cut < size; cut += 1 + size / 50)
            assert_int_equal(
                codec_decompress(&state, writable[c], packed, cut, again, 5000, &error),
                ERROR_INPUT);
    }
}

static void sizes_that_cannot_be_are_not_plausible(void **unused)
{
    (void)unused;
    fill(5000);
    size_t size = pack(CODEC_SNAPPY, 0, 5000);
    assert_false(codec_is_plausible(CODEC_SNAPPY, packed, size, 5001));
    size = pack(CODEC_ZSTD, 0, 5000);
    assert_false(codec_is_plausible(CODEC_ZSTD, packed, size, 4999));
    assert_false(codec_is_plausible(CODEC_GZIP, packed, 10, 1 << 20));
    assert_false(codec_is_plausible(CODEC_LZ4_RAW, packed, 10, 1 << 20));
    assert_false(codec_is_plausible(CODEC_UNCOMPRESSED, packed, 10, 11 * 2));
}

static void gzip_members_follow_each_other(void **unused)
{
    (void)unused;
    fill(1000);
    size_t first = pack(CODEC_GZIP, 0, 1000);
    memcpy(packed + first, packed, first);
    assert_int_equal(codec_decompress(&state, CODEC_GZIP, packed, 2 * first, again, 2000, &error),
                     ERROR_NONE);
    assert_memory_equal(plain, again, 1000);
    assert_memory_equal(plain, again + 1000, 1000);
}

/* "abc" as a stored block of zlib (RFC 1950 and 1951). */
static void zlib_counts_as_gzip(void **unused)
{
    (void)unused;
    static const uint8_t stream[] = {0x78, 0x01, 0x01, 0x03, 0x00, 0xfc, 0xff,
                                     'a',  'b',  'c',  0x02, 0x4d, 0x01, 0x27};
    assert_int_equal(codec_decompress(&state, CODEC_GZIP, stream, sizeof stream, again, 3, &error),
                     ERROR_NONE);
    assert_memory_equal(again, "abc", 3);
}

static void put_big_endian(uint8_t *at, size_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (24 - 8 * i));
}

static void lz4_has_three_forms(void **unused)
{
    (void)unused;
    static const uint8_t frame[] = {0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82, 3, 0,
                                    0,    0x80, 'a',  'b',  'c',  0,    0,    0, 0};
    uint8_t hadoop[3000];
    fill(1000);
    size_t raw = pack(CODEC_LZ4_RAW, 0, 1000);
    assert_int_equal(codec_decompress(&state, CODEC_LZ4, packed, raw, again, 1000, &error),
                     ERROR_NONE);
    assert_memory_equal(plain, again, 1000);

    put_big_endian(hadoop, 1000);
    put_big_endian(hadoop + 4, raw);
    memcpy(hadoop + 8, packed, raw);
    memcpy(hadoop + 8 + raw, hadoop, 8 + raw);
    assert_int_equal(
        codec_decompress(&state, CODEC_LZ4, hadoop, 2 * (8 + raw), again, 2000, &error),
        ERROR_NONE);
    assert_memory_equal(plain, again + 1000, 1000);

    assert_int_equal(codec_decompress(&state, CODEC_LZ4, frame, sizeof frame, again, 3, &error),
                     ERROR_NONE);
    assert_memory_equal(again, "abc", 3);
    assert_int_equal(codec_decompress(&state, CODEC_LZ4, frame, sizeof frame, again, 4, &error),
                     ERROR_INPUT);
}

static void lzo_is_refused_by_name(void **unused)
{
    (void)unused;
    assert_int_equal(codec_decompress(&state, CODEC_LZO, plain, 10, again, 10, &error),
                     ERROR_UNSUPPORTED);
    assert_non_null(strstr(error.what, "lzo"));
    assert_int_equal(codec_decompress(&state, (enum codec)77, plain, 10, again, 10, &error),
                     ERROR_UNSUPPORTED);
    size_t size;
    assert_int_equal(codec_compress(&state, CODEC_LZ4, 0, plain, 10, packed, 100, &size, &error),
                     ERROR_UNSUPPORTED);
}

static void names_are_known(void **unused)
{
    (void)unused;
    enum codec codec;
    assert_string_equal(codec_name(CODEC_ZSTD), "zstd");
    assert_null(codec_name((enum codec)8));
    assert_null(codec_name((enum codec) - 1));
    assert_true(codec_from_name("none", &codec) && codec == CODEC_UNCOMPRESSED);
    assert_true(codec_from_name("lz4", &codec) && codec == CODEC_LZ4_RAW);
    assert_false(codec_from_name("lzo", &codec));
    assert_false(codec_from_name("", &codec));
}

/* What is said beforehand is at least what is charged. */
static void sizes_bound_the_charge(void **unused)
{
    (void)unused;
    fill(LARGEST);
    for (size_t c = 0; c < WRITABLE; c++) {
        enum codec codec = writable[c];
        size_t size = pack(codec, 0, LARGEST);
        assert_true(account.peak <= codec_encoder_size(codec));
        codec_state_release(&state);
        mem_account_init(&account, "test", NULL, MEM_NO_LIMIT);
        assert_int_equal(codec_decompress(&state, codec, packed, size, again, LARGEST, &error),
                         ERROR_NONE);
        assert_true(account.peak <= codec_block_decoder_size(codec, LARGEST));
        assert_true(codec_block_decoder_size(codec, LARGEST) <= codec_decoder_size(codec));
        codec_state_release(&state);
        mem_account_init(&account, "test", NULL, MEM_NO_LIMIT);
    }
}

/* Every allocation refused in turn gives ERROR_MEMORY and leaks nothing. */
static void refused_memory_is_an_error(void **unused)
{
    (void)unused;
    fill(LARGEST);
    for (size_t c = 0; c < WRITABLE; c++) {
        size_t size = pack(writable[c], 0, LARGEST);
        enum error_code code = ERROR_MEMORY;
        for (uint64_t n = 1; code != ERROR_NONE && n < 200; n++) {
            codec_state_release(&state);
            mem_fail_allocation(n);
            code = codec_decompress(&state, writable[c], packed, size, again, LARGEST, &error);
            mem_fail_allocation(0);
            assert_true(code == ERROR_NONE || code == ERROR_MEMORY);
        }
        assert_int_equal(code, ERROR_NONE);
        codec_state_release(&state);
        assert_int_equal(account.used, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(blocks_go_both_ways, setup, teardown),
        cmocka_unit_test_setup_teardown(levels_are_taken, setup, teardown),
        cmocka_unit_test_setup_teardown(wrong_sizes_are_errors, setup, teardown),
        cmocka_unit_test_setup_teardown(sizes_that_cannot_be_are_not_plausible, setup, teardown),
        cmocka_unit_test_setup_teardown(gzip_members_follow_each_other, setup, teardown),
        cmocka_unit_test_setup_teardown(zlib_counts_as_gzip, setup, teardown),
        cmocka_unit_test_setup_teardown(lz4_has_three_forms, setup, teardown),
        cmocka_unit_test_setup_teardown(lzo_is_refused_by_name, setup, teardown),
        cmocka_unit_test_setup_teardown(names_are_known, setup, teardown),
        cmocka_unit_test_setup_teardown(sizes_bound_the_charge, setup, teardown),
        cmocka_unit_test_setup_teardown(refused_memory_is_an_error, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
