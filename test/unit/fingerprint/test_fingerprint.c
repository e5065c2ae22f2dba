/* Fingerprints are found again by what made them, and by nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <sys/wait.h>

#include "fingerprint/fingerprint.h"
#include "os/os.h"
#include "store/folder.h"

#define SECOND INT64_C(1000000000)

static struct mem_account account;
static struct error error;

static int set_up(void **state)
{
    mem_account_init(&account, "fingerprints", NULL, MEM_NO_LIMIT);
    error_init(&error);
    return folder_make(state);
}

static int tear_down(void **state)
{
    return atomic_load(&account.used) == 0 ? folder_remove(state) : -1;
}

static struct fingerprint_subject subject_of(uint64_t inode)
{
    const int64_t long_ago = 1700000000 * SECOND;
    return (struct fingerprint_subject){
        .identity = {7, inode, 1000 + inode, long_ago, long_ago - SECOND},
        .footer_hash = inode * 3,
        .columns = "path and Date",
    };
}

static struct fingerprint fingerprint_of(uint64_t number)
{
    return (struct fingerprint){
        .digest = {1, 2, 3, (uint8_t)number}, .row_count = number, .unique = true};
}

static struct fingerprint_cache *open_cache(uint64_t limit)
{
    struct fingerprint_cache *cache = NULL;
    assert_int_equal(fingerprint_cache_open(folder_file("keys"), limit, &account, &cache, &error),
                     ERROR_NONE);
    assert_non_null(cache);
    return cache;
}

static bool knows(struct fingerprint_cache *cache, const struct fingerprint_subject *subject)
{
    struct fingerprint ignored;
    return fingerprint_get(cache, subject, &ignored);
}

/* Calls visit with each entry's path; returns how many there are, entries written aside included.
 */
static int each_entry(void (*visit)(const char *path))
{
    int count = 0;
    char path[800];
    for (int shelf = 0; shelf < 16; shelf++) {
        char folder[600];
        snprintf(folder, sizeof folder, "%.500s/%x", folder_file("keys"), (unsigned)shelf);
        DIR *entries = opendir(folder);
        struct dirent *entry;
        while (entries != NULL && (entry = readdir(entries)) != NULL) {
            if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
                continue;
            snprintf(path, sizeof path, "%s/%.40s", folder, entry->d_name);
            count++;
            if (visit != NULL)
                visit(path);
        }
        if (entries != NULL)
            closedir(entries);
    }
    return count;
}

static void what_was_put_is_found(void **state)
{
    (void)state;
    struct fingerprint_subject subject = subject_of(1), other = subject_of(2);
    struct fingerprint in = fingerprint_of(99), out;
    in.strict_order = true;
    struct fingerprint_cache *cache = open_cache(0);
    assert_false(knows(cache, &subject));
    fingerprint_put(cache, &subject, &in);
    assert_true(fingerprint_get(cache, &subject, &out));
    assert_memory_equal(out.digest, in.digest, sizeof in.digest);
    assert_true(out.row_count == 99 && out.unique && out.strict_order);
    assert_false(knows(cache, &other));
    fingerprint_cache_close(cache);
    cache = open_cache(0);
    assert_true(knows(cache, &subject));
    fingerprint_cache_close(cache);
    struct stat facts;
    assert_int_equal(stat(folder_file("keys"), &facts), 0);
    assert_int_equal(facts.st_mode & 0777, 0700);
    assert_int_equal(each_entry(NULL), 1);
}

static void any_other_file_is_a_miss(void **state)
{
    (void)state;
    struct fingerprint in = fingerprint_of(1);
    struct fingerprint_subject subject = subject_of(1);
    struct fingerprint_cache *cache = open_cache(0);
    fingerprint_put(cache, &subject, &in);
    for (int i = 0; i < 7; i++) {
        struct fingerprint_subject other = subject;
        uint64_t *const parts[] = {&other.identity.device,
                                   &other.identity.inode,
                                   &other.identity.size,
                                   (uint64_t *)&other.identity.modified_ns,
                                   (uint64_t *)&other.identity.changed_ns,
                                   &other.footer_hash};
        if (i < 6)
            *parts[i] -= 1;
        else
            other.columns[15] ^= 1;
        assert_false(knows(cache, &other));
    }
    assert_true(knows(cache, &subject));
    fingerprint_cache_close(cache);
}

