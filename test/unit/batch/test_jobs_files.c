/* Where jobs are read from, lines of every kind and length, and memory that runs out. */
#include <fcntl.h>
#include <jansson.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "jobs_fixture.h"

#include "batch/jobs_line.h"

static char folder[64];

static int make_folder(void **state)
{
    (void)state;
    memcpy(folder, "/tmp/weir-unit-XXXXXX", 22);
    return mkdtemp(folder) != NULL ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

static enum error_code read_path(struct jobs_fixture *fixture, const char *path)
{
    fixture->told = 0;
    return jobs_read(path, &fixture->presets, fixture_take, fixture, &fixture->arena,
                     &fixture->jobs, &fixture->error);
}

/* Writes a file, reads its jobs and removes it. */
static struct jobs_fixture *read_file(const char *text, size_t size, enum error_code expected)
{
    char path[128];
    snprintf(path, sizeof path, "%s/jobs.jsonl", folder);
    int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    assert_true(descriptor >= 0);
    assert_int_equal(write(descriptor, text, size), size);
    close(descriptor);
    struct jobs_fixture *fixture = fixture_open(MEM_NO_LIMIT);
    assert_int_equal(read_path(fixture, path), expected);
    if (expected != ERROR_NONE)
        assert_string_equal(fixture->error.file, path);
    unlink(path);
    return fixture;
}

/* ---- sources ---- */

static void files_are_read(void **state)
{
    (void)state;
    static const char text[] =
        "{\"command\": \"true\"}\n{\"command\": \"true\", \"after\": \"job-1\"}";
    struct jobs_fixture *fixture = read_file(text, strlen(text), ERROR_NONE);
    assert_int_equal(fixture->jobs.count, 2);
    assert_int_equal(fixture->jobs.items[1].after_count, 1);
    fixture_close(fixture);
    fixture = read_file("{", 1, ERROR_INPUT);
    assert_int_equal(fixture->told, 1);
    fixture_close(fixture);
}

static void what_cannot_be_read_is_told(void **state)
{
    (void)state;
    struct jobs_fixture *fixture = fixture_open(MEM_NO_LIMIT);
    assert_int_equal(read_path(fixture, folder), ERROR_INPUT);
    assert_string_equal(fixture->error.what, "a folder is no file of jobs");
    assert_string_equal(fixture->error.file, folder);
    assert_int_equal(read_path(fixture, "/nowhere/jobs.jsonl"), ERROR_IO);
    assert_string_equal(fixture->error.what, "cannot open the jobs: No such file or directory");
    assert_string_equal(fixture->error.file, "/nowhere/jobs.jsonl");
    fixture_close(fixture);
}

struct stream {
    int descriptor;
    const char *text;
    size_t size, piece;
};

static void *write_pieces(void *context)
{
    const struct stream *stream = context;
    for (size_t at = 0; at < stream->size; at += stream->piece) {
        size_t left = stream->size - at;
        ssize_t written = write(stream->descriptor, stream->text + at,
                                left < stream->piece ? left : stream->piece);
        (void)written;
    }
    close(stream->descriptor);
    return NULL;
}

/* Reads what another thread writes in pieces into standard input. */
static struct jobs_fixture *read_stream(const char *text, size_t size, size_t piece)
{
    int ends[2], kept = dup(STDIN_FILENO);
    pthread_t writer;
    assert_int_equal(pipe(ends), 0);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    struct stream stream = {ends[1], text, size, piece};
    assert_int_equal(pthread_create(&writer, NULL, write_pieces, &stream), 0);
    struct jobs_fixture *fixture = fixture_open(MEM_NO_LIMIT);
    enum error_code code = read_path(fixture, "-");
    pthread_join(writer, NULL);
    if (kept >= 0) {
        dup2(kept, STDIN_FILENO);
        close(kept);
    }
    assert_int_equal(code, ERROR_NONE);
    return fixture;
}

/* Lines of many lengths, some longer than what is read at once. */
static void standard_input_comes_in_pieces(void **state)
{
    (void)state;
    static const size_t pieces[] = {1, 7, 1000, 65536, 1 << 20};
    enum { LINES = 60 };
    char *text = malloc((size_t)LINES * 130000), *at = text;
    for (unsigned i = 0; i < LINES; i++) {
        unsigned length = i % 10 == 9 ? 120000 : i * 3;
        at += snprintf(at, 130000, "{\"name\": \"n%u\", \"command\": \"%0*d\"}%s", i,
                       (int)length + 1, 0, i % 2 == 0 ? "\n" : "\r\n\n");
    }
    struct jobs_fixture *whole = fixture_good(text);
    assert_int_equal(whole->jobs.count, LINES);
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        struct jobs_fixture *fixture = read_stream(text, (size_t)(at - text), pieces[i]);
        assert_int_equal(fixture->jobs.count, LINES);
        assert_string_equal(fixture->jobs.digest, whole->jobs.digest);
        for (unsigned k = 0; k < LINES; k++)
            assert_int_equal(fixture->jobs.items[k].line, whole->jobs.items[k].line);
        fixture_close(fixture);
    }
    fixture_close(whole);
    free(text);
}

