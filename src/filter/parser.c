/*
 * The grammar of filter.h by recursive descent, one token ahead.
 *
 * Each function takes whether it stands under an odd number of "not"s, and gives the opposite then.
 */
#include <string.h>

#include "filter/moment.h"
#include "filter/number.h"
#include "filter/tree.h"

struct parser {
    struct lexer lexer;
    struct token token; /* the next one */
    struct filter *filter;
    struct mem_arena *arena;
    unsigned depth;
    size_t *ret_offset;
    struct error *error;
};

static enum error_code advance(struct parser *parser)
{
    return lexer_next(&parser->lexer, &parser->token, parser->ret_offset, parser->error);
}

static bool at(const struct parser *parser, enum token_kind kind)
{
    return parser->token.kind == kind;
}

/* "expected WHAT", with what is there instead. */
static enum error_code fail_expecting(struct parser *parser, const char *what)
{
    const struct token *token = &parser->token;
    int size = token->size < 40 ? (int)token->size : 40;
    *parser->ret_offset = token->offset;
    if (at(parser, TOKEN_END))
        return error_set(parser->error, ERROR_USAGE, "%s is missing at the end", what);
    return error_set(parser->error, ERROR_USAGE, "%s is missing before %.*s", what, size,
                     parser->lexer.text + token->offset);
}

static enum error_code fail_at(struct parser *parser, size_t offset, const char *what,
                               const char *hint)
{
    *parser->ret_offset = offset;
    error_set(parser->error, ERROR_USAGE, "%s", what);
    error_hint(parser->error, "%s", hint);
    return ERROR_USAGE;
}

static enum error_code expect(struct parser *parser, enum token_kind kind, const char *what)
{
    if (!at(parser, kind))
        return fail_expecting(parser, what);
    return advance(parser);
}

/* What stands in quotes, doubled ones once. */
static enum error_code copy_quoted(struct parser *parser, char **ret, size_t *ret_size)
{
    const char *text = parser->lexer.text + parser->token.offset;
    size_t kept = 0;
    char *copy;
    TRY(mem_arena_copy(parser->arena, text + 1, parser->token.size - 2, &copy, parser->error));
    for (size_t i = 1; i + 1 < parser->token.size; i++) {
        copy[kept++] = text[i];
        i += text[i] == text[0] ? 1 : 0;
    }
    copy[kept] = '\0';
    *ret = copy;
    *ret_size = kept;
    return ERROR_NONE;
}

static enum error_code read_column(struct parser *parser, uint32_t *ret)
{
    struct token token = parser->token;
    char *name;
    size_t size;
    if (token.kind == TOKEN_QUOTED)
        TRY(copy_quoted(parser, &name, &size));
    else if (token.kind == TOKEN_NAME)
        TRY(mem_arena_copy(parser->arena, parser->lexer.text + token.offset, token.size, &name,
                           parser->error));
    else
        return fail_expecting(parser, "a column");
    *parser->ret_offset = token.offset;
    TRY(filter_add_column(parser->filter, name, token.offset, ret, parser->error));
    return advance(parser);
}

static bool is_column(const struct parser *parser)
{
    return at(parser, TOKEN_NAME) || at(parser, TOKEN_QUOTED);
}

/* What has digits: a number, a date or a time, by its form. */
static enum error_code classify_value(struct parser *parser, struct literal *literal)
{
    struct number number;
    struct moment moment;
    if (number_parse(literal->text, literal->size, &number))
        literal->kind = LITERAL_NUMBER;
    else if (moment_parse(literal->text, literal->size, &moment))
        literal->kind = LITERAL_MOMENT;
    else if (moment_parse_time(literal->text, literal->size, &moment))
        literal->kind = LITERAL_TIME;
    else {
        *parser->ret_offset = literal->offset;
        error_set(parser->error, ERROR_USAGE, "%.60s is neither a number nor a date or time",
                  literal->text);
        error_hint(parser->error, "2025-01-31, 2025-01-31T12:30:00.5, 12:30, -1.5e3; a text stands "
                                  "in single quotes, a column of that name in double ones");
        return ERROR_USAGE;
    }
    return ERROR_NONE;
}

static enum error_code fill_literal(struct parser *parser, struct literal *literal)
{
    struct token token = parser->token;
    char *text;
    literal->size = token.size;
    literal->offset = token.offset;
    if (token.kind == TOKEN_TEXT) {
        TRY(copy_quoted(parser, &text, &literal->size));
        literal->kind = LITERAL_TEXT;
        literal->text = text;
        return ERROR_NONE;
    }
    TRY(mem_arena_copy(parser->arena, parser->lexer.text + token.offset, token.size, &text,
                       parser->error));
    literal->text = text;
    if (token.kind == TOKEN_VALUE)
        return classify_value(parser, literal);
    literal->kind = LITERAL_BOOLEAN;
    literal->truth = token.kind == TOKEN_TRUE;
    return ERROR_NONE;
}

