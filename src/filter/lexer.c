#include "filter/lexer.h"

#include <string.h>
#include <strings.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* No locale has a say; bytes of UTF-8 beyond ASCII count as letters. */
static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80) != 0;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The character at a place; 0 behind the end. */
static char peek(const struct lexer *lexer, size_t at)
{
    return at < lexer->size ? lexer->text[at] : '\0';
}

static size_t digits_from(const struct lexer *lexer, size_t at)
{
    size_t count = 0;
    while (is_digit(peek(lexer, at + count)))
        count++;
    return count;
}

static enum token_kind kind_of_word(const char *word, size_t size)
{
    static const struct {
        const char *word;
        enum token_kind kind;
    } keywords[] = {{"and", TOKEN_AND},   {"or", TOKEN_OR},       {"not", TOKEN_NOT},
                    {"in", TOKEN_IN},     {"is", TOKEN_IS},       {"null", TOKEN_NULL},
                    {"true", TOKEN_TRUE}, {"false", TOKEN_FALSE}, {"between", TOKEN_BETWEEN}};
    for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++) {
        if (strlen(keywords[i].word) == size && strncasecmp(keywords[i].word, word, size) == 0)
            return keywords[i].kind;
    }
    return TOKEN_NAME;
}

static void take_word(struct lexer *lexer, struct token *token)
{
    char c = peek(lexer, lexer->at);
    while (is_letter(c) || is_digit(c) || c == '.' || c == '$')
        c = peek(lexer, ++lexer->at);
    token->kind = kind_of_word(lexer->text + token->offset, lexer->at - token->offset);
}

static bool begins_value(const struct lexer *lexer)
{
    char c = peek(lexer, lexer->at);
    size_t at = lexer->at + (c == '-' || c == '+' ? 1 : 0);
    return is_digit(peek(lexer, at)) || (peek(lexer, at) == '.' && is_digit(peek(lexer, at + 1)));
}

static void take_run(struct lexer *lexer)
{
    char c = peek(lexer, lexer->at);
    while (is_letter(c) || is_digit(c) || c == '.' || c == ':' || c == '-' || c == '+')
        c = peek(lexer, ++lexer->at);
}

/* Digits with two hyphens between them: "2025-01-01". */
static bool is_date(const struct lexer *lexer, size_t at, size_t end)
{
    size_t hyphens = 0;
    for (at += is_digit(lexer->text[at]) ? 0 : 1; at < end; at++) {
        hyphens += lexer->text[at] == '-';
        if (lexer->text[at] != '-' && !is_digit(lexer->text[at]))
            return false;
    }
    return hyphens == 2;
}

/* A date takes the time that stands behind one blank with it. */
static void take_value(struct lexer *lexer, struct token *token)
{
    size_t start = lexer->at++;
    take_run(lexer);
    size_t digits = digits_from(lexer, lexer->at + 1);
    bool time_follows = peek(lexer, lexer->at) == ' ' && (digits == 1 || digits == 2) &&
                        peek(lexer, lexer->at + 1 + digits) == ':';
    if (time_follows && is_date(lexer, start, lexer->at)) {
        lexer->at++;
        take_run(lexer);
    }
    token->kind = TOKEN_VALUE;
}

static bool take_quoted(struct lexer *lexer, struct token *token)
{
    char quote = lexer->text[lexer->at++];
    for (; lexer->at < lexer->size; lexer->at++) {
        if (lexer->text[lexer->at] != quote)
            continue;
        if (peek(lexer, lexer->at + 1) != quote)
            break;
        lexer->at++;
    }
    token->kind = quote == '"' ? TOKEN_QUOTED : TOKEN_TEXT;
    return lexer->at++ < lexer->size;
}

static bool take_comparison(struct lexer *lexer, struct token *token)
{
    /* The longer ones first. */
    static const struct {
        char sign[3];
        enum comparison comparison;
    } signs[] = {{"==", COMPARISON_EQUAL},    {"!=", COMPARISON_UNEQUAL},
                 {"<>", COMPARISON_UNEQUAL},  {"<=", COMPARISON_NOT_MORE},
                 {">=", COMPARISON_NOT_LESS}, {"=", COMPARISON_EQUAL},
                 {"<", COMPARISON_LESS},      {">", COMPARISON_MORE}};
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
        size_t size = strlen(signs[i].sign);
        if (size <= lexer->size - lexer->at &&
            memcmp(lexer->text + lexer->at, signs[i].sign, size) == 0) {
            token->kind = TOKEN_COMPARISON;
            token->comparison = signs[i].comparison;
            lexer->at += size;
            return true;
        }
    }
    return false;
}

static bool take_mark(struct lexer *lexer, struct token *token)
{
    char c = lexer->text[lexer->at];
    if (c != '(' && c != ')' && c != ',')
        return false;
    token->kind = c == '(' ? TOKEN_OPEN : c == ')' ? TOKEN_CLOSE : TOKEN_COMMA;
    lexer->at++;
    return true;
}

static enum error_code refuse(const struct lexer *lexer, size_t *ret_offset, struct error *error)
{
    char c = lexer->text[lexer->at];
    *ret_offset = lexer->at;
    error_set(error, ERROR_USAGE, "'%c' means nothing here", c >= ' ' && c < 127 ? c : '?');
    if (c == '&' || c == '|' || c == '!')
        error_hint(error, "the words and, or, not");
    else if (strchr("+-*/%", c) != NULL)
        error_hint(error, "a column and a value: there is no arithmetic");
    return ERROR_USAGE;
}

static enum error_code take_token(struct lexer *lexer, struct token *token, size_t *ret_offset,
                                  struct error *error)
{
    char c = lexer->text[lexer->at];
    if (c == '\'' || c == '"') {
        if (take_quoted(lexer, token))
            return ERROR_NONE;
        *ret_offset = token->offset;
        return error_set(error, ERROR_USAGE, "the quote (%c) that begins here does not end", c);
    }
    if (is_letter(c))
        take_word(lexer, token);
    else if (begins_value(lexer))
        take_value(lexer, token);
    else if (!take_comparison(lexer, token) && !take_mark(lexer, token))
        return refuse(lexer, ret_offset, error);
    return ERROR_NONE;
}

enum error_code lexer_next(struct lexer *lexer, struct token *ret, size_t *ret_offset,
                           struct error *error)
{
    while (is_blank(peek(lexer, lexer->at)))
        lexer->at++;
    struct token token = {.kind = TOKEN_END, .offset = lexer->at};
    if (lexer->at < lexer->size)
        TRY(take_token(lexer, &token, ret_offset, error));
    token.size = lexer->at - token.offset;
    *ret = token;
    return ERROR_NONE;
}
