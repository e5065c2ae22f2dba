#include "synth/values.h"

/* 2025-01-01 as days since 1970-01-01. */
#define FIRST_DAY 20089

#define GOLDEN 0x9e3779b97f4a7c15

/* The output function of splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number
 * generators, 2014). */
static inline uint64_t mix(uint64_t state)
{
    state = (state ^ (state >> 30)) * 0xbf58476d1ce4e5b9;
    state = (state ^ (state >> 27)) * 0x94d049bb133111eb;
    return state ^ (state >> 31);
}

uint64_t values_stream(uint64_t seed, uint64_t file)
{
    return mix(mix(seed + GOLDEN) + file * GOLDEN);
}

void values_paths(uint64_t first_row, uint64_t dates, size_t count, int64_t *ret)
{
    uint64_t path = first_row / dates, date = first_row % dates;
    for (size_t i = 0; i < count; i++) {
        ret[i] = (int64_t)path;
        if (++date == dates) {
            date = 0;
            path++;
        }
    }
}

void values_dates(uint64_t first_row, uint64_t dates, int64_t day, size_t count, int64_t *ret)
{
    uint64_t date = first_row % dates;
    for (size_t i = 0; i < count; i++) {
        ret[i] = ((int64_t)date + FIRST_DAY) * day;
        if (++date == dates)
            date = 0;
    }
}

/* Uniform in [0, 1), a multiple of 2^-53. */
static inline double uniform(uint64_t bits)
{
    return (double)(int64_t)(bits >> 11) * 0x1p-53;
}

void values_numbers(uint64_t stream, uint64_t first_row, size_t count, double *ret)
{
    const double root_of_three = 0x1.bb67ae8584caap+0;
    uint64_t state = stream + first_row * 4 * GOLDEN;
    for (size_t i = 0; i < count; i++, state += 4 * GOLDEN) {
        double sum = (uniform(mix(state)) + uniform(mix(state + GOLDEN))) +
                     (uniform(mix(state + 2 * GOLDEN)) + uniform(mix(state + 3 * GOLDEN)));
        ret[i] = (sum - 2.0) * root_of_three;
    }
}