static bool is_literal(const struct parser *parser)
{
    return at(parser, TOKEN_VALUE) || at(parser, TOKEN_TEXT) || at(parser, TOKEN_TRUE) ||
           at(parser, TOKEN_FALSE);
}

static enum error_code read_literal(struct parser *parser, struct literal **ret)
{
    void *memory;
    if (at(parser, TOKEN_NULL))
        return fail_at(parser, parser->token.offset, "nothing equals NULL, not even NULL",
                       "is null, or is not null");
    if (is_column(parser))
        return fail_at(parser, parser->token.offset,
                       "a column is compared with a value, not with a second column",
                       "single quotes around a text: 'like this'");
    if (!is_literal(parser))
        return fail_expecting(parser, "a value");
    TRY(mem_arena_alloc(parser->arena, sizeof(struct literal), &memory, parser->error));
    TRY(fill_literal(parser, memory));
    *ret = memory;
    return advance(parser);
}

static enum error_code create_comparison(struct parser *parser, uint32_t column,
                                         enum comparison comparison, struct literal *literal,
                                         bool negated, struct node **ret)
{
    struct node *node;
    TRY(node_create(parser->arena, NODE_COMPARE, &node, parser->error));
    node->column = column;
    node->comparison = negated ? comparison ^ 1u : comparison;
    node->literals = literal;
    node->literal_count = 1;
    *ret = node;
    return ERROR_NONE;
}

/* What the comparison is when its sides change places. */
static enum comparison turned(enum comparison comparison)
{
    static const enum comparison other[] = {
        [COMPARISON_EQUAL] = COMPARISON_EQUAL,       [COMPARISON_UNEQUAL] = COMPARISON_UNEQUAL,
        [COMPARISON_LESS] = COMPARISON_MORE,         [COMPARISON_MORE] = COMPARISON_LESS,
        [COMPARISON_NOT_LESS] = COMPARISON_NOT_MORE, [COMPARISON_NOT_MORE] = COMPARISON_NOT_LESS};
    return other[comparison];
}

static enum error_code read_turned_comparison(struct parser *parser, bool negated,
                                              struct node **ret)
{
    struct literal *literal;
    uint32_t column;
    TRY(read_literal(parser, &literal));
    enum comparison comparison = parser->token.comparison;
    TRY(expect(parser, TOKEN_COMPARISON, "a comparison"));
    TRY(read_column(parser, &column));
    return create_comparison(parser, column, turned(comparison), literal, negated, ret);
}

static enum error_code read_list(struct parser *parser, struct node *node)
{
    struct literal **end = &node->literals;
    TRY(expect(parser, TOKEN_OPEN, "a list of values in parentheses"));
    for (;;) {
        TRY(read_literal(parser, end));
        end = &(*end)->next;
        node->literal_count++;
        if (!at(parser, TOKEN_COMMA))
            break;
        TRY(advance(parser));
    }
    return expect(parser, TOKEN_CLOSE, "a comma or a closing parenthesis");
}

static enum error_code read_in(struct parser *parser, uint32_t column, bool negated,
                               struct node **ret)
{
    TRY(advance(parser));
    TRY(node_create(parser->arena, negated ? NODE_NOT_IN : NODE_IN, ret, parser->error));
    (*ret)->column = column;
    return read_list(parser, *ret);
}

static enum error_code read_between(struct parser *parser, uint32_t column, bool negated,
                                    struct node **ret)
{
    struct literal *low, *high;
    struct node *first, *second;
    TRY(advance(parser));
    TRY(read_literal(parser, &low));
    TRY(expect(parser, TOKEN_AND, "the word and"));
    TRY(read_literal(parser, &high));
    TRY(create_comparison(parser, column, COMPARISON_NOT_LESS, low, negated, &first));
    TRY(create_comparison(parser, column, COMPARISON_NOT_MORE, high, negated, &second));
    TRY(node_create(parser->arena, negated ? NODE_ANY : NODE_ALL, ret, parser->error));
    node_add(*ret, first);
    node_add(*ret, second);
    return ERROR_NONE;
}

static enum error_code read_is(struct parser *parser, uint32_t column, bool negated,
                               struct node **ret)
{
    TRY(advance(parser));
    if (at(parser, TOKEN_NOT)) {
        negated = !negated;
        TRY(advance(parser));
    }
    TRY(expect(parser, TOKEN_NULL, "null, or not null,"));
    TRY(node_create(parser->arena, negated ? NODE_NOT_NULL : NODE_NULL, ret, parser->error));
    (*ret)->column = column;
    return ERROR_NONE;
}

/* A column alone: column = true. */
static enum error_code create_truth(struct parser *parser, uint32_t column, size_t offset,
                                    bool negated, struct node **ret)
{
    void *memory;
    TRY(mem_arena_alloc(parser->arena, sizeof(struct literal), &memory, parser->error));
    struct literal *literal = memory;
    *literal = (struct literal){
        .kind = LITERAL_BOOLEAN, .truth = true, .text = "true", .size = 4, .offset = offset};
    return create_comparison(parser, column, COMPARISON_EQUAL, literal, negated, ret);
}

