/*
 * Durations as people write them: "250ms", "30s", "5m", "1.5h", "2d", "1h30m". A number without a
 * unit is seconds, as for sleep(1) and timeout(1).
 */
#ifndef WEIR_BASE_DURATION_H
#define WEIR_BASE_DURATION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* Nanoseconds, exact to the last; false for anything else and for more than 2^63 - 1 of them. */
CHECKED bool duration_parse(const char *text, uint64_t *ret);

#endif
