/* Edges, orders, circles and groups, against a plain model on random graphs. */
#include <time.h>

#include "jobs_fixture.h"

/* ---- circles ---- */

static void a_circle_is_told_whole(void **state)
{
    (void)state;
    struct jobs_fixture *fixture =
        fixture_bad("{\"name\": \"x\", \"command\": \"true\", \"after\": \"c\"}\n"
                    "{\"name\": \"c\", \"command\": \"true\", \"after\": [\"free\", \"a\"]}\n"
                    "{\"name\": \"free\", \"command\": \"true\"}\n"
                    "{\"name\": \"a\", \"command\": \"true\", \"after\": [\"b\", \"free\"]}\n"
                    "{\"name\": \"b\", \"command\": \"true\", \"after\": [\"c\"]}\n");
    assert_int_equal(fixture->told, 1);
    assert_complaint(fixture, 0, 2,
                     "after: these jobs wait for each other in a circle: c -> a -> b -> c",
                     "one of these names out of the other's \"after\"");
    assert_string_equal(fixture->error.what, "the jobs have 1 problem");
    fixture_close(fixture);
}

static void a_job_may_not_wait_for_itself(void **state)
{
    (void)state;
    struct jobs_fixture *fixture =
        fixture_bad("{\"command\": \"true\"}\n"
                    "{\"name\": \"a\", \"command\": \"true\", \"after\": [\"job-1\", \"a\"]}\n");
    assert_int_equal(fixture->told, 1);
    assert_complaint(fixture, 0, 2, "after: a job cannot wait for itself: a -> a",
                     "\"after\" without it");
    fixture_close(fixture);
}

/* A line for each job of a circle of the given length, whose names are PREFIX and a number. */
static size_t write_circle(char *text, size_t size, const char *prefix, unsigned length)
{
    size_t used = 0;
    for (unsigned i = 0; i < length; i++)
        used +=
            (size_t)snprintf(text + used, size - used,
                             "{\"name\": \"%s%u\", \"command\": \"true\", \"after\": \"%s%u\"}\n",
                             prefix, i, prefix, (i + 1) % length);
    assert_true(used < size);
    return used;
}

static void each_circle_is_told(void **state)
{
    (void)state;
    static char text[1 << 16];
    size_t used = write_circle(text, sizeof text, "a", 2);
    used += write_circle(text + used, sizeof text - used, "b", 3);
    struct jobs_fixture *fixture = fixture_bad(text);
    assert_int_equal(fixture->told, 2);
    assert_string_equal(fixture->complaints[0].what,
                        "after: these jobs wait for each other in a circle: a0 -> a1 -> a0");
    assert_string_equal(fixture->complaints[1].what,
                        "after: these jobs wait for each other in a circle: b0 -> b1 -> b2 -> b0");
    assert_int_equal(fixture->complaints[1].line, 3);
    fixture_close(fixture);
}

static void a_long_circle_is_told_by_its_ends(void **state)
{
    (void)state;
    static char text[1 << 16];
    write_circle(text, sizeof text, "j", 32);
    struct jobs_fixture *fixture = fixture_bad(text);
    assert_non_null(strstr(fixture->complaints[0].what, "j15 -> j16 -> j17"));
    fixture_close(fixture);
    write_circle(text, sizeof text, "j", 300);
    fixture = fixture_bad(text);
    assert_string_equal(fixture->complaints[0].what,
                        "after: these jobs wait for each other in a circle: j0 -> j1 -> j2 -> j3 "
                        "-> j4 -> j5 -> j6 -> j7 -> j8 -> j9 -> j10 -> j11 -> (276 more) -> j288 "
                        "-> j289 -> j290 -> j291 -> j292 -> j293 -> j294 -> j295 -> j296 -> j297 "
                        "-> j298 -> j299 -> j0");
    fixture_close(fixture);
}

/* ---- groups ---- */

static void assert_group(const struct jobs_fixture *fixture, const char *name, uint32_t group,
                         bool is_reducer)
{
    const struct job *job = fixture_job(fixture, name);
    assert_int_equal(job->group, group);
    assert_int_equal(job->is_reducer, is_reducer);
}