/* ---- lines ---- */

static void lines_may_end_and_be_blank_in_any_way(void **state)
{
    (void)state;
    struct jobs_fixture *fixture =
        fixture_good("\xef\xbb\xbf \t{\"command\": \"a\"} \r\n\n \t \r\n\r\n{\"command\": \"b\"}");
    assert_int_equal(fixture->jobs.count, 2);
    assert_int_equal(fixture->jobs.items[0].line, 1);
    assert_int_equal(fixture->jobs.items[1].line, 5);
    assert_string_equal(fixture->jobs.items[1].name, "job-5");
    fixture_close(fixture);
}

static void a_mark_further_on_is_no_mark(void **state)
{
    (void)state;
    struct jobs_fixture *fixture =
        fixture_bad("{\"command\": \"a\"}\n\xef\xbb\xbf{\"command\": \"b\"}\n");
    assert_int_equal(fixture->complaints[0].line, 2);
    fixture_close(fixture);
}

/* Blanks around a job, so that the line is that long. */
static char *long_line(size_t size)
{
    static const char job[] = "{\"command\": \"true\"}";
    char *text = malloc(size + 64);
    memset(text, ' ', size);
    memcpy(text + size - strlen(job), job, strlen(job));
    snprintf(text + size, 64, "\n%s", job);
    return text;
}

static void lines_are_bounded(void **state)
{
    (void)state;
    char *text = long_line(JOBS_LINE_MOST);
    struct jobs_fixture *fixture = fixture_good(text);
    assert_int_equal(fixture->jobs.count, 2);
    fixture_close(fixture);
    free(text);
    text = long_line(JOBS_LINE_MOST + 1);
    fixture = fixture_bad(text);
    assert_int_equal(fixture->told, 1);
    assert_complaint(fixture, 0, 1, "the line is longer than 16 MiB", "shorter lines");
    fixture_close(fixture);
    fixture = read_file(text, strlen(text), ERROR_INPUT);
    assert_int_equal(fixture->told, 1);
    assert_complaint(fixture, 0, 1, "the line is longer than 16 MiB", "shorter lines");
    fixture_close(fixture);
    free(text);
}

/* ---- memory ---- */

static const char EXAMPLE[] =
    "{\"name\": \"load\", \"command\": [\"python\", \"load.py\"], \"environment\": {\"A\": "
    "\"1\"}}\n"
    "{\"name\": \"clean\", \"command\": \"python clean.py\", \"directory\": \"there\"}\n"
    "{\"command\": \"true\", \"after\": [\"load\", \"clean\"], \"memory\": \"2GiB\"}\n";
static const char CIRCLE[] = "{\"name\": \"a\", \"command\": \"true\", \"after\": \"b\"}\n"
                             "{\"name\": \"b\", \"command\": \"true\", \"after\": \"a\"}\n";

