#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "os/process.h"

/* A name has at most 64 bytes, the 51 numbers at most 21 each. */
#define STAT_SIZE 2048

enum { FIELD_PARENT = 4, FIELD_SESSION = 6, FIELD_START = 22 };

/* A decimal number with a blank or the end behind it; at stands behind it then. */
static bool take_number(const char **at, const char *end, bool *ret_negative, uint64_t *ret)
{
    const char *digit = *at;
    *ret_negative = digit < end && *digit == '-';
    digit += *ret_negative;
    const char *first = digit;
    *ret = 0;
    for (; digit < end && *digit >= '0' && *digit <= '9'; digit++) {
        uint64_t value = (uint64_t)(*digit - '0');
        if (*ret > (UINT64_MAX - value) / 10)
            return false;
        *ret = *ret * 10 + value;
    }
    if (digit == first || (digit < end && *digit != ' ' && *digit != '\n'))
        return false;
    *at = digit < end ? digit + 1 : digit;
    return true;
}

/* Numbers from the field behind the state to the start. */
static bool take_fields(const char *at, const char *end, struct os_process *ret)
{
    for (int field = FIELD_PARENT; field <= FIELD_START; field++) {
        uint64_t value;
        bool negative;
        if (!take_number(&at, end, &negative, &value))
            return false;
        bool is_pid = field == FIELD_PARENT || field == FIELD_SESSION;
        if ((is_pid && value > INT_MAX) || (negative && (is_pid || field == FIELD_START)))
            return false;
        if (field == FIELD_PARENT)
            ret->parent = (pid_t)value;
        else if (field == FIELD_SESSION)
            ret->session = (pid_t)value;
        else if (field == FIELD_START)
            ret->start = value;
    }
    return true;
}

/* The last ")" ends the name: no later field holds one. */
bool os_process_parse(const char *text, size_t size, struct os_process *ret)
{
    size = strnlen(text, size);
    const char *end = text + size;
    const char *close = memrchr(text, ')', size);
    if (close == NULL || end - close < 4 || close[1] != ' ' || close[3] != ' ')
        return false;
    struct os_process found = {.state = close[2]};
    if (!take_fields(close + 4, end, &found))
        return false;
    *ret = found;
    return true;
}

static size_t read_whole(int descriptor, char *bytes, size_t size)
{
    size_t filled = 0;
    ssize_t got = 1;
    while (filled < size && got != 0) {
        got = read(descriptor, bytes + filled, size - filled);
        if (got < 0 && errno != EINTR)
            return 0;
        filled += got > 0 ? (size_t)got : 0;
    }
    return filled;
}

bool os_process_read(pid_t pid, struct os_process *ret)
{
    char path[32], text[STAT_SIZE];
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    int descriptor = pid > 0 ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (descriptor < 0)
        return false;
    size_t size = read_whole(descriptor, text, sizeof text);
    close(descriptor);
    return os_process_parse(text, size, ret);
}

bool os_process_has_ended(const struct os_process *process)
{
    return process->state == 'Z' || process->state == 'X';
}
