/*
 * What the terminal is: asked once at the start, then constant and passed along.
 */
#ifndef WEIR_TERM_TERMINAL_H
#define WEIR_TERM_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

struct terminal {
    bool stdout_is_tty;
    bool stderr_is_tty;
    bool redraws; /* stderr can be drawn over: a terminal that is not "dumb" */
    bool colour;  /* on stderr: redraws, and NO_COLOR is not set */
    bool utf8;    /* the locale's encoding */
};

/* The environment as the decision needs it; NULL where a variable is not set. */
struct terminal_environment {
    const char *term, *no_color, *lc_all, *lc_ctype, *lang;
};

struct terminal terminal_detect(void);
/* The decision itself, without asking the system. */
struct terminal terminal_decide(bool stdout_is_tty, bool stderr_is_tty,
                                const struct terminal_environment *environment);

/* Columns of the terminal on stderr now; 80 where it does not tell. */
unsigned terminal_width(void);
/* Its lines now; 24 where it does not tell. */
unsigned terminal_height(void);

/* Writes to standard error, all of it where that is possible: a display that cannot be seen harms
 * nobody. */
void terminal_write(const char *text, size_t size);

#endif
