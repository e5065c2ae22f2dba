#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cursor.h"
#include "cell/plain_text.h"
#include "cell/python_line.h"

/* A source file longer than this is not searched for its line. */
#define SOURCE_MOST ((size_t)16 << 20)

static const char TITLE[] = "Fatal Python error: ";
static const char FRAME[] = "  File \"";

/* Standing of a frame: the best wins, of equals the first. */
enum standing { NOTHING, LIBRARY, USER, USER_OF_CURRENT };

static struct cursor after_last_title(const char *text, size_t size)
{
    size_t length = sizeof TITLE - 1;
    for (size_t at = size; at-- > 0;)
        if (size - at >= length && memcmp(text + at, TITLE, length) == 0 &&
            (at == 0 || text[at - 1] == '\n'))
            return cursor_over(text + at, size - at);
    return cursor_over(text, 0);
}

static bool take_line(struct cursor *text, char *ret, size_t size)
{
    size_t left = cursor_left(text);
    const uint8_t *bytes;
    if (left == 0)
        return false;
    const uint8_t *newline = memchr(text->at, '\n', left);
    size_t length = newline == NULL ? left : (size_t)(newline - text->at);
    if (!cursor_bytes(text, length, &bytes))
        return false;
    size_t copied = length < size ? length : size - 1;
    memcpy(ret, bytes, copied);
    ret[copied] = '\0';
    return newline == NULL || cursor_skip(text, 1);
}

static bool contains(const char *text, const char *word)
{
    return strstr(text, word) != NULL;
}

static bool is_library(const char *file)
{
    return contains(file, "/site-packages/") || contains(file, "/dist-packages/") ||
           contains(file, "/lib/python3") || contains(file, "/lib/pypy3") ||
           strncmp(file, "<frozen ", 8) == 0;
}

static size_t put_utf8(uint32_t point, char ret[static 4])
{
    if (point < 0x80) {
        ret[0] = (char)point;
        return 1;
    }
    size_t more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
    static const uint8_t FIRST[] = {0, 0xc0, 0xe0, 0xf0};
    ret[0] = (char)(FIRST[more] | point >> 6 * more);
    for (size_t i = 1; i <= more; i++)
        ret[i] = (char)(0x80 | (point >> 6 * (more - i) & 0x3f));
    return more + 1;
}

/* faulthandler writes what is not ASCII as \xe4, \u20ac or \U0001f40d. */
static size_t escape_length(const char *at)
{
    size_t digits = at[1] == 'x' ? 2 : at[1] == 'u' ? 4 : at[1] == 'U' ? 8 : 0;
    for (size_t i = 0; i < digits; i++)
        if (!isxdigit((unsigned char)at[2 + i]))
            return 0;
    return digits;
}

static void unescape(char *text)
{
    char *to = text;
    while (*text != '\0') {
        size_t digits = *text == '\\' ? escape_length(text) : 0;
        char number[9] = "";
        if (digits > 0)
            memcpy(number, text + 2, digits);
        uint32_t point = digits > 0 ? (uint32_t)strtoul(number, NULL, 16) : 0;
        if (point == 0 || point > 0x10ffff) {
            *to++ = *text++;
            continue;
        }
        text += 2 + digits;
        char bytes[4];
        size_t size = put_utf8(point, bytes);
        memcpy(to, bytes, size);
        to += size;
    }
    *to = '\0';
}

/* '  File "f.py", line 3 in function'; the line may be "???". */
static bool parse_frame(char *line, struct cell_line *ret)
{
    if (strncmp(line, FRAME, sizeof FRAME - 1) != 0)
        return false;
    char *file = line + sizeof FRAME - 1;
    static const char BEHIND[] = "\", line ";
    char *behind = strstr(file, BEHIND);
    if (behind == NULL)
        return false;
    *behind = '\0';
    char *rest;
    unsigned long number = strtoul(behind + sizeof BEHIND - 1, &rest, 10);
    const char *in = strstr(rest, " in ");
    unescape(file);
    *ret = (struct cell_line){.known = true, .line = number > INT32_MAX ? 0 : (unsigned)number};
    snprintf(ret->file, sizeof ret->file, "%.255s", file);
    snprintf(ret->function, sizeof ret->function, "%.95s", in == NULL ? "" : in + 4);
    unescape(ret->function);
    plain_text(ret->file);
    plain_text(ret->function);
    return true;
}

static enum standing standing_of(const struct cell_line *frame, bool current)
{
    if (is_library(frame->file))
        return LIBRARY;
    return current ? USER_OF_CURRENT : USER;
}

static void find_frame(struct cursor text, struct cell_line *ret)
{
    char line[1400]; /* names are cut to 500 characters, of up to ten bytes, by faulthandler */
    bool current = false;
    enum standing best = NOTHING;
    while (take_line(&text, line, sizeof line)) {
        struct cell_line frame;
        if (strncmp(line, "Current thread ", 15) == 0)
            current = true;
        else if (strncmp(line, "Thread ", 7) == 0)
            current = false;
        if (!parse_frame(line, &frame))
            continue;
        enum standing standing = standing_of(&frame, current);
        if (standing > best) {
            best = standing;
            *ret = frame;
        }
    }
}

/* Only a regular file, and without waiting: the name comes from the program. */
static int open_source(const char *file, const char *directory)
{
    char path[1024];
    bool relative = file[0] != '/' && directory != NULL;
    int length =
        snprintf(path, sizeof path, "%s%s%s", relative ? directory : "", relative ? "/" : "", file);
    if (length < 0 || (size_t)length >= sizeof path)
        return -1;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat status;
    if (descriptor >= 0 && (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode))) {
        close(descriptor);
        return -1;
    }
    return descriptor;
}

static void add_code(char *code, size_t size, size_t *filled, char byte)
{
    bool indent = *filled == 0 && isspace((unsigned char)byte);
    if (indent || *filled + 1 >= size || (byte >= 0 && byte < 0x20))
        return;
    code[(*filled)++] = byte;
    code[*filled] = '\0';
}

static void read_code(int descriptor, struct cell_line *ret)
{
    char chunk[8192];
    unsigned line = 1;
    size_t filled = 0, seen = 0;
    ssize_t got;
    while (line <= ret->line && seen < SOURCE_MOST &&
           (got = read(descriptor, chunk, sizeof chunk)) > 0) {
        seen += (size_t)got;
        for (ssize_t i = 0; i < got && line <= ret->line; i++)
            if (chunk[i] == '\n')
                line++;
            else if (line == ret->line)
                add_code(ret->code, sizeof ret->code, &filled, chunk[i]);
    }
}

bool python_line_find(const char *text, size_t size, const char *directory, struct cell_line *ret)
{
    *ret = (struct cell_line){.known = false};
    find_frame(after_last_title(text, size), ret);
    if (!ret->known || ret->line == 0 || ret->file[0] == '<')
        return ret->known;
    int descriptor = open_source(ret->file, directory);
    if (descriptor < 0)
        return true;
    read_code(descriptor, ret);
    close(descriptor);
    plain_text(ret->code);
    return true;
}
