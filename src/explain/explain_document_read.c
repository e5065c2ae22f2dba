#include "explain/explain_document_read.h"

#include <limits.h>
#include <signal.h>
#include <string.h>

/* What the members are read from, and where their texts go. */
struct reader {
    const json_t *object;
    struct mem_arena *arena;
    struct error *error;
};

static enum error_code refuse(const struct reader *reader, const char *name, const char *wanted)
{
    error_set(reader->error, ERROR_INPUT, "in the report, \"%s\" is not %s", name, wanted);
    error_hint(reader->error, "the logs beside it, which do not depend on it");
    return ERROR_INPUT;
}

/* NULL where the member is missing or null. */
static const json_t *find(const struct reader *reader, const char *name)
{
    const json_t *value = json_object_get(reader->object, name);
    return json_is_null(value) ? NULL : value;
}

/* ---- members ---- */

static enum error_code read_integer(const struct reader *reader, const char *name, int64_t least,
                                    int64_t most, int64_t none, int64_t *ret)
{
    const json_t *value = find(reader, name);
    *ret = none;
    if (value == NULL)
        return ERROR_NONE;
    if (!json_is_integer(value) || json_integer_value(value) < least ||
        json_integer_value(value) > most)
        return refuse(reader, name, "a whole number that can be");
    *ret = json_integer_value(value);
    return ERROR_NONE;
}

static enum error_code read_count(const struct reader *reader, const char *name, uint64_t *ret)
{
    int64_t count;
    TRY(read_integer(reader, name, 0, INT64_MAX, 0, &count));
    *ret = (uint64_t)count;
    return ERROR_NONE;
}

static enum error_code read_int(const struct reader *reader, const char *name, int none, int *ret)
{
    int64_t number;
    TRY(read_integer(reader, name, 0, INT_MAX, none, &number));
    *ret = (int)number;
    return ERROR_NONE;
}

static enum error_code read_flag(const struct reader *reader, const char *name, bool none,
                                 bool *ret)
{
    const json_t *value = find(reader, name);
    if (value != NULL && !json_is_boolean(value))
        return refuse(reader, name, "true or false");
    *ret = value == NULL ? none : json_is_true(value);
    return ERROR_NONE;
}

/* Into a text of fixed size; a longer one is cut. */
static enum error_code read_text(const struct reader *reader, const char *name, char *ret,
                                 size_t size)
{
    const json_t *value = find(reader, name);
    if (value != NULL && !json_is_string(value))
        return refuse(reader, name, "a text");
    snprintf(ret, size, "%s", value == NULL ? "" : json_string_value(value));
    return ERROR_NONE;
}

/* ---- groups of members ---- */

static enum error_code read_verdict(const struct reader *reader, struct cell_report *report)
{
    const char *text = json_string_value(find(reader, "verdict"));
    for (int verdict = CELL_OK; text != NULL && verdict <= CELL_LOST; verdict++) {
        report->verdict = (enum cell_verdict)verdict;
        if (strcmp(text, cell_verdict_name(report->verdict)) == 0)
            return ERROR_NONE;
    }
    return refuse(reader, "verdict", "one of the words for an end");
}

static enum error_code read_watch(const struct reader *reader, struct cell_report *report)
{
    char text[16];
    TRY(read_text(reader, "watch", text, sizeof text));
    for (int watch = CELL_WATCH_V2; text[0] != '\0' && watch <= CELL_WATCH_POLL; watch++) {
        report->watch = (enum cell_watch)watch;
        if (strcmp(text, explain_watch_name(report->watch)) == 0)
            return ERROR_NONE;
    }
    report->watch = CELL_WATCH_POLL;
    return text[0] == '\0' ? ERROR_NONE : refuse(reader, "watch", "a way of keeping limits");
}

