#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "arrow/base64.h"

static struct mem_account account;
static struct error error;

static int setup(void **state)
{
    (void)state;
    mem_account_init(&account, "test", NULL, MEM_NO_LIMIT);
    error_init(&error);
    return 0;
}

/* The test vectors of RFC 4648, section 10. */
static const struct {
    const char *bytes;
    const char *text;
} vectors[] = {{"", ""},
               {"f", "Zg=="},
               {"fo", "Zm8="},
               {"foo", "Zm9v"},
               {"foob", "Zm9vYg=="},
               {"fooba", "Zm9vYmE="},
               {"foobar", "Zm9vYmFy"}};

static void vectors_go_both_ways(void **state)
{
    (void)state;
    struct mem_buffer out;
    mem_buffer_init(&out, &account, 1024);
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        size_t text = strlen(vectors[i].text), bytes = strlen(vectors[i].bytes);
        out.size = 0;
        assert_int_equal(base64_encode(vectors[i].bytes, bytes, &out, &error), ERROR_NONE);
        assert_int_equal(out.size, text);
        assert_memory_equal(out.data, vectors[i].text, text);
        out.size = 0;
        assert_int_equal(base64_decode(vectors[i].text, text, &out, &error), ERROR_NONE);
        assert_int_equal(out.size, bytes);
        assert_memory_equal(out.data, vectors[i].bytes, bytes);
    }
    mem_buffer_release(&out);
}

static void every_byte_survives(void **state)
{
    (void)state;
    uint8_t bytes[256];
    for (unsigned i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 167);
    struct mem_buffer text, back;
    mem_buffer_init(&text, &account, 1024);
    mem_buffer_init(&back, &account, 1024);
    assert_int_equal(base64_encode(bytes, sizeof bytes, &text, &error), ERROR_NONE);
    assert_int_equal(base64_decode((char *)text.data, text.size, &back, &error), ERROR_NONE);
    assert_int_equal(back.size, sizeof bytes);
    assert_memory_equal(back.data, bytes, sizeof bytes);
    mem_buffer_release(&text);
    mem_buffer_release(&back);
}

static void other_text_is_refused(void **state)
{
    (void)state;
    struct mem_buffer out;
    mem_buffer_init(&out, &account, 1024);
    assert_int_equal(base64_decode("Zm9v!m9v", 8, &out, &error), ERROR_INPUT);
    assert_int_equal(base64_decode("Z", 1, &out, &error), ERROR_INPUT);
    assert_int_equal(base64_decode("Zg==Zg==", 8, &out, &error), ERROR_INPUT);
    out.size = 0;
    assert_int_equal(base64_decode("Zm8", 3, &out, &error), ERROR_NONE);
    assert_int_equal(out.size, 2);
    mem_buffer_release(&out);
    assert_int_equal(atomic_load(&account.used), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(vectors_go_both_ways, setup),
        cmocka_unit_test_setup(every_byte_survives, setup),
        cmocka_unit_test_setup(other_text_is_refused, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
