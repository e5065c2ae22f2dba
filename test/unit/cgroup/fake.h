/*
 * A folder that looks as the kernel would show version 2. The files of a new group appear when its
 * folder is made, and go with it, as in the kernel: mkdir and rmdir of the room are those below.
 */
#ifndef TEST_CGROUP_FAKE_H
#define TEST_CGROUP_FAKE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgroup/cgroup.h"
#include "cgroup/kernel_file.h"

static const char *const group_files[][2] = {
    {"cgroup.controllers", "cpu memory pids\n"},
    {"cgroup.subtree_control", ""},
    {"cgroup.type", "domain\n"},
    {"cgroup.events", "populated 0\nfrozen 0\n"},
    {"cgroup.procs", ""},
    {"cgroup.kill", ""},
    {"memory.max", "max\n"},
    {"memory.high", "max\n"},
    {"memory.swap.max", "max\n"},
    {"memory.oom.group", "0\n"},
    {"memory.current", "0\n"},
    {"memory.events", "low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\noom_group_kill 0\n"},
    {"memory.events.local", "low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\noom_group_kill 0\n"},
    {"memory.stat", "anon 0\nfile 0\nshmem 0\n"},
    {"cpu.max", "max 100000\n"},
    {"cpu.weight", "100\n"},
    {"cpu.stat", "usage_usec 0\nuser_usec 0\nsystem_usec 0\n"},
    {"pids.max", "max\n"},
    {"pids.current", "0\n"},
};
#define GROUP_FILES (sizeof group_files / sizeof group_files[0])

static void put(const char *folder, const char *name, const char *text)
{
    char path[1024];
    assert_true(path_join(path, sizeof path, folder, name));
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void drop(const char *folder, const char *name)
{
    char path[1024];
    assert_true(path_join(path, sizeof path, folder, name));
    unlink(path);
}

static void assert_holds(const char *folder, const char *name, const char *text)
{
    char path[1024];
    char found[256] = "";
    assert_true(path_join(path, sizeof path, folder, name));
    FILE *file = fopen(path, "r");
    if (file == NULL)
        fail_msg("%s is not there", path);
    size_t size = fread(found, 1, sizeof found - 1, file);
    found[size] = '\0';
    fclose(file);
    assert_string_equal(found, text);
}

/* The kernel's side. */
int mkdir(const char *path, mode_t mode)
{
    if (mkdirat(AT_FDCWD, path, mode) != 0)
        return -1;
    for (size_t i = 0; i < GROUP_FILES; i++)
        put(path, group_files[i][0], group_files[i][1]);
    return 0;
}

int rmdir(const char *path)
{
    struct stat status;
    if (stat(path, &status) == 0 && status.st_nlink > 2) {
        errno = EBUSY;
        return -1;
    }
    for (size_t i = 0; i < GROUP_FILES; i++)
        drop(path, group_files[i][0]);
    return unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
}

struct fake {
    char top[64];
    char root[128]; /* the mount */
    char self[128]; /* as /proc/self/cgroup */
    struct cgroup_place place;
    struct mem_account account;
    struct error error;
};

/* A root group lacks what only groups below it have. */
static void make_root(const char *folder)
{
    static const char *const lacking[] = {"cgroup.type",     "cgroup.events", "memory.max",
                                          "memory.swap.max", "memory.high",   "cgroup.kill"};
    assert_int_equal(mkdir(folder, 0755), 0);
    for (size_t i = 0; i < sizeof lacking / sizeof lacking[0]; i++)
        drop(folder, lacking[i]);
}

static int fake_open(void **state)
{
    static struct fake fake;
    memset(&fake, 0, sizeof fake);
    error_init(&fake.error);
    mem_account_init(&fake.account, "test", NULL, MEM_NO_LIMIT);
    const char *temporary = getenv("TMPDIR");
    snprintf(fake.top, sizeof fake.top, "%s/weir-v2-XXXXXX",
             temporary != NULL && strlen(temporary) < 40 ? temporary : "/tmp");
    if (mkdtemp(fake.top) == NULL)
        return -1;
    assert_true(path_join(fake.root, sizeof fake.root, fake.top, "mount"));
    assert_true(path_join(fake.self, sizeof fake.self, fake.top, "self"));
    make_root(fake.root);
    *state = &fake;
    return 0;
}

static int remove_all(const char *top)
{
    pid_t child = fork();
    int status = -1;
    if (child == 0) {
        execlp("rm", "rm", "-rf", top, (char *)NULL);
        _exit(1);
    }
    return waitpid(child, &status, 0) == child ? status : -1;
}

static int fake_close(void **state)
{
    struct fake *fake = *state;
    return remove_all(fake->top);
}

/* Says where this process sits. */
static void sit_in(struct fake *fake, const char *group)
{
    char text[300];
    snprintf(text, sizeof text, "0::%s\n", group);
    put(fake->top, "self", text);
}

static const char *make_folder(const struct fake *fake, const char *name, char ret[256])
{
    assert_true(path_join(ret, 256, fake->root, name));
    assert_int_equal(mkdir(ret, 0755), 0);
    return ret;
}

/* Others, a line each, and one more. */
static void put_processes(const char *folder, const char *others, pid_t process)
{
    char text[64];
    snprintf(text, sizeof text, "%s%d\n", others, (int)process);
    put(folder, "cgroup.procs", text);
}

static void put_process(const char *folder, pid_t process)
{
    put_processes(folder, "", process);
}

static enum cgroup_kind find(struct fake *fake)
{
    assert_int_equal(cgroup_find(fake->root, fake->self, &fake->place, &fake->error), ERROR_NONE);
    assert_true(fake->place.why[0] != '\0');
    return fake->place.kind;
}

static struct cgroup *make_group(struct fake *fake, const struct cgroup_limits *limits)
{
    struct cgroup *group;
    if (cgroup_create(&fake->place, "job-1", limits, &fake->account, &group, &fake->error) !=
        ERROR_NONE)
        fail_msg("%s (%s)", fake->error.what, fake->error.file);
    return group;
}

static void path_of(const struct fake *fake, const char *name, char ret[1024])
{
    assert_true(path_join(ret, 1024, fake->place.memory, name));
}

#endif