static enum error_code read_words(const struct reader *reader, struct explain_facts *facts)
{
    const json_t *words = find(reader, "command");
    size_t count = json_array_size(words);
    void *memory;
    if ((words != NULL && !json_is_array(words)) || count > EXPLAIN_WORDS_MOST)
        return refuse(reader, "command", "a list of words");
    TRY(mem_arena_alloc_array(reader->arena, count + 1, sizeof(char *), &memory, reader->error));
    char **list = memory;
    for (size_t i = 0; i < count; i++) {
        const json_t *word = json_array_get(words, i);
        if (!json_is_string(word))
            return refuse(reader, "command", "a list of words");
        TRY(mem_arena_copy(reader->arena, json_string_value(word), json_string_length(word),
                           &list[i], reader->error));
    }
    facts->arguments = memory;
    return ERROR_NONE;
}

static enum error_code read_line(const struct reader *reader, struct cell_line *ret)
{
    const struct reader inner = {find(reader, "line"), reader->arena, reader->error};
    uint64_t number;
    *ret = (struct cell_line){.known = inner.object != NULL};
    if (!ret->known)
        return ERROR_NONE;
    if (!json_is_object(inner.object))
        return refuse(reader, "line", "a place in a program");
    TRY(read_text(&inner, "file", ret->file, sizeof ret->file));
    TRY(read_text(&inner, "function", ret->function, sizeof ret->function));
    TRY(read_text(&inner, "code", ret->code, sizeof ret->code));
    TRY(read_count(&inner, "line", &number));
    if (number > UINT_MAX)
        return refuse(&inner, "line", "a whole number that can be");
    ret->line = (unsigned)number;
    return ERROR_NONE;
}

static enum error_code read_progress(const struct reader *reader, struct cell_progress *ret)
{
    const struct reader inner = {find(reader, "progress"), reader->arena, reader->error};
    *ret = (struct cell_progress){.has_read = false};
    if (inner.object == NULL)
        return ERROR_NONE;
    if (!json_is_object(inner.object))
        return refuse(reader, "progress", "what a program told");
    ret->has_read = find(&inner, "read") != NULL;
    TRY(read_text(&inner, "phase", ret->phase, sizeof ret->phase));
    TRY(read_text(&inner, "unit", ret->unit, sizeof ret->unit));
    TRY(read_count(&inner, "read", &ret->read));
    return read_count(&inner, "of", &ret->of);
}

static enum error_code read_outputs(const struct reader *reader, struct cell_report *report)
{
    const json_t *tail = find(reader, "error_tail");
    struct cell_text *errors = &report->errors;
    TRY(read_count(reader, "output_bytes", &report->output.total));
    TRY(read_count(reader, "error_bytes", &errors->total));
    if (tail == NULL)
        return ERROR_NONE;
    if (!json_is_string(tail))
        return refuse(reader, "error_tail", "a text");
    errors->start_size = json_string_length(tail);
    return mem_arena_copy(reader->arena, json_string_value(tail), errors->start_size,
                          &errors->start, reader->error);
}

static enum error_code read_memory(const struct reader *reader, struct cell_report *report)
{
    TRY(read_count(reader, "limit_bytes", &report->limit));
    TRY(read_count(reader, "peak_bytes", &report->peak));
    TRY(read_flag(reader, "peak_is_sampled", false, &report->peak_is_sampled));
    TRY(read_count(reader, "growth_bytes_per_second", &report->growth));
    TRY(read_count(reader, "suggested_bytes", &report->suggestion));
    return read_watch(reader, report);
}

static enum error_code read_end(const struct reader *reader, struct cell_report *report)
{
    TRY(read_flag(reader, "started", true, &report->started));
    TRY(read_int(reader, "exit_status", -1, &report->exit_status));
    TRY(read_int(reader, "signal", 0, &report->signal));
    TRY(read_int(reader, "sender", 0, &report->sender));
    TRY(read_flag(reader, "ended_by_weir", report->exit_status < 0, &report->ended_by_weir));
    TRY(read_count(reader, "oom_kills", &report->after.oom_kills));
    TRY(read_text(reader, "evidence", report->evidence, sizeof report->evidence));
    TRY(read_text(reader, "why", report->why, sizeof report->why));
    TRY(read_progress(reader, &report->progress));
    return read_line(reader, &report->line);
}

