#include "store/temporary.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Where the file system has no unnamed files: a name that is removed at once. */
static int open_and_unlink(const char *folder)
{
    char path[4096];
    if (snprintf(path, sizeof path, "%s/.weir-XXXXXX", folder) >= (int)sizeof path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    int descriptor = mkostemp(path, O_CLOEXEC);
    if (descriptor >= 0)
        unlink(path);
    return descriptor;
}

enum error_code temporary_open(const char *folder, int *ret, struct error *error)
{
    const char *chosen = folder != NULL ? folder : getenv("TMPDIR");
    if (chosen == NULL || chosen[0] == '\0')
        chosen = "/tmp";
    int descriptor = open(chosen, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (descriptor < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL))
        descriptor = open_and_unlink(chosen);
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
