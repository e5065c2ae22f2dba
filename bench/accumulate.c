/*
 * Adding values to the accumulators of keys in any order: nanoseconds a value.
 *
 *   bench_accumulate [VALUES]
 *
 * Each line is one order of keys, for sums of doubles, of doubles with NULLs, and of int64. The
 * best of five rounds counts. Keys and values stream from memory, which is part of the figure: with
 * 65,536 VALUES they stay in the cache.
 */
#include <stdio.h>
#include <stdlib.h>

#include "aggregate/value_groups.h"
#include "os/os.h"

#define SLICE  4096
#define ROUNDS 5

enum order { ORDER_EQUAL, ORDER_RUNS, ORDER_ASCENDING, ORDER_RANDOM };

static const char *const order_names[] = {"equal", "runs of 1,000", "ascending", "random"};

struct input {
    size_t count;
    uint32_t *keys;
    double *doubles;
    int64_t *integers;
    uint8_t *present;
};

static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

static enum error_code make_input(struct input *input, struct error *error)
{
    uint64_t state = 1;
    size_t count = input->count;
    TRY(mem_alloc_array(NULL, count, sizeof *input->keys, (void **)&input->keys, error));
    TRY(mem_alloc_array(NULL, count, sizeof *input->doubles, (void **)&input->doubles, error));
    TRY(mem_alloc_array(NULL, count, sizeof *input->integers, (void **)&input->integers, error));
    TRY(mem_alloc(NULL, count, (void **)&input->present, error));
    for (size_t i = 0; i < count; i++) {
        uint64_t bits = next_random(&state);
        input->doubles[i] = (double)(bits >> 11) * 0x1p-53 * 1000 - 300;
        input->integers[i] = (int64_t)bits >> 20;
        input->present[i] = bits % 16 != 0;
    }
    return ERROR_NONE;
}

static void order_keys(struct input *input, enum order order, uint32_t key_count)
{
    uint64_t state = 2;
    for (size_t i = 0; i < input->count; i++) {
        uint64_t key = 0;
        if (order == ORDER_RUNS)
            key = i / 1000;
        else if (order == ORDER_ASCENDING)
            key = i;
        else if (order == ORDER_RANDOM)
            key = next_random(&state);
        input->keys[i] = (uint32_t)(key % key_count);
    }
}

static uint32_t present_in(const uint8_t *present, size_t count)
{
    uint32_t there = 0;
    for (size_t i = 0; i < count; i++)
        there += present[i];
    return there;
}

static enum error_code add_all(struct value_groups *groups, const struct input *input,
                               const uint8_t *values, bool nulls, struct error *error)
{
    for (size_t at = 0; at + SLICE <= input->count; at += SLICE) {
        const uint8_t *present = nulls ? input->present + at : NULL;
        struct column_slice slice = {SLICE, nulls ? present_in(present, SLICE) : SLICE, present,
                                     values + 8 * at};
        TRY(value_groups_add(groups, input->keys + at, &slice, error));
    }
    return ERROR_NONE;
}

static enum error_code time_one(const struct input *input, bool integers, bool nulls,
                                uint32_t key_count, double *ret, struct error *error)
{
    const struct column_type type = {.physical = integers ? COLUMN_INT64 : COLUMN_DOUBLE};
    const struct aggregate sum = {AGGREGATE_SUM, "v", "v"};
    struct column_field source = {.name = "v", .type = type}, field;
    struct aggregate_value value;
    struct value_groups *groups;
    const void *values = integers ? (const void *)input->integers : input->doubles;
    *ret = 1e9;
    aggregate_value_init(&value, "v", 0, &type);
    TRY(aggregate_value_want(&value, &sum, &source, &field, error));
    TRY(value_groups_create(&value, exact_grids_for(700), NULL, &groups, error));
    enum error_code code = value_groups_reserve(groups, key_count, error);
    for (int round = 0; code == ERROR_NONE && round < ROUNDS; round++) {
        uint64_t start = os_cpu_ns();
        code = add_all(groups, input, values, nulls, error);
        double each = (double)(os_cpu_ns() - start) / (double)input->count;
        *ret = each < *ret ? each : *ret;
    }
    value_groups_destroy(groups);
    return code;
}

static enum error_code time_line(struct input *input, enum order order, uint32_t key_count,
                                 struct error *error)
{
    double doubles, nulls, integers;
    order_keys(input, order, key_count);
    TRY(time_one(input, false, false, key_count, &doubles, error));
    TRY(time_one(input, false, true, key_count, &nulls, error));
    TRY(time_one(input, true, false, key_count, &integers, error));
    printf("%-14s %9u keys: doubles %5.2f, with NULLs %5.2f, int64 %5.2f ns a value\n",
           order_names[order], key_count, doubles, nulls, integers);
    return ERROR_NONE;
}

static enum error_code run(struct input *input, struct error *error)
{
    static const uint32_t key_counts[] = {120, 50000, 6000000};
    TRY(make_input(input, error));
    TRY(time_line(input, ORDER_EQUAL, 1, error));
    for (size_t i = 0; i < sizeof key_counts / sizeof *key_counts; i++)
        for (enum order order = ORDER_RUNS; order <= ORDER_RANDOM; order++)
            TRY(time_line(input, order, key_counts[i], error));
    return ERROR_NONE;
}

int main(int argument_count, char **arguments)
{
    struct error error;
    struct input input = {.count = argument_count > 1 ? strtoull(arguments[1], NULL, 10) : 4 << 20};
    error_init(&error);
    enum error_code code = run(&input, &error);
    if (code != ERROR_NONE)
        fprintf(stderr, "bench_accumulate: %s\n", error.what);
    mem_free(input.keys);
    mem_free(input.doubles);
    mem_free(input.integers);
    mem_free(input.present);
    return code != ERROR_NONE;
}
