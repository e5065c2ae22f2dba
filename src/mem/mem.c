#include "mem/mem.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Stands before every block; one alignment unit, so that the block behind it stays aligned. */
struct mem_header {
    struct mem_account *account;
    size_t charge;
    void *block; /* what the C library gave */
};

#define HEADER_SIZE ((size_t)MEM_ALIGNMENT)
_Static_assert(sizeof(struct mem_header) <= MEM_ALIGNMENT, "header fits one alignment unit");

/* From this size on the C library maps blocks one by one, and unmaps them when freed. */
#define MAPPED_FROM ((size_t)64 << 10)
#define PAGE_SIZE   ((size_t)4096)

/* Test hook; 0 means off. The counter is process-wide because allocations are. */
static atomic_uint_fast64_t allocations_made;
static atomic_uint_fast64_t allocation_to_fail;

void mem_process_setup(void)
{
    mallopt(M_MMAP_THRESHOLD, (int)MAPPED_FROM);
    mallopt(M_TRIM_THRESHOLD, (int)(MAPPED_FROM * 2));
    mallopt(M_ARENA_MAX, 1);
    mallopt(M_MMAP_MAX, 1 << 20);
}

uint64_t mem_fail_allocation(uint64_t n)
{
    uint64_t made = atomic_exchange(&allocations_made, 0);
    atomic_store(&allocation_to_fail, n);
    return made;
}

static bool injected_failure(void)
{
    uint64_t number = atomic_fetch_add_explicit(&allocations_made, 1, memory_order_relaxed) + 1;
    return number == atomic_load_explicit(&allocation_to_fail, memory_order_relaxed);
}

void mem_account_init(struct mem_account *account, const char *name, struct mem_account *parent,
                      size_t limit)
{
    account->name = name;
    account->parent = parent;
    account->limit = limit;
    atomic_init(&account->used, 0);
    atomic_init(&account->peak, 0);
}

size_t mem_account_left(const struct mem_account *account)
{
    size_t left = MEM_NO_LIMIT;
    for (; account != NULL; account = account->parent) {
        size_t used = atomic_load(&account->used);
        size_t here = account->limit > used ? account->limit - used : 0;
        if (account->limit != MEM_NO_LIMIT && here < left)
            left = here;
    }
    return left;
}

static void raise_peak(struct mem_account *account, size_t used)
{
    size_t peak = atomic_load(&account->peak);
    while (used > peak && !atomic_compare_exchange_weak(&account->peak, &peak, used))
        continue;
}

static void uncharge(struct mem_account *account, const struct mem_account *stop, size_t size)
{
    for (; account != stop; account = account->parent)
        atomic_fetch_sub(&account->used, size);
}

/* Charges every account up to the root, or none: returns the one that refused, or NULL. */
static struct mem_account *charge(struct mem_account *account, size_t size)
{
    for (struct mem_account *at = account; at != NULL; at = at->parent) {
        size_t used = atomic_fetch_add(&at->used, size) + size;
        if (used > at->limit || used < size) {
            uncharge(account, at->parent, size);
            return at;
        }
        raise_peak(at, used);
    }
    return NULL;
}

size_t mem_charge_of(size_t size)
{
    size_t whole = size + HEADER_SIZE + MEM_ALIGNMENT;
    if (whole < MAPPED_FROM)
        return whole;
    /* A mapped block takes whole pages, and one more for the C library's own header. */
    return (whole + 2 * PAGE_SIZE - 1) / PAGE_SIZE * PAGE_SIZE;
}

static enum error_code refuse(const struct mem_account *account, size_t size, struct error *error)
{
    char asked[24], limit[24], used[24];
    mem_format_size(size, asked);
    if (account == NULL)
        return error_set(error, ERROR_MEMORY, "no memory for %s", asked);
    if (account->limit == MEM_NO_LIMIT)
        return error_set(error, ERROR_MEMORY, "no memory for %s in %s", asked, account->name);
    mem_format_size(account->limit, limit);
    mem_format_size(atomic_load(&account->used), used);
    enum error_code code =
        error_set(error, ERROR_MEMORY, "%s more is needed for %s, of which %s of %s are in use",
                  asked, account->name, used, limit);
    error_hint(error, "a higher --memory");
    return code;
}

enum error_code mem_alloc(struct mem_account *account, size_t size, void **ret, struct error *error)
{
    if (size > SIZE_MAX / 2)
        return refuse(account, size, error);
    size_t cost = mem_charge_of(size);
    if (injected_failure())
        return refuse(account, size, error);
    struct mem_account *refused = charge(account, cost);
    if (refused != NULL)
        return refuse(refused, size, error);
    /* calloc leaves a fresh mapping untouched: pages become resident when they are used. */
    uint8_t *block = calloc(1, size + HEADER_SIZE + MEM_ALIGNMENT);
    if (block == NULL) {
        uncharge(account, NULL, cost);
        return error_set(error, ERROR_MEMORY, "the system has no memory left for %zu bytes", size);
    }
    uintptr_t past = (uintptr_t)block % MEM_ALIGNMENT;
    struct mem_header *header = (struct mem_header *)(block + (MEM_ALIGNMENT - past));
    *header = (struct mem_header){account, cost, block};
    *ret = (uint8_t *)header + HEADER_SIZE;
    return ERROR_NONE;
}

enum error_code mem_alloc_array(struct mem_account *account, size_t count, size_t size, void **ret,
                                struct error *error)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        return refuse(account, SIZE_MAX, error);
    return mem_alloc(account, bytes, ret, error);
}

/* Linux 5.14; older kernels refuse it, and pages come when they are used. */
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

void mem_populate(void *memory, size_t size)
{
    uintptr_t begin = ((uintptr_t)memory + PAGE_SIZE - 1) / PAGE_SIZE * PAGE_SIZE;
    uintptr_t end = ((uintptr_t)memory + size) / PAGE_SIZE * PAGE_SIZE;
    if (memory != NULL && size >= MAPPED_FROM && begin < end)
        (void)madvise((void *)begin, end - begin, MADV_POPULATE_WRITE);
}

void mem_free(void *memory)
{
    if (memory == NULL)
        return;
    struct mem_header *header = (struct mem_header *)((uint8_t *)memory - HEADER_SIZE);
    struct mem_account *account = header->account;
    size_t cost = header->charge;
    free(header->block);
    uncharge(account, NULL, cost);
}

enum error_code mem_copy_string(struct mem_account *account, const char *text, char **ret,
                                struct error *error)
{
    size_t size = strlen(text) + 1;
    void *copy;
    TRY(mem_alloc(account, size, &copy, error));
    memcpy(copy, text, size);
    *ret = copy;
    return ERROR_NONE;
}