static void a_changed_file_takes_the_place_of_the_old_one(void **state)
{
    (void)state;
    struct fingerprint in = fingerprint_of(1);
    struct fingerprint_subject before = subject_of(1), after = before;
    after.identity.changed_ns += SECOND;
    struct fingerprint_cache *cache = open_cache(0);
    fingerprint_put(cache, &before, &in);
    fingerprint_put(cache, &after, &in);
    assert_true(knows(cache, &after));
    assert_false(knows(cache, &before));
    assert_int_equal(each_entry(NULL), 1);
    fingerprint_cache_close(cache);
}

static void fresh_files_are_not_believed(void **state)
{
    (void)state;
    static const int64_t ages[] = {0, 1, -5, INT64_MIN};
    struct fingerprint in = fingerprint_of(1);
    struct fingerprint_cache *cache = open_cache(0);
    for (size_t i = 0; i < 2 * sizeof ages / sizeof ages[0]; i++) {
        struct fingerprint_subject subject = subject_of(i);
        int64_t age = ages[i / 2];
        int64_t then = age == INT64_MIN ? INT64_MAX : os_wall_ns() - age * SECOND;
        *(i % 2 == 0 ? &subject.identity.changed_ns : &subject.identity.modified_ns) = then;
        fingerprint_put(cache, &subject, &in);
        assert_false(knows(cache, &subject));
    }
    assert_int_equal(each_entry(NULL), 0);
    fingerprint_cache_close(cache);
}

static size_t damage_at;

static void flip_bit(const char *path)
{
    uint8_t byte;
    int descriptor = open(path, O_RDWR);
    assert_int_equal(pread(descriptor, &byte, 1, (off_t)damage_at / 8), 1);
    byte ^= (uint8_t)(1 << damage_at % 8);
    assert_int_equal(pwrite(descriptor, &byte, 1, (off_t)damage_at / 8), 1);
    close(descriptor);
}

static void cut(const char *path)
{
    assert_int_equal(truncate(path, (off_t)damage_at), 0);
}

static off_t entry_size;

static void measure(const char *path)
{
    struct stat facts;
    assert_int_equal(stat(path, &facts), 0);
    entry_size = facts.st_size;
}

static void damaged_entries_are_misses(void **state)
{
    (void)state;
    struct fingerprint in = fingerprint_of(1);
    struct fingerprint_subject subject = subject_of(1);
    struct fingerprint_cache *cache = open_cache(0);
    fingerprint_put(cache, &subject, &in);
    assert_int_equal(each_entry(measure), 1);
    for (damage_at = 0; damage_at < 8 * (size_t)entry_size; damage_at++) {
        each_entry(flip_bit);
        assert_false(knows(cache, &subject));
        each_entry(flip_bit);
    }
    assert_true(knows(cache, &subject));
    for (damage_at = 0; damage_at <= (size_t)entry_size + 1; damage_at++) {
        each_entry(cut);
        assert_int_equal(knows(cache, &subject), damage_at == (size_t)entry_size);
        fingerprint_put(cache, &subject, &in);
        assert_true(knows(cache, &subject));
    }
    fingerprint_cache_close(cache);
}

static void replace_by_link(const char *path)
{
    char elsewhere[700];
    snprintf(elsewhere, sizeof elsewhere, "%s", folder_file("elsewhere"));
    assert_int_equal(rename(path, elsewhere), 0);
    assert_int_equal(symlink(elsewhere, path), 0);
}

static void replace_by_pipe(const char *path)
{
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
}

static void replace_by_folder(const char *path)
{
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkdir(path, 0700), 0);
}

