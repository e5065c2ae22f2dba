#include "cli/cli.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "cli/command.h"
#include "cli/library_memory.h"
#include "cli/parse.h"
#include "cli/reference.h"
#include "document/document.h"
#include "os/os.h"

/* What a signal's error says: the user knows why it stopped, and wants to know what is left. */
static void describe_stop(const struct cli_call *call, int signal_number, struct error *error)
{
    const char *name = sigabbrev_np(signal_number);
    error_set(error, ERROR_CANCELLED, "stopped by SIG%s; %s", name != NULL ? name : "?",
              call->leaves != NULL ? call->leaves : "nothing was written");
}

static void write_error_line(const struct cli_call *call, const struct error *error)
{
    char line[2048];
    bool colour = call->terminal.colour && !call->no_colour;
    error_render(error, line, sizeof line);
    fprintf(stderr, "%sweir:%s %s\n", colour ? "\033[1;31m" : "", colour ? "\033[0m" : "", line);
}

static void write_error_document(const struct cli_call *call, const struct error *error)
{
    struct error ignored; /* there is nowhere left to tell it */
    error_init(&ignored);
    json_t *document = json_object();
    json_object_set_new(document, "error", document_error(error));
    bool one_line = call->command != NULL && call->command->runs_program;
    enum error_code code = one_line ? document_write_line(document, call->json, &ignored)
                                    : document_write(document, call->json, &ignored);
    if (code != ERROR_NONE)
        write_error_line(call, error);
}

/* With --json the error is a document; a log on standard error still gets its line. */
static void write_error(const struct cli_call *call, const struct error *error)
{
    if (call->json != NULL)
        write_error_document(call, error);
    if (call->json != stderr)
        write_error_line(call, error);
}

static int status_of(const struct cli_call *call, enum error_code code)
{
    if (code == ERROR_CANCELLED && os_stop_requested() != 0)
        return 128 + os_stop_requested();
    bool runs_program = call->command != NULL && call->command->runs_program;
    bool is_wrong = code == ERROR_USAGE || code == ERROR_INPUT;
    if (runs_program && !(call->is_bare && is_wrong))
        return CLI_STATUS_OWN;
    return code == ERROR_USAGE ? 2 : 1;
}

/* Where JSON goes before the command has decided: errors of the command line. */
static FILE *json_stream(int argc, char **argv)
{
    if (!cli_asks_for_json(argc, argv))
        return NULL;
    const struct cli_command *command = cli_find_command(argv[1]);
    bool program_writes = command != NULL && command->runs_program;
    return program_writes && !cli_is_bare(argc, argv) ? stderr : stdout;
}

static enum error_code run_command(struct cli_call *call, struct error *error)
{
    TRY(cli_parse(call, error));
    if (call->wants_help) {
        help_write_command(stdout, call->command);
        return ERROR_NONE;
    }
    return call->command->run(call, error);
}

/* A full disk must not go unnoticed only because the text was short. */
static enum error_code flush_output(struct error *error)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return ERROR_NONE;
    return error_set_errno(error, errno, "cannot write to standard output");
}

int cli_main(int argc, char **argv)
{
    struct cli_call call = {.argc = argc, .argv = argv, .terminal = terminal_detect()};
    struct error error;
    error_init(&error);
    mem_account_init(&call.account, "command line", NULL, CLI_MEMORY);
    mem_arena_init(&call.arena, &call.account);
    call.json = json_stream(argc, argv);
    os_catch_stop_signals();
    library_memory_setup();
    enum error_code code = run_command(&call, &error);
    if (code == ERROR_NONE)
        code = flush_output(&error);
    if (code == ERROR_CANCELLED && os_stop_requested() != 0)
        describe_stop(&call, os_stop_requested(), &error);
    if (code != ERROR_NONE)
        write_error(&call, &error);
    mem_arena_release(&call.arena);
    return code == ERROR_NONE ? call.status : status_of(&call, code);
}