/* What follows a column and, perhaps, the word not. */
static enum error_code read_membership(struct parser *parser, uint32_t column, bool negated,
                                       struct node **ret)
{
    if (at(parser, TOKEN_IN))
        return read_in(parser, column, negated, ret);
    if (at(parser, TOKEN_BETWEEN))
        return read_between(parser, column, negated, ret);
    return fail_expecting(parser, "in or between");
}

static enum error_code read_column_test(struct parser *parser, bool negated, struct node **ret)
{
    size_t offset = parser->token.offset;
    uint32_t column;
    struct literal *literal;
    enum comparison comparison;
    TRY(read_column(parser, &column));
    switch (parser->token.kind) {
    case TOKEN_COMPARISON:
        comparison = parser->token.comparison;
        TRY(advance(parser));
        TRY(read_literal(parser, &literal));
        return create_comparison(parser, column, comparison, literal, negated, ret);
    case TOKEN_IS:
        return read_is(parser, column, negated, ret);
    case TOKEN_NOT:
        TRY(advance(parser));
        return read_membership(parser, column, !negated, ret);
    case TOKEN_IN:
    case TOKEN_BETWEEN:
        return read_membership(parser, column, negated, ret);
    default:
        return create_truth(parser, column, offset, negated, ret);
    }
}

static enum error_code read_or(struct parser *parser, bool negated, struct node **ret);

static enum error_code deepen(struct parser *parser)
{
    if (parser->depth == FILTER_DEPTH_MOST)
        return fail_at(parser, parser->token.offset,
                       "parentheses and nots stand too deep within each other", "fewer of them");
    parser->depth++;
    return advance(parser);
}

static enum error_code read_condition(struct parser *parser, bool negated, struct node **ret)
{
    if (at(parser, TOKEN_OPEN)) {
        TRY(deepen(parser));
        TRY(read_or(parser, negated, ret));
        parser->depth--;
        return expect(parser, TOKEN_CLOSE, "a closing parenthesis");
    }
    if (is_literal(parser))
        return read_turned_comparison(parser, negated, ret);
    if (is_column(parser))
        return read_column_test(parser, negated, ret);
    return fail_expecting(parser, "a condition");
}

static enum error_code read_not(struct parser *parser, bool negated, struct node **ret)
{
    unsigned before = parser->depth;
    while (at(parser, TOKEN_NOT)) {
        negated = !negated;
        TRY(deepen(parser));
    }
    TRY(read_condition(parser, negated, ret));
    parser->depth = before;
    return ERROR_NONE;
}

/* Parts with one of the words between them; a single part stands for itself. */
static enum error_code read_chain(struct parser *parser, bool negated, enum token_kind word,
                                  enum error_code (*part)(struct parser *, bool, struct node **),
                                  struct node **ret)
{
    struct node *chain, *next;
    TRY(part(parser, negated, ret));
    if (!at(parser, word))
        return ERROR_NONE;
    bool all = (word == TOKEN_AND) != negated;
    TRY(node_create(parser->arena, all ? NODE_ALL : NODE_ANY, &chain, parser->error));
    node_add(chain, *ret);
    while (at(parser, word)) {
        TRY(advance(parser));
        TRY(part(parser, negated, &next));
        node_add(chain, next);
    }
    *ret = chain;
    return ERROR_NONE;
}

static enum error_code read_and(struct parser *parser, bool negated, struct node **ret)
{
    return read_chain(parser, negated, TOKEN_AND, read_not, ret);
}

static enum error_code read_or(struct parser *parser, bool negated, struct node **ret)
{
    return read_chain(parser, negated, TOKEN_OR, read_and, ret);
}

static enum error_code read_filter(struct parser *parser)
{
    TRY(advance(parser));
    TRY(read_or(parser, false, &parser->filter->root));
    if (!at(parser, TOKEN_END))
        return fail_expecting(parser, "the word and, or the word or,");
    return ERROR_NONE;
}

enum error_code filter_parse(const char *text, struct mem_arena *arena, struct filter **ret,
                             size_t *ret_offset, struct error *error)
{
    void *memory;
    size_t size = strnlen(text, FILTER_TEXT_MOST + 1);
    *ret_offset = 0;
    if (size > FILTER_TEXT_MOST)
        return error_set(error, ERROR_USAGE, "the expression has more than %zu bytes",
                         FILTER_TEXT_MOST);
    TRY(mem_arena_alloc(arena, sizeof(struct filter), &memory, error));
    struct parser parser = {.lexer = {text, size, 0},
                            .filter = memory,
                            .arena = arena,
                            .ret_offset = ret_offset,
                            .error = error};
    TRY(read_filter(&parser));
    *ret = memory;
    return ERROR_NONE;
}
