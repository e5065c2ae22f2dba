/* Arguments become paths: files, folders, globs, lists. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "folder.h"
#include "store/listing.h"

static struct mem_account account;
static struct error error;

/* Paths visited, without the folder in front, each with a space behind it. */
struct seen {
    char text[4096];
    size_t stop_after;
    size_t count;
};

static int set_up(void **state)
{
    mem_account_init(&account, "listing", NULL, MEM_NO_LIMIT);
    return folder_make(state);
}

static int tear_down(void **state)
{
    return atomic_load(&account.used) == 0 ? folder_remove(state) : -1;
}

static enum error_code remember(void *context, const char *path, struct error *visit_error)
{
    struct seen *seen = context;
    size_t skip =
        strncmp(path, folder_path, strlen(folder_path)) == 0 ? strlen(folder_path) + 1 : 0;
    while (skip > 0 && path[skip] == '/')
        skip++;
    size_t used = strlen(seen->text);
    snprintf(seen->text + used, sizeof seen->text - used, "%s ", path + skip);
    if (++seen->count == seen->stop_after)
        return error_set(visit_error, ERROR_CANCELLED, "enough");
    return ERROR_NONE;
}

static enum error_code expand(struct seen *seen, const char *text)
{
    char argument[600];
    char *arguments[] = {argument};
    *seen = (struct seen){.stop_after = seen->stop_after};
    snprintf(argument, sizeof argument, "%s", text);
    return listing_expand(arguments, 1, &account, remember, seen, &error);
}

static void make_files(void)
{
    static const char *const names[] = {"b.parquet", "a.parquet", "c.txt", "c.parquet",
                                        ".d.parquet"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        folder_write(names[i], "x", 1);
}

static void files_come_as_given(void **state)
{
    (void)state;
    struct seen seen = {0};
    make_files();
    char *arguments[] = {folder_file("c.txt"), folder_file("a.parquet")};
    assert_int_equal(listing_expand(arguments, 2, &account, remember, &seen, &error), ERROR_NONE);
    assert_string_equal(seen.text, "c.txt a.parquet ");
}

static void folders_give_their_parquet_files_sorted(void **state)
{
    (void)state;
    struct seen seen = {0};
    make_files();
    assert_int_equal(expand(&seen, folder_path), ERROR_NONE);
    assert_string_equal(seen.text, "a.parquet b.parquet c.parquet ");
    assert_int_equal(expand(&seen, folder_file("")), ERROR_NONE);
    assert_string_equal(seen.text, "a.parquet b.parquet c.parquet ");
}

static void globs_are_expanded_and_sorted(void **state)
{
    (void)state;
    struct seen seen = {0};
    make_files();
    assert_int_equal(expand(&seen, folder_file("[bc].*")), ERROR_NONE);
    assert_string_equal(seen.text, "b.parquet c.parquet c.txt ");
    assert_int_equal(expand(&seen, folder_file("?.parquet")), ERROR_NONE);
    assert_string_equal(seen.text, "a.parquet b.parquet c.parquet ");
}

static void a_file_with_glob_characters_is_a_file(void **state)
{
    (void)state;
    struct seen seen = {0};
    folder_write("a[1].parquet", "x", 1);
    assert_int_equal(expand(&seen, folder_file("a[1].parquet")), ERROR_NONE);
    assert_string_equal(seen.text, "a[1].parquet ");
}

static void nothing_found_is_an_error(void **state)
{
    (void)state;
    struct seen seen = {0};
    assert_int_not_equal(expand(&seen, folder_path), ERROR_NONE);
    assert_int_not_equal(expand(&seen, folder_file("*.parquet")), ERROR_NONE);
    assert_int_not_equal(expand(&seen, "@/nonexistent/list"), ERROR_NONE);
}

static void lists_are_read_line_by_line(void **state)
{
    (void)state;
    struct seen seen = {0};
    static const char text[] = "one\ntwo words\n\nthree\r\nlast";
    folder_write("list", text, sizeof text - 1);
    char argument[600];
    snprintf(argument, sizeof argument, "@%s", folder_file("list"));
    assert_int_equal(expand(&seen, argument), ERROR_NONE);
    assert_string_equal(seen.text, "one two words three last ");
}

static void a_visitor_may_stop(void **state)
{
    (void)state;
    struct seen seen = {.stop_after = 2};
    make_files();
    assert_int_equal(expand(&seen, folder_path), ERROR_CANCELLED);
    assert_string_equal(error.what, "enough");
    assert_int_equal(seen.count, 2);
    assert_int_equal(expand(&seen, folder_file("*.parquet")), ERROR_CANCELLED);
}

static void a_long_list_is_never_held_whole(void **state)
{
    (void)state;
    struct seen seen = {0};
    FILE *list = fopen(folder_file("list"), "w");
    assert_non_null(list);
    for (int i = 0; i < 200000; i++)
        fprintf(list, "/some/folder/with/a/name/sim-%06d.parquet\n", i);
    fclose(list);
    char argument[600];
    snprintf(argument, sizeof argument, "@%s", folder_file("list"));
    assert_int_equal(expand(&seen, argument), ERROR_NONE);
    assert_int_equal(seen.count, 200000);
    assert_true(atomic_load(&account.peak) < (size_t)1 << 20);
}

struct ordered {
    char last[64];
    uint64_t count;
};

static enum error_code follow(void *context, const char *path, struct error *visit_error)
{
    (void)visit_error;
    struct ordered *ordered = context;
    const char *name = strrchr(path, '/') + 1;
    assert_true(strcmp(ordered->last, name) < 0);
    snprintf(ordered->last, sizeof ordered->last, "%s", name);
    ordered->count++;
    return ERROR_NONE;
}

/* More names than are held at once, made in an order that has nothing to do with theirs. */
static void a_large_folder_is_visited_in_order(void **state)
{
    (void)state;
    const uint32_t count = 17001;
    struct ordered ordered = {0};
    char name[64];
    for (uint32_t i = 0; i < count; i++) {
        snprintf(name, sizeof name, "%05u.parquet", (unsigned)(i * UINT64_C(7919) % count));
        folder_write(name, "", 0);
    }
    char *arguments[] = {folder_path};
    assert_int_equal(listing_expand(arguments, 1, &account, follow, &ordered, &error), ERROR_NONE);
    assert_int_equal(ordered.count, count);
    assert_true(atomic_load(&account.peak) < (size_t)3 << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(files_come_as_given, set_up, tear_down),
        cmocka_unit_test_setup_teardown(folders_give_their_parquet_files_sorted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(globs_are_expanded_and_sorted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_with_glob_characters_is_a_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nothing_found_is_an_error, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lists_are_read_line_by_line, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_visitor_may_stop, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_long_list_is_never_held_whole, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_large_folder_is_visited_in_order, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
