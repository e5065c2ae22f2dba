/*
 * Errors: one caller-owned struct, one code that cannot be ignored.
 *
 * Every function that can fail returns enum error_code, is declared CHECKED, and takes a pointer to
 * a struct error that the caller owns (never NULL). On success the struct is left untouched; on
 * failure it says what went wrong, where (file, row group, column, byte offset) and what to try.
 * Library code never prints: only the command line renders an error, with error_render().
 *
 * Out-parameters are named ret_x, stand before the error, and are written only on success.
 */
#ifndef WEIR_BASE_ERROR_H
#define WEIR_BASE_ERROR_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#define CHECKED               __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, arg) __attribute__((format(printf, fmt, arg)))

enum error_code {
    ERROR_NONE = 0,
    ERROR_USAGE,       /* the command line is wrong: exit 2 */
    ERROR_INPUT,       /* bytes from outside are not what their format says */
    ERROR_UNSUPPORTED, /* valid input that weir does not handle */
    ERROR_IO,          /* the operating system refused: open, read, write, space */
    ERROR_CHANGED,     /* a file is no longer the file that was planned with */
    ERROR_MEMORY,      /* more memory is needed than the ceiling or the machine allows */
    ERROR_MISMATCH,    /* files that must agree (columns, types, keys) do not */
    ERROR_OVERFLOW,    /* an exact result does not fit its type */
    ERROR_EXISTS,      /* an output is already there */
    ERROR_CANCELLED,   /* a signal asked to stop */
    ERROR_INTERNAL     /* a defect of weir itself */
};

#define ERROR_NO_PLACE (-1)

struct error {
    enum error_code code;
    int64_t row_group; /* zero-based, ERROR_NO_PLACE where it does not apply */
    int64_t offset;    /* bytes from the start of the file, or ERROR_NO_PLACE */
    char what[640];    /* what went wrong, without a final dot */
    char hint[384];    /* what to try, or empty */
    char file[512];    /* the file concerned, or empty; long paths keep their end */
    char column[128];  /* the column concerned, or empty */
};

/* An error that says nothing yet. */
void error_init(struct error *error);

/* Sets code and message and clears the place and hint; returns the code. */
enum error_code error_set(struct error *error, enum error_code code, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* The same with ": <strerror(errno_value)>" behind the message. ENOSPC, EMFILE and ENOMEM get their
 * hint. */
enum error_code error_set_errno(struct error *error, int errno_value, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* Adds what to try. */
void error_hint(struct error *error, const char *format, ...) PRINTF_LIKE(2, 3);

/* Each adds a place, if none of its kind is set yet; NULL and ERROR_NO_PLACE are ignored. */
void error_in_file(struct error *error, const char *path);
void error_in_column(struct error *error, const char *column);
void error_in_row_group(struct error *error, int64_t row_group);
void error_at_offset(struct error *error, int64_t offset);

/* Lower-case word for a code, as it stands in JSON ("input", "memory", ...). */
const char *error_code_name(enum error_code code);

/*
 * Writes the error as one line without a newline, control characters escaped:
 * "what (file F, row group 3, column value, offset 1234). Try: hint". Returns buffer.
 */
char *error_render(const struct error *error, char *buffer, size_t size);

/* Leaves the calling function with the code of a failed call. */
#define TRY(call)                                                                                  \
    do {                                                                                           \
        enum error_code try_code_ = (call);                                                        \
        if (try_code_ != ERROR_NONE)                                                               \
            return try_code_;                                                                      \
    } while (0)

/* Runs a function on the variable's address when it leaves scope (gcc and clang). */
#define AUTO(function) __attribute__((cleanup(function)))

#endif
