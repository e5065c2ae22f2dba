#include "batch/work_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include "cell/folder_tree.h"

#define NAME_MOST   ((size_t)64) /* bytes of a name that is used as it is */
#define PART_MOST   ((size_t)40) /* bytes of a name that stand before its digest */
#define DIGEST_SIZE ((size_t)32)
#define ASIDE       ".weir" /* a file until it is whole */

/* ---- names ---- */

static bool is_safe_byte(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '.' || byte == '_' || byte == '-';
}

static bool is_hidden_byte(char byte)
{
    return byte == '.' || byte == '-';
}

/* "load-0123...": such a name could be that of another job's folder. */
static bool ends_with_digest(const char *name, size_t size)
{
    return size > DIGEST_SIZE && name[size - DIGEST_SIZE - 1] == '-' &&
           strspn(name + size - DIGEST_SIZE, "0123456789abcdef") == DIGEST_SIZE;
}

static bool is_safe(const char *name)
{
    size_t size = strlen(name);
    if (size == 0 || size > NAME_MOST || is_hidden_byte(name[0]) || ends_with_digest(name, size))
        return false;
    for (size_t i = 0; i < size; i++)
        if (!is_safe_byte(name[i]))
            return false;
    return true;
}

/* Bytes that are not safe become one '_' together. */
static size_t copy_safe_part(const char *name, char ret[static PART_MOST])
{
    size_t size = 0;
    while (is_hidden_byte(*name))
        name++;
    for (; *name != '\0' && size < PART_MOST; name++)
        if (is_safe_byte(*name))
            ret[size++] = *name;
        else if (size == 0 || ret[size - 1] != '_')
            ret[size++] = '_';
    return size;
}

char *work_folder_name(const char *job, char buffer[static 128])
{
    char part[PART_MOST];
    XXH128_canonical_t digest;
    if (is_safe(job)) {
        snprintf(buffer, 128, "%s", job);
        return buffer;
    }
    XXH128_canonicalFromHash(&digest, XXH3_128bits(job, strlen(job)));
    int size = (int)copy_safe_part(job, part);
    int used = snprintf(buffer, 128, "%.*s-", size > 0 ? size : 3, size > 0 ? part : "job");
    for (size_t i = 0; i < sizeof digest.digest; i++)
        used += snprintf(buffer + used, 128 - (size_t)used, "%02x", digest.digest[i]);
    return buffer;
}

enum error_code work_folder_path(const char *folder, int64_t run, const char *job, int64_t attempt,
                                 char ret[static WORK_FOLDER_PATH], struct error *error)
{
    char name[128];
    int size = snprintf(ret, WORK_FOLDER_PATH, "%s/work/%" PRId64 "/%s/%" PRId64, folder, run,
                        work_folder_name(job, name), attempt);
    if (size >= 0 && size < WORK_FOLDER_PATH)
        return ERROR_NONE;
    error_set(error, ERROR_INPUT, "the path of a work folder is longer than %d bytes",
              WORK_FOLDER_PATH - 1);
    error_in_file(error, folder);
    error_hint(error, "a folder whose own path is shorter");
    return ERROR_INPUT;
}

char *work_folder_file(const char *path, const char *name, char ret[static WORK_FOLDER_FILE])
{
    snprintf(ret, WORK_FOLDER_FILE, "%s/%s", path, name);
    return ret;
}

/* ---- folders ---- */

static enum error_code fail(const char *what, const char *path, struct error *error)
{
    error_set_errno(error, errno, "%s", what);
    error_in_file(error, path);
    return error->code;
}

static enum error_code make_parents(const char *path, struct error *error)
{
    char part[WORK_FOLDER_PATH];
    snprintf(part, sizeof part, "%s", path);
    for (char *at = strchr(part + 1, '/'); at != NULL; at = strchr(at + 1, '/')) {
        *at = '\0';
        if (mkdir(part, 0777) != 0 && errno != EEXIST)
            return fail("cannot make a folder", part, error);
        *at = '/';
    }
    return ERROR_NONE;
}

static enum error_code empty(const char *path, struct error *error)
{
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder < 0)
        return fail("cannot use a work folder that is there already", path, error);
    bool is_empty = folder_tree_empty(folder);
    close(folder);
    if (is_empty)
        return ERROR_NONE;
    error_set(error, ERROR_IO, "a work folder that was left behind cannot be emptied");
    error_in_file(error, path);
    error_hint(error, "remove it by hand, as the user it belongs to");
    return ERROR_IO;
}

/* Most of the time those above it are there. */
enum error_code work_folder_make(const char *path, struct error *error)
{
    int failed = mkdir(path, 0777);
    if (failed != 0 && errno == ENOENT) {
        TRY(make_parents(path, error));
        failed = mkdir(path, 0777);
    }
    if (failed != 0 && errno == EEXIST)
        return empty(path, error);
    return failed == 0 ? ERROR_NONE : fail("cannot make a work folder", path, error);
}

void work_folder_remove(const char *path)
{
    char part[WORK_FOLDER_PATH];
    bool gone = folder_tree_remove(path);
    snprintf(part, sizeof part, "%s", path);
    for (int level = 0; gone && level < 2; level++) {
        char *slash = strrchr(part, '/');
        if (slash == NULL)
            return;
        *slash = '\0';
        gone = rmdir(part) == 0;
    }
}

/* ---- files ---- */

static int write_all(int descriptor, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t put = write(descriptor, bytes, size);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return -1;
        bytes += put;
        size -= (size_t)put;
    }
    return 0;
}

/* What is there under the name is left by a program. */
static int write_aside(int folder, mode_t mode, const void *bytes, size_t size)
{
    unlinkat(folder, ASIDE, 0);
    int descriptor =
        openat(folder, ASIDE, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
    if (descriptor < 0)
        return -1;
    int failed = write_all(descriptor, bytes, size), reason = errno;
    if (close(descriptor) == 0 || failed != 0)
        errno = reason;
    else
        failed = -1;
    return failed;
}

static int write_within(int folder, const char *name, mode_t mode, const void *bytes, size_t size)
{
    if (write_aside(folder, mode, bytes, size) == 0 && renameat(folder, ASIDE, folder, name) == 0)
        return 0;
    int reason = errno;
    unlinkat(folder, ASIDE, 0);
    errno = reason;
    return -1;
}

enum error_code work_folder_write(const struct kept_folder *folder, const char *name, mode_t mode,
                                  const void *bytes, size_t size, struct error *error)
{
    char file[WORK_FOLDER_FILE];
    int descriptor = kept_folder_open(folder);
    int failed = descriptor < 0 ? descriptor : write_within(descriptor, name, mode, bytes, size);
    int reason = errno;
    if (descriptor >= 0)
        close(descriptor);
    if (failed == 0)
        return ERROR_NONE;
    errno = reason;
    return fail("cannot write a file of a work folder", work_folder_file(folder->path, name, file),
                error);
}
