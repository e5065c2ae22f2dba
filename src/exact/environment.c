#include <fenv.h>

#ifdef __x86_64__
#include <immintrin.h>
#endif

#include "exact/exact.h"

/* What the processor is set to, where it can be asked. */
static int flushes_by_setting(void)
{
#ifdef __x86_64__
    const unsigned flush_results = 1u << 15, subnormals_are_zero = 1u << 6;
    return (_mm_getcsr() & (flush_results | subnormals_are_zero)) != 0;
#else
    return 0;
#endif
}

/* What it does: volatile, so that the compiler leaves the work to it. */
static int flushes_by_behaviour(void)
{
    volatile double smallest = 0x1p-1074, smallest_normal = 0x1p-1022, half = 0.5;
    volatile double doubled = smallest + smallest, halved = smallest_normal * half;
    return doubled != 0x1p-1073 || halved != 0x1p-1023 || doubled == 0;
}

static int rounds_to_nearest(void)
{
    volatile double one = 1.0, below_half = 0x1.8p-54, above_half = 0x1.8p-53;
    volatile double down = one + below_half, up = one + above_half;
    volatile double minus_down = -one - below_half, minus_up = -one - above_half;
    return fegetround() == FE_TONEAREST && down == 1.0 && up == 1.0 + 0x1p-52 &&
           minus_down == -1.0 && minus_up == -1.0 - 0x1p-52;
}

enum error_code exact_check_environment(struct error *error)
{
    if (!rounds_to_nearest())
        return error_set(error, ERROR_INTERNAL,
                         "this thread does not round floating-point numbers to nearest");
    if (flushes_by_setting() || flushes_by_behaviour())
        return error_set(error, ERROR_INTERNAL,
                         "this thread flushes subnormal floating-point numbers to zero");
    return ERROR_NONE;
}
