/* Least and greatest of an array, in eight lanes that do not wait for each other. */
#include "parquet/writer_range.h"

#include <string.h>

#define LANES 8

/* A comparison with NaN is false and keeps what is there: NaN is passed over. */
#define DEFINE_RANGE(name, type)                                                                   \
    void name(const void *values, size_t count, type *least, type *greatest)                       \
    {                                                                                              \
        const uint8_t *at = values;                                                                \
        type low[LANES], high[LANES], block[LANES];                                                \
        for (size_t lane = 0; lane < LANES; lane++) {                                              \
            low[lane] = *least;                                                                    \
            high[lane] = *greatest;                                                                \
            block[lane] = 0;                                                                       \
        }                                                                                          \
        for (; count >= LANES; count -= LANES, at += sizeof block) {                               \
            memcpy(block, at, sizeof block);                                                       \
            for (size_t lane = 0; lane < LANES; lane++) {                                          \
                low[lane] = block[lane] < low[lane] ? block[lane] : low[lane];                     \
                high[lane] = block[lane] > high[lane] ? block[lane] : high[lane];                  \
            }                                                                                      \
        }                                                                                          \
        memcpy(block, at, count * sizeof *block);                                                  \
        for (size_t lane = 0; lane < count; lane++) {                                              \
            low[lane] = block[lane] < low[lane] ? block[lane] : low[lane];                         \
            high[lane] = block[lane] > high[lane] ? block[lane] : high[lane];                      \
        }                                                                                          \
        for (size_t lane = 0; lane < LANES; lane++) {                                              \
            *least = low[lane] < *least ? low[lane] : *least;                                      \
            *greatest = high[lane] > *greatest ? high[lane] : *greatest;                           \
        }                                                                                          \
    }

DEFINE_RANGE(range_i32, int32_t)
DEFINE_RANGE(range_u32, uint32_t)
DEFINE_RANGE(range_i64, int64_t)
DEFINE_RANGE(range_u64, uint64_t)
DEFINE_RANGE(range_float, float)
DEFINE_RANGE(range_double, double)
