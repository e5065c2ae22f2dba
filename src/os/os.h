/*
 * What weir asks of Linux besides files: clock, memory of the process, processors, signals,
 * threads. Nothing here allocates.
 */
#ifndef WEIR_OS_OS_H
#define WEIR_OS_OS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/error.h"

/* Nanoseconds of the monotonic clock: for durations only. */
uint64_t os_now_ns(void);

/* How long it is until then, in os_now_ns time: 0 where it is past, at most an hour. For ppoll. */
struct timespec os_time_until(uint64_t due_ns);

/* Unix time in nanoseconds: for dates that people read, never for durations. */
int64_t os_wall_ns(void);

/* User plus system time of the whole process, nanoseconds. */
uint64_t os_cpu_ns(void);

/* Resident bytes of the process now, and the most there ever were (mapped files included). */
uint64_t os_resident_bytes(void);
uint64_t os_peak_resident_bytes(void);

/* Memory that this process may use: the smallest of cgroup limit (v2, v1) and what the machine has.
 */
uint64_t os_memory_available(void);

/* Processors this process may run on, at least 1. */
unsigned os_processor_count(void);

/* Level-2 data cache of one core, bytes; 1 MiB where the system does not tell. */
size_t os_l2_cache_bytes(void);

/* Files this process may have open at once (soft limit). */
size_t os_open_files_limit(void);

/* Instruction sets whose registers the operating system also saves. */
enum os_instruction_set { OS_SCALAR = 0, OS_AVX2 = 1, OS_AVX512 = 2 };

/*
 * The best set of this machine; the environment variable WEIR_KERNELS=scalar|avx2|avx512 forces a
 * lower one. Decided once, then constant.
 */
enum os_instruction_set os_instruction_set(void);
const char *os_instruction_set_name(enum os_instruction_set set);

/*
 * SIGINT and SIGTERM set a flag that loops look at; a second one ends the process at once.
 * os_stop_requested returns the signal's number or 0.
 */
void os_catch_stop_signals(void);
int os_stop_requested(void);
/* ERROR_CANCELLED once a stop was requested. */
CHECKED enum error_code os_check_stop(struct error *error);

/* Runs body(context, index) for index 0..count-1 on as many threads (index 0 on the caller's) and
 * waits for all. Stacks of 256 KiB. Fails only if a thread cannot be started; those started end
 * first: body must then notice *abandoned. */
CHECKED enum error_code os_run_threads(unsigned count, void (*body)(void *context, unsigned index),
                                       void *context, atomic_bool *abandoned, struct error *error);

#endif
