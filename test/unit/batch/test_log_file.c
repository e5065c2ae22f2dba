/* Logs: their first and last bytes, whatever the disk and the memory say. */
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>

#include "batch/log_file.h"
#include "batch/scratch.h"

struct stage {
    struct scratch scratch;
    struct mem_account account;
    struct kept_folder folder;
    struct log_file log;
    char path[80];
};

static int setup(void **state)
{
    static struct stage stage;
    memset(&stage, 0, sizeof stage);
    scratch_open(&stage.scratch);
    mem_account_init(&stage.account, "test", NULL, MEM_NO_LIMIT);
    snprintf(stage.path, sizeof stage.path, "%s/log", stage.scratch.path);
    assert_true(kept_folder_find(&stage.folder, stage.scratch.path));
    *state = &stage;
    return 0;
}

static int teardown(void **state)
{
    struct stage *stage = *state;
    assert_int_equal(atomic_load(&stage->account.used), 0);
    scratch_close(&stage->scratch);
    return 0;
}

static struct log_file *begin(struct stage *stage, uint64_t most)
{
    log_file_init(&stage->log, &stage->folder, "log", most, &stage->account);
    return &stage->log;
}

static void nothing_written_is_no_file(void **state)
{
    struct stage *stage = *state;
    struct log_file *log = begin(stage, LOG_FILE_BUFFER);
    log_file_flush(log);
    log_file_write(log, "", 0);
    log_file_end(log);
    assert_int_equal(access(stage->path, F_OK), -1);
    assert_int_equal(log->failure, 0);
}

static void lines_reach_the_file_when_flushed(void **state)
{
    struct stage *stage = *state;
    struct log_file *log = begin(stage, 1 << 20);
    size_t before = count_descriptors();
    log_file_write(log, "one\n", 4);
    assert_int_equal(access(stage->path, F_OK), -1);
    log_file_flush(log);
    assert_file(stage->path, "one\n");
    log_file_write(log, "two\n", 4);
    log_file_flush(log);
    assert_int_equal(count_descriptors(), before);
    assert_file(stage->path, "one\ntwo\n");
    log_file_end(log);
    log_file_end(log);
    assert_file(stage->path, "one\ntwo\n");
    assert_int_equal(log->total, 8);
}

/* Byte number i of what is written. */
static uint8_t byte_at(uint64_t i)
{
    return (uint8_t)(i * 2654435761u >> 13);
}

static void write_many(struct log_file *log, uint64_t total, uint64_t seed)
{
    static uint8_t bytes[70000];
    for (uint64_t done = 0; done < total;) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        uint64_t kind = seed >> 62, size = (seed >> 40) % (kind == 0   ? 70000
                                                           : kind == 1 ? 5000
                                                                       : 60);
        size = size < total - done ? size : total - done;
        for (uint64_t i = 0; i < size; i++)
            bytes[i] = byte_at(done + i);
        log_file_write(log, bytes, size);
        done += size;
        if (seed >> 59 == 7)
            log_file_flush(log);
    }
}

static void assert_bytes(const uint8_t *text, uint64_t from, uint64_t size)
{
    for (uint64_t i = 0; i < size; i++)
        if (text[i] != byte_at(from + i))
            fail_msg("byte %llu is another one", (unsigned long long)(from + i));
}

static void check_content(const char *path, uint64_t most, uint64_t total)
{
    size_t size;
    char *text = read_file(path, &size), line[100];
    uint64_t tail = total > most + LOG_FILE_TAIL ? LOG_FILE_TAIL : total > most ? total - most : 0;
    uint64_t head = total < most ? total : most, missing = total - head - tail;
    int length = missing == 0
                     ? 0
                     : snprintf(line, sizeof line, "\n[weir: %llu bytes are missing here]\n",
                                (unsigned long long)missing);
    assert_non_null(text);
    assert_int_equal(size, head + tail + (uint64_t)length);
    assert_bytes((uint8_t *)text, 0, head);
    assert_memory_equal(text + head, line, (size_t)length);
    assert_bytes((uint8_t *)text + head + length, total - tail, tail);
    free(text);
}

static void first_and_last_bytes_are_kept(void **state)
{
    struct stage *stage = *state;
    static const uint64_t mosts[] = {LOG_FILE_BUFFER, LOG_FILE_BUFFER + 1, 20000, 100000};
    static const int64_t beyond[] = {-1,    0,     1,     100,   4096,   16383,
                                     16384, 16385, 16386, 32768, 100001, 1000003};
    for (size_t i = 0; i < 4; i++)
        for (size_t j = 0; j < sizeof beyond / sizeof *beyond; j++)
            for (uint64_t seed = 1; seed <= 3; seed++) {
                struct log_file *log = begin(stage, mosts[i]);
                uint64_t total = mosts[i] + (uint64_t)beyond[j];
                write_many(log, total, seed + i * 100 + j);
                log_file_end(log);
                assert_int_equal(log->failure, 0);
                assert_int_equal(log->total, total);
                check_content(stage->path, mosts[i], total);
                assert_int_equal(unlink(stage->path), 0);
            }
}

