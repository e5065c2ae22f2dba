/*
 * Values of JSON as the kinds of value that keys of a job take. What fails is ERROR_INPUT whose
 * message tells the value as it stands in the file, without the key, which the caller knows.
 *
 * A job's word or entry of its environment is at most JOBS_WORD_MOST bytes, the kernel's own limit
 * (MAX_ARG_STRLEN, execve(2)).
 */
#ifndef WEIR_BATCH_JOBS_VALUES_H
#define WEIR_BATCH_JOBS_VALUES_H

#include <jansson.h>

#include "mem/mem.h"

#define JOBS_WORD_MOST     ((size_t)131071)
#define JOBS_CPUS_MOST     1e6
#define JOBS_SMALLEST_SIZE ((uint64_t)64 << 10)

/* The value as it stands in the file, cut where it is long. Returns buffer. */
char *jobs_value_show(const json_t *value, char buffer[static 64]);

/* "VALUE complaint", with a hint. Returns ERROR_INPUT. */
enum error_code jobs_value_wrong(const json_t *value, const char *complaint, const char *hint,
                                 struct error *error);

/* A text without NUL bytes; it lives as long as the value. */
CHECKED enum error_code jobs_value_text(const json_t *value, const char **ret, struct error *error);
/* The same, with a visible character in it. */
CHECKED enum error_code jobs_value_filled(const json_t *value, const char **ret,
                                          struct error *error);
/* Bytes, from JOBS_SMALLEST_SIZE to 2^60: "2GiB", or a whole number. */
CHECKED enum error_code jobs_value_size(const json_t *value, uint64_t *ret, struct error *error);
/* Nanoseconds, more than 0: "1h30m", or a number of seconds. */
CHECKED enum error_code jobs_value_duration(const json_t *value, uint64_t *ret,
                                            struct error *error);
/* From 1 to most. */
CHECKED enum error_code jobs_value_count(const json_t *value, uint32_t most, uint32_t *ret,
                                         struct error *error);
/* Thousandths: a number from 0.01 to JOBS_CPUS_MOST. */
CHECKED enum error_code jobs_value_cpus(const json_t *value, uint32_t *ret, struct error *error);

/* A list of texts, or one text that stands for a list of one. */
size_t jobs_value_list_size(const json_t *value);
const json_t *jobs_value_list_item(const json_t *value, size_t index);

#endif
