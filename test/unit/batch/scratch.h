/* A folder for a test to play in, and short ways to look at files. */
#ifndef TEST_BATCH_SCRATCH_H
#define TEST_BATCH_SCRATCH_H

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "cell/folder_tree.h"

struct scratch {
    char path[64];
    char name[1200]; /* of the last scratch_name */
};

static inline void scratch_open(struct scratch *scratch)
{
    snprintf(scratch->path, sizeof scratch->path, "/tmp/weir-batch-test-XXXXXX");
    assert_non_null(mkdtemp(scratch->path));
}

static inline void scratch_close(struct scratch *scratch)
{
    assert_true(folder_tree_remove(scratch->path));
}

/* Lives until the next. */
static inline const char *scratch_name(struct scratch *scratch, const char *name)
{
    snprintf(scratch->name, sizeof scratch->name, "%s/%s", scratch->path, name);
    return scratch->name;
}

static inline void write_file(const char *path, const char *text)
{
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(file >= 0);
    assert_int_equal(write(file, text, strlen(text)), strlen(text));
    close(file);
}

/* The bytes with a NUL behind them, for free(); NULL: no such file. */
static inline char *read_file(const char *path, size_t *ret_size)
{
    struct stat status;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return NULL;
    assert_int_equal(fstat(file, &status), 0);
    char *text = calloc(1, (size_t)status.st_size + 1);
    assert_int_equal(read(file, text, (size_t)status.st_size), status.st_size);
    close(file);
    if (ret_size != NULL)
        *ret_size = (size_t)status.st_size;
    return text;
}

static inline void assert_file(const char *path, const char *text)
{
    char *found = read_file(path, NULL);
    assert_non_null(found);
    assert_string_equal(found, text);
    free(found);
}

static inline bool file_has(const char *path, const char *text)
{
    char *found = read_file(path, NULL);
    bool has = found != NULL && strstr(found, text) != NULL;
    free(found);
    return has;
}

/* Entries of a folder; 0 where there is none. */
static inline size_t count_entries(const char *path)
{
    size_t count = 0;
    DIR *folder = opendir(path);
    if (folder == NULL)
        return 0;
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(folder);
    return count;
}

static inline size_t count_descriptors(void)
{
    return count_entries("/proc/self/fd");
}

#endif