static void things_that_are_no_files_are_misses(void **state)
{
    (void)state;
    struct fingerprint in = fingerprint_of(1);
    struct fingerprint_subject subject = subject_of(1);
    struct fingerprint_cache *cache = open_cache(0);
    fingerprint_put(cache, &subject, &in);
    each_entry(replace_by_link);
    assert_false(knows(cache, &subject));
    fingerprint_put(cache, &subject, &in);
    assert_true(knows(cache, &subject));
    each_entry(replace_by_pipe);
    assert_false(knows(cache, &subject));
    fingerprint_put(cache, &subject, &in);
    assert_true(knows(cache, &subject));
    each_entry(replace_by_folder);
    assert_false(knows(cache, &subject));
    fingerprint_put(cache, &subject, &in); /* fails, and leaves nothing behind */
    assert_int_equal(each_entry(NULL), 1);
    fingerprint_cache_close(cache);
}

static void give_away(const char *path)
{
    assert_int_equal(chown(path, 12345, 12345), 0);
}

static void entries_of_others_are_misses(void **state)
{
    (void)state;
    struct fingerprint in = fingerprint_of(1);
    struct fingerprint_subject subject = subject_of(1);
    if (geteuid() != 0)
        skip();
    struct fingerprint_cache *cache = open_cache(0);
    fingerprint_put(cache, &subject, &in);
    each_entry(give_away);
    assert_false(knows(cache, &subject));
    fingerprint_cache_close(cache);
}

static void expect_refused(const char *path)
{
    struct fingerprint_cache *cache = NULL;
    assert_int_equal(fingerprint_cache_open(path, 0, &account, &cache, &error), ERROR_IO);
    assert_null(cache);
    assert_string_equal(error.file, path);
    assert_true(error.hint[0] != '\0');
    error_init(&error);
}

static void folders_that_others_may_write_are_refused(void **state)
{
    (void)state;
    static const mode_t modes[] = {0770, 0702, 0777, 01777};
    const char *path = folder_file("keys");
    assert_int_equal(mkdir(path, 0700), 0);
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        assert_int_equal(chmod(path, modes[i]), 0);
        expect_refused(path);
    }
    assert_int_equal(chmod(path, 0755), 0);
    fingerprint_cache_close(open_cache(0));
    if (geteuid() == 0) {
        give_away(path);
        expect_refused(path);
    }
    folder_write("file", "x", 1);
    expect_refused(folder_file("file"));
    expect_refused(folder_file("no/such"));
}

static void a_folder_that_cannot_be_written_helps_nobody_and_harms_nobody(void **state)
{
    (void)state;
    struct fingerprint in = fingerprint_of(1);
    assert_int_equal(mkdir(folder_file("keys"), 0700), 0);
    for (int shelf = 0; shelf < 16; shelf++) { /* where shelves should stand are files */
        char name[16];
        snprintf(name, sizeof name, "keys/%x", (unsigned)shelf);
        folder_write(name, "x", 1);
    }
    struct fingerprint_cache *cache = open_cache(0);
    for (uint64_t i = 0; i < 40; i++) {
        struct fingerprint_subject subject = subject_of(i);
        fingerprint_put(cache, &subject, &in);
        assert_false(knows(cache, &subject));
    }
    fingerprint_cache_close(cache);
}

static void a_folder_that_vanishes_is_forgotten(void **state)
{
    (void)state;
    struct fingerprint in = fingerprint_of(1);
    struct fingerprint_subject subject = subject_of(1);
    struct fingerprint_cache *cache = open_cache(0);
    assert_int_equal(rmdir(folder_file("keys")), 0);
    fingerprint_put(cache, &subject, &in);
    assert_false(knows(cache, &subject));
    fingerprint_cache_close(cache);
}

static void age(const char *path)
{
    const struct timespec old[2] = {{.tv_sec = 1000000}, {.tv_sec = 1000000}};
    assert_int_equal(utimensat(AT_FDCWD, path, old, AT_SYMLINK_NOFOLLOW), 0);
}

