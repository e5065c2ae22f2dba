/*
 * Scenarios run again and again, each time with another allocation or another system call that
 * fails, until one run meets none: what fails must be told as such, and give everything back.
 *
 * A program that includes this has its own write, pwrite, pread and ftruncate, which stand in front
 * of the C library's.
 */
#ifndef WEIR_TEST_PARQUET_FAULTS_H
#define WEIR_TEST_PARQUET_FAULTS_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "mem/mem.h"

/* Runs that a scenario may need; more mean that a failure does not end it. */
#define FAULTS_MOST 100000

static uint64_t system_calls;       /* since the last fault_system_call */
static uint64_t system_call_failed; /* the one that fails; 0: none */

/* The system call number n from now on fails; 0: none. Gives how many were made since. */
static inline uint64_t fault_system_call(uint64_t n)
{
    uint64_t made = system_calls;
    system_calls = 0;
    system_call_failed = n;
    return made;
}

static inline bool system_call_fails(void)
{
    errno = EIO;
    return ++system_calls == system_call_failed;
}

ssize_t write(int descriptor, const void *bytes, size_t size)
{
    return system_call_fails() ? -1 : syscall(SYS_write, descriptor, bytes, size);
}

ssize_t pwrite(int descriptor, const void *bytes, size_t size, off_t offset)
{
    return system_call_fails() ? -1 : syscall(SYS_pwrite64, descriptor, bytes, size, offset);
}

ssize_t pread(int descriptor, void *bytes, size_t size, off_t offset)
{
    return system_call_fails() ? -1 : syscall(SYS_pread64, descriptor, bytes, size, offset);
}

int ftruncate(int descriptor, off_t size)
{
    return system_call_fails() ? -1 : (int)syscall(SYS_ftruncate, descriptor, size);
}

/* Leaves nothing charged behind, whatever it returns. */
typedef enum error_code (*fault_scenario)(void *context);

/* Lets each allocation fail once; returns how many there are. */
static inline uint64_t fault_each_allocation(fault_scenario scenario, void *context,
                                             const struct mem_account *account)
{
    for (uint64_t n = 1; n < FAULTS_MOST; n++) {
        mem_fail_allocation(n);
        enum error_code code = scenario(context);
        uint64_t made = mem_fail_allocation(0);
        assert_int_equal(account->used, 0);
        assert_int_equal(code, made < n ? ERROR_NONE : ERROR_MEMORY);
        if (made < n)
            return n - 1;
    }
    fail_msg("the scenario never ends");
    return 0;
}

/* At both ends of a scenario every call is another one; between them most are alike. */
#define FAULTS_AT_ENDS 40
#define FAULTS_STEP    37

/* Lets system calls fail, one a run; returns how many there are. */
static inline uint64_t fault_each_system_call(fault_scenario scenario, void *context,
                                              const struct mem_account *account)
{
    fault_system_call(0);
    assert_int_equal(scenario(context), ERROR_NONE);
    uint64_t all = fault_system_call(0), n = 1;
    while (n <= all) {
        fault_system_call(n);
        assert_int_equal(scenario(context), ERROR_IO);
        assert_true(fault_system_call(0) >= n);
        assert_int_equal(account->used, 0);
        n += n < FAULTS_AT_ENDS || n + FAULTS_AT_ENDS > all ? 1 : FAULTS_STEP;
    }
    return all;
}

#endif
