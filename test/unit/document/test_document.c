/* Pieces of JSON documents: nothing that weir holds is refused by the form. */
#include "document/document.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static struct error error;

static int set_up(void **state)
{
    (void)state;
    error_init(&error);
    return 0;
}

#define TEST(function) cmocka_unit_test_setup(function, set_up)

static void assert_text(const char *text, const char *expected)
{
    json_t *value = document_text(text);
    assert_string_equal(json_string_value(value), expected);
    json_decref(value);
}

static void texts_of_any_bytes_become_strings(void **state)
{
    (void)state;
    assert_text("", "");
    assert_text("é\n", "é\n");
    assert_text("a\xff", "a\\xff");
    json_t *none = document_text(NULL);
    assert_true(json_is_null(none));
    json_decref(none);
}

/* One object with a member of each kind, as it is written. */
static json_t *members(uint64_t count, const char *text)
{
    json_t *object = json_object();
    document_set_count(object, "count", count);
    document_set_positive(object, "positive", count);
    document_set_text(object, "text", text);
    document_set_filled(object, "filled", text);
    return object;
}

static void assert_written(json_t *document, const char *expected)
{
    char *text;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    assert_int_equal(document_write_line(document, stream, &error), ERROR_NONE);
    fclose(stream);
    assert_string_equal(text, expected);
    free(text);
}

static void members_are_set(void **state)
{
    (void)state;
    assert_written(members(0, ""),
                   "{\"count\": 0, \"positive\": null, \"text\": \"\", \"filled\": null}\n");
    assert_written(members(7, "a"),
                   "{\"count\": 7, \"positive\": 7, \"text\": \"a\", \"filled\": \"a\"}\n");
    assert_written(members((uint64_t)1 << 63, "a"),
                   "{\"count\": 9223372036854775807, \"positive\": 9223372036854775807, "
                   "\"text\": \"a\", \"filled\": \"a\"}\n");
}

/* Takes pieces until there is no room. */
struct taker {
    char text[64];
    size_t used, room;
};

static enum error_code take(void *context, const char *text, size_t size, struct error *problem)
{
    struct taker *taker = context;
    if (size > taker->room - taker->used)
        return error_set(problem, ERROR_IO, "no room");
    memcpy(taker->text + taker->used, text, size);
    taker->used += size;
    return ERROR_NONE;
}

static void documents_are_given_away_in_pieces(void **state)
{
    (void)state;
    struct taker taker = {.room = sizeof taker.text - 1};
    assert_int_equal(document_dump(json_pack("{s:i}", "a", 1), false, take, &taker, &error),
                     ERROR_NONE);
    assert_string_equal(taker.text, "{\"a\": 1}");
    taker = (struct taker){.room = sizeof taker.text - 1};
    assert_int_equal(document_dump(json_pack("{s:i}", "a", 1), true, take, &taker, &error),
                     ERROR_NONE);
    assert_string_equal(taker.text, "{\n  \"a\": 1\n}");
}

static void what_goes_wrong_is_told(void **state)
{
    (void)state;
    struct taker taker = {.room = 3};
    assert_int_equal(document_dump(json_pack("{s:i}", "a", 1), false, take, &taker, &error),
                     ERROR_IO);
    assert_string_equal(error.what, "no room");
    assert_int_equal(document_dump(NULL, false, take, &taker, &error), ERROR_MEMORY);
    assert_int_equal(document_write(NULL, stdout, &error), ERROR_MEMORY);
    FILE *full = fopen("/dev/full", "we");
    assert_non_null(full);
    setvbuf(full, NULL, _IONBF, 0);
    assert_int_equal(document_write(members(1, "a"), full, &error), ERROR_IO);
    fclose(full);
}

static void errors_have_their_places(void **state)
{
    (void)state;
    error_set(&error, ERROR_INPUT, "wrong");
    error_hint(&error, "right");
    error_in_file(&error, "f.parquet");
    error_at_offset(&error, 12);
    assert_written(document_error(&error),
                   "{\"code\": \"input\", \"message\": \"wrong\", \"file\": \"f.parquet\", "
                   "\"row_group\": null, \"column\": null, \"offset\": 12, \"hint\": \"right\"}\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(texts_of_any_bytes_become_strings),  TEST(members_are_set),
        TEST(documents_are_given_away_in_pieces), TEST(what_goes_wrong_is_told),
        TEST(errors_have_their_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
