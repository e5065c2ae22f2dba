/* Files that are no ledgers, damaged ones, newer ones, and disks that are full. */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include "ledger/file_system.h"

static void write_file(const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static uint8_t *read_file(size_t *size)
{
    struct stat facts;
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fstat(fileno(file), &facts), 0);
    *size = (size_t)facts.st_size;
    uint8_t *bytes = malloc(*size + 1);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, *size, file), *size);
    fclose(file);
    return bytes;
}

static void run_sql(const char *text)
{
    sqlite3 *database;
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, text, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(database);
}

/* Both ways of opening are refused with this code, with the file and a hint. */
static void assert_refused(enum error_code code)
{
    for (int read_only = 0; read_only < 2; read_only++) {
        struct ledger *ledger = NULL;
        error_init(&error);
        assert_int_equal(ledger_open(path, read_only, &account, &ledger, &error), code);
        assert_null(ledger);
        assert_string_equal(error.file, path);
        assert_true(error.what[0] != '\0' && error.hint[0] != '\0');
    }
}

static void what_is_no_ledger_is_refused_and_left_alone(void **state)
{
    (void)state;
    static const char text[] = "This is a letter and not a ledger, and it is long enough to have "
                               "a header, so that nobody can say that it was too short for one.";
    size_t size;
    write_file(text, sizeof text);
    assert_refused(ERROR_INPUT);
    uint8_t *bytes = read_file(&size);
    assert_int_equal(size, sizeof text);
    assert_memory_equal(bytes, text, size);
    free(bytes);
    write_file("x", 1);
    assert_refused(ERROR_INPUT);
}

static void another_programs_database_is_left_alone(void **state)
{
    (void)state;
    size_t before_size, after_size;
    run_sql("CREATE TABLE songs (name TEXT); INSERT INTO songs VALUES ('x')");
    uint8_t *before = read_file(&before_size);
    assert_refused(ERROR_INPUT);
    uint8_t *after = read_file(&after_size);
    assert_int_equal(before_size, after_size);
    assert_memory_equal(before, after, before_size);
    free(before);
    free(after);
}

static void what_is_no_file_is_refused(void **state)
{
    (void)state;
    struct ledger *ledger;
    assert_int_equal(mkdir(path, 0700), 0);
    assert_refused(ERROR_INPUT);
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_refused(ERROR_INPUT);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(ledger_open(path, true, &account, &ledger, &error), ERROR_IO);
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(ledger_open("", false, &account, &ledger, &error), ERROR_USAGE);
    snprintf(path, sizeof path, "%s/none/ledger.db", folder);
    assert_refused(ERROR_IO);
    char longest[1000];
    memset(longest, 'x', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    assert_int_equal(ledger_open(longest, false, &account, &ledger, &error), ERROR_UNSUPPORTED);
}

static void an_empty_file_becomes_a_ledger(void **state)
{
    (void)state;
    struct ledger *ledger;
    write_file("", 0);
    assert_int_equal(ledger_open(path, true, &account, &ledger, &error), ERROR_INPUT);
    ledger = lock_ledger(NULL);
    begin_run(ledger);
    ledger_close(ledger);
}

static void a_newer_ledger_is_refused(void **state)
{
    (void)state;
    ledger_close(lock_ledger(NULL));
    run_sql("PRAGMA user_version = 2; CREATE TABLE more (x)");
    assert_refused(ERROR_UNSUPPORTED);
    assert_non_null(strstr(error.what, "newer"));
    run_sql("PRAGMA user_version = 1");
    assert_refused(ERROR_INPUT);
    run_sql("DROP TABLE more");
    ledger_close(open_ledger(false));
}

static void other_tables_are_refused(void **state)
{
    (void)state;
    static const char *const changes[] = {
        "DROP TABLE holder",
        "CREATE TRIGGER t AFTER INSERT ON run BEGIN DELETE FROM run; END",
        "DROP INDEX step_run",
        "ALTER TABLE run RENAME TO running; CREATE VIEW run AS SELECT * FROM running",
        "ALTER TABLE step ADD COLUMN more INTEGER",
    };
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        ledger_close(lock_ledger(NULL));
        run_sql(changes[i]);
        assert_refused(ERROR_INPUT);
        assert_int_equal(unlink(path), 0);
    }
}

static void fill_ledger(int steps)
{
    struct ledger *ledger = lock_ledger(NULL);
    int64_t run = begin_run(ledger);
    static char report[2000];
    memset(report, 'r', sizeof report - 1);
    assert_ok(ledger_begin_batch(ledger, &error));
    for (int i = 0; i < steps; i++) {
        char name[32];
        snprintf(name, sizeof name, "step %d", i);
        struct ledger_attempt result = {.verdict = "ok", .report = report, .ended = 3000};
        int64_t attempt = begin_attempt(ledger, make_step(ledger, run, name));
        assert_ok(ledger_end_attempt(ledger, attempt, &result, true, &error));
    }
    assert_ok(ledger_end_batch(ledger, &error));
    ledger_close(ledger);
}

