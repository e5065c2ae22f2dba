#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "cgroup/kernel_file.h"

bool path_join(char *ret, size_t size, const char *folder, const char *name)
{
    size_t first = strlen(folder);
    size_t second = strlen(name);
    if (first + second + 2 > size)
        return false;
    memcpy(ret, folder, first);
    if (second > 0)
        ret[first++] = '/';
    memcpy(ret + first, name, second);
    ret[first + second] = '\0';
    return true;
}

static int open_file(const char *folder, const char *name, int flags)
{
    char path[PATH_MAX];
    if (!path_join(path, sizeof path, folder, name)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    return open(path, flags | O_CLOEXEC | O_NOFOLLOW);
}

static ssize_t read_again(int descriptor, char *bytes, size_t size)
{
    ssize_t got;
    do
        got = read(descriptor, bytes, size);
    while (got < 0 && errno == EINTR);
    return got;
}

bool kernel_read(const char *folder, const char *name, struct kernel_text *ret)
{
    int descriptor = open_file(folder, name, O_RDONLY);
    if (descriptor < 0)
        return false;
    ssize_t got = 0;
    ret->size = 0;
    while (ret->size < sizeof ret->bytes) {
        got = read_again(descriptor, ret->bytes + ret->size, sizeof ret->bytes - ret->size);
        if (got <= 0)
            break;
        ret->size += (size_t)got;
    }
    close(descriptor);
    return got >= 0;
}

struct cursor kernel_cursor(const struct kernel_text *text)
{
    return cursor_over(text->bytes, text->size);
}

bool kernel_read_number(const char *folder, const char *name, uint64_t *ret)
{
    struct kernel_text text;
    struct span line;
    if (!kernel_read(folder, name, &text))
        return false;
    struct cursor cursor = kernel_cursor(&text);
    if (!text_line(&cursor, &line))
        return false;
    if (span_is(line, "max")) {
        *ret = UINT64_MAX;
        return true;
    }
    return span_number(line, ret);
}

/* Truncation means nothing to the kernel; it keeps a plain file exact. */
int kernel_write(const char *folder, const char *name, const char *text)
{
    int descriptor = open_file(folder, name, O_WRONLY | O_TRUNC);
    if (descriptor < 0)
        return errno;
    size_t size = strlen(text);
    ssize_t put;
    do
        put = write(descriptor, text, size);
    while (put < 0 && errno == EINTR);
    int failure = put < 0 ? errno : (size_t)put < size ? EIO : 0;
    close(descriptor);
    return failure;
}

int kernel_write_number(const char *folder, const char *name, uint64_t value)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, value);
    return kernel_write(folder, name, text);
}

static bool may(const char *folder, const char *name, int mode)
{
    char path[PATH_MAX];
    return path_join(path, sizeof path, folder, name) && access(path, mode) == 0;
}

bool kernel_has(const char *folder, const char *name)
{
    return may(folder, name, F_OK);
}

bool kernel_may_write(const char *folder, const char *name)
{
    return may(folder, name, W_OK);
}

bool text_line(struct cursor *text, struct span *ret)
{
    uint8_t byte;
    if (cursor_left(text) == 0)
        return false;
    ret->at = (const char *)text->at;
    ret->size = 0;
    while (cursor_u8(text, &byte) && byte != '\n')
        ret->size++;
    return true;
}

bool span_take(struct span *from, char separator, struct span *ret)
{
    if (from->size == 0)
        return false;
    const char *found = memchr(from->at, separator, from->size);
    ret->at = from->at;
    ret->size = found != NULL ? (size_t)(found - from->at) : from->size;
    size_t taken = ret->size + (found != NULL);
    from->at += taken;
    from->size -= taken;
    return true;
}

bool span_is(struct span span, const char *text)
{
    return span.size == strlen(text) && memcmp(span.at, text, span.size) == 0;
}

bool span_number(struct span span, uint64_t *ret)
{
    uint64_t value = 0;
    if (span.size == 0)
        return false;
    for (size_t i = 0; i < span.size; i++) {
        if (span.at[i] < '0' || span.at[i] > '9')
            return false;
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, (uint64_t)(span.at[i] - '0'), &value))
            return false;
    }
    *ret = value;
    return true;
}

bool text_field(const struct kernel_text *text, const char *key, uint64_t *ret)
{
    struct cursor cursor = kernel_cursor(text);
    struct span line;
    struct span word;
    while (text_line(&cursor, &line))
        if (span_take(&line, ' ', &word) && span_is(word, key))
            return span_number(line, ret);
    return false;
}

bool kernel_lists(const char *folder, const char *name, const char *word)
{
    struct kernel_text text;
    struct span line;
    struct span found;
    if (!kernel_read(folder, name, &text))
        return false;
    struct cursor cursor = kernel_cursor(&text);
    while (text_line(&cursor, &line))
        while (span_take(&line, ' ', &found))
            if (span_is(found, word))
                return true;
    return false;
}

/* A process number that a buffer may have cut in two. */
struct partial_number {
    uint64_t value;
    bool begun;
};

static void take_bytes(struct partial_number *number, struct cursor bytes,
                       void (*take)(void *context, pid_t process), void *context)
{
    uint8_t byte;
    while (cursor_u8(&bytes, &byte)) {
        if (byte >= '0' && byte <= '9') {
            uint64_t value = number->value * 10 + (uint64_t)(byte - '0');
            number->value = value < INT_MAX ? value : INT_MAX;
            number->begun = true;
        } else if (byte == '\n' && number->begun) {
            take(context, (pid_t)number->value);
            *number = (struct partial_number){0, false};
        }
    }
}

bool kernel_each_process(const char *folder, void (*take)(void *context, pid_t process),
                         void *context)
{
    int descriptor = open_file(folder, "cgroup.procs", O_RDONLY);
    if (descriptor < 0)
        return false;
    struct partial_number number = {0, false};
    char bytes[4096];
    ssize_t got;
    while ((got = read_again(descriptor, bytes, sizeof bytes)) > 0)
        take_bytes(&number, cursor_over(bytes, (size_t)got), take, context);
    close(descriptor);
    return got == 0;
}
