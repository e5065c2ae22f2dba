#include "cli/parse.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/duration.h"
#include "cli/suggest.h"

#define LIST_MOST 4096 /* items of one list: more columns than any table here has */

struct parser {
    struct cli_call *call;
    int at; /* next word of argv */
    bool options_ended;
};

/* How an option was written, for messages: "--memory" or "-o". */
struct spelling {
    char text[72];
};

static struct spelling spell(const struct cli_option *option)
{
    struct spelling spelling;
    snprintf(spelling.text, sizeof spelling.text, "--%s", option->name);
    return spelling;
}

bool cli_parse_count(const char *text, uint64_t *ret)
{
    uint64_t value = 0;
    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9')
            return false;
        uint64_t digit = (uint64_t)(*text - '0');
        if (value > ((uint64_t)INT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *ret = value;
    return true;
}

static bool parse_real(const char *text, double *ret)
{
    char *end;
    errno = 0;
    double value = strtod(text, &end);
    if (end == text || *end != '\0' || !isfinite(value) || value < 0)
        return false;
    *ret = value;
    return true;
}

char *cli_unescape(char *text)
{
    char *to = text;
    for (const char *from = text; *from != '\0'; from++) {
        if (*from == '\\' && from[1] != '\0' && strchr(",:=\\", from[1]) != NULL)
            from++;
        *to++ = *from;
    }
    *to = '\0';
    return text;
}

static enum error_code list_add(struct mem_arena *arena, const char *item, size_t size,
                                struct cli_list *list, struct error *error)
{
    if (list->count == LIST_MOST)
        return error_set(error, ERROR_USAGE, "a list may have %d items at most", LIST_MOST);
    if (list->count == list->capacity) {
        size_t capacity = list->capacity == 0 ? 8 : list->capacity * 2;
        void *items;
        TRY(mem_arena_alloc_array(arena, capacity, sizeof *list->items, &items, error));
        if (list->count > 0)
            memcpy(items, list->items, list->count * sizeof *list->items);
        list->items = items;
        list->capacity = capacity;
    }
    char *copy;
    TRY(mem_arena_copy(arena, item, size, &copy, error));
    list->items[list->count++] = copy;
    return ERROR_NONE;
}

/* Bytes up to the next comma that no backslash stands before. */
static size_t piece_length(const char *text)
{
    size_t length = 0;
    while (text[length] != '\0' && text[length] != ',')
        length += text[length] == '\\' && text[length + 1] != '\0' ? 2 : 1;
    return length;
}

enum error_code cli_split(struct mem_arena *arena, const char *text, const char *what,
                          struct cli_list *list, struct error *error)
{
    for (;;) {
        size_t length = piece_length(text);
        if (length == 0) {
            error_set(error, ERROR_USAGE, "%s has an empty name in its list", what);
            error_hint(error, "write names with one comma between them, and \\, for a comma "
                              "within a name");
            return ERROR_USAGE;
        }
        TRY(list_add(arena, text, length, list, error));
        if (text[length] == '\0')
            return ERROR_NONE;
        text += length + 1;
    }
}

static enum error_code take_names(struct mem_arena *arena, const struct cli_option *option,
                                  const char *text, struct cli_list *list, struct error *error)
{
    size_t before = list->count;
    struct spelling spelling = spell(option);
    TRY(cli_split(arena, text, spelling.text, list, error));
    if (option->kind == CLI_NAMES)
        for (size_t i = before; i < list->count; i++)
            cli_unescape((char *)list->items[i]); /* made by list_add, so writable */
    return ERROR_NONE;
}

static enum error_code bad_value(const struct cli_option *option, const char *text,
                                 const char *wanted, struct error *error)
{
    error_set(error, ERROR_USAGE, "--%s: \"%s\" is not %s", option->name, text, wanted);
    return ERROR_USAGE;
}

static enum error_code take_choice(const struct cli_option *option, const char *text,
                                   const char **ret, struct error *error)
{
    for (const char *const *choice = option->choices; *choice != NULL; choice++) {
        if (strcmp(*choice, text) == 0) {
            *ret = *choice;
            return ERROR_NONE;
        }
    }
    bad_value(option, text, "one of its choices", error);
    suggest_choice(text, option->choices, error);
    return ERROR_USAGE;
}

static enum error_code take_number(const struct cli_option *option, const char *text, void *to,
                                   struct error *error)
{
    switch (option->kind) {
    case CLI_SIZE:
        if (mem_parse_size(text, to))
            return ERROR_NONE;
        bad_value(option, text, "a size", error);
        error_hint(error, "write a number and a unit: 64MiB, 1.5GB, 512K");
        return ERROR_USAGE;
    case CLI_COUNT:
        if (cli_parse_count(text, to))
            return ERROR_NONE;
        return bad_value(option, text, "a whole number of 0 or more", error);
    case CLI_DURATION:
        if (duration_parse(text, to))
            return ERROR_NONE;
        bad_value(option, text, "a time", error);
        error_hint(error, "write a number and a unit: 250ms, 30s, 5m, 1.5h, 2d");
        return ERROR_USAGE;
    default:
        if (parse_real(text, to))
            return ERROR_NONE;
        return bad_value(option, text, "a number of 0 or more", error);
    }
}

/* Stores a value where the table says. base is the struct of arguments. */
static enum error_code take_value(struct cli_call *call, const struct cli_option *option,
                                  void *base, const char *text, struct error *error)
{
    void *to = (char *)base + option->offset;
    switch (option->kind) {
    case CLI_FLAG:
        *(bool *)to = true;
        return ERROR_NONE;
    case CLI_TEXT:
        *(const char **)to = text;
        return ERROR_NONE;
    case CLI_CHOICE:
        return take_choice(option, text, to, error);
    case CLI_NAMES:
    case CLI_ITEMS:
        return take_names(&call->arena, option, text, to, error);
    default:
        return take_number(option, text, to, error);
    }
}

static enum error_code take_presets(struct cli_call *call, struct error *error)
{
    for (const struct cli_option *option = call->command->options; option->name != NULL; option++)
        if (option->preset != NULL)
            TRY(take_value(call, option, call->arguments, option->preset, error));
    return ERROR_NONE;
}

static const struct cli_option *find_in(const struct cli_option *options, const char *name,
                                        size_t length)
{
    for (; options->name != NULL; options++)
        if (strlen(options->name) == length && memcmp(options->name, name, length) == 0)
            return options;
    return NULL;
}

static const struct cli_option *find_letter(const struct cli_option *options, char letter)
{
    for (; options->name != NULL; options++)
        if (options->letter == letter)
            return options;
    return NULL;
}

/* Whether the next word is the value of this one. */
static bool takes_next_word(const struct cli_command *command, const char *word)
{
    const struct cli_option *option = NULL;
    if (word[1] == '-')
        option = find_in(command->options, word + 2, strlen(word + 2));
    else if (word[1] != '\0' && word[2] == '\0')
        option = find_letter(command->options, word[1]);
    return option != NULL && option->kind != CLI_FLAG;
}

/* Whether a word is this option, with or without a value. */
static bool is_option(const char *word, const char *name)
{
    size_t length = strlen(name);
    return strncmp(word, "--", 2) == 0 && strncmp(word + 2, name, length) == 0 &&
           (word[2 + length] == '\0' || word[2 + length] == '=');
}

/* Whether an option is given, whatever else is wrong with the line. */
static bool is_given(int argc, char **argv, const char *name)
{
    const struct cli_command *command = argc > 1 ? cli_find_command(argv[1]) : NULL;
    bool runs_program = command != NULL && command->runs_program;
    for (int i = runs_program ? 2 : 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (is_option(argv[i], name))
            return true;
        if (runs_program && (argv[i][0] != '-' || argv[i][1] == '\0'))
            return false; /* what follows is the program's own */
        if (runs_program && takes_next_word(command, argv[i]))
            i++;
    }
    return false;
}

bool cli_asks_for_json(int argc, char **argv)
{
    return is_given(argc, argv, "json");
}

bool cli_is_bare(int argc, char **argv)
{
    const struct cli_command *command = argc > 1 ? cli_find_command(argv[1]) : NULL;
    return command != NULL && command->bare_option != NULL &&
           is_given(argc, argv, command->bare_option);
}

static enum error_code unknown_long(const struct cli_call *call, const char *name, size_t length,
                                    struct error *error)
{
    char wrong[80];
    snprintf(wrong, sizeof wrong, "%.*s", (int)(length < 79 ? length : 79), name);
    error_set(error, ERROR_USAGE, "weir %s has no option --%s", call->command->name, wrong);
    suggest_option(wrong, call->command, error);
    return ERROR_USAGE;
}

static enum error_code take_common(struct cli_call *call, const struct cli_option *option,
                                   struct error *error)
{
    return take_value(call, option, call, NULL, error);
}

/* The word after an option that wants a value. */
static enum error_code next_word(struct parser *parser, const struct cli_option *option,
                                 const char **ret, struct error *error)
{
    const struct cli_call *call = parser->call;
    if (parser->at >= call->argc) {
        error_set(error, ERROR_USAGE, "--%s needs a value", option->name);
        error_hint(error, "write --%s %s", option->name, option->argument);
        return ERROR_USAGE;
    }
    *ret = call->argv[parser->at++];
    return ERROR_NONE;
}

static enum error_code take_long(struct parser *parser, const char *word, struct error *error)
{
    struct cli_call *call = parser->call;
    size_t length = strcspn(word, "=");
    const char *value = word[length] == '=' ? word + length + 1 : NULL;
    const struct cli_option *option = find_in(call->command->options, word, length);
    const struct cli_option *common = find_in(cli_common_options, word, length);
    if (option == NULL && common == NULL)
        return unknown_long(call, word, length, error);
    const struct cli_option *found = option != NULL ? option : common;
    if (found->kind == CLI_FLAG && value != NULL)
        return error_set(error, ERROR_USAGE, "--%s takes no value", found->name);
    if (option == NULL)
        return take_common(call, common, error);
    if (option->kind != CLI_FLAG && value == NULL)
        TRY(next_word(parser, option, &value, error));
    return take_value(call, option, call->arguments, value, error);
}

static enum error_code unknown_letter(const struct cli_call *call, char letter, struct error *error)
{
    error_set(error, ERROR_USAGE, "weir %s has no option -%c", call->command->name, letter);
    error_hint(error, "weir help %s, which lists the options", call->command->name);
    return ERROR_USAGE;
}

/* A word of one-letter options: flags, the last of which may take the rest as its value. */
static enum error_code take_letters(struct parser *parser, const char *word, struct error *error)
{
    struct cli_call *call = parser->call;
    for (; *word != '\0'; word++) {
        const struct cli_option *option = find_letter(call->command->options, *word);
        const struct cli_option *common = find_letter(cli_common_options, *word);
        if (option == NULL && common == NULL)
            return unknown_letter(call, *word, error);
        if (option == NULL) {
            TRY(take_common(call, common, error));
        } else if (option->kind == CLI_FLAG) {
            TRY(take_value(call, option, call->arguments, NULL, error));
        } else {
            const char *value = word + 1;
            if (*value == '\0')
                TRY(next_word(parser, option, &value, error));
            return take_value(call, option, call->arguments, value, error);
        }
    }
    return ERROR_NONE;
}

static enum error_code take_word(struct parser *parser, char *word, struct error *error)
{
    struct cli_call *call = parser->call;
    if (parser->options_ended || word[0] != '-' || word[1] == '\0') {
        parser->options_ended |= call->command->runs_program && !call->is_bare;
        call->operands[call->operand_count++] = word;
        return ERROR_NONE;
    }
    if (word[1] != '-')
        return take_letters(parser, word + 1, error);
    if (word[2] != '\0')
        return take_long(parser, word + 2, error);
    parser->options_ended = true;
    return ERROR_NONE;
}

static enum error_code find_command(struct cli_call *call, struct error *error)
{
    const char *name = call->argc > 1 ? call->argv[1] : "help";
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        name = "help";
    if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0)
        name = "version";
    call->command = cli_find_command(name);
    if (call->command != NULL)
        return ERROR_NONE;
    if (name[0] == '-') {
        error_set(error, ERROR_USAGE, "there is no command before %s", name);
        error_hint(error, "weir sum %s ..., with the command first", name);
    } else {
        error_set(error, ERROR_USAGE, "there is no command \"%s\"", name);
        suggest_command(name, error);
    }
    return ERROR_USAGE;
}

static enum error_code check_operands(const struct cli_call *call, struct error *error)
{
    const struct cli_command *command = call->command;
    if (call->is_bare && call->operand_count == 0)
        return ERROR_NONE;
    if (call->is_bare)
        error_set(error, ERROR_USAGE, "with --%s there is no place for \"%s\"",
                  command->bare_option, call->operands[0]);
    else if (call->operand_count < command->fewest_operands)
        error_set(error, ERROR_USAGE, "weir %s needs %s %s", command->name,
                  call->operand_count == 0 ? "a" : "another", command->operand);
    else if (call->operand_count > command->most_operands)
        error_set(error, ERROR_USAGE, "weir %s does not know what to do with \"%s\"", command->name,
                  call->operands[command->most_operands]);
    else
        return ERROR_NONE;
    error_hint(error, "weir %s %s", command->name, command->usage);
    return ERROR_USAGE;
}

static enum error_code make_room(struct cli_call *call, struct error *error)
{
    void *operands;
    TRY(mem_arena_alloc(&call->arena, call->command->arguments_size, &call->arguments, error));
    TRY(mem_arena_alloc_array(&call->arena, (size_t)call->argc, sizeof *call->operands, &operands,
                              error));
    call->operands = operands;
    return take_presets(call, error);
}

enum error_code cli_parse(struct cli_call *call, struct error *error)
{
    TRY(find_command(call, error));
    TRY(make_room(call, error));
    call->is_bare = cli_is_bare(call->argc, call->argv);
    struct parser parser = {call, 2, false};
    while (parser.at < call->argc) {
        char *word = call->argv[parser.at++];
        TRY(take_word(&parser, word, error));
    }
    return call->wants_help ? ERROR_NONE : check_operands(call, error);
}
