#include <stdio.h>
#include <string.h>

#include "base/suggest.h"
#include "batch/jobs_line.h"
#include "batch/jobs_values.h"

#define ATTEMPTS_MOST 1000000

static const struct {
    const char *name;
    enum retry_reason reason;
} REASONS[] = {{"oom", RETRY_OOM}, {"timeout", RETRY_TIMEOUT}, {"error", RETRY_ERROR}};

static enum error_code wrong_reason(const json_t *value, struct error *error)
{
    static const char *const NAMES[] = {"oom", "timeout", "error", NULL};
    jobs_value_wrong(value, "is no reason to try again", "", error);
    suggest_choice(json_is_string(value) ? json_string_value(value) : "", NAMES, error);
    return ERROR_INPUT;
}

static enum error_code add_reason(const json_t *value, unsigned *on, struct error *error)
{
    const char *text = json_string_value(value);
    for (size_t i = 0; text != NULL && i < sizeof REASONS / sizeof *REASONS; i++) {
        if (strcmp(text, REASONS[i].name) == 0 && strlen(text) == json_string_length(value)) {
            *on |= REASONS[i].reason;
            return ERROR_NONE;
        }
    }
    return wrong_reason(value, error);
}

static enum error_code read_on(struct jobs_line *line, const json_t *value, struct error *error)
{
    unsigned on = 0;
    if (jobs_value_list_size(value) == 0)
        return wrong_reason(value, error);
    for (size_t i = 0; i < jobs_value_list_size(value); i++)
        TRY(add_reason(jobs_value_list_item(value, i), &on, error));
    line->job->retry.on = on;
    return ERROR_NONE;
}

static enum error_code read_attempts(struct jobs_line *line, const json_t *value,
                                     struct error *error)
{
    line->has_attempts = true;
    return jobs_value_count(value, ATTEMPTS_MOST, &line->job->retry.stop_after_attempt, error);
}

static enum error_code read_delay(struct jobs_line *line, const json_t *value, struct error *error)
{
    return jobs_value_duration(value, &line->job->retry.stop_after_ns, error);
}

static enum error_code read_factor(struct jobs_line *line, const json_t *value, struct error *error)
{
    const char *text = json_string_value(value);
    if (text == NULL || strlen(text) != json_string_length(value) ||
        !retry_parse_factor(text, &line->job->retry.grow_percent))
        return jobs_value_wrong(value, "is no factor from x1 to x100", "\"x1.5\", \"x2\"", error);
    return ERROR_NONE;
}

static enum error_code read_most(struct jobs_line *line, const json_t *value, struct error *error)
{
    return jobs_value_size(value, &line->job->retry.memory_most, error);
}

enum error_code jobs_line_read_retry(struct jobs_line *line, const json_t *value,
                                     struct error *error)
{
    if (!json_is_object(value))
        return jobs_value_wrong(value, "is no set of keys",
                                "{\"stop_after_attempt\": 3, \"on\": [\"oom\"]}", error);
    uint64_t problems = line->problems->count;
    TRY(jobs_line_read_keys(line, jobs_retry_keys, "retry_strategy.", value, error));
    if (line->problems->count > problems) /* one of them may have been meant for it */
        line->has_attempts = true;
    return ERROR_NONE;
}

const struct jobs_key jobs_retry_keys[] = {
    {"stop_after_attempt", "COUNT", "Attempts in all, the first included.", read_attempts},
    {"stop_after_delay", "DURATION",
     "No new attempt so long after the first began; a number is seconds. Default: no bound.",
     read_delay},
    {"on", "LIST or TEXT",
     "Ends after which it is tried again: \"oom\", \"timeout\", \"error\". Default: [\"oom\"].",
     read_on},
    {"memory", "FACTOR",
     "Growth of the memory after it ran out of its own limit, from \"x1\" to \"x100\". Default: "
     "\"x2\".",
     read_factor},
    {"max_memory", "SIZE", "Most that the memory grows to. Default: all that the batch may use.",
     read_most},
    {NULL, NULL, NULL, NULL},
};
