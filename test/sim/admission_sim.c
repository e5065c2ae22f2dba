/*
 * admission_sim [--loads N] [--seed S] [--above N]: admission against one who knows all durations.
 *
 * Draws loads from seeds S, S+1, ..., plays each through admission and through clairvoyant list
 * schedules, and holds the makespans against each other. Exit 1 where a load was over-committed,
 * a step never started, a replay differed, or a limit below was passed.
 *
 * What is judged is the ratio to one list, chosen before any load is drawn: the longest processing
 * time first (Graham 1969; with resources Garey and Graham 1975), under the same arrivals, order,
 * rule for groups and pool. The best of four lists for each load, chosen after the fact, is
 * printed beside it (its median has the same limit), as are schedules without the rule for groups
 * and the lower bound.
 *
 * 1.5 is not reached by each of 100,000 loads: 8 are above it (26 against the best of four), and
 * --above says how many may be; by itself none may. The rule is not alone to blame. Where all
 * steps are alike to one who does not know durations, all rules that leave no room idle are one
 * rule: where the longest step happens to come last, m at once make it 2 - 1/m (Graham 1969). Of
 * loads of up to 300 like steps with the heavy tail drawn here, 6 in 100 are above 1.5 with 16 at
 * once. Of some fifty other rules tried, none left none: the best left 17 in 300,000 loads, this
 * one leaves 25.
 *
 * admission_sim --waiting N: what a decision costs while N steps wait.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admission/admission.h"
#include "admission/clairvoyant.h"
#include "admission/load.h"
#include "admission/play.h"
#include "admission/speed.h"

#define MEDIAN_MOST 1.10
#define WORST_MOST  1.50
#define GRAHAM_MOST 2.00 /* for those that may be above the worst */

struct host {
    const struct load *load;
    struct admission *admission;
    uint32_t ticket_of[LOAD_STEPS_MOST], step_of[LOAD_STEPS_MOST];
};

static void stop(const char *why, uint64_t seed)
{
    fprintf(stderr, "%s: --seed %" PRIu64 " --loads 1\n", why, seed);
    exit(1);
}

static void ready(void *context, uint32_t step)
{
    struct host *host = context;
    struct error error;
    uint32_t ticket;
    if (admission_ask(host->admission, &host->load->steps[step].request, &ticket, &error) !=
        ERROR_NONE)
        stop(error.what, host->load->seed);
    host->ticket_of[step] = ticket;
    host->step_of[ticket] = step;
}

static uint32_t next(void *context)
{
    struct host *host = context;
    uint32_t ticket;
    return admission_next(host->admission, &ticket) ? host->step_of[ticket] : LOAD_NOBODY;
}

static void end(void *context, uint32_t step)
{
    struct host *host = context;
    admission_end(host->admission, host->ticket_of[step]);
}

static struct play play_admission(const struct load *load)
{
    struct mem_account account;
    struct error error;
    struct host host = {.load = load};
    mem_account_init(&account, "simulation", NULL, MEM_NO_LIMIT);
    if (admission_create(&account, &load->pool, 0, &host.admission, &error) != ERROR_NONE)
        stop(error.what, load->seed);
    struct policy policy = {&host, ready, next, end};
    struct play play = play_load(load, &policy);
    admission_destroy(host.admission);
    return play;
}

struct ratios {
    double *to_longest_first, *to_best, *to_free, *to_bound;
    uint64_t loads;
};

static struct play play_well(struct load *load, uint64_t seed)
{
    load_draw(load, seed);
    struct play play = play_admission(load);
    if (play.fault == PLAY_OVER_COMMITTED)
        stop("over-committed", seed);
    if (play.fault == PLAY_STARVED)
        stop("a step never started", seed);
    if (play_admission(load).fingerprint != play.fingerprint)
        stop("the replay differs", seed);
    return play;
}

