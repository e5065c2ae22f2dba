#include "cli/log_view.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/os.h"
#include "term/text.h"

void log_view_init(struct log_view *view, const char *title, const char *folder, const char *name,
                   bool harmless)
{
    *view = (struct log_view){.title = title, .descriptor = -1, .harmless = harmless};
    snprintf(view->path, sizeof view->path, "%s/%s", folder, name);
}

void log_view_close(struct log_view *view)
{
    if (view->descriptor >= 0)
        close(view->descriptor);
    view->descriptor = -1;
}

static enum error_code fail(const struct log_view *view, struct error *error)
{
    error_set_errno(error, errno, "cannot read the log");
    error_in_file(error, view->path);
    return error->code;
}

/* A file that a program could have put there, a pipe or a device, would be waited for. */
static enum error_code check_kind(const struct log_view *view, struct error *error)
{
    struct stat facts;
    if (fstat(view->descriptor, &facts) != 0)
        return fail(view, error);
    if (S_ISREG(facts.st_mode))
        return ERROR_NONE;
    error_set(error, ERROR_INPUT, "the log is not a regular file");
    error_in_file(error, view->path);
    return ERROR_INPUT;
}

static enum error_code open_file(struct log_view *view, struct error *error)
{
    if (view->descriptor >= 0)
        return ERROR_NONE;
    view->descriptor = open(view->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (view->descriptor >= 0)
        return check_kind(view, error);
    return errno == ENOENT ? ERROR_NONE : fail(view, error);
}

uint64_t log_view_size(const struct log_view *view)
{
    struct stat facts;
    return stat(view->path, &facts) == 0 && facts.st_size > 0 ? (uint64_t)facts.st_size : 0;
}

enum error_code log_view_has_more(struct log_view *view, bool *ret, struct error *error)
{
    struct stat facts;
    *ret = false;
    TRY(open_file(view, error));
    if (view->descriptor < 0)
        return ERROR_NONE;
    off_t at = lseek(view->descriptor, 0, SEEK_CUR);
    if (at < 0 || fstat(view->descriptor, &facts) != 0)
        return fail(view, error);
    *ret = facts.st_size > at;
    return ERROR_NONE;
}

static void write_piece(struct log_view *view, const char *bytes, size_t size)
{
    if (view->harmless)
        log_text_write(&view->text, stdout, bytes, size);
    else
        fwrite(bytes, 1, size, stdout);
    view->within_line = bytes[size - 1] != '\n';
}

static enum error_code check_output(struct error *error)
{
    return ferror(stdout) ? error_set_errno(error, errno, "cannot write to standard output")
                          : ERROR_NONE;
}

enum error_code log_view_copy(struct log_view *view, struct error *error)
{
    char piece[LOG_TEXT_PIECE];
    TRY(open_file(view, error));
    while (view->descriptor >= 0) {
        TRY(os_check_stop(error));
        ssize_t got = read(view->descriptor, piece, sizeof piece);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail(view, error);
        if (got == 0)
            break;
        write_piece(view, piece, (size_t)got);
        TRY(check_output(error));
    }
    return ERROR_NONE;
}

void log_view_end(struct log_view *view)
{
    log_text_end(&view->text, stdout);
    if (view->within_line && view->title != NULL)
        putchar('\n');
    view->within_line = false;
}

void log_view_write_heading(struct log_view *view)
{
    char size[24];
    uint64_t bytes = log_view_size(view);
    printf("==> %s: ", view->title);
    text_put(stdout, view->path);
    printf(", %s <==\n", bytes > 0 ? mem_format_size(bytes, size) : "empty");
}
