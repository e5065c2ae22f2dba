/*
 * Which process it is: a process number alone comes again, together with the start time and the
 * boot it does not.
 */
#ifndef WEIR_LEDGER_PROCESS_H
#define WEIR_LEDGER_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct process_identity {
    int64_t process;
    int64_t
        start_time; /* clock ticks after boot: field 22 of /proc/PID/stat (proc(5)); 0: not known */
    char boot[40];  /* /proc/sys/kernel/random/boot_id, or empty */
};

struct process_identity process_identity_self(void);
bool process_identity_equal(const struct process_identity *a, const struct process_identity *b);

/* Whether that very process is there and has not ended; one that only waits for its parent (a
 * zombie) has. Without /proc: false. */
bool process_identity_lives(const struct process_identity *identity);

/* The command line of this process, cut to size, its arguments apart by spaces. */
void process_command(char *ret, size_t size);

#endif
