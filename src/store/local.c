#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "store/store.h"

/* Opening must not wait for the other end of a pipe, hence O_NONBLOCK; it means nothing for files.
 */
static enum error_code local_open(struct store_object *object, const char *path,
                                  struct error *error)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (descriptor < 0)
        return error_set_errno(error, errno, "cannot open the file");
    object->descriptor = descriptor;
    return ERROR_NONE;
}

static int64_t nanoseconds(struct timespec time)
{
    return (int64_t)((uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec);
}

static enum error_code local_identify(const struct store_object *object, struct store_identity *ret,
                                      struct error *error)
{
    struct stat status;
    if (fstat(object->descriptor, &status) != 0)
        return error_set_errno(error, errno, "cannot ask what the file is");
    if (S_ISDIR(status.st_mode))
        return error_set(error, ERROR_INPUT, "this is a folder, not a file");
    if (!S_ISREG(status.st_mode))
        return error_set(error, ERROR_INPUT, "this is not a regular file");
    *ret = (struct store_identity){
        .device = (uint64_t)status.st_dev,
        .inode = (uint64_t)status.st_ino,
        .size = (uint64_t)status.st_size,
        .modified_ns = nanoseconds(status.st_mtim),
        .changed_ns = nanoseconds(status.st_ctim),
    };
    return ERROR_NONE;
}

static enum error_code too_short(size_t missing, struct error *error)
{
    enum error_code code =
        error_set(error, ERROR_INPUT, "the file ends %zu bytes too early", missing);
    error_hint(error, "write the file again: it was truncated");
    return code;
}

static enum error_code local_read(const struct store_object *object, uint64_t offset, void *bytes,
                                  size_t size, struct error *error)
{
    uint8_t *at = bytes;
    if (offset > INT64_MAX || size > INT64_MAX - offset)
        return too_short(size, error);
    while (size > 0) {
        ssize_t got = pread(object->descriptor, at, size, (off_t)offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_set_errno(error, errno, "cannot read the file");
        if (got == 0)
            return too_short(size, error);
        at += got;
        offset += (uint64_t)got;
        size -= (size_t)got;
    }
    return ERROR_NONE;
}

/* The kernel cuts one request to its largest read-ahead, so a range is asked for in pieces. */
#define PREFETCH_PIECE ((uint64_t)128 << 10)

/* Whether a byte can be had without waiting for the disk. */
static bool is_cached(const struct store_object *object, uint64_t offset)
{
    uint8_t byte;
    struct iovec vector = {&byte, 1};
    return preadv2(object->descriptor, &vector, 1, (off_t)offset, RWF_NOWAIT) == 1;
}

static void local_prefetch(const struct store_object *object, uint64_t offset, uint64_t size)
{
    uint64_t end = object->identity.size;
    if (offset >= end)
        return;
    size = size < end - offset ? size : end - offset;
    /* A range that is there at both ends is there, most likely; asking for it would cost more. */
    if (size == 0 || (is_cached(object, offset) && is_cached(object, offset + size - 1)))
        return;
    while (size > 0) {
        uint64_t piece = size < PREFETCH_PIECE ? size : PREFETCH_PIECE;
        posix_fadvise(object->descriptor, (off_t)offset, (off_t)piece, POSIX_FADV_WILLNEED);
        offset += piece;
        size -= piece;
    }
}

static void local_close(struct store_object *object)
{
    close(object->descriptor);
    object->descriptor = -1;
}

const struct store_driver store_local_driver = {
    .open = local_open,
    .identify = local_identify,
    .read = local_read,
    .prefetch = local_prefetch,
    .close = local_close,
};