/* Puts entries first..end-1. */
static void put_range(struct fingerprint_cache *cache, uint64_t first, uint64_t end)
{
    struct fingerprint in = fingerprint_of(1);
    for (uint64_t i = first; i < end; i++) {
        struct fingerprint_subject subject = subject_of(i);
        fingerprint_put(cache, &subject, &in);
        assert_true(knows(cache, &subject));
    }
}

static int count_known(struct fingerprint_cache *cache, uint64_t first, uint64_t end)
{
    int known = 0;
    for (uint64_t i = first; i < end; i++) {
        struct fingerprint_subject subject = subject_of(i);
        known += knows(cache, &subject) ? 1 : 0;
    }
    return known;
}

static void the_least_recently_used_go_first(void **state)
{
    (void)state;
    struct fingerprint_cache *cache = open_cache(16 * 40 * 4096);
    put_range(cache, 0, 320);
    assert_int_equal(each_entry(age), 320);
    assert_int_equal(count_known(cache, 0, 160), 160); /* these are used again, the others not */
    put_range(cache, 1000, 1400);
    int used = count_known(cache, 0, 160), unused = count_known(cache, 160, 320);
    assert_in_range(each_entry(NULL), 16 * 28, 16 * 40);
    assert_in_range(used, 130, 160); /* names are not spread quite evenly */
    assert_in_range(unused, 0, 80);
    put_range(cache, 2000, 5000);
    assert_in_range(each_entry(NULL), 16 * 32, 16 * 40);
    assert_int_equal(count_known(cache, 0, 320), 0);
    fingerprint_cache_close(cache);
}

static void what_dead_processes_left_is_removed(void **state)
{
    (void)state;
    struct fingerprint in = fingerprint_of(1);
    assert_int_equal(mkdir(folder_file("keys"), 0700), 0);
    for (int shelf = 0; shelf < 16; shelf++) {
        char name[32];
        snprintf(name, sizeof name, "keys/%x", (unsigned)shelf);
        assert_int_equal(mkdir(folder_file(name), 0700), 0);
        snprintf(name, sizeof name, "keys/%x/.aside", (unsigned)shelf);
        folder_write(name, "x", 1);
        age(folder_file(name));
        snprintf(name, sizeof name, "keys/%x/.young", (unsigned)shelf);
        folder_write(name, "x", 1);
    }
    struct fingerprint_cache *cache = open_cache(0);
    for (uint64_t i = 0; i < 300; i++) {
        struct fingerprint_subject subject = subject_of(i);
        fingerprint_put(cache, &subject, &in);
    }
    assert_int_equal(each_entry(NULL), 300 + 16);
    fingerprint_cache_close(cache);
}

/* Puts and gets in a small cache, so that entries appear and go while others are read. */
static int use_it(uint64_t seed)
{
    int wrong = 0;
    struct fingerprint_cache *cache = open_cache(16 * 8 * 4096);
    for (uint64_t i = 0; i < 4000; i++) {
        uint64_t number = (i * 7919 + seed) % 500;
        struct fingerprint in = fingerprint_of(number), out;
        struct fingerprint_subject subject = subject_of(number);
        subject.identity.changed_ns = subject.identity.modified_ns = (int64_t)number;
        if (i % 3 != 0)
            fingerprint_put(cache, &subject, &in);
        else if (fingerprint_get(cache, &subject, &out))
            wrong += out.row_count != number || memcmp(out.digest, in.digest, 16) != 0;
    }
    fingerprint_cache_close(cache);
    return wrong;
}

static void processes_share_a_cache(void **state)
{
    (void)state;
    pid_t children[3];
    for (int i = 0; i < 3; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0)
            _exit(use_it((uint64_t)i) == 0 ? 0 : 1);
    }
    for (int i = 0; i < 3; i++) {
        int status = -1;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    assert_in_range(each_entry(NULL), 16, 16 * (8 + 3 * 4));
}

