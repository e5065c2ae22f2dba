/* LZ4 frames of every kind that the library writes, and what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <lz4frame.h>

#include "codec/lz4_frame.h"

#define SIZE ((size_t)300000)

static uint8_t text[SIZE], frame[SIZE * 2], out[SIZE + 1];
static struct mem_account account;
static struct error error;
static struct lz4_frame_decoder decoder;

static int set_up(void **state)
{
    (void)state;
    mem_account_init(&account, "test", NULL, MEM_NO_LIMIT);
    error_init(&error);
    lz4_frame_decoder_init(&decoder, &account);
    for (size_t i = 0; i < SIZE; i++)
        text[i] = (uint8_t)(i % 1000 < 900 ? i % 7 : i * i >> 5);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    lz4_frame_decoder_release(&decoder);
    return atomic_load(&account.used) == 0 ? 0 : -1;
}

static size_t compress(const LZ4F_preferences_t *preferences, size_t size)
{
    size_t packed = LZ4F_compressFrame(frame, sizeof frame, text, size, preferences);
    assert_false(LZ4F_isError(packed));
    return packed;
}

static enum error_code decode(size_t packed, size_t size)
{
    memset(out, 0xee, sizeof out);
    enum error_code code = lz4_frame_decode(&decoder, frame, packed, out, size, &error);
    assert_int_equal(out[size], 0xee);
    return code;
}

static void every_kind_of_frame_is_decoded(void **state)
{
    (void)state;
    static const LZ4F_blockSizeID_t sizes[] = {LZ4F_max64KB, LZ4F_max256KB, LZ4F_max4MB};
    for (int kind = 0; kind < 24; kind++) {
        LZ4F_preferences_t preferences = {
            .frameInfo = {.blockSizeID = sizes[kind % 3],
                          .blockMode = kind / 3 % 2 == 0 ? LZ4F_blockLinked : LZ4F_blockIndependent,
                          .contentChecksumFlag = kind / 6 % 2,
                          .blockChecksumFlag = kind / 12}};
        for (size_t size = 1; size <= SIZE; size = size * 9 + 1) {
            assert_int_equal(decode(compress(&preferences, size), size), ERROR_NONE);
            assert_memory_equal(out, text, size);
        }
    }
    assert_int_equal(decode(compress(NULL, 0), 0), ERROR_NONE);
}

static void other_sizes_are_errors(void **state)
{
    (void)state;
    size_t packed = compress(NULL, 5000);
    assert_int_equal(decode(packed, 4999), ERROR_INPUT);
    assert_int_equal(decode(packed, 5001), ERROR_INPUT);
    assert_int_equal(decode(packed, 0), ERROR_INPUT);
    for (size_t cut = 0; cut < packed; cut++)
        assert_int_equal(decode(cut, 5000), ERROR_INPUT);
    frame[packed] = 0;
    assert_int_equal(decode(packed + 1, 5000), ERROR_INPUT);
    /* After all these the decoder still works. */
    assert_int_equal(decode(packed, 5000), ERROR_NONE);
    assert_memory_equal(out, text, 5000);
    assert_false(lz4_frame_is_plausible(10, 2816));
    assert_true(lz4_frame_is_plausible(10, 2550));
}

static void checksums_are_looked_at(void **state)
{
    (void)state;
    LZ4F_preferences_t preferences = {.frameInfo = {.contentChecksumFlag = 1}};
    size_t packed = compress(&preferences, 3000);
    for (size_t bit = 0; bit < 8 * packed; bit += 3) {
        frame[bit / 8] ^= (uint8_t)(1 << bit % 8);
        if (decode(packed, 3000) == ERROR_NONE)
            assert_memory_equal(out, text, 3000);
        frame[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

static void refused_memory_is_an_error(void **state)
{
    (void)state;
    size_t packed = compress(NULL, 100000);
    for (uint64_t n = 1; n <= 2; n++) {
        lz4_frame_decoder_release(&decoder);
        mem_fail_allocation(n);
        assert_int_equal(decode(packed, 100000), ERROR_MEMORY);
        mem_fail_allocation(0);
    }
    assert_int_equal(decode(packed, 100000), ERROR_NONE);
    assert_true(atomic_load(&account.peak) > 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_kind_of_frame_is_decoded),
        TEST(other_sizes_are_errors),
        TEST(checksums_are_looked_at),
        TEST(refused_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
