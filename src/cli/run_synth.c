#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "cli/arguments.h"
#include "os/os.h"
#include "synth/synth.h"
#include "term/display.h"
#include "term/text.h"

#define SYNTH_MEMORY ((size_t)1 << 30)

struct synth_state {
    atomic_uint_fast64_t files;
    atomic_uint_fast64_t bytes;
    uint64_t total;
    uint64_t rows_each;
};

static void count_file(void *context, uint64_t files_done, uint64_t bytes)
{
    struct synth_state *state = context;
    atomic_store(&state->files, files_done);
    atomic_store(&state->bytes, bytes);
}

static void sample_progress(const void *context, struct progress_sample *ret)
{
    const struct synth_state *state = context;
    ret->phase = "writing";
    ret->unit = "files";
    ret->done = atomic_load(&state->files);
    ret->total = state->total;
    ret->rows = ret->done * state->rows_each;
}

static enum error_code build_options(const struct cli_call *call, struct synth_options *ret,
                                     struct error *error)
{
    const struct synth_arguments *arguments = call->arguments;
    *ret = (struct synth_options){
        .folder = call->operands[0],
        .files = arguments->files,
        .paths = arguments->paths,
        .dates = arguments->dates,
        .seed = arguments->seed,
        .overwrite = arguments->overwrite,
    };
    if (!synth_layout_from_name(arguments->layout, &ret->layout))
        return error_set(error, ERROR_USAGE, "--layout: \"%s\" is not known", arguments->layout);
    uint64_t rows;
    if (__builtin_mul_overflow(arguments->paths, arguments->dates, &rows) || rows > INT64_MAX)
        return error_set(error, ERROR_USAGE, "--paths times --dates is too large");
    return ERROR_NONE;
}

static void write_summary(const struct synth_options *options, struct synth_state *state,
                          uint64_t elapsed_ns)
{
    char files[64], rows[32], size[24], time[32];
    fprintf(stderr, "weir: wrote %s of %s rows each (%s) to ",
            text_plural(options->files, "file", files, sizeof files),
            text_count(state->rows_each, rows), mem_format_size(atomic_load(&state->bytes), size));
    text_put(stderr, options->folder);
    fprintf(stderr, " in %s\n", text_duration(elapsed_ns, time));
}

enum error_code cli_run_synth(struct cli_call *call, struct error *error)
{
    const struct synth_arguments *arguments = call->arguments;
    struct synth_options options;
    TRY(build_options(call, &options, error));
    struct synth_state state = {.total = options.files, .rows_each = options.paths * options.dates};
    bool never = arguments->quiet || strcmp(arguments->progress, "never") == 0;
    bool always = strcmp(arguments->progress, "always") == 0;
    struct display_options display_options = {
        .mode = never    ? DISPLAY_NEVER
                : always ? DISPLAY_ALWAYS
                         : DISPLAY_AUTO,
        .terminal = call->terminal,
        .sample = sample_progress,
        .context = &state,
        .told = getenv("WEIR_PROGRESS"),
    };
    struct display display;
    struct mem_account account;
    uint64_t started_ns = os_now_ns();
    mem_account_init(&account, "synth", NULL, SYNTH_MEMORY);
    call->leaves = "files that were finished are kept";
    display_start(&display, &display_options);
    enum error_code code = synth_write(&options, &account, count_file, &state, error);
    display_stop(&display);
    if (code == ERROR_NONE && !arguments->quiet)
        write_summary(&options, &state, os_now_ns() - started_ns);
    return code;
}