/* Each allocation fails once; nothing is lost, and nothing is complained of that is right. */
static void each_allocation_may_fail(void **state)
{
    (void)state;
    static const char *const texts[] = {EXAMPLE, CIRCLE};
    for (size_t i = 0; i < 2; i++) {
        enum error_code code = ERROR_MEMORY;
        unsigned failed = 0;
        for (unsigned n = 1; code == ERROR_MEMORY; n++) {
            struct jobs_fixture *fixture = fixture_open(MEM_NO_LIMIT);
            mem_fail_allocation(n);
            code = fixture_parse(fixture, texts[i], strlen(texts[i]));
            mem_fail_allocation(0);
            assert_true(code != ERROR_MEMORY || fixture->told == 0);
            failed += code == ERROR_MEMORY;
            fixture_close(fixture);
        }
        assert_int_equal(code, i == 0 ? ERROR_NONE : ERROR_INPUT);
        assert_true(failed >= 5);
    }
}

static void accounts_may_be_too_small(void **state)
{
    (void)state;
    size_t lines = 3000, size = lines * 100, used = 0;
    char *text = malloc(size);
    for (size_t i = 0; i < lines; i++)
        used += (size_t)snprintf(
            text + used, size - used,
            "{\"name\": \"n%zu\", \"command\": \"true\", \"after\": \"n%zu\"}\n", i, i + 1);
    used += (size_t)snprintf(text + used, size - used,
                             "{\"name\": \"n%zu\", \"command\": \"true\"}\n", lines);
    enum error_code code = ERROR_MEMORY;
    unsigned refused = 0;
    for (size_t limit = 1024; code != ERROR_NONE; limit += limit / 16) {
        struct jobs_fixture *fixture = fixture_open(limit);
        code = fixture_parse(fixture, text, used);
        assert_true(code == ERROR_NONE || code == ERROR_MEMORY);
        assert_int_equal(fixture->told, 0);
        assert_true(atomic_load(&fixture->account.peak) <= limit);
        refused += code == ERROR_MEMORY;
        fixture_close(fixture);
        assert_true(limit < ((size_t)16 << 20));
    }
    assert_true(refused > 20);
    free(text);
}

static size_t library_used, library_peak;

/* What jansson takes, with what the C library adds to each block. */
static void *count_alloc(size_t size)
{
    size_t *block = malloc(size + 16);
    if (block == NULL)
        return NULL;
    *block = (size + 8 + 15) / 16 * 16 < 32 ? 32 : (size + 8 + 15) / 16 * 16;
    library_used += *block;
    library_peak = library_used > library_peak ? library_used : library_peak;
    return block + 2;
}

static void count_free(void *memory)
{
    if (memory == NULL)
        return;
    size_t *block = (size_t *)memory - 2;
    library_used -= *block;
    free(block);
}

