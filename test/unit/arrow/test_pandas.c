#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "arrow/pandas.h"

static struct mem_account account;
static struct error error;

static int setup(void **state)
{
    (void)state;
    mem_account_init(&account, "test", NULL, MEM_NO_LIMIT);
    error_init(&error);
    return 0;
}

static const struct column_field path = {.name = "path", .type = {.physical = COLUMN_INT64}};
static const struct column_field total = {.name = "total", .type = {.physical = COLUMN_DOUBLE}};

static char result[4096];

static const char *rewrite(const char *value, const struct column_field *fields, uint32_t count,
                           uint64_t rows)
{
    struct mem_buffer text;
    mem_buffer_init(&text, &account, sizeof result - 1);
    assert_int_equal(
        pandas_metadata_rewrite(value, strlen(value), fields, count, rows, &text, &error),
        ERROR_NONE);
    if (text.size > 0)
        memcpy(result, text.data, text.size);
    result[text.size] = '\0';
    mem_buffer_release(&text);
    assert_int_equal(atomic_load(&account.used), 0);
    return result;
}

#define PATH_ENTRY                                                                                 \
    "{\"name\": \"path\", \"field_name\": \"path\", \"pandas_type\": \"int64\", "                  \
    "\"numpy_type\": \"Int64\", \"metadata\": null}"

static void kept_columns_keep_their_entries(void **state)
{
    (void)state;
    const struct column_field fields[] = {path, total};
    assert_string_equal(
        rewrite("{\"index_columns\": [\"path\"], \"columns\": [" PATH_ENTRY
                ", {\"name\": \"gone\", \"field_name\": \"gone\"}], \"creator\": {}}",
                fields, 2, 3),
        "{\"index_columns\": [\"path\"], \"columns\": [" PATH_ENTRY
        ", {\"name\": \"total\", \"field_name\": \"total\", \"pandas_type\": \"float64\", "
        "\"numpy_type\": \"float64\", \"metadata\": null}], \"creator\": {}}");
}

static void an_index_goes_with_its_column(void **state)
{
    (void)state;
    assert_string_equal(
        rewrite("{\"index_columns\": [\"gone\", \"path\"], \"columns\": [" PATH_ENTRY "]}", &path,
                1, 3),
        "{\"index_columns\": [\"path\"], \"columns\": [" PATH_ENTRY "]}");
}

#define RANGE "{\"kind\": \"range\", \"name\": null, \"start\": 10, \"stop\": 4, \"step\": -2}"

static void a_range_stays_while_it_counts_the_rows(void **state)
{
    (void)state;
    const char *value = "{\"index_columns\": [" RANGE "], \"columns\": [" PATH_ENTRY "]}";
    assert_string_equal(rewrite(value, &path, 1, 3), value);
    assert_string_equal(rewrite(value, &path, 1, 4),
                        "{\"index_columns\": [], \"columns\": [" PATH_ENTRY "]}");
}

static void an_entry_of_another_number_is_made_anew(void **state)
{
    (void)state;
    struct column_field wide = path;
    wide.type = (struct column_type){.physical = COLUMN_FIXED,
                                     .logical = COLUMN_DECIMAL,
                                     .type_length = 16,
                                     .precision = 38,
                                     .scale = 2};
    assert_string_equal(
        rewrite("{\"index_columns\": [], \"columns\": [" PATH_ENTRY "]}", &wide, 1, 3),
        "{\"index_columns\": [], \"columns\": [{\"name\": \"path\", \"field_name\": \"path\", "
        "\"pandas_type\": \"decimal\", \"numpy_type\": \"object\", \"metadata\": "
        "{\"precision\": 38, \"scale\": 2}}]}");
}

static void what_is_not_understood_gives_nothing(void **state)
{
    (void)state;
    static const char *const values[] = {"",
                                         "{",
                                         "[]",
                                         "3",
                                         "null",
                                         "{}",
                                         "{\"columns\": []}",
                                         "{\"columns\": 1, \"index_columns\": 2}",
                                         "\xff"};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        assert_string_equal(rewrite(values[i], &path, 1, 3), "");
    assert_int_not_equal(
        strlen(rewrite("{\"columns\": [1, null, {}], \"index_columns\": [null, 7, {\"kind\": 3}]}",
                       &path, 1, 3)),
        0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(kept_columns_keep_their_entries, setup),
        cmocka_unit_test_setup(an_index_goes_with_its_column, setup),
        cmocka_unit_test_setup(a_range_stays_while_it_counts_the_rows, setup),
        cmocka_unit_test_setup(an_entry_of_another_number_is_made_anew, setup),
        cmocka_unit_test_setup(what_is_not_understood_gives_nothing, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
