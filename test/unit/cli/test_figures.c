/* Figures against peaks: classes, numbers to try, exact percentiles, the worst jobs. */
#include "cli/figures.h"
#include "fixture.h"

#define MIB    UINT64_C(1048576)
#define GIB    UINT64_C(1073741824)
#define SECOND UINT64_C(1000000000)

static struct mem_account account;
static struct figures figures;
static struct error error;

static void begin(enum figures_order order, size_t most)
{
    mem_account_init(&account, "test", NULL, MEM_NO_LIMIT);
    error_init(&error);
    figures_init(&figures, order, most, &account);
}

static void finish(void)
{
    figures_release(&figures);
    assert_int_equal(atomic_load(&account.used), 0);
}

static void job(const char *name)
{
    assert_int_equal(figures_begin_job(&figures, name, &error), ERROR_NONE);
}

static void attempt(const char *verdict, uint64_t figure, uint64_t peak)
{
    const struct figures_attempt taken = {
        .verdict = verdict, .figure = figure, .peak = peak, .wall_ns = 10 * SECOND, .used = -1};
    figures_add_attempt(&figures, &taken);
}

static void end(void)
{
    assert_int_equal(figures_end(&figures, &error), ERROR_NONE);
}

static const struct figures_job *find(const char *name)
{
    for (size_t i = 0; i < figures.listed.count; i++)
        if (strcmp(figures.listed.jobs[i].name, name) == 0)
            return &figures.listed.jobs[i];
    fail_msg("no job %s is listed", name);
    return NULL;
}

static void assert_job(const char *name, enum figures_class kind, uint64_t to_try)
{
    assert_string_equal(figures_class_name(find(name)->kind), figures_class_name(kind));
    assert_int_equal(find(name)->to_try, to_try);
}

static void numbers_have_a_margin_and_are_whole(void **state)
{
    (void)state;
    assert_int_equal(figures_number_for(0), 16 * MIB);
    assert_int_equal(figures_number_for(1), 17 * MIB);
    assert_int_equal(figures_number_for(64 * MIB), 80 * MIB);
    assert_int_equal(figures_number_for(GIB), 1280 * MIB);
    assert_int_equal(figures_number_for(GIB + 1), 1281 * MIB);
    assert_int_equal(figures_number_for(UINT64_MAX), UINT64_MAX / MIB * MIB);
    assert_int_equal(figures_number_for(UINT64_MAX / 5 * 4), UINT64_MAX / MIB * MIB);
}

static void jobs_fall_into_classes(void **state)
{
    (void)state;
    begin(FIGURES_BY_PEAK, SIZE_MAX);
    job("within");
    attempt("ok", 2 * GIB, GIB);
    job("large");
    attempt("ok", 2 * GIB + 2, GIB);
    job("failed"); /* it might have needed more */
    attempt("error", 8 * GIB, MIB);
    job("tiny"); /* a margin would be more than it has */
    attempt("ok", 16 * MIB, MIB);
    job("small");
    attempt("oom-limit", GIB, GIB);
    job("grown");
    attempt("oom-limit", GIB, GIB);
    attempt("ok", 4 * GIB, 2 * GIB);
    job("lost");
    attempt("lost", GIB, 0);
    job("waiting");
    job("running");
    attempt("running", GIB, 0);
    job("no figure");
    attempt("ok", 0, GIB);
    job("host");
    attempt("oom-host", 4 * GIB, GIB);
    end();
    assert_job("within", FIGURES_WITHIN, 0);
    assert_job("large", FIGURES_TOO_LARGE, 1280 * MIB);
    assert_job("failed", FIGURES_WITHIN, 0);
    assert_job("tiny", FIGURES_WITHIN, 0);
    assert_job("small", FIGURES_TOO_SMALL, 1280 * MIB);
    assert_job("grown", FIGURES_TOO_SMALL, 2560 * MIB);
    assert_int_equal(find("grown")->too_small, GIB);
    assert_int_equal(find("grown")->figure, 4 * GIB);
    assert_job("lost", FIGURES_UNKNOWN, 0);
    assert_string_equal(find("lost")->verdict, "lost");
    assert_job("waiting", FIGURES_UNKNOWN, 0);
    assert_job("running", FIGURES_UNKNOWN, 0);
    assert_job("no figure", FIGURES_UNKNOWN, 0);
    assert_job("host", FIGURES_WITHIN, 0);
    assert_int_equal(figures.jobs, 11);
    assert_int_equal(figures.within + figures.too_small + figures.unknown, figures.jobs);
    assert_int_equal(figures.within, 5);
    assert_int_equal(figures.too_small, 2);
    assert_int_equal(figures.too_large, 1);
    assert_int_equal(figures.out_of_memory, 2);
    assert_int_equal(figures.host, 1);
    assert_int_equal(figures.small.count, 2);
    assert_int_equal(figures.large.count, 1);
    finish();
}

/* What the report of the end suggests goes before the rule, as long as no better is known. */
static void a_suggestion_goes_first(void **state)
{
    (void)state;
    const struct figures_attempt suggested = {.verdict = "oom-limit",
                                              .figure = GIB,
                                              .peak = GIB,
                                              .wall_ns = SECOND,
                                              .used = -1,
                                              .suggestion = 7 * GIB};
    begin(FIGURES_BY_PEAK, SIZE_MAX);
    job("never");
    figures_add_attempt(&figures, &suggested);
    job("then well");
    figures_add_attempt(&figures, &suggested);
    attempt("ok", 8 * GIB, 2 * GIB);
    job("less the second time"); /* a figure that was too small is not suggested again */
    attempt("oom-limit", GIB, GIB);
    attempt("ok", GIB, 64 * MIB);
    end();
    assert_job("never", FIGURES_TOO_SMALL, 7 * GIB);
    assert_job("then well", FIGURES_TOO_SMALL, 2560 * MIB);
    assert_job("less the second time", FIGURES_TOO_SMALL, 1280 * MIB);
    finish();
}

