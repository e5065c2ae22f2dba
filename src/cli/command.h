/*
 * The table of commands and options: the one place that says what the command line understands.
 *
 * Parsing, help, usage errors, man pages and shell completions are all read from it. An option
 * names where its value goes: the offset of a member of the command's struct of arguments
 * (arguments.h), whose type follows from the option's kind.
 */
#ifndef WEIR_CLI_COMMAND_H
#define WEIR_CLI_COMMAND_H

#include <stdio.h>

#include "base/error.h"
#include "mem/mem.h"
#include "term/terminal.h"

enum cli_kind {
    CLI_FLAG,   /* bool */
    CLI_TEXT,   /* const char * */
    CLI_CHOICE, /* const char *, one of choices */
    CLI_NAMES,  /* struct cli_list of names; "\," is a comma within a name */
    CLI_ITEMS,  /* struct cli_list of items as written, split at commas that have no "\" before them
                 */
    CLI_SIZE,   /* uint64_t bytes */
    CLI_COUNT,  /* uint64_t */
    CLI_REAL,   /* double, finite and not negative */
    CLI_DURATION /* uint64_t nanoseconds */
};

/* Grows with every use of its option. Items live in the call's arena. */
struct cli_list {
    const char **items;
    size_t count;
    size_t capacity;
};

struct cli_option {
    const char *name; /* without dashes; NULL ends a table */
    char letter;      /* short form, or 0 */
    enum cli_kind kind;
    const char *argument;       /* "SIZE"; NULL for a flag */
    const char *section;        /* heading in help; options of one section stand together */
    const char *help;           /* a sentence or two */
    const char *preset;         /* the default as it would be written, or NULL */
    const char *const *choices; /* ends with NULL; for CLI_CHOICE */
    size_t offset;
};

struct cli_example {
    const char *command; /* NULL ends the list */
    const char *meaning;
};

struct cli_call;

struct cli_command {
    const char *name; /* NULL ends the table */
    const char *summary;
    const char *usage;       /* what follows "weir name" */
    const char *description; /* paragraphs separated by an empty line */
    size_t fewest_operands, most_operands;
    const char *operand;                /* "FILE": what is missing when there are too few */
    const char *const *operand_choices; /* for completion; NULL: files */
    const struct cli_option *options;
    const struct cli_example *examples;
    const char *statuses; /* exit statuses of its own, a paragraph; NULL: those of all commands */
    /* The operands are the command line of a program: options end at the first of them, standard
     * output is the program's own, so JSON is one line on standard error, and what weir itself
     * cannot do ends with CLI_STATUS_OWN. */
    bool runs_program;
    const char *bare_option; /* with this option it takes no operands, and no program: "batch";
                                NULL: none */
    size_t arguments_size;
    enum error_code (*run)(struct cli_call *call, struct error *error);
};

#define CLI_STATUS_OWN 125 /* as timeout(1) and env(1) have it */

#define CLI_MEMORY ((size_t)64 << 20) /* argument lists, tables of text */

/* One run of the program. */
struct cli_call {
    const struct cli_command *command;
    void *arguments; /* the command's struct of arguments, in the arena */
    char **operands; /* argv's own, in order */
    size_t operand_count;
    bool wants_help; /* --help was given */
    bool no_colour;  /* --no-color was given */
    bool is_bare;    /* the command's bare_option was given */
    int argc;
    char **argv;
    struct terminal terminal;
    struct mem_account account;
    struct mem_arena arena;
    FILE *json;         /* where a JSON document goes, errors too; NULL: no JSON */
    int status;         /* exit status of a run that did not fail */
    const char *leaves; /* what is left when a signal stops it; NULL: nothing was written */
};

/* The commands, and the options that all of them have. */
extern const struct cli_command cli_commands[];
extern const struct cli_option cli_common_options[];

/* By name; NULL when there is none. */
const struct cli_command *cli_find_command(const char *name);

/* The commands' bodies. */
enum error_code cli_run_sum(struct cli_call *call, struct error *error);
enum error_code cli_run_inspect(struct cli_call *call, struct error *error);
enum error_code cli_run_diff(struct cli_call *call, struct error *error);
enum error_code cli_run_synth(struct cli_call *call, struct error *error);
enum error_code cli_run_exec(struct cli_call *call, struct error *error);
enum error_code cli_run_runs(struct cli_call *call, struct error *error);
enum error_code cli_run_logs(struct cli_call *call, struct error *error);
enum error_code cli_run_report(struct cli_call *call, struct error *error);
enum error_code cli_run_doctor(struct cli_call *call, struct error *error);
enum error_code cli_run_help(struct cli_call *call, struct error *error);
enum error_code cli_run_man(struct cli_call *call, struct error *error);
enum error_code cli_run_completion(struct cli_call *call, struct error *error);
enum error_code cli_run_version(struct cli_call *call, struct error *error);

#endif