static enum error_code read_course(const struct reader *reader, struct cell_report *report)
{
    TRY(read_count(reader, "wall_ns", &report->wall_ns));
    TRY(read_count(reader, "cpu_ns", &report->cpu_ns));
    TRY(read_count(reader, "processes_most", &report->processes_most));
    return read_count(reader, "leftovers", &report->leftovers);
}

/* What the document has only as weir's own status: whether the program was found, and, where the
 * member for it is missing, which signal weir got. */
static enum error_code read_status(const struct reader *reader, struct explain_record *ret)
{
    int status;
    TRY(read_int(reader, "weir_exit_status", 0, &status));
    ret->facts.found = status != EXPLAIN_STATUS_NOT_FOUND;
    int stopped_by = ret->report.verdict == CELL_CANCELLED && status > EXPLAIN_STATUS_SIGNAL
                         ? status - EXPLAIN_STATUS_SIGNAL
                         : 0;
    return read_int(reader, "stopped_by", stopped_by, &ret->facts.stopped_by);
}

/* A text that lives in the arena; none where it is missing. */
static enum error_code read_kept_text(const struct reader *reader, const char *name,
                                      const char *none, const char **ret)
{
    const json_t *value = find(reader, name);
    char *text;
    *ret = none;
    if (value == NULL)
        return ERROR_NONE;
    if (!json_is_string(value))
        return refuse(reader, name, "a text");
    TRY(mem_arena_copy(reader->arena, json_string_value(value), json_string_length(value), &text,
                       reader->error));
    *ret = text;
    return ERROR_NONE;
}

static enum error_code read_facts(const struct reader *reader, struct explain_record *ret)
{
    bool cpus_kept;
    TRY(read_words(reader, &ret->facts));
    TRY(read_kept_text(reader, "memory_option", "--memory", &ret->facts.memory_option));
    TRY(read_kept_text(reader, "timeout_option", "--timeout", &ret->facts.timeout_option));
    TRY(read_count(reader, "timeout_ns", &ret->facts.timeout_ns));
    TRY(read_count(reader, "variables_withheld", &ret->facts.variables_withheld));
    TRY(read_flag(reader, "cpus_kept", true, &cpus_kept));
    ret->facts.cpus_not_kept = !cpus_kept;
    return read_status(reader, ret);
}

static enum error_code read_all(const struct reader *reader, struct explain_record *ret)
{
    *ret = (struct explain_record){.facts.found = true};
    if (!json_is_object(reader->object)) {
        error_set(reader->error, ERROR_INPUT, "the report is not a JSON object");
        return ERROR_INPUT;
    }
    TRY(read_verdict(reader, &ret->report));
    TRY(read_end(reader, &ret->report));
    TRY(read_memory(reader, &ret->report));
    TRY(read_course(reader, &ret->report));
    TRY(read_outputs(reader, &ret->report));
    return read_facts(reader, ret);
}

enum error_code explain_document_read(const char *bytes, size_t size, struct mem_arena *arena,
                                      struct explain_record *ret, struct error *error)
{
    json_error_t problem;
    if (size > EXPLAIN_DOCUMENT_MOST)
        return error_set(error, ERROR_INPUT, "the report is too long to be one");
    json_t *document = json_loadb(bytes, size, 0, &problem);
    if (document == NULL)
        return error_set(error, ERROR_INPUT, "the report is not JSON: line %d: %s", problem.line,
                         problem.text);
    const struct reader reader = {document, arena, error};
    struct explain_record record;
    enum error_code code = read_all(&reader, &record);
    json_decref(document);
    if (code == ERROR_NONE)
        *ret = record;
    return code;
}
