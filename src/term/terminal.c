#include "term/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

static bool is_set(const char *variable)
{
    return variable != NULL && variable[0] != '\0';
}

/* The locale's name decides (POSIX order), so that no process-wide locale has to be set. */
static bool names_utf8(const struct terminal_environment *environment)
{
    const char *locale = is_set(environment->lc_all)     ? environment->lc_all
                         : is_set(environment->lc_ctype) ? environment->lc_ctype
                         : is_set(environment->lang)     ? environment->lang
                                                         : "C";
    const char *encoding = strchr(locale, '.');
    return encoding != NULL &&
           (strncasecmp(encoding, ".utf-8", 6) == 0 || strncasecmp(encoding, ".utf8", 5) == 0);
}

struct terminal terminal_decide(bool stdout_is_tty, bool stderr_is_tty,
                                const struct terminal_environment *environment)
{
    bool dumb = !is_set(environment->term) || strcmp(environment->term, "dumb") == 0;
    bool redraws = stderr_is_tty && !dumb;
    return (struct terminal){
        .stdout_is_tty = stdout_is_tty,
        .stderr_is_tty = stderr_is_tty,
        .redraws = redraws,
        .colour = redraws && !is_set(environment->no_color),
        .utf8 = names_utf8(environment),
    };
}

struct terminal terminal_detect(void)
{
    struct terminal_environment environment = {
        .term = getenv("TERM"),
        .no_color = getenv("NO_COLOR"),
        .lc_all = getenv("LC_ALL"),
        .lc_ctype = getenv("LC_CTYPE"),
        .lang = getenv("LANG"),
    };
    return terminal_decide(isatty(STDOUT_FILENO) == 1, isatty(STDERR_FILENO) == 1, &environment);
}

unsigned terminal_width(void)
{
    struct winsize size;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return 80;
    return size.ws_col;
}

unsigned terminal_height(void)
{
    struct winsize size;
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0)
        return 24;
    return size.ws_row;
}

void terminal_write(const char *text, size_t size)
{
    while (size > 0) {
        ssize_t written = write(STDERR_FILENO, text, size);
        if (written <= 0)
            return;
        text += written;
        size -= (size_t)written;
    }
}
