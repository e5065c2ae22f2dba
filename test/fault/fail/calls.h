/*
 * Calls that fail when told to.
 *
 * The functions of the C library named here are defined anew in the program, so that weir and the
 * libraries it uses find these first; they count, and the one chosen fails as the system would.
 * Under a sanitizer, whose own allocator must stay, "malloc" never fails.
 */
#ifndef WEIR_FAIL_CALLS_H
#define WEIR_FAIL_CALLS_H

#include <stdint.h>

enum failing_call {
    CALL_NONE,
    CALL_ALLOCATION, /* of weir's accounts */
    CALL_MALLOC,     /* of weir and of libraries */
    CALL_OPEN,
    CALL_PREAD,
    CALL_PWRITE,
    CALL_WRITE,
    CALL_FSTAT,
    CALL_STAT,
    CALL_FSYNC,
    CALL_FTRUNCATE,
    CALL_LINKAT,
    CALL_RENAME,
    CALL_MEMFD,
    CALL_OPENDIR,
    CALL_READDIR,
    CALL_THREAD,
    CALL_COUNT
};

const char *calls_name(enum failing_call call);

/* The call with that number from now on fails, 1 being the next; CALL_NONE switches it off. */
void calls_fail(enum failing_call call, uint64_t number);

/* How many failed since: 0 or 1. */
uint64_t calls_failed(void);

#endif