static void hold_against(struct load *load, uint64_t seed, uint64_t i, struct ratios *ratios)
{
    double makespan = (double)play_well(load, seed).makespan;
    struct clairvoyant same = clairvoyant_makespans(load, true);
    struct clairvoyant free = load_has_groups(load) ? clairvoyant_makespans(load, false) : same;
    ratios->to_longest_first[i] = makespan / (double)same.longest_first;
    ratios->to_best[i] = makespan / (double)same.best;
    ratios->to_free[i] = makespan / (double)free.best;
    ratios->to_bound[i] = makespan / (double)load_lower_bound(load);
    if (ratios->to_longest_first[i] > WORST_MOST)
        printf("--seed %" PRIu64 " --loads 1: %.3f\n", seed, ratios->to_longest_first[i]);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* Of ratios in ascending order. */
static uint64_t count_above(const double *ratios, uint64_t loads)
{
    uint64_t above = 0;
    while (above < loads && ratios[loads - 1 - above] > WORST_MOST)
        above++;
    return above;
}

static void print_ratios(const char *against, double *ratios, uint64_t loads)
{
    qsort(ratios, loads, sizeof *ratios, ascending);
    printf("makespan over %s: median %.3f, 90 %% %.3f, 99 %% %.3f, 99.9 %% %.3f, worst %.3f, "
           "%" PRIu64 " above %.2f\n",
           against, ratios[loads / 2], ratios[loads * 9 / 10], ratios[loads * 99 / 100],
           ratios[loads * 999 / 1000], ratios[loads - 1], count_above(ratios, loads), WORST_MOST);
}

static double *table_of(uint64_t loads)
{
    double *table = calloc(loads, sizeof *table);
    if (table == NULL)
        stop("no memory", 0);
    return table;
}

static uint64_t worst_of(const double *ratios, uint64_t loads)
{
    uint64_t worst = 0;
    for (uint64_t i = 1; i < loads; i++)
        worst = ratios[i] > ratios[worst] ? i : worst;
    return worst;
}

static bool judge(struct ratios *ratios, uint64_t seed, uint64_t above_most)
{
    uint64_t loads = ratios->loads;
    const double *sorted = ratios->to_longest_first;
    printf("%" PRIu64 " loads from --seed %" PRIu64 "; the worst is --seed %" PRIu64 " --loads 1\n",
           loads, seed, seed + worst_of(sorted, loads));
    print_ratios("the list by duration, longest first", ratios->to_longest_first, loads);
    print_ratios("the best of four lists", ratios->to_best, loads);
    print_ratios("the best of four without the rule for groups", ratios->to_free, loads);
    print_ratios("the lower bound", ratios->to_bound, loads);
    return sorted[loads / 2] <= MEDIAN_MOST && ratios->to_best[loads / 2] <= MEDIAN_MOST &&
           sorted[loads - 1] <= GRAHAM_MOST && count_above(sorted, loads) <= above_most;
}

static bool simulate(uint64_t loads, uint64_t seed, uint64_t above_most)
{
    struct load *load = calloc(1, sizeof *load);
    struct ratios ratios = {table_of(loads), table_of(loads), table_of(loads), table_of(loads),
                            loads};
    if (load == NULL)
        stop("no memory", seed);
    for (uint64_t i = 0; i < loads; i++)
        hold_against(load, seed + i, i, &ratios);
    bool good = judge(&ratios, seed, above_most);
    free(load);
    free(ratios.to_longest_first);
    free(ratios.to_best);
    free(ratios.to_free);
    free(ratios.to_bound);
    return good;
}

static bool read_number(const char *text, uint64_t *ret)
{
    char *end;
    *ret = strtoull(text, &end, 10);
    return *text >= '0' && *text <= '9' && *end == '\0';
}

int main(int count, char **arguments)
{
    uint64_t loads = 100000, seed = 1, above_most = 0, waiting = 0;
    for (int i = 1; i < count; i += 2) {
        uint64_t *option = strcmp(arguments[i], "--loads") == 0     ? &loads
                           : strcmp(arguments[i], "--seed") == 0    ? &seed
                           : strcmp(arguments[i], "--above") == 0   ? &above_most
                           : strcmp(arguments[i], "--waiting") == 0 ? &waiting
                                                                    : NULL;
        if (option == NULL || i + 1 == count || !read_number(arguments[i + 1], option) ||
            loads == 0 || waiting > 10000000) {
            fprintf(stderr,
                    "usage: admission_sim [--loads N] [--seed S] [--above N] | --waiting N\n");
            return 2;
        }
    }
    if (waiting > 0)
        return speed_print((uint32_t)waiting) ? 0 : 1;
    if (simulate(loads, seed, above_most))
        return 0;
    printf("limit passed: median at most %.2f, %" PRIu64 " above %.2f, worst at most %.2f\n",
           MEDIAN_MOST, above_most, WORST_MOST, GRAHAM_MOST);
    return 1;
}
