/*
 * A line made of parts, the most important first: a part that no longer fits is left out.
 */
#ifndef WEIR_TERM_PARTS_H
#define WEIR_TERM_PARTS_H

#include <stddef.h>

struct text_parts {
    char *buffer; /* borrowed; a string at any time */
    size_t size, used;
    unsigned width, columns; /* at most, and taken; width may be changed between two parts */
    const char *separator;   /* between parts; may be changed as well */
};

/* An empty line. separator must outlive it. */
void text_parts_init(struct text_parts *parts, char *buffer, size_t size, unsigned width,
                     const char *separator);
/* UTF-8, one column a character. */
void text_parts_add(struct text_parts *parts, const char *text);

#endif