/* An attempt that was lost does not hide the one before it. */
static void a_lost_attempt_counts_for_nothing(void **state)
{
    (void)state;
    begin(FIGURES_BY_PEAK, SIZE_MAX);
    job("a");
    attempt("lost", 9 * GIB, 0);
    attempt("ok", 2 * GIB, GIB);
    attempt("lost", 3 * GIB, 0);
    end();
    assert_job("a", FIGURES_WITHIN, 0);
    assert_int_equal(find("a")->attempts, 3);
    assert_int_equal(find("a")->figure, 2 * GIB);
    assert_string_equal(find("a")->verdict, "ok");
    assert_true(figures.granted == 20.0 * GIB && figures.used == 10.0 * GIB);
    finish();
}

static void samples_go_before_the_peak(void **state)
{
    (void)state;
    begin(FIGURES_BY_WASTE, SIZE_MAX);
    job("a");
    figures_add_attempt(
        &figures,
        &(struct figures_attempt){
            .verdict = "ok", .figure = GIB, .peak = GIB, .wall_ns = SECOND, .used = 1000});
    attempt("ok", 2, 1);
    end();
    assert_true(figures.used == 1000 + 10);
    assert_true(figures.granted == (double)GIB + 20);
    finish();
}

static uint64_t next_random(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *seed >> 33;
}

static int compare_doubles(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

/* Random, equal, rising and falling uses, against a sorted copy. */
static void check_percentiles(size_t count, int shape, uint64_t *seed)
{
    double *uses = malloc((count + 1) * sizeof *uses), value;
    begin(FIGURES_BY_PEAK, 3);
    for (size_t i = 0; i < count; i++) {
        uint64_t peak = shape == 0   ? next_random(seed) % 1000
                        : shape == 1 ? 5
                        : shape == 2 ? i
                        : shape == 3 ? count - i
                                     : next_random(seed) % 3;
        uses[i] = (double)peak / 1000;
        job("x");
        attempt("ok", 1000, peak);
    }
    end();
    qsort(uses, count, sizeof *uses, compare_doubles);
    assert_true(figures_median(&figures, &value) == (count > 0));
    if (count > 0) {
        double low = uses[(count - 1) / 2], high = uses[count / 2];
        assert_true(value == low + (high - low) / 2);
        for (unsigned part = 0; part <= 100; part += 10) {
            size_t rank = (count * part + 99) / 100;
            assert_true(figures_use(&figures, part / 100.0, &value));
            assert_true(value == uses[rank > 0 ? rank - 1 : 0]);
        }
    }
    finish();
    free(uses);
}

static void percentiles_are_exact(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (size_t count = 0; count < 40; count++)
        for (int shape = 0; shape < 5; shape++)
            check_percentiles(count, shape, &seed);
    for (int shape = 0; shape < 5; shape++)
        check_percentiles(5000, shape, &seed);
}

/* The first of an order, and of equals those that came first, however many there are. */
static void the_worst_are_kept_in_their_order(void **state)
{
    (void)state;
    uint64_t seed = 3;
    for (size_t most = 0; most < 30; most += 7) {
        begin(FIGURES_BY_PEAK, most);
        uint64_t peaks[500];
        for (size_t i = 0; i < 500; i++) {
            char name[32];
            peaks[i] = next_random(&seed) % 40;
            snprintf(name, sizeof name, "job-%zu", i);
            job(name);
            attempt("ok", 100, peaks[i]);
        }
        end();
        assert_int_equal(figures.listed.count, most);
        assert_int_equal(figures.listed.offered, 500);
        for (size_t place = 0; place < most; place++) {
            const struct figures_job *found = &figures.listed.jobs[place];
            char name[32];
            size_t before = 0; /* jobs that must stand before it */
            for (size_t i = 0; i < 500; i++)
                before += peaks[i] > found->peak || (peaks[i] == found->peak && i < found->number);
            assert_int_equal(before, place);
            snprintf(name, sizeof name, "job-%zu", (size_t)found->number);
            assert_string_equal(found->name, name);
        }
        finish();
    }
}

static void memory_that_runs_out_is_told(void **state)
{
    (void)state;
    for (uint64_t nth = 1; nth < 12; nth++) {
        begin(FIGURES_BY_PEAK, 4);
        enum error_code code = ERROR_NONE;
        mem_fail_allocation(nth);
        for (int i = 0; i < 6 && code == ERROR_NONE; i++) {
            code = figures_begin_job(&figures, "a job", &error);
            if (code == ERROR_NONE)
                attempt("ok", 100, 50);
        }
        if (code == ERROR_NONE)
            code = figures_end(&figures, &error);
        uint64_t made = mem_fail_allocation(0);
        assert_int_equal(code, made >= nth ? ERROR_MEMORY : ERROR_NONE);
        finish();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_have_a_margin_and_are_whole),
        cmocka_unit_test(jobs_fall_into_classes),
        cmocka_unit_test(a_suggestion_goes_first),
        cmocka_unit_test(a_lost_attempt_counts_for_nothing),
        cmocka_unit_test(samples_go_before_the_peak),
        cmocka_unit_test(percentiles_are_exact),
        cmocka_unit_test(the_worst_are_kept_in_their_order),
        cmocka_unit_test(memory_that_runs_out_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
