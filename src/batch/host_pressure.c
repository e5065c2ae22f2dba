#include "batch/host_pressure.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEXT_SIZE 4096
/* Shares of all memory below which to pause, and above which to go on. */
#define PAUSE_SHARE  64
#define RESUME_SHARE 32

static bool is_digit(char character)
{
    return character >= '0' && character <= '9';
}

/* "12.34" as hundredths; digits behind the second do not count. */
static bool parse_hundredths(const char *text, uint32_t *ret)
{
    uint32_t number = 0, digits = 0;
    if (!is_digit(*text))
        return false;
    for (; is_digit(*text) && number <= 1000; text++)
        number = number * 10 + (uint32_t)(*text - '0');
    text += *text == '.';
    for (; digits < 2; digits++)
        number = number * 10 + (is_digit(*text) ? (uint32_t)(*text++ - '0') : 0);
    *ret = number;
    return true;
}

/* What stands behind the start of a line, or NULL. */
static const char *find_line(const char *text, const char *start)
{
    size_t length = strlen(start);
    while (text != NULL && strncmp(text, start, length) != 0) {
        text = strchr(text, '\n');
        text = text == NULL ? NULL : text + 1;
    }
    return text == NULL ? NULL : text + length;
}

/* "MemTotal:   1234 kB" in bytes; 0 where there is no such line. */
static uint64_t parse_kilobytes(const char *meminfo, const char *name)
{
    const char *at = find_line(meminfo, name);
    uint64_t bytes;
    if (at == NULL)
        return 0;
    unsigned long long number = strtoull(at, NULL, 10);
    return __builtin_mul_overflow(number, 1024ull, &bytes) ? UINT64_MAX : bytes;
}

struct host_reading host_pressure_parse(const char *pressure, const char *meminfo)
{
    struct host_reading reading = {
        .available = parse_kilobytes(meminfo, "MemAvailable:"),
        .total = parse_kilobytes(meminfo, "MemTotal:"),
    };
    const char *full = find_line(pressure, "full avg10=");
    reading.has_pressure = full != NULL && parse_hundredths(full, &reading.full);
    return reading;
}

/* Files of /proc tell no size. */
static const char *read_text(const char *path, char buffer[static TEXT_SIZE])
{
    size_t size = 0;
    ssize_t got = 0;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return NULL;
    do {
        got = read(descriptor, buffer + size, TEXT_SIZE - 1 - size);
        size += got > 0 ? (size_t)got : 0;
    } while (got > 0 || (got < 0 && errno == EINTR));
    close(descriptor);
    buffer[size] = '\0';
    return size > 0 ? buffer : NULL;
}

struct host_reading host_pressure_read(void)
{
    char pressure[TEXT_SIZE], meminfo[TEXT_SIZE];
    return host_pressure_parse(read_text("/proc/pressure/memory", pressure),
                               read_text("/proc/meminfo", meminfo));
}

bool host_pressure_pauses(const struct host_reading *reading, bool paused)
{
    if (reading->has_pressure)
        return reading->full >= (paused ? HOST_PRESSURE_RESUME : HOST_PRESSURE_PAUSE);
    if (reading->available == 0 || reading->total == 0)
        return false;
    return reading->available < reading->total / (paused ? RESUME_SHARE : PAUSE_SHARE);
}
