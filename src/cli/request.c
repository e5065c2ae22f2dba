#include "cli/request.h"

#include <string.h>

#include "base/suggest.h"
#include "cli/aggregates.h"
#include "cli/parse.h"

#define COMMAND_LINE_MOST 4096
#define THREADS_MOST      1024

struct codec_levels {
    enum codec codec;
    const char *name;
    int highest; /* 0: takes no level */
};

static const struct codec_levels codec_levels[] = {
    {CODEC_SNAPPY, "snappy", 0}, {CODEC_ZSTD, "zstd", 22},     {CODEC_GZIP, "gzip", 9},
    {CODEC_LZ4_RAW, "lz4", 0},   {CODEC_BROTLI, "brotli", 11}, {CODEC_UNCOMPRESSED, "none", 0},
};

static enum error_code unknown_codec(const char *name, struct error *error)
{
    static const char *const choices[] = {"snappy", "zstd", "gzip", "lz4", "brotli", "none", NULL};
    error_set(error, ERROR_USAGE, "--compression: there is no codec \"%s\"", name);
    suggest_choice(name, choices, error);
    return ERROR_USAGE;
}

static enum error_code take_level(const struct codec_levels *codec, const char *text, int *ret,
                                  struct error *error)
{
    uint64_t level;
    if (codec->highest == 0)
        return error_set(error, ERROR_USAGE, "--compression: %s takes no level", codec->name);
    if (!cli_parse_count(text, &level) || level < 1 || level > (uint64_t)codec->highest)
        return error_set(error, ERROR_USAGE, "--compression: %s takes a level from 1 to %d, not %s",
                         codec->name, codec->highest, text[0] != '\0' ? text : "nothing");
    *ret = (int)level;
    return ERROR_NONE;
}

enum error_code request_compression(const char *text, enum codec *ret_codec, int *ret_level,
                                    struct error *error)
{
    char name[16];
    size_t length = strcspn(text, ":");
    snprintf(name, sizeof name, "%.*s", (int)(length < 15 ? length : 15), text);
    for (size_t i = 0; i < sizeof codec_levels / sizeof codec_levels[0]; i++) {
        if (strcmp(codec_levels[i].name, name) != 0)
            continue;
        int level = 0;
        if (text[length] == ':')
            TRY(take_level(&codec_levels[i], text + length + 1, &level, error));
        *ret_codec = codec_levels[i].codec;
        *ret_level = level;
        return ERROR_NONE;
    }
    return unknown_codec(name, error);
}

static bool is_plain_word(const char *word)
{
    return word[0] != '\0' && strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                           "0123456789_-+./,:=@%") == strlen(word);
}

/* One word, in single quotes where a shell would change it. */
static enum error_code append_word(struct mem_buffer *line, const char *word, struct error *error)
{
    if (is_plain_word(word))
        return mem_buffer_append(line, word, strlen(word), error);
    TRY(mem_buffer_append(line, "'", 1, error));
    for (; *word != '\0'; word++) {
        bool quote = *word == '\'';
        TRY(mem_buffer_append(line, quote ? "'\\''" : word, quote ? 4 : 1, error));
    }
    return mem_buffer_append(line, "'", 1, error);
}

static enum error_code append_words(struct mem_buffer *line, int argc, char **argv,
                                    struct error *error)
{
    TRY(mem_buffer_append(line, "weir", 4, error));
    for (int i = 1; i < argc; i++) {
        if (line->size + strlen(argv[i]) > COMMAND_LINE_MOST)
            return mem_buffer_append(line, " ...", 4, error);
        TRY(mem_buffer_append(line, " ", 1, error));
        TRY(append_word(line, argv[i], error));
    }
    return ERROR_NONE;
}

enum error_code request_command_line(struct mem_arena *arena, int argc, char **argv,
                                     const char **ret, struct error *error)
{
    struct mem_buffer line;
    char *copy = NULL;
    mem_buffer_init(&line, arena->account, 8 * COMMAND_LINE_MOST);
    enum error_code code = append_words(&line, argc, argv, error);
    if (code == ERROR_NONE)
        code = mem_arena_copy(arena, line.data, line.size, &copy, error);
    mem_buffer_release(&line);
    if (code == ERROR_NONE)
        *ret = copy;
    return code;
}

