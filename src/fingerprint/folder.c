#include "fingerprint/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PRIVATE_MODE 0700
#define LONGEST_PATH 4096

static enum error_code check(int descriptor, struct error *error)
{
    struct stat facts;
    if (fstat(descriptor, &facts) != 0)
        return error_set_errno(error, errno, "cannot ask what the cache folder is");
    if (facts.st_uid != geteuid())
        return error_set(error, ERROR_IO, "the cache folder belongs to another user");
    if ((facts.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return error_set(error, ERROR_IO, "others may write to the cache folder");
    return ERROR_NONE;
}

static enum error_code open_folder(const char *path, int *ret, struct error *error)
{
    if (mkdir(path, PRIVATE_MODE) != 0 && errno != EEXIST)
        return error_set_errno(error, errno, "cannot make the cache folder");
    int descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0)
        return error_set_errno(error, errno, "cannot open the cache folder");
    enum error_code code = check(descriptor, error);
    if (code != ERROR_NONE)
        close(descriptor);
    else
        *ret = descriptor;
    return code;
}

enum error_code fingerprint_folder_open(const char *path, int *ret, struct error *error)
{
    enum error_code code = open_folder(path, ret, error);
    if (code == ERROR_NONE)
        return ERROR_NONE;
    if (error->hint[0] == '\0')
        error_hint(error, "a folder of your own that only you can write to, for --cache");
    error_in_file(error, path);
    return code;
}

/* The base folder for caches; source: XDG Base Directory Specification, which says to ignore
 * relative paths. */
static bool base_folder(char *path, size_t size)
{
    const char *base = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    int length = -1;
    if (base != NULL && base[0] == '/')
        length = snprintf(path, size, "%s", base);
    else if (home != NULL && home[0] == '/')
        length = snprintf(path, size, "%s/.cache", home);
    return length > 0 && (size_t)length < size;
}

bool fingerprint_folder_default(int *ret)
{
    static const char *const levels[] = {"", "/weir", "/keys"};
    char path[LONGEST_PATH];
    struct error ignored;
    error_init(&ignored);
    if (!base_folder(path, sizeof path - sizeof "/weir/keys"))
        return false;
    size_t length = strlen(path);
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
        length += (size_t)snprintf(path + length, sizeof path - length, "%s", levels[i]);
        /* What cannot be made is found out when the last level is opened. */
        if (mkdir(path, PRIVATE_MODE) != 0 && errno != EEXIST)
            return false;
    }
    return open_folder(path, ret, &ignored) == ERROR_NONE;
}
