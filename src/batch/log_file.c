#include "batch/log_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A link or a pipe put in the log's place is not followed nor waited for. */
#define LOG_FLAGS (O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK)

void log_file_init(struct log_file *log, const struct kept_folder *folder, const char *name,
                   uint64_t most, struct mem_account *account)
{
    *log = (struct log_file){.folder = folder, .name = name, .most = most};
    mem_buffer_init(&log->buffer, account, LOG_FILE_BUFFER);
    mem_buffer_init(&log->tail, account, LOG_FILE_TAIL);
}

static int write_all(struct log_file *log, int descriptor, const uint8_t *bytes, size_t size)
{
    while (size > 0) {
        ssize_t put = write(descriptor, bytes, size);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return put < 0 ? errno : EIO;
        bytes += put;
        size -= (size_t)put;
        log->appended += (uint64_t)put;
    }
    return 0;
}

/* Whether it is the file that was made at first, which a hard link to another is not. */
static bool is_own(struct log_file *log, int descriptor)
{
    struct stat status;
    if (fstat(descriptor, &status) != 0)
        return false;
    if (!log->made) {
        log->device = status.st_dev;
        log->inode = status.st_ino;
        log->made = true;
    }
    errno = EEXIST;
    return status.st_dev == log->device && status.st_ino == log->inode;
}

static int open_file(struct log_file *log)
{
    int folder = kept_folder_open(log->folder);
    if (folder < 0)
        return -1;
    int descriptor =
        openat(folder, log->name, LOG_FLAGS | (log->made ? 0 : O_CREAT | O_EXCL), 0666);
    int reason = errno;
    close(folder);
    errno = reason;
    if (descriptor < 0 || is_own(log, descriptor))
        return descriptor;
    reason = errno;
    close(descriptor);
    errno = reason;
    return -1;
}

static void append(struct log_file *log, const void *bytes, size_t size)
{
    if (size == 0 || log->failure != 0)
        return;
    int descriptor = open_file(log);
    if (descriptor < 0) {
        log->failure = errno;
        return;
    }
    log->failure = write_all(log, descriptor, bytes, size);
    if (close(descriptor) != 0 && log->failure == 0)
        log->failure = errno; /* file systems over a network tell here */
}

void log_file_flush(struct log_file *log)
{
    append(log, log->buffer.data, log->buffer.size);
    log->buffer.size = 0;
}

static void write_head(struct log_file *log, const uint8_t *bytes, size_t size)
{
    struct error ignored;
    if (size > LOG_FILE_BUFFER - log->buffer.size)
        log_file_flush(log);
    if (size >= LOG_FILE_BUFFER ||
        mem_buffer_reserve(&log->buffer, LOG_FILE_BUFFER, &ignored) != ERROR_NONE) {
        append(log, bytes, size);
        return;
    }
    memcpy(log->buffer.data + log->buffer.size, bytes, size);
    log->buffer.size += size;
}

static void write_tail(struct log_file *log, const uint8_t *bytes, size_t size)
{
    struct error ignored;
    log->beyond += size;
    if (mem_buffer_reserve(&log->tail, LOG_FILE_TAIL, &ignored) != ERROR_NONE)
        return;
    if (size > LOG_FILE_TAIL) {
        bytes += size - LOG_FILE_TAIL;
        size = LOG_FILE_TAIL;
    }
    while (size > 0) {
        size_t at = log->tailed % LOG_FILE_TAIL, room = LOG_FILE_TAIL - at;
        size_t piece = size < room ? size : room;
        memcpy(log->tail.data + at, bytes, piece);
        bytes += piece;
        size -= piece;
        log->tailed += piece;
    }
}

void log_file_write(struct log_file *log, const void *bytes, size_t size)
{
    log->total += size;
    if (log->failure != 0 || size == 0)
        return;
    uint64_t taken = log->appended + log->buffer.size;
    uint64_t room = taken < log->most ? log->most - taken : 0;
    size_t head = size < room ? size : (size_t)room;
    if (head > 0)
        write_head(log, bytes, head);
    if (head < size)
        write_tail(log, (const uint8_t *)bytes + head, size - head);
}

/* The ring's bytes in their order, behind a line about those that it lost. */
static void append_tail(struct log_file *log)
{
    char line[128];
    uint64_t kept = log->tailed < LOG_FILE_TAIL ? log->tailed : LOG_FILE_TAIL;
    uint64_t missing = log->beyond - kept;
    int size =
        snprintf(line, sizeof line, "\n[weir: %" PRIu64 " bytes are missing here]\n", missing);
    if (missing > 0)
        append(log, line, (size_t)size);
    if (kept == 0)
        return;
    size_t from = (size_t)((log->tailed - kept) % LOG_FILE_TAIL), first = LOG_FILE_TAIL - from;
    first = kept < first ? (size_t)kept : first;
    append(log, log->tail.data + from, first);
    append(log, log->tail.data, (size_t)kept - first);
}

void log_file_end(struct log_file *log)
{
    log_file_flush(log);
    append_tail(log);
    log->beyond = log->tailed = 0;
    mem_buffer_release(&log->tail);
    mem_buffer_release(&log->buffer);
}
