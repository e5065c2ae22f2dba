/* A command's temporary folder: removed whole, and by nobody else while it is held. */
#include "cell/temporary_folder.h"

#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char parent[64];

static int make_parent(void **state)
{
    (void)state;
    snprintf(parent, sizeof parent, "/tmp/weir-folder-test-XXXXXX");
    return mkdtemp(parent) == NULL || setenv("TMPDIR", parent, 1) != 0 ? -1 : 0;
}

static int remove_parent(void **state)
{
    (void)state;
    unsetenv("TMPDIR");
    return rmdir(parent);
}

static void make_file(const char *folder, const char *name)
{
    char path[600];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    int descriptor = open(path, O_CREAT | O_WRONLY, 0600);
    assert_true(descriptor >= 0);
    close(descriptor);
}

static void make_folder(const char *folder, const char *name)
{
    char path[600];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_int_equal(mkdir(path, 0700), 0);
}

static void removed_with_all_that_is_in_it(void **state)
{
    (void)state;
    struct temporary_folder folder;
    struct error error;
    char path[600], outside[128];
    error_init(&error);
    assert_int_equal(temporary_folder_make(&folder, &error), ERROR_NONE);
    make_folder(parent, "outside");
    snprintf(outside, sizeof outside, "%s/outside", parent);
    make_file(outside, "kept");
    make_folder(folder.path, "a");
    make_folder(folder.path, "a/b");
    make_file(folder.path, "a/b/c");
    snprintf(path, sizeof path, "%s/a/link", folder.path);
    assert_int_equal(symlink(outside, path), 0);
    snprintf(path, sizeof path, "%s/a", folder.path);
    assert_int_equal(chmod(path, 0), 0);
    snprintf(path, sizeof path, "%s", folder.path);
    temporary_folder_remove(&folder);
    assert_int_equal(access(path, F_OK), -1);
    snprintf(path, sizeof path, "%s/kept", outside);
    assert_int_equal(unlink(path), 0); /* what a link points to stays */
    assert_int_equal(rmdir(outside), 0);
    temporary_folder_remove(&folder); /* harmless */
}

static void swept_only_when_its_weir_is_gone(void **state)
{
    (void)state;
    struct temporary_folder held, left;
    struct error error;
    error_init(&error);
    assert_int_equal(temporary_folder_make(&held, &error), ERROR_NONE);
    assert_int_equal(temporary_folder_make(&left, &error), ERROR_NONE);
    assert_int_equal(temporary_folder_sweep(), 0);
    make_file(left.path, "file");
    close(left.descriptor); /* as the death of its weir does */
    assert_int_equal(temporary_folder_sweep(), 1);
    assert_int_equal(access(left.path, F_OK), -1);
    assert_int_equal(access(held.path, F_OK), 0);
    temporary_folder_remove(&held);
    assert_int_equal(temporary_folder_sweep(), 0);
}

/* A program may start in another folder than weir. */
static void its_path_is_absolute(void **state)
{
    (void)state;
    struct temporary_folder folder;
    struct error error;
    char before[512];
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(parent), 0);
    setenv("TMPDIR", ".", 1);
    assert_int_equal(temporary_folder_make(&folder, &error), ERROR_NONE);
    assert_memory_equal(folder.path, parent, strlen(parent));
    assert_int_equal(access(folder.path, F_OK), 0);
    temporary_folder_remove(&folder);
    setenv("TMPDIR", parent, 1);
    assert_int_equal(chdir(before), 0);
}

static void swept_without_rights_to_it(void **state)
{
    (void)state;
    struct temporary_folder left;
    struct error error;
    bool is_root = geteuid() == 0; /* whom no mode stops */
    assert_int_equal(is_root ? chown(parent, 65534, 65534) + seteuid(65534) : 0, 0);
    assert_int_equal(temporary_folder_make(&left, &error), ERROR_NONE);
    make_folder(left.path, "a");
    assert_int_equal(chmod(left.path, 0), 0);
    close(left.descriptor);
    assert_int_equal(temporary_folder_sweep(), 1);
    assert_int_equal(access(left.path, F_OK), -1);
    assert_int_equal(is_root ? seteuid(0) : 0, 0);
}

static void no_folder_without_a_place(void **state)
{
    (void)state;
    struct temporary_folder folder;
    struct error error;
    error_init(&error);
    setenv("TMPDIR", "/nowhere/at/all", 1);
    assert_int_equal(temporary_folder_make(&folder, &error), ERROR_IO);
    assert_non_null(strstr(error.hint, "TMPDIR"));
    assert_int_equal(temporary_folder_sweep(), 0);
    setenv("TMPDIR", parent, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(removed_with_all_that_is_in_it),
        cmocka_unit_test(swept_only_when_its_weir_is_gone),
        cmocka_unit_test(its_path_is_absolute),
        cmocka_unit_test(swept_without_rights_to_it),
        cmocka_unit_test(no_folder_without_a_place),
    };
    return cmocka_run_group_tests(tests, make_parent, remove_parent);
}