static enum error_code look_at_run(void *context, const struct ledger_run_row *row,
                                   struct error *visit_error)
{
    (void)visit_error;
    *(size_t *)context += strlen(row->command) + strlen(row->status);
    return ERROR_NONE;
}

static enum error_code look_at_step(void *context, const struct ledger_step_row *row,
                                    struct error *visit_error)
{
    (void)visit_error;
    *(size_t *)context += strlen(row->name) + strlen(row->state) + strlen(row->last.verdict);
    *(size_t *)context += row->last.report == NULL ? 0 : strlen(row->last.report);
    return ERROR_NONE;
}

/* Everything that reads, and then a change; the first error. */
static enum error_code use_everything(void)
{
    struct ledger *ledger = NULL;
    struct ledger_holder holder;
    bool taken_over;
    size_t seen = 0;
    int64_t run;
    enum error_code code = ledger_open(path, false, &account, &ledger, &error);
    if (code == ERROR_NONE)
        code = ledger_check(ledger, &error);
    enum error_code checked = code;
    if (ledger != NULL) {
        code = ledger_runs(ledger, 100, look_at_run, &seen, &error);
        code = ledger_steps(ledger, 1, true, look_at_step, &seen, &error);
        code = ledger_steps(ledger, 1, false, look_at_step, &seen, &error);
        code = ledger_lock(ledger, 0, &taken_over, &holder, &error);
        if (code == ERROR_NONE)
            code = ledger_begin_run(ledger, "c", "i", 0, &run, &error);
    }
    ledger_close(ledger);
    return checked;
}

static void remove_beside(void)
{
    static const char *const names[] = {"-wal", "-shm"};
    for (int i = 0; i < 2; i++) {
        char beside[160];
        snprintf(beside, sizeof beside, "%s%s", path, names[i]);
        unlink(beside);
    }
}

static void a_damaged_page_is_found(void **state)
{
    (void)state;
    size_t size;
    fill_ledger(40);
    uint8_t *bytes = read_file(&size);
    for (size_t page = 0; page < size / 4096; page++) {
        uint8_t kept[4096];
        memcpy(kept, bytes + page * 4096, 4096);
        memset(bytes + page * 4096, 0x5a, 4096);
        write_file(bytes, size);
        remove_beside();
        enum error_code code = use_everything();
        /* A page of text alone may hold anything. */
        assert_true(code == ERROR_INPUT || (code == ERROR_NONE && page > 0));
        memcpy(bytes + page * 4096, kept, 4096);
    }
    write_file(bytes, size / 2);
    remove_beside();
    assert_int_equal(use_everything(), ERROR_INPUT);
    free(bytes);
}

/* Single bytes changed anywhere: an error or none, but nothing else. */
static void damaged_bytes_do_no_harm(void **state)
{
    (void)state;
    size_t size, refused = 0;
    unsigned seed = 7;
    fill_ledger(10);
    uint8_t *bytes = read_file(&size);
    for (int i = 0; i < 400; i++) {
        /* Half of them in the header and the tables' own page. */
        size_t at = (size_t)rand_r(&seed) % (i % 2 == 0 ? 4096 : size);
        uint8_t kept = bytes[at];
        bytes[at] = (uint8_t)rand_r(&seed);
        write_file(bytes, size);
        remove_beside();
        refused += use_everything() != ERROR_NONE;
        bytes[at] = kept;
    }
    assert_true(refused > 20);
    free(bytes);
}

/* Writes until it fails; returns how many attempts were written. */
static int64_t write_until_full(struct ledger *ledger, int64_t run, enum error_code *ret)
{
    static char report[20000];
    memset(report, 'r', sizeof report - 1);
    struct ledger_attempt result = {.verdict = "ok", .report = report, .ended = 3000};
    for (int64_t i = 0; i < 10000; i++) {
        char name[32];
        int64_t step, attempt;
        snprintf(name, sizeof name, "%d", (int)i);
        *ret = ledger_step(ledger, run, name, "digest", &step, &error);
        if (*ret == ERROR_NONE)
            *ret = ledger_begin_attempt(ledger, step, 0, NULL, 2000, &attempt, &error);
        if (*ret == ERROR_NONE)
            *ret = ledger_end_attempt(ledger, attempt, &result, true, &error);
        if (*ret != ERROR_NONE)
            return i;
    }
    return 10000;
}

/* Steps "0" to told - 1 are finished, and the file is sound. */
static void assert_told(struct ledger *ledger, int64_t run, int64_t told)
{
    char name[32];
    assert_ok(ledger_check(ledger, &error));
    for (int64_t i = 0; i < told; i++) {
        snprintf(name, sizeof name, "%d", (int)i);
        assert_true(is_finished(ledger, run, name));
    }
}

