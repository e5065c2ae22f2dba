#include "fingerprint/shelf.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fingerprint/record.h"
#include "os/os.h"

/* Writing an entry takes no time at all: what is that old was left by a process that died. */
#define ASIDE_OLD_NS INT64_C(3600000000000)

void shelf_init(struct shelf *shelf, unsigned number, uint64_t most)
{
    static const char digits[] = "0123456789abcdef";
    shelf->name[0] = digits[number % SHELF_COUNT];
    shelf->name[1] = '\0';
    shelf->most = most > 0 ? most : 1;
    atomic_init(&shelf->unseen, 0);
    atomic_flag_clear(&shelf->busy);
}

static bool is_entry(const char *name)
{
    return strspn(name, "0123456789abcdef") == FINGERPRINT_NAME_SIZE - 1 &&
           name[FINGERPRINT_NAME_SIZE - 1] == '\0';
}

static bool modified_at(int folder, const char *name, int64_t *ret)
{
    struct stat facts;
    if (fstatat(folder, name, &facts, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(facts.st_mode))
        return false;
    *ret = (int64_t)facts.st_mtim.tv_sec * 1000000000 + facts.st_mtim.tv_nsec;
    return true;
}

static void remove_if_left(int folder, const char *name)
{
    int64_t modified;
    if (modified_at(folder, name, &modified) && os_wall_ns() - modified > ASIDE_OLD_NS)
        unlinkat(folder, name, 0);
}

/* Entries of a shelf; what processes left there that died is removed. */
static uint64_t count_entries(DIR *entries)
{
    uint64_t count = 0;
    for (struct dirent *entry = readdir(entries); entry != NULL; entry = readdir(entries)) {
        if (is_entry(entry->d_name))
            count++;
        else if (entry->d_name[0] == SHELF_ASIDE)
            remove_if_left(dirfd(entries), entry->d_name);
    }
    rewinddir(entries);
    return count;
}

struct seen {
    int64_t used_ns; /* a day's accuracy: see fingerprint_get */
    char name[FINGERPRINT_NAME_SIZE];
};

static int compare_seen(const void *a, const void *b)
{
    const struct seen *x = a, *y = b;
    if (x->used_ns != y->used_ns)
        return x->used_ns < y->used_ns ? -1 : 1;
    return memcmp(x->name, y->name, sizeof x->name);
}

static uint64_t list_entries(DIR *entries, struct seen *seen, uint64_t room)
{
    uint64_t count = 0;
    struct dirent *entry;
    while (count < room && (entry = readdir(entries)) != NULL) {
        struct seen *next = &seen[count];
        if (!is_entry(entry->d_name) || !modified_at(dirfd(entries), entry->d_name, &next->used_ns))
            continue;
        memcpy(next->name, entry->d_name, sizeof next->name);
        count++;
    }
    return count;
}

/* Returns how many are left. */
static uint64_t evict(DIR *entries, uint64_t count, uint64_t keep, struct mem_account *account)
{
    struct error ignored;
    void *memory = NULL;
    error_init(&ignored);
    if (mem_alloc_array(account, count, sizeof(struct seen), &memory, &ignored) != ERROR_NONE)
        return count;
    struct seen *seen = memory;
    count = list_entries(entries, seen, count);
    qsort(seen, count, sizeof *seen, compare_seen);
    /* Another process may be at it too: an entry that is gone is gone. */
    for (uint64_t i = 0; i + keep < count; i++)
        unlinkat(dirfd(entries), seen[i].name, 0);
    mem_free(memory);
    return count < keep ? count : keep;
}

static uint64_t look(const struct shelf *shelf, int cache_folder, struct mem_account *account)
{
    int folder = openat(cache_folder, shelf->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
    DIR *entries = folder >= 0 ? fdopendir(folder) : NULL;
    if (entries == NULL) {
        if (folder >= 0)
            close(folder);
        return 0;
    }
    uint64_t count = count_entries(entries);
    if (count > shelf->most)
        count = evict(entries, count, shelf->most - shelf->most / 5, account);
    closedir(entries);
    return count;
}

void shelf_note_added(struct shelf *shelf, int cache_folder, struct mem_account *account)
{
    if (atomic_fetch_sub(&shelf->unseen, 1) > 1 || atomic_flag_test_and_set(&shelf->busy))
        return;
    uint64_t count = look(shelf, cache_folder, account);
    uint64_t room = count < shelf->most ? shelf->most - count : 0;
    uint64_t patience = shelf->most / 8;
    atomic_store(&shelf->unseen, (long long)(room < patience ? room : patience) + 1);
    atomic_flag_clear(&shelf->busy);
}
