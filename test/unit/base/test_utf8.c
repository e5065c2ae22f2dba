/*
 * UTF-8 against a twin that knows no rule about bytes: it writes every character there is, and
 * takes for a character what it wrote.
 */
#include "base/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CHARACTERS 0x110000u
#define SEQUENCES  (1u << 24)

/* What was written: a bit for each three bytes, and in order the fours. */
struct twin {
    uint8_t *threes;
    uint32_t *fours;
    size_t four_count;
};

static size_t encode(uint32_t character, uint8_t ret[static 4])
{
    static const uint8_t firsts[] = {0, 0, 0xc0, 0xe0, 0xf0};
    size_t size = character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
    for (size_t i = size; i-- > 1; character >>= 6)
        ret[i] = (uint8_t)(0x80 | (character & 0x3f));
    ret[0] = (uint8_t)(firsts[size] | character);
    return size;
}

static bool is_surrogate(uint32_t character)
{
    return character >= 0xd800 && character < 0xe000;
}

static uint32_t number_of(const uint8_t *bytes, size_t size)
{
    uint32_t number = 0;
    for (size_t i = 0; i < size; i++)
        number = number << 8 | bytes[i];
    return number;
}

/* Ones and twos are kept as threes that begin with zero bytes, as no other does. */
static struct twin write_all(void)
{
    struct twin twin = {calloc(SEQUENCES / 8, 1), malloc(CHARACTERS * sizeof(uint32_t)), 0};
    assert_non_null(twin.threes);
    assert_non_null(twin.fours);
    for (uint32_t character = 0; character < CHARACTERS; character++) {
        uint8_t bytes[4];
        size_t size = encode(character, bytes);
        uint32_t number = number_of(bytes, size);
        if (is_surrogate(character))
            continue;
        if (size == 4)
            twin.fours[twin.four_count++] = number;
        else
            twin.threes[number >> 3] |= (uint8_t)(1u << (number & 7));
    }
    return twin;
}