static void limit_file_size(rlim_t size)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = size;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* A batch on a full disk is not told as kept. */
static void write_batch_until_full(struct ledger *ledger, int64_t run)
{
    enum error_code code = ERROR_NONE;
    if (ledger_begin_batch(ledger, &error) != ERROR_NONE)
        return;
    assert_true(write_until_full(ledger, run, &code) < 10000);
    assert_int_equal(code, ERROR_IO);
    assert_int_equal(ledger_find_run(ledger, "identity", &run, &error), ERROR_NONE);
    assert_int_equal(ledger_end_batch(ledger, &error), ERROR_IO);
}

static void fill_up_and_go_on(rlim_t limit, const char *words)
{
    enum error_code code = ERROR_NONE;
    struct ledger *ledger = lock_ledger(NULL);
    int64_t run = begin_run(ledger), other = begin_run(ledger);
    limit_file_size(limit);
    int64_t told = write_until_full(ledger, run, &code);
    assert_int_equal(code, ERROR_IO);
    assert_true(told > 3 && told < 10000);
    if (strstr(error.what, words) == NULL)
        fail_msg("%s", error.what);
    assert_true(error.hint[0] != '\0');
    assert_string_equal(error.file, path);
    assert_told(ledger, run, told);
    write_batch_until_full(ledger, other);
    ledger_close(ledger);
    limit_file_size(RLIM_INFINITY);
    ledger = open_ledger(true);
    assert_told(ledger, run, told);
    assert_steps(ledger, other, false, "");
    ledger_close(ledger);
}

static void a_limit_on_file_size_is_told(void **state)
{
    (void)state;
    signal(SIGXFSZ, SIG_IGN);
    fill_up_and_go_on(1 << 20, "File too large");
    struct ledger *ledger = lock_ledger(NULL);
    begin_run(ledger);
    ledger_close(ledger);
}

static void a_full_disk_is_told_and_harms_nothing(void **state)
{
    (void)state;
    if (mount("weir-test", folder, "tmpfs", 0, "size=1m") != 0) {
        print_message("no file system of its own can be mounted here: skipped\n");
        skip();
    }
    fill_up_and_go_on(RLIM_INFINITY, "no space");
    /* With space again the work goes on. */
    assert_int_equal(mount("weir-test", folder, "tmpfs", MS_REMOUNT, "size=8m"), 0);
    struct ledger *ledger = lock_ledger(NULL);
    int64_t run = begin_run(ledger);
    assert_ok(end_as(ledger, begin_attempt(ledger, make_step(ledger, run, "a")), "ok", true));
    assert_ok(ledger_check(ledger, &error));
    ledger_close(ledger);
    assert_int_equal(umount2(folder, MNT_DETACH), 0);
}

/* As somebody who may read but not write. */
static void use_as_nobody(int tell, int wait)
{
    struct ledger *ledger = NULL;
    child_wait(wait);
    if (setgid(65534) != 0 || setuid(65534) != 0)
        _exit(0);
    enum error_code code = ledger_open(path, false, &account, &ledger, &error);
    child_tell(tell, code);
    child_tell(tell, error.hint[0] != '\0');
    ledger_close(ledger);
    ledger = NULL;
    child_tell(tell, ledger_open(path, true, &account, &ledger, &error));
    if (ledger != NULL)
        child_tell(tell, ledger_check(ledger, &error));
    ledger_close(ledger);
}

static void without_rights_it_is_told(void **state)
{
    (void)state;
    int64_t told;
    if (getuid() != 0)
        skip();
    fill_ledger(3);
    assert_int_equal(chmod(folder, 0755), 0);
    struct child child = child_start(use_as_nobody);
    close(child.to);
    child.to = -1;
    assert_true(child_told(&child, &told));
    assert_int_equal(told, ERROR_IO);
    assert_true(child_told(&child, &told));
    assert_int_equal(told, true);
    assert_true(child_told(&child, &told));
    print_message("reading where nothing may be written: %s\n",
                  error_code_name((enum error_code)told));
    assert_int_equal(child_end(&child), 0);
}

static void shared_file_systems_are_known(void **state)
{
    (void)state;
    assert_string_equal(file_system_shared_name(0x6969), "NFS");
    assert_string_equal(file_system_shared_name((uint64_t)(int64_t)(int32_t)0xfe534d42), "SMB 2");
    assert_null(file_system_shared_name(0xef53));     /* ext4 */
    assert_null(file_system_shared_name(0x01021994)); /* tmpfs */
    assert_null(file_system_shared_name(0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_no_ledger_is_refused_and_left_alone),
        TEST(another_programs_database_is_left_alone),
        TEST(what_is_no_file_is_refused),
        TEST(an_empty_file_becomes_a_ledger),
        TEST(a_newer_ledger_is_refused),
        TEST_IN_MEMORY(other_tables_are_refused),
        TEST_IN_MEMORY(a_damaged_page_is_found),
        TEST_IN_MEMORY(damaged_bytes_do_no_harm),
        TEST_IN_MEMORY(a_limit_on_file_size_is_told),
        TEST(a_full_disk_is_told_and_harms_nothing),
        TEST(without_rights_it_is_told),
        TEST(shared_file_systems_are_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