static void leaves_and_their_reducer_are_a_group(void **state)
{
    (void)state;
    struct jobs_fixture *fixture = fixture_good(
        "{\"name\": \"one\", \"command\": \"true\", \"after\": \"c\"}\n"
        "{\"name\": \"sum\", \"command\": \"true\", \"after\": [\"a\", \"b\", \"a\"]}\n"
        "{\"name\": \"a\", \"command\": \"true\"}\n"
        "{\"name\": \"b\", \"command\": \"true\", \"after\": [\"one\", \"d\"]}\n"
        "{\"name\": \"c\", \"command\": \"true\"}\n"
        "{\"name\": \"d\", \"command\": \"true\"}\n"
        "{\"name\": \"shared\", \"command\": \"true\"}\n"
        "{\"name\": \"p\", \"command\": \"true\", \"after\": [\"shared\", \"sum\"]}\n"
        "{\"name\": \"q\", \"command\": \"true\", \"after\": [\"shared\"]}\n");
    assert_int_equal(fixture->jobs.group_count, 2);
    assert_group(fixture, "sum", 0, true);
    assert_group(fixture, "a", 0, false);
    assert_group(fixture, "b", 1, true); /* a reducer of its own rather than a leaf */
    assert_group(fixture, "one", 1, false);
    assert_group(fixture, "d", 1, false);
    assert_group(fixture, "c", JOBS_NO_GROUP, false); /* one alone is no group */
    assert_group(fixture, "p", JOBS_NO_GROUP, false); /* another waits for shared */
    assert_group(fixture, "q", JOBS_NO_GROUP, false);
    assert_group(fixture, "shared", JOBS_NO_GROUP, false);
    assert_int_equal(fixture_job(fixture, "sum")->after_count, 2); /* a name twice counts once */
    fixture_close(fixture);
}

static void a_tree_of_reducers_has_a_group_each(void **state)
{
    (void)state;
    struct jobs_fixture *fixture = fixture_good(
        "{\"name\": \"a\", \"command\": \"true\"}\n{\"name\": \"b\", \"command\": \"true\"}\n"
        "{\"name\": \"c\", \"command\": \"true\"}\n{\"name\": \"d\", \"command\": \"true\"}\n"
        "{\"name\": \"ab\", \"command\": \"true\", \"after\": [\"a\", \"b\"]}\n"
        "{\"name\": \"cd\", \"command\": \"true\", \"after\": [\"c\", \"d\"]}\n"
        "{\"name\": \"all\", \"command\": \"true\", \"after\": [\"ab\", \"cd\"]}\n");
    assert_int_equal(fixture->jobs.group_count, 3);
    assert_group(fixture, "a", 0, false);
    assert_group(fixture, "ab", 0, true);
    assert_group(fixture, "d", 1, false);
    assert_group(fixture, "cd", 1, true);
    assert_group(fixture, "all", 2, true);
    fixture_close(fixture);
}

/* ---- the model ---- */

#define MOST 24

struct model {
    unsigned count;
    bool after[MOST][MOST];   /* [a][b]: a waits for b */
    bool reaches[MOST][MOST]; /* the same over any number of steps */
    unsigned places[MOST];    /* job to its line, from 0 */
};