static enum error_code choose_format(const struct sum_arguments *arguments, enum sink_format *ret,
                                     struct error *error)
{
    if (arguments->output == NULL && arguments->format != NULL) {
        error_set(error, ERROR_USAGE, "--format %s needs an output", arguments->format);
        error_hint(error, "add -o FILE, or -o - for standard output");
        return ERROR_USAGE;
    }
    if (arguments->output == NULL) {
        *ret = SINK_TABLE;
        return ERROR_NONE;
    }
    if (arguments->format != NULL && sink_format_from_name(arguments->format, ret))
        return ERROR_NONE;
    if (strcmp(arguments->output, "-") == 0) {
        *ret = SINK_CSV;
        return ERROR_NONE;
    }
    if (sink_format_from_path(arguments->output, ret))
        return ERROR_NONE;
    error_set(error, ERROR_USAGE, "the name \"%s\" does not tell a format", arguments->output);
    error_hint(error, "add --format parquet, csv, arrow or jsonl, or end the name in .parquet, "
                      ".csv, .arrow or .jsonl");
    return ERROR_USAGE;
}

static enum error_code choose_compression(const struct sum_arguments *arguments,
                                          struct sum_options *options, struct error *error)
{
    options->compression = CODEC_SNAPPY;
    if (arguments->compression == NULL)
        return ERROR_NONE;
    if (options->format != SINK_PARQUET)
        return error_set(error, ERROR_USAGE, "--compression is for Parquet outputs only");
    return request_compression(arguments->compression, &options->compression,
                               &options->compression_level, error);
}

static enum error_code check_numbers(const struct sum_arguments *arguments, struct error *error)
{
    if (arguments->threads > THREADS_MOST)
        return error_set(error, ERROR_USAGE, "--threads: %d is the most", THREADS_MOST);
    if (arguments->rows > UINT32_MAX)
        return error_set(error, ERROR_USAGE, "--rows: %u is the most", UINT32_MAX);
    return ERROR_NONE;
}

/* "old=new": neither may be empty. */
static enum error_code build_rename(struct mem_arena *arena, const char *text,
                                    struct sum_rename *ret, struct error *error)
{
    size_t length = cli_length_to_equals(text);
    if (length == 0 || text[length] == '\0' || text[length + 1] == '\0') {
        error_set(error, ERROR_USAGE, "--rename: \"%s\" is not of the form OLD=NEW", text);
        error_hint(error, "--rename Path=path");
        return ERROR_USAGE;
    }
    char *from, *to;
    TRY(mem_arena_copy(arena, text, length, &from, error));
    TRY(mem_arena_copy(arena, text + length + 1, strlen(text + length + 1), &to, error));
    *ret = (struct sum_rename){.from = cli_unescape(from), .to = cli_unescape(to)};
    return ERROR_NONE;
}

static enum error_code build_renames(struct mem_arena *arena, const struct cli_list *list,
                                     struct sum_options *options, struct error *error)
{
    struct sum_rename *renames;
    TRY(mem_arena_alloc_array(arena, list->count, sizeof *renames, (void **)&renames, error));
    for (size_t i = 0; i < list->count; i++)
        TRY(build_rename(arena, list->items[i], &renames[i], error));
    options->renames = renames;
    options->rename_count = list->count;
    return ERROR_NONE;
}

enum error_code request_build(struct cli_call *call, struct sum_options *ret, struct error *error)
{
    const struct sum_arguments *arguments = call->arguments;
    TRY(check_numbers(arguments, error));
    struct sum_options options = {
        .inputs = call->operands,
        .input_count = call->operand_count,
        .keys = arguments->by.items,
        .key_count = arguments->by.count,
        .output = arguments->output,
        .overwrite = arguments->overwrite,
        .sort = arguments->sort,
        .where = arguments->where,
        .folder = arguments->temp,
        .cache = arguments->cache,
        .no_cache = arguments->no_cache,
        .verify_keys = arguments->verify_keys,
        .arrow_stream = arguments->standard_input != NULL,
        .memory = arguments->memory,
        .threads = (unsigned)arguments->threads,
        .table_rows = (uint32_t)arguments->rows,
    };
    struct aggregate *aggregates;
    TRY(aggregates_build(&call->arena, &arguments->sums, &arguments->aggregates, &aggregates,
                         &options.aggregate_count, error));
    options.aggregates = aggregates;
    TRY(aggregates_check_names(&arguments->by, aggregates, options.aggregate_count, error));
    TRY(build_renames(&call->arena, &arguments->renames, &options, error));
    TRY(choose_format(arguments, &options.format, error));
    TRY(choose_compression(arguments, &options, error));
    TRY(request_command_line(&call->arena, call->argc, call->argv, &options.command, error));
    *ret = options;
    return ERROR_NONE;
}
