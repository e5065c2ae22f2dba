#include "store/temporary.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAME_START ".weir-"

/* ".weir-<process>-XXXXXX" of a process that is no more: it was killed between making the file and
 * taking its name away. */
static bool is_left_behind(const char *name)
{
    if (strncmp(name, NAME_START, strlen(NAME_START)) != 0)
        return false;
    char *end;
    long process = strtol(name + strlen(NAME_START), &end, 10);
    bool complete = *end == '-' && strlen(end) == strlen("-XXXXXX") && process > 0;
    return complete && kill((pid_t)process, 0) != 0 && errno == ESRCH;
}

/* What cannot be looked through or removed belongs to others. */
static void sweep(const char *folder)
{
    DIR *entries = opendir(folder);
    if (entries == NULL)
        return;
    const struct dirent *entry;
    while ((entry = readdir(entries)) != NULL)
        if (is_left_behind(entry->d_name))
            (void)unlinkat(dirfd(entries), entry->d_name, 0);
    closedir(entries);
}

int temporary_open_named(const char *folder)
{
    char path[4096];
    sweep(folder);
    if (snprintf(path, sizeof path, "%s/" NAME_START "%ld-XXXXXX", folder, (long)getpid()) >=
        (int)sizeof path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    int descriptor = mkostemp(path, O_CLOEXEC);
    if (descriptor >= 0)
        unlink(path);
    return descriptor;
}

/* Whether the file system refused for want of unnamed files. */
static bool lacks_unnamed(int reason)
{
    return reason == EOPNOTSUPP || reason == EISDIR || reason == EINVAL;
}

enum error_code temporary_open(const char *folder, int *ret, struct error *error)
{
    const char *chosen = folder != NULL ? folder : getenv("TMPDIR");
    if (chosen == NULL || chosen[0] == '\0')
        chosen = "/tmp";
    int descriptor = open(chosen, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (descriptor < 0 && lacks_unnamed(errno))
        descriptor = temporary_open_named(chosen);
    if (descriptor < 0) {
        enum error_code code = error_set_errno(error, errno, "cannot make a temporary file");
        error_in_file(error, chosen);
        if (folder == NULL)
            error_hint(error, "TMPDIR set to a folder that can be written to");
        return code;
    }
    *ret = descriptor;
    return ERROR_NONE;
}

enum error_code temporary_write(int descriptor, uint64_t offset, const void *bytes, size_t size,
                                struct error *error)
{
    const uint8_t *at = bytes;
    while (size > 0) {
        ssize_t put = pwrite(descriptor, at, size, (off_t)offset);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return error_set_errno(error, errno, "cannot write to a temporary file");
        at += put;
        offset += (uint64_t)put;
        size -= (size_t)put;
    }
    return ERROR_NONE;
}

enum error_code temporary_read(int descriptor, uint64_t offset, void *bytes, size_t size,
                               struct error *error)
{
    uint8_t *at = bytes;
    while (size > 0) {
        ssize_t got = pread(descriptor, at, size, (off_t)offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_set_errno(error, errno, "cannot read a temporary file");
        if (got == 0)
            return error_set(error, ERROR_IO, "a temporary file ends too early");
        at += got;
        offset += (uint64_t)got;
        size -= (size_t)got;
    }
    return ERROR_NONE;
}
