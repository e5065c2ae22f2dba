/* Folders go with whatever a program left in them, and nothing else goes. */
#include "cell/folder_tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOBODY 65534

static char top[64];

static int setup(void **state)
{
    (void)state;
    snprintf(top, sizeof top, "/tmp/weir-tree-test-XXXXXX");
    return mkdtemp(top) == NULL ? -1 : 0;
}

static int teardown(void **state)
{
    (void)state;
    return rmdir(top);
}

/* Lives until the next but three. */
static const char *in_top(const char *name)
{
    static char paths[4][300];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", top, name);
    return path;
}

static void make_file(const char *path)
{
    int descriptor = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    assert_true(descriptor >= 0);
    close(descriptor);
}

static size_t count_descriptors(void)
{
    size_t count = 0;
    DIR *folder = opendir("/proc/self/fd");
    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count;
}

/* One folder within the other, each with some files; no path reaches the last. */
static void make_deep(const char *path, int levels, int files)
{
    assert_int_equal(mkdir(path, 0700), 0);
    int at = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (int i = 0; i < levels; i++) {
        for (int j = 0; j < files; j++) {
            char name[16];
            snprintf(name, sizeof name, "f%d", j);
            assert_int_equal(mknodat(at, name, S_IFREG | 0600, 0), 0);
        }
        assert_int_equal(mkdirat(at, "folder", 0700), 0);
        int next = openat(at, "folder", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        assert_true(next >= 0);
        close(at);
        at = next;
    }
    close(at);
}

static void whatever_has_the_name_goes(void **state)
{
    (void)state;
    make_file(in_top("file"));
    assert_true(folder_tree_remove(in_top("file")));
    assert_int_equal(access(in_top("file"), F_OK), -1);
    assert_true(folder_tree_remove(in_top("file")));
    assert_true(folder_tree_remove(in_top("none/file")));
    assert_int_equal(mkdir(in_top("empty"), 0700), 0);
    assert_true(folder_tree_remove(in_top("empty")));
    make_file(in_top("target"));
    assert_int_equal(symlink(in_top("target"), in_top("link")), 0);
    assert_true(folder_tree_remove(in_top("link")));
    assert_true(folder_tree_remove(in_top("target")));
}

static void deeper_than_paths_and_descriptors_reach(void **state)
{
    (void)state;
    struct rlimit before, limit;
    make_deep(in_top("deep"), 2000, 1);
    size_t open_before = count_descriptors();
    getrlimit(RLIMIT_NOFILE, &before);
    int next = dup(0);
    close(next);
    limit = (struct rlimit){(rlim_t)next + 3, before.rlim_max};
    setrlimit(RLIMIT_NOFILE, &limit);
    bool gone = folder_tree_remove(in_top("deep"));
    setrlimit(RLIMIT_NOFILE, &before);
    assert_true(gone);
    assert_int_equal(count_descriptors(), open_before);
}

static void many_files_and_folders(void **state)
{
    (void)state;
    char path[400];
    assert_int_equal(mkdir(in_top("wide"), 0700), 0);
    for (int i = 0; i < 60; i++) {
        snprintf(path, sizeof path, "%s/wide/%d", top, i);
        assert_int_equal(mkdir(path, 0700), 0);
        for (int j = 0; j < 10; j++) {
            snprintf(path, sizeof path, "%s/wide/%d/%d", top, i, j);
            assert_int_equal(mkdir(path, 0700), 0);
            snprintf(path, sizeof path, "%s/wide/%d/%d/file", top, i, j);
            make_file(path);
        }
    }
    for (int i = 0; i < 2000; i++) {
        snprintf(path, sizeof path, "%s/wide/file-%d", top, i);
        make_file(path);
    }
    assert_true(folder_tree_remove(in_top("wide")));
}

/* Without the rights of root, whom no mode stops. */
static void as_nobody(void (*body)(void))
{
    bool is_root = geteuid() == 0;
    if (is_root) {
        assert_int_equal(chown(top, NOBODY, NOBODY), 0);
        assert_int_equal(seteuid(NOBODY), 0);
    }
    body();
    if (is_root)
        assert_int_equal(seteuid(0), 0);
}

static void remove_unreadable(void)
{
    make_deep(in_top("a"), 6, 1);
    assert_int_equal(chmod(in_top("a/folder/folder/folder/folder/folder/folder"), 0), 0);
    assert_int_equal(chmod(in_top("a/folder/folder/folder"), 0500), 0);
    assert_int_equal(chmod(in_top("a/folder/folder"), 0), 0);
    assert_int_equal(chmod(in_top("a"), 0), 0);
    assert_true(folder_tree_remove(in_top("a")));
}

static void rights_taken_away_do_not_matter(void **state)
{
    (void)state;
    as_nobody(remove_unreadable);
}

static void find_not_removable(void)
{
    assert_false(folder_tree_remove(in_top("mixed")));
}

static void what_belongs_to_others_stays(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip();
    assert_int_equal(mkdir(in_top("mixed"), 0755), 0);
    make_deep(in_top("mixed/own"), 3, 1);
    make_file(in_top("mixed/kept"));
    as_nobody(find_not_removable);
    assert_int_equal(access(in_top("mixed/kept"), F_OK), 0);
    assert_true(folder_tree_remove(in_top("mixed")));
}

static void links_are_not_followed(void **state)
{
    (void)state;
    assert_int_equal(mkdir(in_top("outside"), 0700), 0);
    make_file(in_top("outside/kept"));
    assert_int_equal(mkdir(in_top("a"), 0700), 0);
    assert_int_equal(mkdir(in_top("a/b"), 0700), 0);
    assert_int_equal(symlink(in_top("outside"), in_top("a/link")), 0);
    assert_int_equal(symlink("../../outside", in_top("a/b/link")), 0);
    assert_true(folder_tree_remove(in_top("a")));
    assert_int_equal(access(in_top("outside/kept"), F_OK), 0);
    assert_true(folder_tree_remove(in_top("outside")));
}

static void emptied_and_still_there(void **state)
{
    (void)state;
    make_deep(in_top("a"), 3, 2);
    int folder = open(in_top("a"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(folder_tree_empty(folder));
    assert_true(folder_tree_empty(folder));
    assert_true(fcntl(folder, F_GETFD) >= 0);
    close(folder);
    assert_int_equal(rmdir(in_top("a")), 0);
}

/* In a process whose mounts are its own. 77: that is not allowed here. */
static int remove_with_mounts(void)
{
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount(in_top("outside"), in_top("a/here"), NULL, MS_BIND, NULL) != 0 ||
        mount(in_top("outside"), in_top("a/folder/folder"), NULL, MS_BIND, NULL) != 0)
        return 77;
    bool gone = folder_tree_remove(in_top("a"));
    return gone || access(in_top("outside/kept"), F_OK) != 0 ||
           access(in_top("a/here/kept"), F_OK) != 0;
}

static void what_is_mounted_stays(void **state)
{
    (void)state;
    int status;
    assert_int_equal(mkdir(in_top("outside"), 0700), 0);
    make_file(in_top("outside/kept"));
    make_deep(in_top("a"), 3, 1);
    assert_int_equal(mkdir(in_top("a/here"), 0700), 0);
    pid_t child = fork();
    if (child == 0)
        _exit(remove_with_mounts());
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(folder_tree_remove(in_top("a"))); /* the mounts went with the child */
    bool kept = access(in_top("outside/kept"), F_OK) == 0;
    assert_true(folder_tree_remove(in_top("outside")));
    assert_true(kept);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77)
        skip();
    assert_int_equal(WEXITSTATUS(status), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(whatever_has_the_name_goes),   TEST(deeper_than_paths_and_descriptors_reach),
        TEST(many_files_and_folders),       TEST(rights_taken_away_do_not_matter),
        TEST(what_belongs_to_others_stays), TEST(links_are_not_followed),
        TEST(emptied_and_still_there),      TEST(what_is_mounted_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