static void use_on_thread(void *context, unsigned index)
{
    struct fingerprint_cache *cache = context;
    for (uint64_t i = 0; i < 1000; i++) {
        struct fingerprint_subject subject = subject_of(i * 2 + index);
        struct fingerprint in = fingerprint_of(i);
        fingerprint_put(cache, &subject, &in);
        (void)knows(cache, &subject);
    }
}

static void threads_share_a_cache(void **state)
{
    (void)state;
    atomic_bool abandoned = false;
    struct fingerprint_cache *cache = open_cache(16 * 20 * 4096);
    assert_int_equal(os_run_threads(3, use_on_thread, cache, &abandoned, &error), ERROR_NONE);
    put_range(cache, 10000, 10200); /* a thread that looks does not see what others add meanwhile */
    assert_in_range(each_entry(NULL), 16, 16 * 20);
    fingerprint_cache_close(cache);
}

static void the_default_folder_is_the_users(void **state)
{
    (void)state;
    struct fingerprint in = fingerprint_of(1);
    struct fingerprint_subject subject = subject_of(1);
    struct fingerprint_cache *cache = NULL;
    setenv("XDG_CACHE_HOME", folder_file("xdg"), 1);
    setenv("HOME", folder_file("home"), 1);
    assert_int_equal(mkdir(folder_file("home"), 0755), 0);
    assert_int_equal(fingerprint_cache_open(NULL, 0, &account, &cache, &error), ERROR_NONE);
    assert_non_null(cache);
    fingerprint_cache_close(cache);
    assert_int_equal(access(folder_file("xdg/weir/keys"), F_OK), 0);
    setenv("XDG_CACHE_HOME", "relative", 1);
    assert_int_equal(fingerprint_cache_open(NULL, 0, &account, &cache, &error), ERROR_NONE);
    fingerprint_put(cache, &subject, &in);
    assert_true(knows(cache, &subject));
    fingerprint_cache_close(cache);
    assert_int_equal(access(folder_file("home/.cache/weir/keys"), F_OK), 0);
    assert_int_equal(chmod(folder_file("home/.cache/weir/keys"), 0777), 0);
    assert_int_equal(fingerprint_cache_open(NULL, 0, &account, &cache, &error), ERROR_NONE);
    assert_null(cache);
    unsetenv("XDG_CACHE_HOME");
    unsetenv("HOME");
    assert_int_equal(fingerprint_cache_open(NULL, 0, &account, &cache, &error), ERROR_NONE);
    assert_null(cache);
    fingerprint_cache_close(cache);
}

static void refused_memory_is_an_error_or_nothing(void **state)
{
    (void)state;
    struct fingerprint in = fingerprint_of(1);
    struct fingerprint_cache *cache = NULL;
    mem_fail_allocation(1);
    assert_int_equal(fingerprint_cache_open(folder_file("keys"), 0, &account, &cache, &error),
                     ERROR_MEMORY);
    mem_fail_allocation(0);
    cache = open_cache(1);
    account.limit = atomic_load(&account.used);
    for (uint64_t i = 0; i < 100; i++) { /* eviction has no memory to sort with */
        struct fingerprint_subject subject = subject_of(i);
        fingerprint_put(cache, &subject, &in);
        assert_true(knows(cache, &subject));
    }
    assert_int_equal(each_entry(NULL), 100);
    fingerprint_cache_close(cache);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_put_is_found),
        TEST(any_other_file_is_a_miss),
        TEST(a_changed_file_takes_the_place_of_the_old_one),
        TEST(fresh_files_are_not_believed),
        TEST(damaged_entries_are_misses),
        TEST(things_that_are_no_files_are_misses),
        TEST(entries_of_others_are_misses),
        TEST(folders_that_others_may_write_are_refused),
        TEST(a_folder_that_cannot_be_written_helps_nobody_and_harms_nobody),
        TEST(a_folder_that_vanishes_is_forgotten),
        TEST(the_least_recently_used_go_first),
        TEST(what_dead_processes_left_is_removed),
        TEST(processes_share_a_cache),
        TEST(threads_share_a_cache),
        TEST(the_default_folder_is_the_users),
        TEST(refused_memory_is_an_error_or_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
