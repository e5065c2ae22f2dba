/*
 * Bytes taken for packed integers, differences, indices and split values: every kernel that this
 * machine can run gives what the scalar one gives, and reads no byte outside. The head: kernel,
 * width, values passed over, 16 bits of the count.
 */
#include "memory.h"
#include "os/os.h"
#include "parquet/kernels.h"

#define HEAD 5

struct task {
    const uint8_t *bytes;
    size_t size;
    unsigned width;
    size_t skip, count;
};

typedef void kernel_call(const struct parquet_kernels *kernels, const struct task *task, void *out);

static void call_unpack_u32(const struct parquet_kernels *kernels, const struct task *task,
                            void *out)
{
    kernels->unpack_u32(task->bytes, task->size, task->width, task->skip, task->count, out);
}

static void call_unpack_u64(const struct parquet_kernels *kernels, const struct task *task,
                            void *out)
{
    kernels->unpack_u64(task->bytes, task->size, task->width, task->skip, task->count, out);
}

static void call_unpack_bits(const struct parquet_kernels *kernels, const struct task *task,
                             void *out)
{
    kernels->unpack_bits(task->bytes, task->skip, task->count, out);
}

static void call_count_ones(const struct parquet_kernels *kernels, const struct task *task,
                            void *out)
{
    uint8_t *bits = malloc(task->count + 1);
    kernels->unpack_bits(task->bytes, task->skip, task->count, bits);
    uint64_t ones = kernels->count_ones(bits, task->count);
    memcpy(out, &ones, task->count > 0 ? sizeof ones : 0);
    free(bits);
}

static void call_delta_u32(const struct parquet_kernels *kernels, const struct task *task,
                           void *out)
{
    uint32_t last = kernels->delta_u32(task->bytes, task->size, task->width, task->skip,
                                       task->count, 7, task->bytes[0], out);
    demand(task->count == 0 || memcmp((uint32_t *)out + task->count - 1, &last, sizeof last) == 0);
}

static void call_delta_u64(const struct parquet_kernels *kernels, const struct task *task,
                           void *out)
{
    uint64_t last = kernels->delta_u64(task->bytes, task->size, task->width, task->skip,
                                       task->count, UINT64_MAX - 3, task->bytes[0], out);
    demand(task->count == 0 || memcmp((uint64_t *)out + task->count - 1, &last, sizeof last) == 0);
}

/* Indices are unpacked first and folded into the dictionary, which is the input itself. */
static void gather(gather_kernel *kernel, const struct parquet_kernels *kernels,
                   const struct task *task, size_t width, void *out)
{
    uint32_t entries = (uint32_t)(task->size / width);
    uint32_t *indices = malloc((task->count + 1) * sizeof *indices);
    unpack_u32_scalar(task->bytes, task->size, task->width, task->skip, task->count, indices);
    for (size_t i = 0; i < task->count && entries > 0; i++)
        indices[i] %= entries;
    if (entries > 0 && task->count > 0) {
        demand(kernels->greatest(indices, task->count) < entries);
        kernel(task->bytes, indices, task->count, out);
    }
    free(indices);
}

static void call_gather_4(const struct parquet_kernels *kernels, const struct task *task, void *out)
{
    gather(kernels->gather_4, kernels, task, 4, out);
}

static void call_gather_8(const struct parquet_kernels *kernels, const struct task *task, void *out)
{
    gather(kernels->gather_8, kernels, task, 8, out);
}

static void call_split(const struct parquet_kernels *kernels, const struct task *task, void *out)
{
    size_t stride = task->size / 8;
    size_t count = task->count < stride ? task->count : stride;
    kernels->split_8(task->bytes, stride, count, out);
    kernels->split_4(task->bytes, stride, count / 2, out);
}

static const struct {
    kernel_call *call;
    unsigned most_width; /* 0: one bit a value */
} calls[] = {
    {call_unpack_u32, 32}, {call_unpack_u64, 64}, {call_unpack_bits, 0},
    {call_count_ones, 0},  {call_delta_u32, 32},  {call_delta_u64, 64},
    {call_gather_4, 32},   {call_gather_8, 32},   {call_split, 64},
};

#define CALL_COUNT (sizeof calls / sizeof calls[0])

/* As many values as the bytes have. */
static void fit(struct task *task, unsigned most_width)
{
    unsigned width = most_width == 0 ? 1 : task->width % (most_width + 1);
    size_t there = width == 0 ? SIZE_MAX : task->size * 8 / width;
    task->width = width;
    task->skip = task->skip < there ? task->skip : there;
    task->count = task->count < there - task->skip ? task->count : there - task->skip;
}

static void compare(kernel_call *call, const struct parquet_kernels *kernels,
                    const struct task *task)
{
    size_t room = (task->count + 1) * 8;
    uint8_t *expected = calloc(1, room), *found = calloc(1, room);
    call(&parquet_kernels_scalar, task, expected);
    call(kernels, task, found);
    demand(memcmp(expected, found, room) == 0);
    free(expected);
    free(found);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size <= HEAD)
        return 0;
    uint8_t *bytes = malloc(size - HEAD);
    memcpy(bytes, data + HEAD, size - HEAD);
    struct task task = {bytes, size - HEAD, data[1], data[2],
                        data[3] | (size_t)(data[4] & 0x1f) << 8};
    fit(&task, calls[data[0] % CALL_COUNT].most_width);
    compare(calls[data[0] % CALL_COUNT].call, parquet_kernels_chosen(), &task);
#ifdef __x86_64__
    if (os_instruction_set() >= OS_AVX2)
        compare(calls[data[0] % CALL_COUNT].call, &parquet_kernels_avx2, &task);
#endif
    free(bytes);
    return 0;
}
