#include "batch/jobs_line.h"

#include <stdio.h>
#include <string.h>

#include "base/suggest.h"
#include "batch/jobs_values.h"

/* What one value takes in jansson 2.14 with the C library's own share, rounded up: an empty list or
 * object with its table; any other value, with its place in the table around it. */
#define COST_OF_CONTAINER 320
#define COST_OF_VALUE     192

void jobs_line_complain(const struct jobs_line *line, const char *hint, const char *format, ...)
{
    struct error error;
    char what[sizeof error.what];
    va_list arguments;
    if (!jobs_problems_will_tell(line->problems)) {
        jobs_problems_add(line->problems, line->number, "", "");
        return;
    }
    error_init(&error);
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    error_set(&error, ERROR_INPUT, "%s", what);
    error_hint(&error, "%s", hint);
    jobs_problems_tell(line->problems, line->number, &error);
}

/* ---- keys ---- */

/* What other tools call these keys; no slip of the hand leads from one to the other. */
static const struct {
    const char *theirs, *ours;
} OTHER_NAMES[] = {
    {"args", "command"},
    {"argv", "command"},
    {"cmd", "command"},
    {"cores", "cpus"},
    {"cwd", "directory"},
    {"dependencies", "after"},
    {"depends_on", "after"},
    {"deps", "after"},
    {"env", "environment"},
    {"id", "name"},
    {"mem_mb", "memory"},
    {"needs", "after"},
    {"pids", "processes"},
    {"ram", "memory"},
    {"requires", "after"},
    {"retries", "retry_strategy"},
    {"run", "command"},
    {"script", "command"},
    {"shell", "command"},
    {"threads", "cpus"},
    {"time_limit", "timeout"},
    {"workdir", "directory"},
    {"working_directory", "directory"},
};

static const struct jobs_key *find_key(const struct jobs_key *keys, const char *name)
{
    for (; keys->name != NULL; keys++)
        if (strcmp(keys->name, name) == 0)
            return keys;
    return NULL;
}

static const char *meant_key(const struct jobs_key *keys, const char *wrong)
{
    for (size_t i = 0; i < sizeof OTHER_NAMES / sizeof *OTHER_NAMES; i++)
        if (strcmp(OTHER_NAMES[i].theirs, wrong) == 0 && find_key(keys, OTHER_NAMES[i].ours))
            return OTHER_NAMES[i].ours;
    struct suggest suggest = suggest_begin(wrong);
    for (const struct jobs_key *key = keys; key->name != NULL; key++)
        suggest_try(&suggest, key->name);
    return suggest.name;
}

static void complain_of_key(struct jobs_line *line, const struct jobs_key *keys, const char *prefix,
                            const char *wrong)
{
    char hint[256] = "one of ";
    const char *meant = meant_key(keys, wrong);
    line->means_command = line->means_command || (meant != NULL && strcmp(meant, "command") == 0);
    for (const struct jobs_key *key = keys; key->name != NULL; key++) {
        size_t used = strlen(hint);
        snprintf(hint + used, sizeof hint - used, "%s%s", key == keys ? "" : ", ", key->name);
    }
    if (meant == NULL)
        jobs_line_complain(line, hint, "there is no key \"%s%.100s\"", prefix, wrong);
    else
        jobs_line_complain(line, "", "there is no key \"%s%.100s\"; did you mean \"%s\"?", prefix,
                           wrong, meant);
}

static enum error_code read_key(struct jobs_line *line, const struct jobs_key *key,
                                const char *prefix, const json_t *value, struct error *error)
{
    struct error met;
    error_init(&met);
    if (json_is_null(value))
        return ERROR_NONE;
    enum error_code code = key->read(line, value, &met);
    if (code == ERROR_INPUT)
        jobs_line_complain(line, met.hint, "%s%s: %s", prefix, key->name, met.what);
    else if (code != ERROR_NONE)
        *error = met;
    return code == ERROR_INPUT ? ERROR_NONE : code;
}

enum error_code jobs_line_read_keys(struct jobs_line *line, const struct jobs_key *keys,
                                    const char *prefix, const json_t *object, struct error *error)
{
    void *position = json_object_iter((json_t *)object);
    for (; position != NULL; position = json_object_iter_next((json_t *)object, position)) {
        const char *name = json_object_iter_key(position);
        const struct jobs_key *key = find_key(keys, name);
        if (key == NULL)
            complain_of_key(line, keys, prefix, name);
        else
            TRY(read_key(line, key, prefix, json_object_iter_value(position), error));
    }
    return ERROR_NONE;
}

/* ---- a whole line ---- */

static const char *const NO_WORDS[] = {NULL};