static uint64_t random_next(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static void model_make(struct model *model, uint64_t *seed)
{
    memset(model, 0, sizeof *model);
    model->count = 1 + (unsigned)(random_next(seed) % MOST);
    bool any_way = random_next(seed) % 3 == 0; /* else backwards only: no circle */
    unsigned share = 1 + (unsigned)(random_next(seed) % 12);
    for (unsigned a = 0; a < model->count; a++)
        for (unsigned b = 0; b < model->count; b++)
            model->after[a][b] =
                (any_way || b < a) && random_next(seed) % (any_way ? 4 * share : share) == 0;
    for (unsigned i = 0; i < model->count; i++) {
        unsigned other = (unsigned)(random_next(seed) % (i + 1));
        model->places[i] = model->places[other];
        model->places[other] = i;
    }
    memcpy(model->reaches, model->after, sizeof model->after);
    for (unsigned k = 0; k < model->count; k++) /* Warshall, JACM 9(1), 1962 */
        for (unsigned a = 0; a < model->count; a++)
            for (unsigned b = 0; b < model->count; b++)
                model->reaches[a][b] |= model->reaches[a][k] && model->reaches[k][b];
}

static unsigned job_at(const struct model *model, unsigned place)
{
    unsigned job = 0;
    while (model->places[job] != place)
        job++;
    return job;
}

static void model_write(const struct model *model, char *text, size_t size, uint64_t *seed)
{
    size_t used = 0;
    for (unsigned place = 0; place < model->count; place++) {
        unsigned job = job_at(model, place);
        used += (size_t)snprintf(text + used, size - used,
                                 "{\"name\": \"n%u\", \"command\": [\"true\"], \"after\": [", job);
        const char *comma = "";
        for (unsigned b = 0; b < model->count; b++)
            for (uint64_t times = model->after[job][b] ? 1 + random_next(seed) % 2 : 0; times > 0;
                 times--, comma = ", ")
                used += (size_t)snprintf(text + used, size - used, "%s\"n%u\"", comma, b);
        used += (size_t)snprintf(text + used, size - used, "]}\n");
    }
    assert_true(used < size);
}

static bool model_has_circle(const struct model *model)
{
    for (unsigned i = 0; i < model->count; i++)
        if (model->reaches[i][i])
            return true;
    return false;
}

/* What was told of is a circle of the model, closed and without a job twice. */
static void check_circle(const struct model *model, const struct complaint *complaint)
{
    const char *at = strstr(complaint->what, ": n");
    unsigned first, last, next, length = 0;
    int size;
    assert_non_null(at);
    assert_int_equal(sscanf(at, ": n%u%n", &first, &size), 1);
    assert_int_equal(complaint->line, model->places[first] + 1);
    at += size;
    for (last = first; sscanf(at, " -> n%u%n", &next, &size) == 1; last = next, at += size) {
        assert_true(next < model->count && model->after[last][next]);
        assert_true(model->places[next] >= model->places[first]);
        length++;
    }
    assert_int_equal(*at, '\0');
    assert_int_equal(last, first);
    assert_true(length >= 1 && length <= model->count);
}

static unsigned awaited_by(const struct model *model, unsigned job)
{
    unsigned count = 0;
    for (unsigned a = 0; a < model->count; a++)
        count += model->after[a][job];
    return count;
}

static bool model_reduces(const struct model *model, unsigned job)
{
    unsigned leaves = 0;
    for (unsigned b = 0; b < model->count; b++) {
        if (model->after[job][b] && awaited_by(model, b) != 1)
            return false;
        leaves += model->after[job][b];
    }
    return leaves >= 2;
}

static unsigned number_of(const struct jobs *jobs, uint32_t place)
{
    unsigned number;
    assert_int_equal(sscanf(jobs->items[place].name, "n%u", &number), 1);
    return number;
}

static void check_edges(const struct model *model, const struct jobs *jobs)
{
    for (uint32_t i = 0; i < jobs->count; i++) {
        const struct job *job = &jobs->items[i];
        unsigned own = number_of(jobs, i), after = 0;
        bool seen[MOST] = {false};
        for (uint32_t k = 0; k < job->after_count; k++) {
            unsigned other = number_of(jobs, jobs->edges[job->after + k]);
            assert_true(model->after[own][other] && !seen[other]);
            seen[other] = true;
        }
        for (unsigned b = 0; b < model->count; b++)
            after += model->after[own][b];
        assert_int_equal(job->after_count, after);
        assert_int_equal(job->before_count, awaited_by(model, own));
        for (uint32_t k = 0; k < job->before_count; k++) {
            uint32_t next = jobs->edges[job->before + k];
            assert_true(model->after[number_of(jobs, next)][own]);
            assert_true(k == 0 || next > jobs->edges[job->before + k - 1]);
        }
    }
}

static void check_groups(const struct model *model, const struct jobs *jobs)
{
    uint32_t groups = 0;
    for (uint32_t i = 0; i < jobs->count; i++) {
        const struct job *job = &jobs->items[i];
        unsigned own = number_of(jobs, i);
        assert_int_equal(job->is_reducer, model_reduces(model, own));
        if (job->is_reducer)
            assert_int_equal(job->group, groups++);
    }
    assert_int_equal(jobs->group_count, groups);
    for (uint32_t i = 0; i < jobs->count; i++) {
        const struct job *job = &jobs->items[i];
        uint32_t expected = job->is_reducer ? job->group : JOBS_NO_GROUP;
        for (unsigned a = 0; !job->is_reducer && a < model->count; a++)
            if (model->after[a][number_of(jobs, i)] && model_reduces(model, a))
                expected = jobs->items[model->places[a]].group;
        assert_int_equal(job->group, expected);
    }
}

static void random_graphs_are_as_the_model_has_them(void **state)
{
    (void)state;
    const char *given = getenv("WEIR_SEED");
    uint64_t seed = given != NULL ? strtoull(given, NULL, 0) : (uint64_t)time(NULL);
    static char text[MOST * (MOST * 16 + 64)];
    unsigned circles = 0, grouped = 0;
    print_message("WEIR_SEED=%llu\n", (unsigned long long)seed);
    seed = seed * UINT64_C(0x9e3779b97f4a7c15) | 1;
    for (unsigned round = 0; round < 3000; round++) {
        struct model model;
        struct jobs_fixture *fixture = fixture_open(MEM_NO_LIMIT);
        model_make(&model, &seed);
        model_write(&model, text, sizeof text, &seed);
        enum error_code code = fixture_parse(fixture, text, strlen(text));
        assert_int_equal(code, model_has_circle(&model) ? ERROR_INPUT : ERROR_NONE);
        for (unsigned i = 0; i < fixture->told; i++)
            check_circle(&model, &fixture->complaints[i]);
        if (code == ERROR_NONE) {
            assert_int_equal(fixture->jobs.count, model.count);
            check_edges(&model, &fixture->jobs);
            check_groups(&model, &fixture->jobs);
            grouped += fixture->jobs.group_count;
        }
        circles += fixture->told;
        fixture_close(fixture);
    }
    assert_true(circles > 100 && grouped > 100);
}

/* ---- size ---- */

#define MANY 100000

/* A chain is as deep as it is long: nothing may call itself. */
static void a_long_chain_is_read(void **state)
{
    (void)state;
    size_t size = (size_t)MANY * 80, used = 0;
    char *text = malloc(size);
    for (unsigned i = 0; i < MANY; i++) /* each waits for one further down the file */
        used += (size_t)snprintf(
            text + used, size - used,
            i + 1 < MANY
                ? "{\"name\": \"step-%u\", \"command\": [\"true\"], \"after\": \"step-%u\"}\n"
                : "{\"name\": \"step-%u\", \"command\": [\"true\"]}\n",
            i, i + 1);
    struct jobs_fixture *fixture = fixture_open((size_t)128 << 20);
    assert_int_equal(fixture_parse(fixture, text, used), ERROR_NONE);
    assert_int_equal(fixture->jobs.count, MANY);
    assert_int_equal(fixture->jobs.group_count, 0);
    for (unsigned i = 0; i + 1 < MANY; i++)
        assert_int_equal(fixture->jobs.edges[fixture->jobs.items[i].after], i + 1);
    print_message("%d in a chain: %zu bytes at most\n", MANY, atomic_load(&fixture->account.peak));
    fixture_close(fixture);
    free(text);
}

static void many_leaves_have_one_reducer(void **state)
{
    (void)state;
    size_t size = (size_t)MANY * 100, used = 0;
    char *text = malloc(size);
    for (unsigned i = 0; i < MANY; i++)
        used += (size_t)snprintf(text + used, size - used,
                                 "{\"name\": \"leaf-%u\", \"command\": [\"true\"]}\n", i);
    used += (size_t)snprintf(text + used, size - used,
                             "{\"name\": \"sum\", \"command\": [\"true\"], \"after\": [\"leaf-0\"");
    for (unsigned i = 1; i < MANY; i++)
        used += (size_t)snprintf(text + used, size - used, ", \"leaf-%u\"", i);
    used += (size_t)snprintf(text + used, size - used, "]}\n");
    struct jobs_fixture *fixture = fixture_open((size_t)128 << 20);
    assert_int_equal(fixture_parse(fixture, text, used), ERROR_NONE);
    assert_int_equal(fixture->jobs.count, MANY + 1);
    assert_int_equal(fixture->jobs.group_count, 1);
    assert_int_equal(fixture->jobs.items[MANY].after_count, MANY);
    for (unsigned i = 0; i < MANY; i++)
        assert_int_equal(fixture->jobs.items[i].group, 0);
    print_message("%d leaves: %zu bytes at most\n", MANY, atomic_load(&fixture->account.peak));
    fixture_close(fixture);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_circle_is_told_whole),
        cmocka_unit_test(a_job_may_not_wait_for_itself),
        cmocka_unit_test(each_circle_is_told),
        cmocka_unit_test(a_long_circle_is_told_by_its_ends),
        cmocka_unit_test(leaves_and_their_reducer_are_a_group),
        cmocka_unit_test(a_tree_of_reducers_has_a_group_each),
        cmocka_unit_test(random_graphs_are_as_the_model_has_them),
        cmocka_unit_test(a_long_chain_is_read),
        cmocka_unit_test(many_leaves_have_one_reducer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
