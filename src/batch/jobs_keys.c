#include <stdio.h>
#include <string.h>

#include "batch/jobs_line.h"
#include "batch/jobs_values.h"

/* ---- lists of words ---- */

/* A list that ends with NULL and its texts, in one block. */
struct words {
    const char **list;
    size_t count;
    char *room; /* for the texts */
};

/* bytes: of all texts with their NULs. */
static enum error_code words_alloc(struct mem_arena *arena, size_t count, size_t bytes,
                                   struct words *ret, struct error *error)
{
    void *block;
    size_t list = (count + 1) * sizeof(char *);
    TRY(mem_arena_alloc(arena, list + bytes, &block, error));
    *ret = (struct words){block, 0, (char *)block + list};
    return ERROR_NONE;
}

static void words_begin(struct words *words)
{
    words->list[words->count++] = words->room;
}

static void words_add(struct words *words, const char *text, size_t size)
{
    memcpy(words->room, text, size);
    words->room += size;
}

/* ---- name ---- */

/* C0, DEL, and C1 as UTF-8 has it: they would change what a terminal shows. */
static bool has_control_character(const char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    for (; *at != '\0'; at++)
        if (*at < 0x20 || *at == 0x7f || (at[0] == 0xc2 && at[1] >= 0x80 && at[1] <= 0x9f))
            return true;
    return false;
}

static enum error_code read_name(struct jobs_line *line, const json_t *value, struct error *error)
{
    const char *name;
    char *copy;
    line->has_name = false;
    TRY(jobs_value_filled(value, &name, error));
    if (has_control_character(name))
        return jobs_value_wrong(value, "has control characters in it", "a name without them",
                                error);
    if (strlen(name) > JOBS_NAME_MOST)
        return jobs_value_wrong(value, "is longer than the 200 bytes of a name", "a shorter name",
                                error);
    TRY(mem_arena_copy(line->arena, name, strlen(name), &copy, error));
    line->job->name = copy;
    line->has_name = true;
    return ERROR_NONE;
}

/* ---- command ---- */

static enum error_code read_shell_command(struct jobs_line *line, const json_t *value,
                                          struct error *error)
{
    static const char SHELL[] = "/bin/sh", OPTION[] = "-c";
    const char *text;
    struct words words;
    TRY(jobs_value_filled(value, &text, error));
    TRY(words_alloc(line->arena, 3, strlen(text) + 1, &words, error));
    words.list[words.count++] = SHELL;
    words.list[words.count++] = OPTION;
    words_begin(&words);
    words_add(&words, text, strlen(text) + 1);
    line->job->arguments = words.list;
    return ERROR_NONE;
}

/* Checks all words and adds up their bytes. */
static enum error_code measure_words(const json_t *list, size_t *ret_bytes, struct error *error)
{
    const char *text;
    *ret_bytes = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *word = json_array_get(list, i);
        TRY(i == 0 ? jobs_value_filled(word, &text, error) : jobs_value_text(word, &text, error));
        *ret_bytes += strlen(text) + 1;
    }
    return ERROR_NONE;
}

static enum error_code read_command(struct jobs_line *line, const json_t *value,
                                    struct error *error)
{
    struct words words;
    size_t bytes;
    if (json_is_string(value))
        return read_shell_command(line, value, error);
    if (json_array_size(value) == 0) /* 0 for anything else */
        return jobs_value_wrong(
            value, "is no command",
            "a list of words, [\"python\", \"job.py\"], or a text for the shell", error);
    TRY(measure_words(value, &bytes, error));
    TRY(words_alloc(line->arena, json_array_size(value), bytes, &words, error));
    for (size_t i = 0; i < json_array_size(value); i++) {
        const char *text = json_string_value(json_array_get(value, i));
        words_begin(&words);
        words_add(&words, text, strlen(text) + 1);
    }
    line->job->arguments = words.list;
    return ERROR_NONE;
}

/* ---- environment ---- */

/* By this variable weir finds what a dead weir left behind. */
#define OWN_VARIABLE "WEIR_CELL"

static enum error_code check_variable(const char *name, const json_t *value, struct error *error)
{
    struct error met;
    const char *text;
    error_init(&met);
    if (name[0] == '\0' || strchr(name, '=') != NULL) {
        error_set(error, ERROR_INPUT, "a variable cannot be called \"%.60s\"", name);
        error_hint(error, "a name without '='");
        return ERROR_INPUT;
    }
    if (strcmp(name, OWN_VARIABLE) == 0)
        return error_set(error, ERROR_INPUT, "%s is set by weir itself", name);
    if (jobs_value_text(value, &text, &met) != ERROR_NONE) {
        error_set(error, ERROR_INPUT, "%.60s: %s", name, met.what);
        error_hint(error, "%s", met.hint);
        return ERROR_INPUT;
    }
    if (strlen(name) + 1 + strlen(text) > JOBS_WORD_MOST)
        return error_set(error, ERROR_INPUT, "%.60s is longer than a program can be given", name);
    return ERROR_NONE;
}

