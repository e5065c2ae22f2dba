/*
 * Work folders: their names and files, and run.sh. The script calls the program that wrote it with
 * "exec", so this test program stands for weir there: it writes down what it was given.
 */
#include "batch/work_folder.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "batch/scratch.h"

#define STATUS_OF_WEIR 42

struct stage {
    struct scratch scratch;
    struct mem_account account;
    struct error error;
    char folder[WORK_FOLDER_PATH];
    struct kept_folder kept;
    struct job job;
    struct work_folder_script script;
};

#define WORDS(...)                                                                                 \
    (const char *const[])                                                                          \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }

static const char *const only_true[] = {"true", NULL}, *const nothing[] = {NULL};

static int setup(void **state)
{
    static struct stage stage;
    memset(&stage, 0, sizeof stage);
    scratch_open(&stage.scratch);
    mem_account_init(&stage.account, "test", NULL, MEM_NO_LIMIT);
    assert_int_equal(work_folder_path(stage.scratch.path, 7, "job", 2, stage.folder, &stage.error),
                     ERROR_NONE);
    stage.job = (struct job){.name = "job", .arguments = only_true, .environment = nothing};
    stage.script = (struct work_folder_script){.job = &stage.job};
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

/* ---- names ---- */

static void safe_names_stay(void **state)
{
    (void)state;
    static const char *const names[] = {"load", "a",      "a.b_c-D9",
                                        "_x",   "job-17", "x-0123456789abcdef0123456789abcde"};
    char buffer[128];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_string_equal(work_folder_name(names[i], buffer), names[i]);
}

static void other_names_are_made_safe(void **state)
{
    (void)state;
    char most[JOBS_NAME_MOST + 1], buffer[128];
    memset(most, 'n', sizeof most - 1);
    most[sizeof most - 1] = '\0';
    const char *const names[] = {
        "",    ".",    "..",  "-rf",      ".hidden",  "a/b", "../../etc",
        "a b", "a\nb", "a'b", "\xff\xfe", "\xc3\xbc", most,  "x-0123456789abcdef0123456789abcdef"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        work_folder_name(names[i], buffer);
        assert_true(strlen(buffer) >= 33 && strlen(buffer) <= 80);
        assert_int_equal(strspn(buffer, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                        "0123456789._-"),
                         strlen(buffer));
        assert_true(buffer[0] != '.' && buffer[0] != '-');
    }
    assert_memory_equal(work_folder_name("load data/x", buffer), "load_data_x-", 12);
}

static void no_two_jobs_share_a_folder(void **state)
{
    (void)state;
    char first[128], second[128];
    static const char *const names[] = {"a b",  "a_b", "a/b", "a  b", ".a_b",
                                        "-a_b", "",    "job", "A_b"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(work_folder_name(names[i], first),
                                    work_folder_name(names[j], second));
    /* A job that is called as another one's folder. */
    work_folder_name("a b", first);
    assert_string_not_equal(work_folder_name(first, second), first);
}

static void paths_are_bounded(void **state)
{
    struct stage *stage = *state;
    char path[WORK_FOLDER_PATH], folder[2000];
    assert_int_equal(work_folder_path("out", 12, "a", 3, path, &stage->error), ERROR_NONE);
    assert_string_equal(path, "out/work/12/a/3");
    memset(folder, 'f', sizeof folder);
    folder[WORK_FOLDER_PATH - 1 - strlen("/work/1/a/1")] = '\0';
    assert_int_equal(work_folder_path(folder, 1, "a", 1, path, &stage->error), ERROR_NONE);
    assert_int_equal(strlen(path), WORK_FOLDER_PATH - 1);
    assert_int_equal(work_folder_path(folder, 10, "a", 1, path, &stage->error), ERROR_INPUT);
    assert_non_null(strstr(stage->error.hint, "shorter"));
}

/* ---- folders ---- */

static void made_with_those_above_and_emptied(void **state)
{
    struct stage *stage = *state;
    char path[WORK_FOLDER_FILE];
    assert_int_equal(work_folder_make(stage->folder, &stage->error), ERROR_NONE);
    write_file(work_folder_file(stage->folder, "old", path), "old");
    mkdir(work_folder_file(stage->folder, "oldfolder", path), 0);
    assert_int_equal(work_folder_make(stage->folder, &stage->error), ERROR_NONE);
    assert_int_equal(count_entries(stage->folder), 0);
    work_folder_remove(stage->folder);
    assert_int_equal(access(scratch_name(&stage->scratch, "work/7"), F_OK), -1);
    assert_int_equal(access(scratch_name(&stage->scratch, "work"), F_OK), 0);
}

static void removed_beside_others(void **state)
{
    struct stage *stage = *state;
    char other[WORK_FOLDER_PATH];
    assert_int_equal(work_folder_path(stage->scratch.path, 7, "job", 3, other, &stage->error), 0);
    assert_int_equal(work_folder_make(stage->folder, &stage->error), ERROR_NONE);
    assert_int_equal(work_folder_make(other, &stage->error), ERROR_NONE);
    work_folder_remove(stage->folder);
    assert_int_equal(access(stage->folder, F_OK), -1);
    assert_int_equal(access(other, F_OK), 0);
}

static void what_stands_in_the_way_is_told(void **state)
{
    struct stage *stage = *state;
    write_file(scratch_name(&stage->scratch, "work"), "");
    assert_int_equal(work_folder_make(stage->folder, &stage->error), ERROR_IO);
    assert_non_null(strstr(stage->error.file, "work/7"));
    unlink(scratch_name(&stage->scratch, "work"));
    assert_int_equal(work_folder_make(stage->folder, &stage->error), ERROR_NONE);
    assert_int_equal(rmdir(stage->folder), 0);
    assert_int_equal(symlink("/", stage->folder), 0);
    assert_int_equal(work_folder_make(stage->folder, &stage->error), ERROR_IO);
    unlink(stage->folder);
    write_file(stage->folder, "");
    assert_int_equal(work_folder_make(stage->folder, &stage->error), ERROR_IO);
    assert_int_equal(access("/bin", F_OK), 0);
}

/* ---- files ---- */

static const struct kept_folder *keep(struct stage *stage)
{
    assert_true(kept_folder_find(&stage->kept, stage->folder));
    return &stage->kept;
}

static void files_are_replaced_whole(void **state)
{
    struct stage *stage = *state;
    char path[WORK_FOLDER_FILE];
    assert_int_equal(work_folder_make(stage->folder, &stage->error), ERROR_NONE);
    work_folder_file(stage->folder, "report.json", path);
    assert_int_equal(symlink("/dev/full", path), 0);
    assert_int_equal(work_folder_write(keep(stage), "report.json", 0666, "{}\n", 3, &stage->error),
                     ERROR_NONE);
    assert_file(path, "{}\n");
    assert_int_equal(count_entries(stage->folder), 1);
}

static void a_file_that_does_not_fit_leaves_nothing(void **state)
{
    struct stage *stage = *state;
    struct rlimit before, limit;
    static char text[5000];
    size_t descriptors = count_descriptors();
    assert_int_equal(work_folder_make(stage->folder, &stage->error), ERROR_NONE);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    limit = (struct rlimit){1000, before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
    enum error_code code =
        work_folder_write(keep(stage), "report.json", 0666, text, sizeof text, &stage->error);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_int_equal(code, ERROR_IO);
    assert_int_equal(count_entries(stage->folder), 0);
    assert_int_equal(count_descriptors(), descriptors);
}

/* Nothing is written through a link that stands where the folder was. */
static void another_folder_in_its_place_is_not_written(void **state)
{
    struct stage *stage = *state;
    const char *elsewhere = scratch_name(&stage->scratch, "elsewhere");
    assert_int_equal(work_folder_make(stage->folder, &stage->error), ERROR_NONE);
    const struct kept_folder *kept = keep(stage);
    assert_int_equal(mkdir(elsewhere, 0700), 0);
    assert_int_equal(rmdir(stage->folder), 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(work_folder_write(kept, "report.json", 0666, "", 0, &stage->error),
                         ERROR_IO);
        assert_non_null(strstr(stage->error.what, "No such file"));
        assert_non_null(strstr(stage->error.file, "/report.json"));
        assert_int_equal(i == 0 ? symlink(elsewhere, stage->folder) : 0, 0);
    }
    assert_int_equal(count_entries(elsewhere), 0);
}

/* ---- run.sh ---- */

/* What weir would be given, each word with a NUL; "directory" first. */
struct call {
    char bytes[200000];
    size_t size;
    int status;
};

static void write_script(struct stage *stage)
{
    assert_int_equal(work_folder_make(stage->folder, &stage->error), ERROR_NONE);
    assert_int_equal(
        work_folder_write_script(keep(stage), &stage->script, &stage->account, &stage->error),
        ERROR_NONE);
}

static void run_script(struct stage *stage, const char *shell, struct call *call)
{
    char path[WORK_FOLDER_FILE];
    int ends[2], status;
    work_folder_file(stage->folder, "run.sh", path);
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        if (shell == NULL)
            execl(path, path, (char *)NULL);
        else
            execlp(shell, shell, path, (char *)NULL);
        _exit(99);
    }
    close(ends[1]);
    call->size = 0;
    for (ssize_t got;
         (got = read(ends[0], call->bytes + call->size, sizeof call->bytes - call->size)) > 0;)
        call->size += (size_t)got;
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    call->status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void assert_words(const struct call *call, const char *const *words)
{
    size_t at = 0;
    for (size_t i = 0; words[i] != NULL; i++) {
        if (at >= call->size)
            fail_msg("word %zu is missing: %s", i, words[i]);
        assert_string_equal(call->bytes + at, words[i]);
        at += strlen(call->bytes + at) + 1;
    }
    assert_int_equal(at, call->size);
}

static void limits_become_options(void **state)
{
    struct stage *stage = *state;
    static struct call call;
    stage->job.milli_cpus = 1500;
    stage->job.timeout_ns = UINT64_C(90250000000);
    stage->job.processes = 20;
    stage->job.directory = "/tmp";
    stage->script.memory = (uint64_t)512 << 20;
    stage->script.grace_ns = UINT64_C(10000000000);
    write_script(stage);
    run_script(stage, NULL, &call);
    assert_int_equal(call.status, STATUS_OF_WEIR);
    assert_words(&call, WORDS("/tmp", "exec", "--memory", "512MiB", "--cpus", "1.5", "--timeout",
                              "90.25s", "--grace", "10s", "--processes", "20", "--", "true"));
    stage->script.memory = 1000001;
    stage->job = (struct job){.name = "job",
                              .arguments = only_true,
                              .environment = nothing,
                              .directory = "/",
                              .milli_cpus = 1000,
                              .timeout_ns = 1};
    stage->script.grace_ns = 0;
    write_script(stage);
    run_script(stage, NULL, &call);
    assert_words(&call, WORDS("/", "exec", "--memory", "1000001", "--cpus", "1", "--timeout",
                              "0.000000001s", "--", "true"));
}

static void any_bytes_pass_through_any_shell(void **state)
{
    struct stage *stage = *state;
    static struct call call;
    static const char *const shells[] = {NULL, "dash", "bash", "busybox"};
    char all[256];
    for (int i = 1; i < 256; i++)
        all[i - 1] = (char)i;
    all[255] = '\0';
    stage->job.name = "odd\n$(exit 3)`exit 4`\x01name";
    stage->job.arguments =
        WORDS("a b", all, "", "'", "''", "it's", "$HOME", "`id`", "\\", "-x", "~", "#", "\n", "*");
    stage->job.directory = "/";
    write_script(stage);
    for (size_t i = 0; i < sizeof shells / sizeof *shells; i++) {
        run_script(stage, shells[i], &call);
        if (call.status == 99 || (i == 3 && call.status == 127))
            continue; /* not on this machine */
        assert_int_equal(call.status, STATUS_OF_WEIR);
        assert_words(&call, WORDS("/", "exec", "--", "a b", all, "", "'", "''", "it's", "$HOME",
                                  "`id`", "\\", "-x", "~", "#", "\n", "*"));
    }
}

static void of_the_environment_only_the_jobs_own_is_written(void **state)
{
    struct stage *stage = *state;
    static struct call call;
    char path[WORK_FOLDER_FILE];
    setenv("WEIR_TEST_SECRET", "very-secret-value", 1);
    stage->job.directory = "/";
    stage->job.environment = WORDS("A=1 2", "my.odd-name=it's", "-x=");
    stage->script.pass = WORDS("WEIR_TEST_SECRET", "AWS_*", "a,b:c=d\\e");
    stage->script.pass_count = 3;
    write_script(stage);
    assert_false(file_has(work_folder_file(stage->folder, "run.sh", path), "very-secret-value"));
    run_script(stage, NULL, &call);
    assert_words(&call, WORDS("/", "exec", "--env=WEIR_TEST_SECRET", "--env=AWS_*",
                              "--env=a\\,b\\:c\\=d\\\\e", "--", "env", "--", "A=1 2",
                              "my.odd-name=it's", "-x=", "true"));
    stage->script.pass_count = 0;
    stage->script.environment_all = stage->script.pid_namespace = true;
    stage->job.arguments = WORDS("a=b", "c");
    write_script(stage);
    run_script(stage, NULL, &call);
    assert_words(&call,
                 WORDS("/", "exec", "--env-all", "--pid-namespace", "--", "env", "--", "A=1 2",
                       "my.odd-name=it's", "-x=", "sh", "-c", "exec \"$0\" \"$@\"", "a=b", "c"));
}

static void directories_are_whole_and_quoted(void **state)
{
    struct stage *stage = *state;
    static struct call call;
    char before[1000];
    assert_non_null(getcwd(before, sizeof before));
    mkdir(scratch_name(&stage->scratch, "-it's $a \n"), 0700);
    assert_int_equal(chdir(stage->scratch.path), 0);
    stage->job.directory = "-it's $a \n";
    write_script(stage);
    assert_int_equal(chdir("/"), 0);
    run_script(stage, NULL, &call);
    assert_int_equal(call.status, STATUS_OF_WEIR);
    scratch_name(&stage->scratch, "-it's $a \n");
    assert_words(&call, WORDS(stage->scratch.name, "exec", "--", "true"));
    assert_int_equal(chdir(stage->scratch.path), 0);
    stage->job.directory = NULL; /* weir's own then */
    write_script(stage);
    assert_int_equal(chdir("/"), 0);
    run_script(stage, NULL, &call);
    assert_words(&call, WORDS(stage->scratch.path, "exec", "--", "true"));
    stage->job.directory = "/nowhere/at/all";
    write_script(stage);
    run_script(stage, NULL, &call);
    assert_int_equal(call.status, 125);
    assert_int_equal(chdir(before), 0);
}

static void without_memory_there_is_no_script(void **state)
{
    struct stage *stage = *state;
    enum error_code code = ERROR_MEMORY;
    int refusals = 0;
    stage->job.arguments = WORDS("sh", "-c", "some words, to be quoted: $A");
    stage->script.pass = WORDS("A,B");
    stage->script.pass_count = 1;
    assert_int_equal(work_folder_make(stage->folder, &stage->error), ERROR_NONE);
    for (; code != ERROR_NONE; refusals++) {
        mem_fail_allocation((uint64_t)refusals + 1);
        code =
            work_folder_write_script(keep(stage), &stage->script, &stage->account, &stage->error);
        mem_fail_allocation(0);
        assert_int_equal(atomic_load(&stage->account.used), 0);
        assert_int_equal(count_entries(stage->folder), code == ERROR_NONE ? 1 : 0);
    }
    assert_true(refusals > 3);
}

/* ---- this program as weir ---- */

static int play_weir(int count, char **arguments)
{
    char directory[2000];
    if (getcwd(directory, sizeof directory) == NULL)
        return 1;
    fwrite(directory, 1, strlen(directory) + 1, stdout);
    for (int i = 1; i < count; i++)
        fwrite(arguments[i], 1, strlen(arguments[i]) + 1, stdout);
    return STATUS_OF_WEIR;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(int count, char **arguments)
{
    if (count > 1 && strcmp(arguments[1], "exec") == 0)
        return play_weir(count, arguments);
    const struct CMUnitTest tests[] = {
        TEST(safe_names_stay),
        TEST(other_names_are_made_safe),
        TEST(no_two_jobs_share_a_folder),
        TEST(paths_are_bounded),
        TEST(made_with_those_above_and_emptied),
        TEST(removed_beside_others),
        TEST(what_stands_in_the_way_is_told),
        TEST(files_are_replaced_whole),
        TEST(a_file_that_does_not_fit_leaves_nothing),
        TEST(another_folder_in_its_place_is_not_written),
        TEST(limits_become_options),
        TEST(any_bytes_pass_through_any_shell),
        TEST(of_the_environment_only_the_jobs_own_is_written),
        TEST(directories_are_whole_and_quoted),
        TEST(without_memory_there_is_no_script),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