static enum error_code set_up(struct jobs_line *line, struct error *error)
{
    char name[32], *copy;
    int size = snprintf(name, sizeof name, "job-%u", line->number);
    TRY(mem_arena_copy(line->arena, name, (size_t)size, &copy, error));
    *line->job = (struct job){.name = copy,
                              .environment = NO_WORDS,
                              .memory = line->presets->memory,
                              .memory_is_preset = true,
                              .milli_cpus = 1000,
                              .retry = line->presets->retry,
                              .group = JOBS_NO_GROUP,
                              .line = line->number};
    line->has_name = true;
    line->has_attempts = false;
    line->means_command = false;
    return ERROR_NONE;
}

static bool is_given(const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name); /* NULL where object is no object */
    return value != NULL && !json_is_null(value);
}

/* What no key can see by itself. */
static void check_whole(const struct jobs_line *line, const json_t *object)
{
    const struct job *job = line->job;
    const json_t *retry = json_object_get(object, "retry_strategy");
    if (!is_given(object, "command") && !line->means_command)
        jobs_line_complain(line, "\"command\": [\"python\", \"job.py\"], or a text for the shell",
                           "there is no command");
    if (json_object_size(retry) > 0 && !line->has_attempts && job->retry.stop_after_attempt <= 1)
        jobs_line_complain(line, "\"stop_after_attempt\": 3, the first attempt included",
                           "retry_strategy: without stop_after_attempt nothing is tried again");
    if (is_given(retry, "max_memory") && job->retry.memory_most > 0 &&
        job->retry.memory_most < job->memory)
        jobs_line_complain(line, "a larger max_memory, or less memory",
                           "retry_strategy.max_memory: it is less than the job's memory");
}

static enum error_code read_object(struct jobs_line *line, const json_t *object,
                                   struct error *error)
{
    TRY(set_up(line, error));
    TRY(jobs_line_read_keys(line, jobs_keys, "", object, error));
    check_whole(line, object);
    return ERROR_NONE;
}

/* How many blanks a line begins with. */
static size_t blanks(const char *text, size_t size)
{
    size_t count = 0;
    while (count < size && (text[count] == ' ' || text[count] == '\t' || text[count] == '\r'))
        count++;
    return count;
}

static void complain_of_json(const struct jobs_line *line, const json_error_t *met)
{
    enum json_error_code code = json_error_code(met);
    bool is_part = code == json_error_premature_end_of_input;
    bool is_other = code == json_error_duplicate_key || code == json_error_numeric_overflow ||
                    code == json_error_null_byte_in_key || code == json_error_stack_overflow;
    jobs_line_complain(line, is_part ? "one whole job a line; jq -c . FILE writes it so" : "",
                       "%s: %s (column %d)", is_other ? "cannot be read" : "not JSON", met->text,
                       met->column);
}

/* jansson does not always say so: then it says nothing. */
static bool ran_out_of_memory(const json_error_t *met)
{
    return met->text[0] == '\0' || json_error_code(met) == json_error_out_of_memory;
}

static enum error_code parse(const struct jobs_line *line, const char *text, size_t size,
                             json_t **ret, struct error *error)
{
    json_error_t met;
    size_t cost = jobs_line_cost(text, size);
    if (cost > mem_account_left(line->arena->account)) {
        error_set(error, ERROR_MEMORY,
                  "line %u of the jobs may take %zu bytes to read, more than is left", line->number,
                  cost);
        error_hint(error, "shorter lines");
        return ERROR_MEMORY;
    }
    *ret = json_loadb(text, size, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &met);
    if (*ret == NULL && ran_out_of_memory(&met))
        return error_set(error, ERROR_MEMORY, "no memory for line %u of the jobs", line->number);
    if (*ret == NULL)
        complain_of_json(line, &met);
    return ERROR_NONE;
}

enum error_code jobs_line_read(struct jobs_line *line, const char *text, size_t size,
                               bool *ret_is_job, struct error *error)
{
    json_t *object = NULL;
    size_t first = blanks(text, size);
    *ret_is_job = false;
    if (first == size)
        return ERROR_NONE;
    if (text[first] == '#') {
        jobs_line_complain(line, "the line without it",
                           "JSON has no comments, and this line is no job");
        return ERROR_NONE;
    }
    TRY(parse(line, text, size, &object, error));
    enum error_code code = ERROR_NONE;
    *ret_is_job = json_is_object(object);
    if (*ret_is_job)
        code = read_object(line, object, error);
    else if (object != NULL)
        jobs_line_complain(line, "each job on a line of its own; jq -c '.[]' FILE writes it so",
                           "this is a list, not a job: {\"command\": ...}");
    json_decref(object);
    return code;
}

size_t jobs_line_cost(const char *text, size_t size)
{
    size_t containers = 0, values = 1;
    for (size_t i = 0; i < size; i++) {
        containers += text[i] == '[' || text[i] == '{';
        values += text[i] == ',' || text[i] == ':';
    }
    return containers * COST_OF_CONTAINER + values * COST_OF_VALUE + 4 * size;
}