static enum error_code measure_variables(json_t *object, size_t *ret_bytes, struct error *error)
{
    const char *name;
    json_t *value;
    *ret_bytes = 0;
    json_object_foreach(object, name, value)
    {
        TRY(check_variable(name, value, error));
        *ret_bytes += strlen(name) + 1 + strlen(json_string_value(value)) + 1;
    }
    return ERROR_NONE;
}

static enum error_code read_environment(struct jobs_line *line, const json_t *value,
                                        struct error *error)
{
    struct words words;
    size_t bytes;
    const char *name;
    json_t *text;
    if (!json_is_object(value))
        return jobs_value_wrong(value, "is no set of variables", "{\"NAME\": \"value\"}", error);
    TRY(measure_variables((json_t *)value, &bytes, error));
    TRY(words_alloc(line->arena, json_object_size(value), bytes, &words, error));
    json_object_foreach((json_t *)value, name, text)
    {
        words_begin(&words);
        words_add(&words, name, strlen(name));
        words_add(&words, "=", 1);
        words_add(&words, json_string_value(text), strlen(json_string_value(text)) + 1);
    }
    line->job->environment = words.list;
    return ERROR_NONE;
}

/* ---- the others ---- */

#define PATH_MOST ((size_t)4095) /* PATH_MAX of Linux without the NUL */

static enum error_code read_directory(struct jobs_line *line, const json_t *value,
                                      struct error *error)
{
    const char *path;
    char *copy;
    TRY(jobs_value_filled(value, &path, error));
    if (strlen(path) > PATH_MOST)
        return jobs_value_wrong(value, "is longer than a path can be", "a shorter path", error);
    TRY(mem_arena_copy(line->arena, path, strlen(path), &copy, error));
    line->job->directory = copy;
    return ERROR_NONE;
}

static enum error_code read_memory(struct jobs_line *line, const json_t *value, struct error *error)
{
    TRY(jobs_value_size(value, &line->job->memory, error));
    line->job->memory_is_preset = false;
    return ERROR_NONE;
}

static enum error_code read_cpus(struct jobs_line *line, const json_t *value, struct error *error)
{
    return jobs_value_cpus(value, &line->job->milli_cpus, error);
}

static enum error_code read_processes(struct jobs_line *line, const json_t *value,
                                      struct error *error)
{
    return jobs_value_count(value, JOBS_PROCESSES_MOST, &line->job->processes, error);
}

static enum error_code read_timeout(struct jobs_line *line, const json_t *value,
                                    struct error *error)
{
    return jobs_value_duration(value, &line->job->timeout_ns, error);
}

static enum error_code read_after(struct jobs_line *line, const json_t *value, struct error *error)
{
    const char *name;
    if (!json_is_array(value) && !json_is_string(value))
        return jobs_value_wrong(value, "is no list of names", "[\"load\", \"clean\"], or one name",
                                error);
    for (size_t i = 0; i < jobs_value_list_size(value); i++) {
        TRY(jobs_value_filled(jobs_value_list_item(value, i), &name, error));
        TRY(mem_buffer_append(line->after_names, name, strlen(name) + 1, error));
        line->job->after_count++;
    }
    return ERROR_NONE;
}

const struct jobs_key jobs_keys[] = {
    {"name", "TEXT",
     "Name of the job, at most 200 bytes, each only once. Default: job- and the number of its "
     "line.",
     read_name},
    {"command", "LIST or TEXT",
     "What runs: a list of words, or a text for /bin/sh. The only key that must be there.",
     read_command},
    {"memory", "SIZE",
     "Memory granted, such as \"2GiB\" or \"500MB\"; a number is bytes. Default: --job-memory.",
     read_memory},
    {"cpus", "NUMBER", "Processors granted, from 0.01 on. Default: 1.", read_cpus},
    {"processes", "COUNT", "Most processes and threads at once. Default: no limit.",
     read_processes},
    {"timeout", "DURATION",
     "Most time that an attempt may take, such as \"90s\" or \"1h30m\"; a number is seconds. "
     "Default: no limit.",
     read_timeout},
    {"directory", "TEXT", "Folder in which it runs. Default: the one in which weir runs.",
     read_directory},
    {"environment", "OBJECT", "Variables set besides the usual ones: {\"NAME\": \"value\"}.",
     read_environment},
    {"after", "LIST or TEXT",
     "Names of the jobs, anywhere in the file, that must be ok before this one starts.",
     read_after},
    {"retry_strategy", "OBJECT",
     "When it is tried again, and with how much memory. Default: --attempts.",
     jobs_line_read_retry},
    {NULL, NULL, NULL, NULL},
};
