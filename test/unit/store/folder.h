/* A temporary folder for one test program, made by folder_make and removed by folder_remove. */
#ifndef TEST_STORE_FOLDER_H
#define TEST_STORE_FOLDER_H

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder_path[64];

static inline int folder_make(void **state)
{
    (void)state;
    memcpy(folder_path, "/tmp/weir-unit-XXXXXX", 22);
    return mkdtemp(folder_path) != NULL ? 0 : -1;
}

/* The name of a file in the folder; valid until the fourth call from now. */
static inline char *folder_file(const char *name)
{
    static char paths[4][512];
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder_path, name);
    return path;
}

static inline void folder_write(const char *name, const void *bytes, size_t size)
{
    int descriptor = open(folder_file(name), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    assert_true(descriptor >= 0);
    assert_int_equal(write(descriptor, bytes, size), size);
    close(descriptor);
}

/* Entries of the folder, "." and ".." not counted. */
static inline int folder_count(void)
{
    int count = 0;
    DIR *entries = opendir(folder_path);
    assert_non_null(entries);
    while (readdir(entries) != NULL)
        count++;
    closedir(entries);
    return count - 2;
}

static inline int folder_unlink(const char *path, const struct stat *facts, int kind,
                                struct FTW *place)
{
    (void)facts;
    (void)kind;
    return place->level > 0 ? remove(path) : 0;
}

static inline int folder_remove(void **state)
{
    (void)state;
    nftw(folder_path, folder_unlink, 8, FTW_DEPTH | FTW_PHYS);
    return rmdir(folder_path);
}

#endif