static void without_memory_all_but_the_end_is_kept(void **state)
{
    struct stage *stage = *state;
    stage->account.limit = 0;
    struct log_file *log = begin(stage, LOG_FILE_BUFFER);
    write_many(log, LOG_FILE_BUFFER + 100, 5);
    log_file_end(log);
    size_t size;
    char *text = read_file(stage->path, &size);
    assert_non_null(text);
    assert_bytes((uint8_t *)text, 0, LOG_FILE_BUFFER);
    assert_string_equal(text + LOG_FILE_BUFFER, "\n[weir: 100 bytes are missing here]\n");
    free(text);
    assert_int_equal(log->failure, 0);
}

static void a_full_disk_is_remembered(void **state)
{
    struct stage *stage = *state;
    struct rlimit before, limit;
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    limit = (struct rlimit){0, before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
    log_file_write(begin(stage, LOG_FILE_BUFFER), "abc", 3);
    assert_int_equal(stage->log.failure, 0);
    log_file_flush(&stage->log);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_int_equal(stage->log.failure, EFBIG);
    write_many(&stage->log, 100000, 1);
    assert_int_equal(stage->log.total, 100003);
    log_file_end(&stage->log);
    assert_int_equal(stage->log.failure, EFBIG);
    assert_file(stage->path, "");
}

static void what_fits_on_the_disk_stays(void **state)
{
    struct stage *stage = *state;
    struct rlimit before, limit;
    struct log_file *log = begin(stage, 1 << 20);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    limit = (struct rlimit){10000, before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
    write_many(log, 50000, 3);
    log_file_end(log);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_int_equal(log->failure, EFBIG);
    size_t size;
    char *text = read_file(stage->path, &size);
    assert_int_equal(size, 10000);
    assert_bytes((uint8_t *)text, 0, size);
    free(text);
}

static void links_and_pipes_in_its_place_are_refused(void **state)
{
    struct stage *stage = *state;
    const char *target = scratch_name(&stage->scratch, "target");
    write_file(target, "untouched");
    assert_int_equal(symlink(target, stage->path), 0);
    log_file_write(begin(stage, LOG_FILE_BUFFER), "abc", 3);
    log_file_end(&stage->log);
    assert_int_equal(stage->log.failure, EEXIST);
    assert_file(target, "untouched");
    unlink(stage->path);
    assert_int_equal(mkfifo(stage->path, 0600), 0);
    log_file_write(begin(stage, LOG_FILE_BUFFER), "abc", 3);
    log_file_end(&stage->log);
    assert_int_equal(stage->log.failure, EEXIST);
}

/* What takes the place of a log that was begun. */
static void put_link(const char *target, const char *path)
{
    assert_int_equal(symlink(target, path), 0);
}

static void put_hard_link(const char *target, const char *path)
{
    assert_int_equal(link(target, path), 0);
}

static void put_pipe(const char *target, const char *path)
{
    (void)target;
    assert_int_equal(mkfifo(path, 0600), 0);
}

static void put_nothing(const char *target, const char *path)
{
    (void)target;
    (void)path;
}

static void only_the_file_it_made_is_written(void **state)
{
    struct stage *stage = *state;
    static const struct {
        void (*put)(const char *target, const char *path);
        int failure;
    } cases[] = {
        {put_link, ELOOP}, {put_hard_link, EEXIST}, {put_pipe, ENXIO}, {put_nothing, ENOENT}};
    const char *target = scratch_name(&stage->scratch, "target");
    write_file(target, "untouched");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        log_file_write(begin(stage, LOG_FILE_BUFFER), "abc", 3);
        log_file_flush(&stage->log);
        assert_int_equal(unlink(stage->path), 0);
        cases[i].put(target, stage->path);
        log_file_write(&stage->log, "def", 3);
        log_file_end(&stage->log);
        assert_int_equal(stage->log.failure, cases[i].failure);
        assert_file(target, "untouched");
        unlink(stage->path);
    }
}

static void a_folder_that_has_gone_is_remembered(void **state)
{
    struct stage *stage = *state;
    char path[120], elsewhere[120];
    snprintf(path, sizeof path, "%s/within", stage->scratch.path);
    snprintf(elsewhere, sizeof elsewhere, "%s/elsewhere", stage->scratch.path);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(mkdir(elsewhere, 0700), 0);
    assert_true(kept_folder_find(&stage->folder, path));
    assert_int_equal(rmdir(path), 0);
    log_file_write(begin(stage, LOG_FILE_BUFFER), "abc", 3);
    log_file_end(&stage->log);
    assert_int_equal(stage->log.failure, ENOENT);
    assert_int_equal(symlink(elsewhere, path), 0);
    log_file_write(begin(stage, LOG_FILE_BUFFER), "abc", 3);
    log_file_end(&stage->log);
    assert_int_equal(stage->log.failure, ENOENT);
    assert_int_equal(rmdir(elsewhere), 0);
    assert_false(kept_folder_find(&stage->folder, path));
    assert_int_equal(errno, ENOTDIR);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_written_is_no_file),
        TEST(lines_reach_the_file_when_flushed),
        TEST(first_and_last_bytes_are_kept),
        TEST(without_memory_all_but_the_end_is_kept),
        TEST(a_full_disk_is_remembered),
        TEST(what_fits_on_the_disk_stays),
        TEST(links_and_pipes_in_its_place_are_refused),
        TEST(only_the_file_it_made_is_written),
        TEST(a_folder_that_has_gone_is_remembered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