static int compare_numbers(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static bool was_written(const struct twin *twin, const uint8_t *bytes, size_t size)
{
    uint32_t number = number_of(bytes, size);
    if (size == 4)
        return bsearch(&number, twin->fours, twin->four_count, sizeof number, compare_numbers) !=
               NULL;
    bool is_own = size == 1 || bytes[0] > 0;
    return is_own && (twin->threes[number >> 3] >> (number & 7) & 1) != 0;
}

/* Bytes of the character that begins here, 0 where none does. */
static size_t twin_length(const struct twin *twin, const uint8_t *bytes, size_t left)
{
    for (size_t size = 1; size <= 4 && size <= left; size++) {
        if (was_written(twin, bytes, size))
            return size;
    }
    return 0;
}

static bool twin_is_valid(const struct twin *twin, const uint8_t *bytes, size_t size)
{
    size_t at = 0, length = 1;
    for (; at < size && length > 0; at += length)
        length = twin_length(twin, bytes + at, size - at);
    return length > 0;
}

static bool agrees(const struct twin *twin, const uint8_t *bytes, size_t size)
{
    uint32_t character;
    size_t wanted = twin_length(twin, bytes, size);
    size_t taken = utf8_next(bytes, size, &character);
    bool next_agrees = wanted == 0 ? taken == 1 && character == UTF8_INVALID
                                   : taken == wanted && character < CHARACTERS;
    return next_agrees && utf8_is_valid(bytes, size) == twin_is_valid(twin, bytes, size);
}

static void check(const struct twin *twin, const uint8_t *bytes, size_t size)
{
    if (!agrees(twin, bytes, size))
        fail_msg("%zu bytes %08x", size, (unsigned)number_of(bytes, size));
}

static int set_up(void **state)
{
    static struct twin twin;
    twin = write_all();
    *state = &twin;
    return 0;
}

static int tear_down(void **state)
{
    struct twin *twin = *state;
    free(twin->threes);
    free(twin->fours);
    return 0;
}

static void every_three_bytes(void **state)
{
    for (uint32_t number = 0; number < SEQUENCES; number++) {
        uint8_t bytes[] = {(uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number};
        check(*state, bytes, 3);
        if (bytes[2] == 0)
            check(*state, bytes, 2);
        if (number % 65536 == 0)
            check(*state, bytes, 1);
    }
}

/* Bytes beside which the rules change. */
static void four_bytes_at_every_edge(void **state)
{
    static const uint8_t edges[] = {0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf,
                                    0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee,
                                    0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xf7, 0xf8, 0xff};
    const unsigned count = sizeof edges;
    for (unsigned i = 0; i < count * count * count * count; i++) {
        uint8_t bytes[] = {edges[i % count], edges[i / count % count],
                           edges[i / count / count % count], edges[i / count / count / count]};
        check(*state, bytes, 4);
    }
}

static uint64_t random_of(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return *seed >> 11 ^ *seed << 40;
}

/* WEIR_TEST_SEED repeats a run. */
static uint64_t test_seed(void)
{
    const char *text = getenv("WEIR_TEST_SEED");
    uint64_t seed = text != NULL ? strtoull(text, NULL, 10) : (uint64_t)time(NULL);
    printf("WEIR_TEST_SEED=%llu\n", (unsigned long long)seed);
    return seed;
}

static void four_bytes_at_random(void **state)
{
    uint64_t seed = test_seed();
    for (int i = 0; i < 1000000; i++) {
        uint32_t number = (uint32_t)random_of(&seed);
        uint8_t bytes[4];
        memcpy(bytes, &number, sizeof bytes);
        if (i % 2 == 0) /* as good as never by itself */
            bytes[0] = (uint8_t)(0xf0 | (bytes[0] & 7));
        for (size_t j = 1; j < 4 && i % 4 == 0; j++)
            bytes[j] = (uint8_t)(0x80 | (bytes[j] & 0x3f));
        check(*state, bytes, 4);
    }
}

static void known_texts_are_valid_or_not(void **state)
{
    (void)state;
    static const char *const good[] = {"",
                                       "a",
                                       "\x7f",
                                       "abcdefgh",
                                       "\xc2\x80",
                                       "\xc3\xa9",
                                       "\xe0\xa0\x80",
                                       "\xe2\x82\xac",
                                       "\xed\x9f\xbf",
                                       "\xee\x80\x80",
                                       "\xf0\x90\x80\x80",
                                       "\xf0\x9f\x98\x80",
                                       "\xf4\x8f\xbf\xbf",
                                       "abcdefghi\xc3\xa9jklmnopqr"};
    static const char *const bad[] = {"\x80",
                                      "\xc3",
                                      "\xc0\x80",
                                      "\xc0\xaf",
                                      "\xc1\xbf",
                                      "\xe0\x80\xaf",
                                      "\xe0\x9f\xbf",
                                      "\xe1\x80",
                                      "\xe1\x80\x41",
                                      "\xe2\x28\xa1",
                                      "\xed\xa0\x80",
                                      "\xf0\x8f\xbf\xbf",
                                      "\xf1\x80\x80",
                                      "\xf4\x90\x80\x80",
                                      "\xf5\x80\x80\x80",
                                      "\xf8\x88\x80\x80",
                                      "\xff",
                                      "abcdefgh\xff"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(utf8_is_valid(good[i], strlen(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(utf8_is_valid(bad[i], strlen(bad[i])));
}

static void every_character_is_read_as_it_was_written(void **state)
{
    (void)state;
    for (uint32_t character = 0; character < CHARACTERS; character++) {
        uint8_t bytes[4];
        uint32_t found;
        size_t size = encode(character, bytes);
        bool surrogate = is_surrogate(character);
        size_t taken = utf8_next(bytes, size, &found);
        if (taken != (surrogate ? 1 : size) || found != (surrogate ? UTF8_INVALID : character))
            fail_msg("U+%04X", (unsigned)character);
    }
}

/* A text of many characters, where one byte in some texts is another. */
static size_t write_text(uint64_t *seed, uint8_t *bytes, size_t most)
{
    size_t size = 0;
    while (size + 12 <= most && random_of(seed) % 32 > 0) {
        size_t ascii = random_of(seed) % 9;
        uint32_t character = (uint32_t)random_of(seed) % (random_of(seed) % 2 ? CHARACTERS : 0x900);
        memset(bytes + size, 'a', ascii);
        size += ascii;
        size += encode(is_surrogate(character) ? 'b' : character, bytes + size);
    }
    if (size > 0 && random_of(seed) % 2 == 0)
        bytes[random_of(seed) % size] = (uint8_t)random_of(seed);
    return size - (size > 0 ? random_of(seed) % 2 : 0);
}

/* Each in memory of its own, so that a sanitizer sees a byte read too many. */
static void texts_are_valid_or_not(void **state)
{
    uint64_t seed = test_seed();
    unsigned valid_count = 0;
    for (int i = 0; i < 20000; i++) {
        uint8_t bytes[256];
        size_t size = write_text(&seed, bytes, sizeof bytes);
        uint8_t *copy = malloc(size + 1);
        assert_non_null(copy);
        memcpy(copy + 1, bytes, size); /* at an odd address */
        bool valid = twin_is_valid(*state, bytes, size);
        valid_count += valid;
        assert_int_equal(utf8_is_valid(copy + 1, size), valid);
        free(copy);
    }
    assert_in_range(valid_count, 2000, 18000);
    assert_true(utf8_is_valid(NULL, 0));
}

static void long_texts_are_read_to_their_end(void **state)
{
    (void)state;
    uint8_t text[64];
    for (size_t size = 1; size <= sizeof text; size++) {
        for (size_t at = 0; at < size; at++) {
            memset(text, 'a', sizeof text);
            assert_true(utf8_is_valid(text, size));
            text[at] = 0xbf;
            assert_false(utf8_is_valid(text, size));
            text[at] = 0xc3; /* cut where it stands last */
            assert_false(utf8_is_valid(text, size));
            if (at > 0) {
                memcpy(text + at - 1, "\xc3\xa9", 2);
                assert_true(utf8_is_valid(text, size));
            }
        }
    }
}

static void a_cut_goes_through_no_character(void **state)
{
    (void)state;
    const char *text = "a\xc3\xa9\xe6\xbc\xa2\xf0\x9f\x8e\x89z";
    static const size_t cuts[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10};
    for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++) {
        assert_int_equal(utf8_cut(text, i), cuts[i]);
        assert_int_equal(utf8_cut_bytes(text, i), cuts[i]);
        assert_true(utf8_is_valid(text, cuts[i]));
        assert_int_equal(utf8_first(text + i, strlen(text) - i), i == cuts[i] ? 0
                                                                              : (i < 3   ? 3
                                                                                 : i < 6 ? 6
                                                                                         : 10) -
                                                                                    i);
    }
}

static void bytes_that_only_continue_are_cut_too(void **state)
{
    (void)state;
    const char *bytes = "a\x80\x80\x80\x80\x80\x80";
    assert_int_equal(utf8_cut(bytes, 3), 0);
    assert_int_equal(utf8_cut_bytes(bytes, 3), 0); /* the longest that a character may be */
    assert_int_equal(utf8_cut(bytes, 4), 0);
    assert_int_equal(utf8_cut_bytes(bytes, 4), 4);
    assert_int_equal(utf8_cut(bytes + 1, 5), 0);
    assert_int_equal(utf8_cut_bytes(bytes + 1, 5), 5);
    assert_int_equal(utf8_cut_bytes(bytes + 1, 2), 0);
    assert_int_equal(utf8_first(bytes + 1, 6), 6);
    assert_int_equal(utf8_first(bytes + 1, 0), 0);
    assert_int_equal(utf8_first(bytes, 7), 0);
}

static void long_texts_are_shortened(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t most;
        const char *wanted;
    } cases[] = {
        {"", 0, ""},
        {"a", 0, "..."},
        {"abc", 3, "abc"},
        {"abcd", 3, "abc..."},
        {"ab\xc3\xa9", 4, "ab\xc3\xa9"},
        {"ab\xc3\xa9", 3, "ab..."},
        {"a\xf0\x9f\x8e\x89", 4, "a..."},
        {"a\xf0\x9f\x8e\x89", 5, "a\xf0\x9f\x8e\x89"},
        {"a\xf0\x9f\x8e\x89z", 5, "a\xf0\x9f\x8e\x89..."},
        {"\x80\x80\x80\x80\x80\x80\x80", 5, "..."},
        {"\xff\xff\xff", 2, "\xff\xff..."},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *buffer = malloc(cases[i].most + 4);
        assert_non_null(buffer);
        assert_ptr_equal(utf8_shorten(cases[i].text, cases[i].most, buffer), buffer);
        assert_string_equal(buffer, cases[i].wanted);
        free(buffer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_texts_are_valid_or_not),
        cmocka_unit_test(every_three_bytes),
        cmocka_unit_test(four_bytes_at_every_edge),
        cmocka_unit_test(four_bytes_at_random),
        cmocka_unit_test(every_character_is_read_as_it_was_written),
        cmocka_unit_test(texts_are_valid_or_not),
        cmocka_unit_test(long_texts_are_read_to_their_end),
        cmocka_unit_test(a_cut_goes_through_no_character),
        cmocka_unit_test(bytes_that_only_continue_are_cut_too),
        cmocka_unit_test(long_texts_are_shortened),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
