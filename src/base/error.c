#include "base/error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

void error_init(struct error *error)
{
    memset(error, 0, sizeof *error);
    error->row_group = ERROR_NO_PLACE;
    error->offset = ERROR_NO_PLACE;
}

static PRINTF_LIKE(3, 0) enum error_code
    error_set_list(struct error *error, enum error_code code, const char *format, va_list arguments)
{
    error_init(error);
    error->code = code;
    vsnprintf(error->what, sizeof error->what, format, arguments);
    return code;
}

enum error_code error_set(struct error *error, enum error_code code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    error_set_list(error, code, format, arguments);
    va_end(arguments);
    return code;
}

static const char *hint_of_errno(int errno_value)
{
    switch (errno_value) {
    case ENOSPC:
    case EDQUOT:
        return "free some space, or write to another folder";
    case EMFILE:
    case ENFILE:
        return "raise the limit of open files (ulimit -n)";
    case EACCES:
    case EPERM:
        return "check the permissions of the file and its folders";
    case ENOENT:
        return "check the spelling of the path";
    default:
        return "";
    }
}

enum error_code error_set_errno(struct error *error, int errno_value, const char *format, ...)
{
    /* Our addresses are sound: a control group (version 1) at its limit refuses the page that a
     * system call would have written to, and that is told as EFAULT. */
    if (errno_value == EFAULT)
        errno_value = ENOMEM;
    enum error_code code = errno_value == ENOMEM ? ERROR_MEMORY : ERROR_IO;
    va_list arguments;
    va_start(arguments, format);
    error_set_list(error, code, format, arguments);
    va_end(arguments);
    size_t used = strlen(error->what);
    char reason[128];
    /* GNU strerror_r: thread-safe, may return a static string instead of filling the buffer. */
    const char *text = strerror_r(errno_value, reason, sizeof reason);
    snprintf(error->what + used, sizeof error->what - used, ": %s", text);
    error_hint(error, "%s", hint_of_errno(errno_value));
    return code;
}

void error_hint(struct error *error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->hint, sizeof error->hint, format, arguments);
    va_end(arguments);
}

void error_in_file(struct error *error, const char *path)
{
    if (path == NULL || error->file[0] != '\0')
        return;
    size_t length = strlen(path);
    size_t room = sizeof error->file - 1;
    if (length <= room)
        memcpy(error->file, path, length + 1);
    else
        snprintf(error->file, sizeof error->file, "...%s", path + length - (room - 3));
}

void error_in_column(struct error *error, const char *column)
{
    if (column != NULL && error->column[0] == '\0')
        snprintf(error->column, sizeof error->column, "%s", column);
}

void error_in_row_group(struct error *error, int64_t row_group)
{
    if (error->row_group == ERROR_NO_PLACE)
        error->row_group = row_group;
}

void error_at_offset(struct error *error, int64_t offset)
{
    if (error->offset == ERROR_NO_PLACE)
        error->offset = offset;
}

const char *error_code_name(enum error_code code)
{
    static const char *const names[] = {
        [ERROR_NONE] = "none",
        [ERROR_USAGE] = "usage",
        [ERROR_INPUT] = "input",
        [ERROR_UNSUPPORTED] = "unsupported",
        [ERROR_IO] = "io",
        [ERROR_CHANGED] = "changed",
        [ERROR_MEMORY] = "memory",
        [ERROR_MISMATCH] = "mismatch",
        [ERROR_OVERFLOW] = "overflow",
        [ERROR_EXISTS] = "exists",
        [ERROR_CANCELLED] = "cancelled",
        [ERROR_INTERNAL] = "internal",
    };
    return (size_t)code < sizeof names / sizeof names[0] ? names[code] : "internal";
}

/* A line under construction that stops quietly at its end. */
struct line {
    char *at;
    char *end;
};

static void line_add(struct line *line, const char *text)
{
    for (; *text != '\0' && line->at < line->end; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte >= 0x20 && byte != 0x7f) {
            *line->at++ = (char)byte;
        } else if (line->end - line->at > 4) {
            line->at += snprintf(line->at, 5, "\\x%02x", byte);
        }
    }
}

static void line_place(struct line *line, const char **separator, const char *label,
                       const char *value)
{
    line_add(line, *separator);
    line_add(line, label);
    line_add(line, value);
    *separator = ", ";
}

char *error_render(const struct error *error, char *buffer, size_t size)
{
    struct line line = {buffer, buffer + size - 1};
    const char *separator = " (";
    char number[24];
    line_add(&line, error->what[0] != '\0' ? error->what : error_code_name(error->code));
    if (error->file[0] != '\0')
        line_place(&line, &separator, "file ", error->file);
    if (error->row_group != ERROR_NO_PLACE) {
        snprintf(number, sizeof number, "%lld", (long long)error->row_group);
        line_place(&line, &separator, "row group ", number);
    }
    if (error->column[0] != '\0')
        line_place(&line, &separator, "column ", error->column);
    if (error->offset != ERROR_NO_PLACE) {
        snprintf(number, sizeof number, "%lld", (long long)error->offset);
        line_place(&line, &separator, "offset ", number);
    }
    if (separator[0] == ',')
        line_add(&line, ")");
    if (error->hint[0] != '\0') {
        line_add(&line, ". Try: ");
        line_add(&line, error->hint);
    }
    *line.at = '\0';
    return buffer;
}
