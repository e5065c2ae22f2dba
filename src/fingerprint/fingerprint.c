#include "fingerprint/fingerprint.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fingerprint/folder.h"
#include "fingerprint/record.h"
#include "fingerprint/shelf.h"
#include "os/os.h"

#define DEFAULT_LIMIT ((uint64_t)256 << 20)
/* What a file takes at least where it is not packed with others. */
#define ENTRY_COST 4096
#define DAY_NS     INT64_C(86400000000000)

/* Shelf, slash, dot, name, process and number. */
#define PATH_SIZE 96

struct fingerprint_cache {
    struct mem_account *account;
    int folder;
    int64_t opened_ns; /* before any key was read */
    atomic_ullong written;
    struct shelf shelves[SHELF_COUNT];
};

enum error_code fingerprint_cache_open(const char *folder, uint64_t limit,
                                       struct mem_account *account, struct fingerprint_cache **ret,
                                       struct error *error)
{
    int descriptor = -1;
    void *memory = NULL;
    *ret = NULL;
    if (folder != NULL)
        TRY(fingerprint_folder_open(folder, &descriptor, error));
    else if (!fingerprint_folder_default(&descriptor))
        return ERROR_NONE;
    enum error_code code = mem_alloc(account, sizeof(struct fingerprint_cache), &memory, error);
    if (code != ERROR_NONE) {
        close(descriptor);
        return code;
    }
    struct fingerprint_cache *cache = memory;
    cache->account = account;
    cache->folder = descriptor;
    cache->opened_ns = os_wall_ns();
    atomic_init(&cache->written, 0);
    uint64_t entries = (limit > 0 ? limit : DEFAULT_LIMIT) / ENTRY_COST;
    for (unsigned i = 0; i < SHELF_COUNT; i++)
        shelf_init(&cache->shelves[i], i, entries / SHELF_COUNT);
    *ret = cache;
    return ERROR_NONE;
}

void fingerprint_cache_close(struct fingerprint_cache *cache)
{
    if (cache == NULL)
        return;
    close(cache->folder);
    mem_free(cache);
}

/* The shelf that the name's first digit stands for. */
static struct shelf *shelf_of(struct fingerprint_cache *cache, const char *name)
{
    unsigned digit = (unsigned)(name[0] <= '9' ? name[0] - '0' : name[0] - 'a' + 10);
    return &cache->shelves[digit % SHELF_COUNT];
}

/* Reads a whole record of the user's own; false: there is none. */
static bool read_record(int descriptor, struct fingerprint_record *ret, int64_t *ret_used_ns)
{
    struct stat facts;
    if (fstat(descriptor, &facts) != 0 || !S_ISREG(facts.st_mode) || facts.st_uid != geteuid() ||
        facts.st_size != sizeof *ret)
        return false;
    *ret_used_ns = (int64_t)facts.st_mtim.tv_sec * 1000000000 + facts.st_mtim.tv_nsec;
    return pread(descriptor, ret, sizeof *ret, 0) == sizeof *ret;
}

bool fingerprint_get(struct fingerprint_cache *cache, const struct fingerprint_subject *subject,
                     struct fingerprint *ret)
{
    char name[FINGERPRINT_NAME_SIZE], path[PATH_SIZE];
    struct fingerprint_record record;
    int64_t used_ns = 0;
    fingerprint_name(subject, name);
    snprintf(path, sizeof path, "%s/%s", shelf_of(cache, name)->name, name);
    int descriptor =
        openat(cache->folder, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    if (descriptor < 0)
        return false;
    bool found = read_record(descriptor, &record, &used_ns) &&
                 fingerprint_record_read(&record, subject, ret);
    /* A day is accurate enough to know what is used, and spares the disk. */
    if (found && os_wall_ns() - used_ns > DAY_NS)
        (void)futimens(descriptor, NULL);
    close(descriptor);
    return found;
}

/* Opens a new file on the shelf, which is made where it is missing. */
static int create_aside(struct fingerprint_cache *cache, const struct shelf *shelf,
                        const char *path)
{
    const int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
    int descriptor = openat(cache->folder, path, flags, 0600);
    if (descriptor < 0 && errno == ENOENT &&
        (mkdirat(cache->folder, shelf->name, 0700) == 0 || errno == EEXIST))
        descriptor = openat(cache->folder, path, flags, 0600);
    return descriptor;
}

/* No sync: what a power cut tears apart is told by its checksum. */
static bool write_aside(int descriptor, const struct fingerprint_record *record)
{
    bool written = write(descriptor, record, sizeof *record) == sizeof *record;
    return close(descriptor) == 0 && written;
}

void fingerprint_put(struct fingerprint_cache *cache, const struct fingerprint_subject *subject,
                     const struct fingerprint *fingerprint)
{
    char name[FINGERPRINT_NAME_SIZE], path[PATH_SIZE], aside[PATH_SIZE];
    if (!fingerprint_is_settled(&subject->identity, cache->opened_ns))
        return;
    fingerprint_name(subject, name);
    struct shelf *shelf = shelf_of(cache, name);
    snprintf(path, sizeof path, "%s/%s", shelf->name, name);
    snprintf(aside, sizeof aside, "%s/%c%s.%ld.%llu", shelf->name, SHELF_ASIDE, name,
             (long)getpid(), atomic_fetch_add(&cache->written, 1));
    struct fingerprint_record record =
        fingerprint_record_make(subject, fingerprint, cache->opened_ns);
    int descriptor = create_aside(cache, shelf, aside);
    if (descriptor < 0)
        return;
    if (write_aside(descriptor, &record) &&
        renameat(cache->folder, aside, cache->folder, path) == 0)
        shelf_note_added(shelf, cache->folder, cache->account);
    else
        (void)unlinkat(cache->folder, aside, 0);
}
