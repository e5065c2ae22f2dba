/*
 * Numbers and names as people read them. Pure functions into the caller's buffer.
 */
#ifndef WEIR_TERM_TEXT_H
#define WEIR_TERM_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* "600,000,000". Returns buffer, as all functions here that take one. */
char *text_count(uint64_t count, char buffer[static 32]);

/* "1 file", "2 files": plural adds an s. */
char *text_plural(uint64_t count, const char *noun, char *buffer, size_t size);

/* Three digits and a decimal prefix: "812", "1.2 k", "600 M", "4.1 G". */
char *text_short(double number, char buffer[static 32]);

/* "0.02 s", "12.5 s", "2:05 min", "1:02:03 h". */
char *text_duration(uint64_t ns, char buffer[static 32]);

/* Columns that UTF-8 text takes on a terminal, one a character. */
size_t text_width(const char *text);

/* Copies text with control characters and bytes that are not UTF-8 written as \xNN, cut to fit. */
char *text_escape(const char *text, char *buffer, size_t size);

/* Writes text to a stream, escaped in the same way, of any length. */
void text_put(FILE *stream, const char *text);

/* Writes text in lines of at most width columns, each after indent spaces; the first line is taken
 * to be indented already. "\n" in text begins a new line. Ends without a newline. */
void text_wrap(FILE *stream, const char *text, unsigned indent, unsigned width);

#endif
