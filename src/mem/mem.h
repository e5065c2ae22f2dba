/*
 * Memory: the only malloc and free of weir, in named accounts with a limit.
 *
 * Accounts form a tree (run > phase > part). An allocation is charged to its account and to every
 * account above; when one of their limits would be passed the allocation is refused with
 * ERROR_MEMORY, an ordinary error whose hint names the ceiling that would do. Nothing aborts.
 * Charging is atomic: any thread may allocate from any account. The struct mem_account itself is
 * owned by whoever declared it and must outlive its allocations and children.
 *
 * Memory is aligned to 64 bytes (a cache line, an AVX-512 vector). Blocks of 64 KiB or more are
 * mapped one by one (see mem_process_setup), so freed means given back to the system: the sum of
 * the accounts is what the process holds resident, which is what makes a ceiling keepable.
 */
#ifndef WEIR_MEM_MEM_H
#define WEIR_MEM_MEM_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define MEM_NO_LIMIT  SIZE_MAX
#define MEM_ALIGNMENT 64

struct mem_account {
    const char *name;           /* literal, in lower case: "page buffers" */
    struct mem_account *parent; /* NULL for a root */
    size_t limit;               /* bytes, or MEM_NO_LIMIT */
    atomic_size_t used;         /* bytes now */
    atomic_size_t peak;         /* highest used so far */
};

/* Called once at the start of main: how the C library gives memory back. */
void mem_process_setup(void);

void mem_account_init(struct mem_account *account, const char *name, struct mem_account *parent,
                      size_t limit);

/* Bytes that could still be taken here and in every account above. */
size_t mem_account_left(const struct mem_account *account);

/* Zero-filled memory; size 0 gives a valid pointer. Freed with mem_free. account NULL: charged to
 * nobody, for the objects that hold an account themselves. */
CHECKED enum error_code mem_alloc(struct mem_account *account, size_t size, void **ret,
                                  struct error *error);

/* The same for count elements of size bytes each; the product is checked. */
CHECKED enum error_code mem_alloc_array(struct mem_account *account, size_t count, size_t size,
                                        void **ret, struct error *error);

/*
 * Makes fresh memory resident at once, for memory that will be written to all over, at random: a
 * page that is first read and then written costs two faults. A hint; small memory is left alone.
 */
void mem_populate(void *memory, size_t size);

/* Gives memory and charge back; NULL is allowed. */
void mem_free(void *memory);

/* For AUTO: frees what the variable points to. */
static inline void mem_release_pointer(void *variable)
{
    mem_free(*(void **)variable);
}

/* Bytes that mem_alloc charges for a block of size bytes. */
size_t mem_charge_of(size_t size);

/* Copies bytes, or a string with its end, into the account. */
CHECKED enum error_code mem_copy_string(struct mem_account *account, const char *text, char **ret,
                                        struct error *error);

/*
 * A growable block of bytes with a maximum it was born with.
 * Zero is a valid empty buffer after mem_buffer_init; mem_buffer_release leaves it empty again.
 */
struct mem_buffer {
    struct mem_account *account;
    uint8_t *data;
    size_t size;     /* bytes in use */
    size_t capacity; /* bytes allocated */
    size_t maximum;  /* never grows beyond this */
};

void mem_buffer_init(struct mem_buffer *buffer, struct mem_account *account, size_t maximum);
void mem_buffer_release(struct mem_buffer *buffer);

/* Makes room for capacity bytes in all and keeps the contents. */
CHECKED enum error_code mem_buffer_reserve(struct mem_buffer *buffer, size_t capacity,
                                           struct error *error);

/* Makes room for exactly capacity bytes; the contents are lost and size becomes 0. Old and new
 * block are never held at the same time. */
CHECKED enum error_code mem_buffer_renew(struct mem_buffer *buffer, size_t capacity,
                                         struct error *error);

CHECKED enum error_code mem_buffer_append(struct mem_buffer *buffer, const void *bytes, size_t size,
                                          struct error *error);
CHECKED enum error_code mem_buffer_printf(struct mem_buffer *buffer, struct error *error,
                                          const char *format, ...) PRINTF_LIKE(3, 4);

/*
 * An arena: many small blocks that die together. Blocks are zero-filled and live until the arena
 * is released; a limit comes from its account.
 */
struct mem_arena {
    struct mem_account *account;
    struct mem_arena_block *newest;
};

void mem_arena_init(struct mem_arena *arena, struct mem_account *account);
void mem_arena_release(struct mem_arena *arena);
CHECKED enum error_code mem_arena_alloc(struct mem_arena *arena, size_t size, void **ret,
                                        struct error *error);
CHECKED enum error_code mem_arena_alloc_array(struct mem_arena *arena, size_t count, size_t size,
                                              void **ret, struct error *error);
/* A copy of size bytes with a NUL behind it. */
CHECKED enum error_code mem_arena_copy(struct mem_arena *arena, const void *bytes, size_t size,
                                       char **ret, struct error *error);

/*
 * Fault injection for tests: the allocation number n from now on (1 = the next) fails as if the
 * limit were reached; 0 switches it off. Returns how many allocations were made since the last
 * call.
 */
uint64_t mem_fail_allocation(uint64_t n);

/* "1.5 GiB", "64 MiB", "812 B": binary units with at most one decimal. Returns buffer. */
char *mem_format_size(uint64_t bytes, char buffer[static 24]);

/*
 * Reads "64MiB", "64M", "1.5GB", "4096": GB = 10^9, GiB = 2^30, one letter alone is binary.
 * Returns false for anything else, for zero and for what does not fit.
 */
CHECKED bool mem_parse_size(const char *text, uint64_t *ret);

#endif