static void assert_cost(const char *text, size_t size)
{
    library_used = library_peak = 0;
    json_t *value = json_loadb(text, size, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
    json_decref(value);
    assert_int_equal(library_used, 0);
    if (library_peak > jobs_line_cost(text, size))
        fail_msg("%.60s: %zu bytes taken, %zu foreseen", text, library_peak,
                 jobs_line_cost(text, size));
}

/* A text of a beginning, repetitions of a piece, and an end. */
static void assert_cost_of_many(const char *begin, const char *piece, const char *end,
                                unsigned count)
{
    size_t size = strlen(begin) + count * (strlen(piece) + 12) + strlen(end) + 1;
    char *text = malloc(size);
    size_t used = (size_t)snprintf(text, size, "%s", begin);
    for (unsigned i = 0; i < count; i++) {
        const char *number = strchr(piece, '#');
        int before = number != NULL ? (int)(number - piece) : (int)strlen(piece);
        used += (size_t)snprintf(text + used, size - used, "%.*s", before, piece);
        if (number != NULL)
            used += (size_t)snprintf(text + used, size - used, "%u%s", i, number + 1);
    }
    used += (size_t)snprintf(text + used, size - used, "%s", end);
    assert_cost(text, used);
    free(text);
}

static void what_the_parser_takes_is_foreseen(void **state)
{
    (void)state;
    static const unsigned counts[] = {0, 1, 2, 3, 8, 9, 17, 33, 100, 1025, 5000};
    json_set_alloc_funcs(count_alloc, count_free);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        assert_cost_of_many("{\"after\": [", "\"n#\", ", "\"\"]}", counts[i]);
        assert_cost_of_many("[", "[],", "[]]", counts[i]);
        assert_cost_of_many("[", "{},", "{}]", counts[i]);
        assert_cost_of_many("[", "1,", "1]", counts[i]);
        assert_cost_of_many("[", "\"\",", "\"\"]", counts[i]);
        assert_cost_of_many("[", "{\"\":{}},", "1]", counts[i]);
        assert_cost_of_many("[", "{\"\":\"\"},", "1]", counts[i]);
        assert_cost_of_many("{", "\"#\":1.5,", "\"\":1}", counts[i]);
        assert_cost_of_many("{", "\"#\":[],", "\"\":1}", counts[i]);
        assert_cost_of_many("{", "\"#\":\"\",", "\"\":1}", counts[i]);
        assert_cost_of_many("{\"command\": \"", "long text ", "\"}", counts[i]);
        assert_cost_of_many("[\"", "\\u0041", "\"]", counts[i]);
        assert_cost_of_many("", "[", "", counts[i] < 2000 ? counts[i] : 2000);
        assert_cost_of_many("", "{\"a\":", "", counts[i] < 2000 ? counts[i] : 2000);
    }
    json_set_alloc_funcs(malloc, free);
}

static void a_line_that_takes_too_much_is_refused(void **state)
{
    (void)state;
    enum { COUNT = 20000 };
    size_t size = COUNT * 4 + 64;
    char *text = malloc(size);
    size_t used = (size_t)snprintf(text, size, "{\"command\": \"true\", \"after\": [");
    for (unsigned i = 0; i < COUNT; i++)
        used += (size_t)snprintf(text + used, size - used, "%s[]", i == 0 ? "" : ",");
    used += (size_t)snprintf(text + used, size - used, "]}");
    struct jobs_fixture *fixture = fixture_open((size_t)1 << 20);
    assert_int_equal(fixture_parse(fixture, text, used), ERROR_MEMORY);
    assert_non_null(strstr(fixture->error.what, "line 1 of the jobs may take"));
    fixture_close(fixture);
    free(text);
}

static unsigned library_left; /* allocations until one fails */

static void *alloc_until(size_t size)
{
    return library_left == 0 || --library_left == 0 ? NULL : malloc(size);
}

/* Where jansson does not tell that it had no memory, the text is to blame: an error it stays. */
static void the_parser_may_get_no_memory(void **state)
{
    (void)state;
    enum error_code code = ERROR_MEMORY;
    unsigned failed = 0, told_so = 0;
    for (; code != ERROR_NONE; failed++) {
        struct jobs_fixture *fixture = fixture_open(MEM_NO_LIMIT);
        library_left = failed + 1;
        json_set_alloc_funcs(alloc_until, free);
        code = fixture_parse(fixture, EXAMPLE, strlen(EXAMPLE));
        json_set_alloc_funcs(malloc, free);
        assert_true(code == ERROR_NONE || code == ERROR_MEMORY || fixture->told > 0);
        told_so += code == ERROR_MEMORY;
        fixture_close(fixture);
        assert_true(failed < 1000);
    }
    assert_true(failed > 20 && told_so > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_read),
        cmocka_unit_test(what_cannot_be_read_is_told),
        cmocka_unit_test(standard_input_comes_in_pieces),
        cmocka_unit_test(lines_may_end_and_be_blank_in_any_way),
        cmocka_unit_test(a_mark_further_on_is_no_mark),
        cmocka_unit_test(lines_are_bounded),
        cmocka_unit_test(each_allocation_may_fail),
        cmocka_unit_test(accounts_may_be_too_small),
        cmocka_unit_test(what_the_parser_takes_is_foreseen),
        cmocka_unit_test(a_line_that_takes_too_much_is_refused),
        cmocka_unit_test(the_parser_may_get_no_memory),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
