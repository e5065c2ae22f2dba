#include "batch/jobs_values.h"

#include <stdio.h>
#include <string.h>

#include "base/duration.h"

#define SHOWN      64
#define CUT_MARK   "..."
#define SECOND_NS  UINT64_C(1000000000)
#define SIZE_MOST  ((json_int_t)1 << 60)
#define QUOTE_HINT "quotes around it"

/* Ends a text that was cut, not within a character of UTF-8. */
static void mark_cut(char buffer[static SHOWN])
{
    size_t end = strnlen(buffer, SHOWN - sizeof CUT_MARK);
    while (end > 0 && ((unsigned char)buffer[end] & 0xc0) == 0x80)
        end--;
    memcpy(buffer + end, CUT_MARK, sizeof CUT_MARK);
}

static bool has_nul(const json_t *text)
{
    return strlen(json_string_value(text)) != json_string_length(text);
}

char *jobs_value_show(const json_t *value, char buffer[static SHOWN])
{
    size_t needed;
    memset(buffer, 0, SHOWN);
    if (json_is_string(value) && !has_nul(value))
        needed = (size_t)snprintf(buffer, SHOWN, "\"%s\"", json_string_value(value));
    else
        needed = json_dumpb(value, buffer, SHOWN - 1,
                            JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(6));
    if (needed >= SHOWN)
        mark_cut(buffer);
    return buffer;
}

enum error_code jobs_value_wrong(const json_t *value, const char *complaint, const char *hint,
                                 struct error *error)
{
    char shown[SHOWN];
    error_set(error, ERROR_INPUT, "%s %s", jobs_value_show(value, shown), complaint);
    error_hint(error, "%s", hint);
    return ERROR_INPUT;
}

enum error_code jobs_value_text(const json_t *value, const char **ret, struct error *error)
{
    if (!json_is_string(value))
        return jobs_value_wrong(value, "is no text",
                                json_is_number(value) ? QUOTE_HINT : "a text in quotes", error);
    const char *text = json_string_value(value);
    if (has_nul(value))
        return jobs_value_wrong(value, "has a NUL byte in it, which no program can be given",
                                "the text without \\u0000", error);
    if (json_string_length(value) > JOBS_WORD_MOST)
        return jobs_value_wrong(value,
                                "is longer than the 131,071 bytes that a program can be given",
                                "a file with the text in it", error);
    *ret = text;
    return ERROR_NONE;
}

enum error_code jobs_value_filled(const json_t *value, const char **ret, struct error *error)
{
    const char *text;
    TRY(jobs_value_text(value, &text, error));
    if (text[strspn(text, " \t\r\n")] == '\0') {
        error_set(error, ERROR_INPUT, "it is empty");
        error_hint(error, "a text with something in it");
        return ERROR_INPUT;
    }
    *ret = text;
    return ERROR_NONE;
}

static bool parse_size(const json_t *value, uint64_t *ret)
{
    if (json_is_string(value))
        return !has_nul(value) && mem_parse_size(json_string_value(value), ret);
    if (!json_is_integer(value) || json_integer_value(value) < 1 ||
        json_integer_value(value) > SIZE_MOST)
        return false;
    *ret = (uint64_t)json_integer_value(value);
    return true;
}

enum error_code jobs_value_size(const json_t *value, uint64_t *ret, struct error *error)
{
    uint64_t bytes;
    if (!parse_size(value, &bytes))
        return jobs_value_wrong(value, "is no size", "a size such as \"2GiB\" or \"500MB\"", error);
    if (bytes < JOBS_SMALLEST_SIZE)
        return jobs_value_wrong(value, "is too little for any program",
                                "a size with its unit, such as \"2GiB\"; a number alone is bytes",
                                error);
    *ret = bytes;
    return ERROR_NONE;
}

static bool parse_seconds(const json_t *value, uint64_t *ret)
{
    double seconds = json_number_value(value);
    if (json_is_integer(value))
        return json_integer_value(value) > 0 &&
               !__builtin_mul_overflow((uint64_t)json_integer_value(value), SECOND_NS, ret) &&
               *ret <= INT64_MAX;
    if (!(seconds > 0) || seconds >= 9e9)
        return false;
    *ret = (uint64_t)(seconds * 1e9);
    return *ret > 0;
}

static bool parse_duration(const json_t *value, uint64_t *ret)
{
    if (!json_is_string(value))
        return parse_seconds(value, ret);
    return !has_nul(value) && duration_parse(json_string_value(value), ret) && *ret > 0;
}

enum error_code jobs_value_duration(const json_t *value, uint64_t *ret, struct error *error)
{
    uint64_t ns;
    if (!parse_duration(value, &ns))
        return jobs_value_wrong(value, "is no duration",
                                "a duration such as \"90s\", \"1h30m\", or a number of seconds",
                                error);
    *ret = ns;
    return ERROR_NONE;
}

enum error_code jobs_value_count(const json_t *value, uint32_t most, uint32_t *ret,
                                 struct error *error)
{
    char hint[48];
    json_int_t count = json_integer_value(value); /* 0 for anything else */
    if (count < 1 || count > (json_int_t)most) {
        snprintf(hint, sizeof hint, "a whole number from 1 to %u", most);
        return jobs_value_wrong(value, "is no such number", hint, error);
    }
    *ret = (uint32_t)count;
    return ERROR_NONE;
}

enum error_code jobs_value_cpus(const json_t *value, uint32_t *ret, struct error *error)
{
    double cpus = json_number_value(value); /* 0 for anything else */
    if (!(cpus >= 0.01) || cpus > JOBS_CPUS_MOST)
        return jobs_value_wrong(value, "is no number of processors",
                                "a number from 0.01 on: 0.5, 2", error);
    *ret = (uint32_t)(cpus * 1000 + 0.5);
    return ERROR_NONE;
}

size_t jobs_value_list_size(const json_t *value)
{
    return json_is_array(value) ? json_array_size(value) : 1;
}

const json_t *jobs_value_list_item(const json_t *value, size_t index)
{
    return json_is_array(value) ? json_array_get(value, index) : value;
}
