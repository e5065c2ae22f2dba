#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include "os/os.h"

unsigned os_processor_count(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return 1;
    int count = CPU_COUNT(&set);
    return count < 1 ? 1 : (unsigned)count;
}

size_t os_l2_cache_bytes(void)
{
    long size = sysconf(_SC_LEVEL2_CACHE_SIZE);
    return size < (256 << 10) || size > (64 << 20) ? (size_t)1 << 20 : (size_t)size;
}

#if defined(__x86_64__)

/* Which register files the operating system saves: XCR0 (Intel SDM volume 1, 13.3). */
static uint64_t saved_registers(void)
{
    uint32_t low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return ((uint64_t)high << 32) | low;
}

static enum os_instruction_set detect(void)
{
    enum { SAVES_YMM = 0x06, SAVES_ZMM = 0xe6 };
    const unsigned avx512 = bit_AVX512F | bit_AVX512DQ | bit_AVX512BW | bit_AVX512VL | bit_AVX512CD;
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d) || (c & bit_OSXSAVE) == 0 || (c & bit_AVX) == 0)
        return OS_SCALAR;
    uint64_t saved = saved_registers();
    if ((saved & SAVES_YMM) != SAVES_YMM || !__get_cpuid_count(7, 0, &a, &b, &c, &d) ||
        (b & bit_AVX2) == 0)
        return OS_SCALAR;
    bool wide = (saved & SAVES_ZMM) == SAVES_ZMM && (b & avx512) == avx512;
    return wide ? OS_AVX512 : OS_AVX2;
}

#else

static enum os_instruction_set detect(void)
{
    return OS_SCALAR;
}

#endif

static pthread_once_t decided_once = PTHREAD_ONCE_INIT;
static enum os_instruction_set decided;

static void decide(void)
{
    decided = detect();
    const char *forced = getenv("WEIR_KERNELS");
    for (int set = OS_SCALAR; forced != NULL && set < (int)decided; set++) {
        if (strcmp(forced, os_instruction_set_name((enum os_instruction_set)set)) == 0)
            decided = (enum os_instruction_set)set;
    }
}

enum os_instruction_set os_instruction_set(void)
{
    pthread_once(&decided_once, decide);
    return decided;
}

const char *os_instruction_set_name(enum os_instruction_set set)
{
    static const char *const names[] = {"scalar", "avx2", "avx512"};
    return names[set];
}
