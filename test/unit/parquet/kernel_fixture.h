/*
 * What tests of kernels share: random bytes, the tables this machine can run, and memory that ends
 * (or begins) exactly at a page nobody may touch, so that one byte too many is a signal, also in
 * instructions that sanitizers do not see.
 */
#ifndef WEIR_TEST_PARQUET_KERNEL_FIXTURE_H
#define WEIR_TEST_PARQUET_KERNEL_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include <cmocka.h>

#include "parquet/kernels.h"

#define GUARD_PAGE ((size_t)65536) /* a multiple of every page size */
#define GUARDED    ((size_t)1 << 20)

/* WEIR_TEST_SEED repeats a run. */
static inline uint64_t test_seed(void)
{
    const char *text = getenv("WEIR_TEST_SEED");
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t seed = text != NULL ? strtoull(text, NULL, 10)
                                 : (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
    printf("WEIR_TEST_SEED=%llu\n", (unsigned long long)seed);
    return seed;
}

static inline uint64_t random_of(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return *seed >> 11 ^ *seed << 40;
}

static inline uint64_t random_below(uint64_t *seed, uint64_t below)
{
    return random_of(seed) % below;
}

/* GUARDED bytes between two pages that may not be touched. */
static inline uint8_t *guarded_bytes(void)
{
    uint8_t *all = mmap(NULL, GUARDED + 2 * GUARD_PAGE, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(all != MAP_FAILED);
    assert_int_equal(mprotect(all, GUARD_PAGE, PROT_NONE), 0);
    assert_int_equal(mprotect(all + GUARD_PAGE + GUARDED, GUARD_PAGE, PROT_NONE), 0);
    return all + GUARD_PAGE;
}

static inline void guarded_release(uint8_t *bytes)
{
    assert_int_equal(munmap(bytes - GUARD_PAGE, GUARDED + 2 * GUARD_PAGE), 0);
}

/* The last, or at times the first, size bytes. */
static inline uint8_t *guarded_at(uint8_t *bytes, size_t size, uint64_t *seed)
{
    assert_true(size <= GUARDED);
    return random_of(seed) % 8 == 0 ? bytes : bytes + GUARDED - size;
}

static inline uint8_t *guarded_random(uint8_t *bytes, size_t size, uint64_t *seed)
{
    uint8_t *at = guarded_at(bytes, size, seed);
    for (size_t i = 0; i < size; i++)
        at[i] = (uint8_t)random_of(seed);
    return at;
}

/* Runs check(kernels, seed) for every table that this machine can run. */
static inline void for_all_kernels(void (*check)(const struct parquet_kernels *kernels,
                                                 uint64_t *seed))
{
    uint64_t seed = test_seed();
    check(&parquet_kernels_scalar, &seed);
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx2"))
        check(&parquet_kernels_avx2, &seed);
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512cd"))
        check(&parquet_kernels_avx512, &seed);
#endif
}

/* The definition of packed integers itself: bit by bit. */
static inline uint64_t unpacked(const uint8_t *in, unsigned width, size_t index)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < width; i++) {
        size_t bit = index * width + i;
        value |= (uint64_t)(in[bit / 8] >> bit % 8 & 1) << i;
    }
    return value;
}

#endif
