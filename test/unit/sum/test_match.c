/* Columns by the names that the sum knows, those of --rename included. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "sum/match.h"

#define COLUMNS 4

static struct mem_account account;
static struct error error;
static struct parquet_column columns[COLUMNS];
static struct parquet_field fields[COLUMNS];
static struct parquet_metadata metadata;
static struct sum sum;

/* A file whose columns have these names, NULL behind the last. */
static void name_columns(const char *const names[])
{
    uint32_t count = 0;
    for (; count < COLUMNS && names[count] != NULL; count++) {
        columns[count] = (struct parquet_column){
            .name = names[count], .path = names[count], .field_index = count};
        columns[count].type.physical = COLUMN_INT64;
        fields[count] =
            (struct parquet_field){.name = names[count], .first_column = count, .column_count = 1};
    }
    metadata = (struct parquet_metadata){.field_count = count,
                                         .fields = fields,
                                         .column_count = count,
                                         .columns = columns,
                                         .footer_length = 100};
}

static const struct sum_rename renames[] = {{"Path", "path"}, {"PATH", "path"}, {"v", "value"}};

static int set_up(void **state)
{
    (void)state;
    mem_account_init(&account, "test", NULL, MEM_NO_LIMIT);
    error_init(&error);
    memset(&sum, 0, sizeof sum);
    sum.options.renames = renames;
    sum.options.rename_count = 3;
    return 0;
}

static uint32_t place_of(const char *name)
{
    uint32_t place = 99;
    assert_int_equal(sum_find_column(&sum, &metadata, name, &place, &error), ERROR_NONE);
    return place;
}

static void a_name_of_its_own_comes_first(void **state)
{
    (void)state;
    name_columns((const char *const[]){"Path", "path", "value", NULL});
    assert_int_equal(place_of("path"), 1);
    assert_int_equal(place_of("value"), 2);
    assert_int_equal(place_of("Path"), 0);
}

static void an_old_name_stands_for_the_new_one(void **state)
{
    (void)state;
    name_columns((const char *const[]){"v", "PATH", NULL});
    assert_int_equal(place_of("path"), 1);
    assert_int_equal(place_of("value"), 0);
    /* Of several old names the one that was given first. */
    name_columns((const char *const[]){"PATH", "Path", NULL});
    assert_int_equal(place_of("path"), 1);
}

static void a_missing_column_is_told_by_its_new_name(void **state)
{
    (void)state;
    uint32_t place;
    name_columns((const char *const[]){"paht", "Date", NULL});
    assert_int_equal(sum_find_column(&sum, &metadata, "path", &place, &error), ERROR_MISMATCH);
    assert_non_null(strstr(error.what, "\"path\""));
    assert_non_null(strstr(error.hint, "paht"));
}

static void keys_values_and_the_filter_are_matched(void **state)
{
    (void)state;
    const char *const keys[] = {"path", "Date"};
    struct aggregate_value values[] = {{.name = "value"}};
    uint32_t kept[5];
    size_t offset;
    name_columns((const char *const[]){"v", "Date", "PATH", NULL});
    mem_arena_init(&sum.arena, &account);
    sum.options.keys = keys;
    sum.key_count = 2;
    sum.values = values;
    sum.value_count = 1;
    assert_int_equal(
        filter_parse("path > 3 and value < 2", &sum.arena, &sum.filter, &offset, &error),
        ERROR_NONE);
    sum.filter_count = filter_column_count(sum.filter);
    assert_int_equal(sum_match_columns(&sum, &metadata, kept, &error), ERROR_NONE);
    const uint32_t expected[5] = {2, 1, 0, 2, 0};
    assert_memory_equal(kept, expected, sizeof kept);
    name_columns((const char *const[]){"v", "Path", NULL});
    assert_int_equal(sum_match_columns(&sum, &metadata, kept, &error), ERROR_MISMATCH);
    assert_non_null(strstr(error.what, "\"Date\""));
    mem_arena_release(&sum.arena);
    assert_int_equal(atomic_load(&account.used), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_name_of_its_own_comes_first, set_up),
        cmocka_unit_test_setup(an_old_name_stands_for_the_new_one, set_up),
        cmocka_unit_test_setup(a_missing_column_is_told_by_its_new_name, set_up),
        cmocka_unit_test_setup(keys_values_and_the_filter_are_matched, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
