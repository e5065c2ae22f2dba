/* What a program wrote, made harmless: the same whatever the pieces in which it comes. */
#include "cli/log_text.h"
#include "fixture.h"

/* Passes bytes through in pieces of at most so many, and gives what came out; freed by the test. */
static char *passed(const char *bytes, size_t size, size_t most)
{
    struct log_text text = {.kept_size = 0};
    char *out;
    size_t out_size;
    FILE *stream = text_stream(&out, &out_size);
    for (size_t at = 0; at < size; at += most)
        log_text_write(&text, stream, bytes + at, size - at < most ? size - at : most);
    log_text_end(&text, stream);
    fclose(stream);
    assert_int_equal(strlen(out), out_size);
    return out;
}

static void check(const char *bytes, size_t size, const char *expected)
{
    for (size_t most = 1; most <= size; most++) {
        char *out = passed(bytes, size, most);
        assert_string_equal(out, expected);
        free(out);
    }
}

#define CHECK(bytes, expected) check(bytes, sizeof(bytes) - 1, expected)

static void lines_tabs_and_characters_stay(void **state)
{
    (void)state;
    CHECK("one\ttwo\n\nthree", "one\ttwo\n\nthree");
    CHECK("caf\303\251 \342\206\222 \360\237\230\200\n",
          "caf\303\251 \342\206\222 \360\237\230\200\n");
    CHECK("windows\r\n", "windows\n");
    CHECK("\r\n\r\n", "\n\n");
}

static void everything_else_is_shown(void **state)
{
    (void)state;
    CHECK("\033[2J\033]0;title\a", "\\x1b[2J\\x1b]0;title\\x07");
    CHECK("50 %\r60 %\r", "50 %\\x0d60 %\\x0d");
    CHECK("\r\r\n", "\\x0d\n");
    CHECK("a\0b\0", "a\\x00b\\x00");
    CHECK("\377\376\302", "\\xff\\xfe\\xc2");
    CHECK("\302\233m", "\\xc2\\x9bm"); /* a control sequence of one character */
    CHECK("\360\237\230", "\\xf0\\x9f\\x98");
    CHECK("\342\206x\300\200", "\\xe2\\x86x\\xc0\\x80");
    CHECK("\355\240\200", "\\xed\\xa0\\x80");
    CHECK("\200\200\200\200\200", "\\x80\\x80\\x80\\x80\\x80");
}

/* Any bytes: no control character comes out, and the pieces do not matter. */
static void any_bytes_in_any_pieces(void **state)
{
    (void)state;
    uint64_t seed = 5;
    char bytes[200];
    for (int round = 0; round < 300; round++) {
        for (size_t i = 0; i < sizeof bytes; i++) {
            seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
            unsigned number = (unsigned)(seed >> 40);
            bytes[i] = number % 4 == 0 ? "\r\n\t\0"[number / 4 % 4] : (char)(number >> 8);
        }
        char *whole = passed(bytes, sizeof bytes, sizeof bytes);
        for (const char *at = whole; *at != '\0'; at++)
            assert_true((unsigned char)*at >= 0x20 || *at == '\n' || *at == '\t');
        check(bytes, sizeof bytes, whole);
        free(whole);
    }
}

static void long_pieces_pass(void **state)
{
    (void)state;
    static char bytes[3 * LOG_TEXT_PIECE];
    memset(bytes, 'x', sizeof bytes);
    char *out = passed(bytes, sizeof bytes, LOG_TEXT_PIECE);
    assert_int_equal(strlen(out), sizeof bytes);
    free(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_tabs_and_characters_stay),
        cmocka_unit_test(everything_else_is_shown),
        cmocka_unit_test(any_bytes_in_any_pieces),
        cmocka_unit_test(long_pieces_pass),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
