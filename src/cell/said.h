/*
 * What a program said itself when it ended: an out-of-memory message of its language or library,
 * if that is the last error it wrote. A pure reading of the tail of its standard error.
 */
#ifndef WEIR_CELL_SAID_H
#define WEIR_CELL_SAID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct said {
    bool out_of_memory;
    char line[200];     /* the message, where there is one: without control characters */
    char last[200];     /* the last line that is not empty, likewise */
    uint64_t requested; /* bytes that it says it could not get; 0: it does not tell */
};

void said_read(const char *text, size_t size, struct said *ret);

#endif
