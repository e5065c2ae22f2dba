/*
 * The words of an expression. Private to the filter room.
 *
 * A lexer views a text and gives one token after the other; what stands in quotes is checked to end
 * and otherwise left as it is, what looks like a number, a date or a time is one token whatever it
 * is.
 */
#ifndef WEIR_FILTER_LEXER_H
#define WEIR_FILTER_LEXER_H

#include "base/error.h"
#include <stdbool.h>

enum token_kind {
    TOKEN_END,
    TOKEN_NAME,   /* a word that is no keyword */
    TOKEN_QUOTED, /* "name" */
    TOKEN_TEXT,   /* 'text' */
    TOKEN_VALUE,  /* begins with a digit, or a sign or point and a digit */
    TOKEN_COMPARISON,
    TOKEN_OPEN,
    TOKEN_CLOSE,
    TOKEN_COMMA,
    TOKEN_AND,
    TOKEN_OR,
    TOKEN_NOT,
    TOKEN_IN,
    TOKEN_IS,
    TOKEN_NULL,
    TOKEN_BETWEEN,
    TOKEN_TRUE,
    TOKEN_FALSE
};

/* Each beside its opposite: comparison ^ 1 is true where the other is false. */
enum comparison {
    COMPARISON_EQUAL = 0,
    COMPARISON_UNEQUAL = 1,
    COMPARISON_LESS = 2,
    COMPARISON_NOT_LESS = 3, /* >= */
    COMPARISON_MORE = 4,
    COMPARISON_NOT_MORE = 5 /* <= */
};

struct token {
    enum token_kind kind;
    enum comparison comparison;
    size_t offset, size; /* in the text, with quotes */
};

struct lexer {
    const char *text;
    size_t size;
    size_t at;
};

/* ERROR_USAGE where no token begins or one does not end; *ret_offset says where. */
CHECKED enum error_code lexer_next(struct lexer *lexer, struct token *ret, size_t *ret_offset,
                                   struct error *error);

#endif
