/*
 * Random calls against a plain model: after every call the grants fit the pool and the counts are
 * the model's; whoever waits is granted in the end; a step that was overtaken often starts when
 * those have ended that ran before; the same calls give the same answers.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "admission/admission.h"

#define STEPS_MOST  400
#define GROUPS_MOST 24
#define NOBODY      ADMISSION_NOBODY

enum state { WAITING, RUNNING, ENDED };

struct model_step {
    struct admission_request request;
    enum state state;
    uint32_t overtaken;
    bool beside; /* went past the present hold */
};

struct model {
    uint64_t random, seed, fingerprint;
    struct mem_account account;
    struct admission *admission;
    struct admission_pool pool;
    uint32_t overtakes_most, count, held;
    struct model_step steps[STEPS_MOST];
};

static uint64_t draw(struct model *model, uint64_t below)
{
    uint64_t z = model->random += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (z ^ (z >> 31)) % below;
}

static void expect(const struct model *model, bool good, const char *what)
{
    if (!good)
        fail_msg("%s: seed %" PRIu64 ", step %u", what, model->seed, model->count);
}

static void check_sums(const struct model *model)
{
    struct admission_state now = admission_state(model->admission);
    uint64_t memory = 0, cpus = 0;
    uint32_t running = 0, waiting = 0;
    for (uint32_t i = 0; i < model->count; i++) {
        const struct model_step *step = &model->steps[i];
        memory += step->state == RUNNING ? step->request.memory : 0;
        cpus += step->state == RUNNING ? step->request.milli_cpus : 0;
        running += step->state == RUNNING;
        waiting += step->state == WAITING;
    }
    expect(model, memory <= model->pool.memory && cpus <= model->pool.milli_cpus, "over-committed");
    expect(model, memory == now.memory_granted && cpus == now.milli_cpus_granted, "wrong sums");
    expect(model, running == now.running && waiting == now.waiting, "wrong counts");
}

static bool is_parked(const struct model *model, uint32_t ticket)
{
    return admission_explain(model->admission, ticket).reason == ADMISSION_FOR_REDUCER;
}

/* The oldest that waits and is not parked for its reducer. */
static uint32_t oldest_of(const struct model *model)
{
    for (uint32_t i = 0; i < model->count; i++) {
        if (model->steps[i].state == WAITING && !is_parked(model, i))
            return i;
    }
    return NOBODY;
}

/* Where another step is at the bound, none has passed it yet. */
static void note_hold(struct model *model, uint32_t oldest)
{
    bool at_bound = oldest != NOBODY && model->steps[oldest].overtaken >= model->overtakes_most;
    uint32_t held = at_bound ? oldest : NOBODY;
    for (uint32_t i = 0; i < model->count && held != model->held; i++)
        model->steps[i].beside = false;
    model->held = held;
}

/* Past a step at the bound only those go that fit beside it with all that went so before. */
static void check_hold(struct model *model, uint32_t oldest, uint32_t granted)
{
    if (oldest == granted || model->held == NOBODY)
        return;
    model->steps[granted].beside = true;
    uint64_t memory = model->steps[oldest].request.memory;
    uint64_t cpus = model->steps[oldest].request.milli_cpus;
    for (uint32_t i = 0; i < model->count; i++) {
        const struct model_step *step = &model->steps[i];
        memory += step->beside && step->state != ENDED ? step->request.memory : 0;
        cpus += step->beside && step->state != ENDED ? step->request.milli_cpus : 0;
    }
    expect(model, memory <= model->pool.memory && cpus <= model->pool.milli_cpus,
           "overtaken beyond the bound");
}

static void note_grant(struct model *model, uint32_t ticket)
{
    expect(model, ticket < model->count && model->steps[ticket].state == WAITING, "wrong ticket");
    model->steps[ticket].state = RUNNING;
    for (uint32_t i = 0; i < ticket; i++)
        model->steps[i].overtaken += model->steps[i].state == WAITING;
    model->fingerprint = (model->fingerprint ^ (ticket + 1)) * 0x100000001b3u;
}

/* After "none may": the oldest does not fit, and an idle pool has nobody waiting. */
static void check_none(const struct model *model)
{
    struct admission_state now = admission_state(model->admission);
    uint32_t oldest = oldest_of(model);
    if (now.paused)
        return;
    expect(model, now.running > 0 || now.waiting == 0, "waiting for nothing");
    if (oldest == NOBODY)
        return;
    enum admission_reason reason = admission_explain(model->admission, oldest).reason;
    expect(model, reason == ADMISSION_FOR_MEMORY || reason == ADMISSION_FOR_CPUS,
           "the oldest fits and waits");
}

static void take_grants(struct model *model)
{
    uint32_t ticket;
    for (;;) {
        /* Groups have their turns within the call: who is parked after it was so when it chose. */
        bool granted = admission_next(model->admission, &ticket);
        uint32_t oldest = oldest_of(model);
        if (!admission_state(model->admission).paused)
            note_hold(model, oldest);
        if (!granted)
            break;
        expect(model, !admission_state(model->admission).paused, "granted during a pause");
        check_hold(model, oldest, ticket);
        note_grant(model, ticket);
        check_sums(model);
    }
    check_none(model);
}

static void ask(struct model *model, struct admission_request request)
{
    struct error error;
    uint32_t ticket;
    enum error_code code = admission_ask(model->admission, &request, &ticket, &error);
    expect(model, code == ERROR_NONE && ticket == model->count, "refused");
    model->steps[model->count++] = (struct model_step){.request = request};
}

static void ask_randomly(struct model *model)
{
    uint64_t memory = model->pool.memory / (1 + draw(model, 1 + draw(model, 40)));
    struct admission_request request = {.memory = memory, .group = ADMISSION_NO_GROUP};
    if (draw(model, 2) == 0)
        request.milli_cpus = draw(model, model->pool.milli_cpus + 1);
    if (draw(model, 3) == 0) {
        request.group = (uint32_t)draw(model, GROUPS_MOST) * 1000003;
        request.is_reducer = draw(model, 8) == 0;
        request.reducer_memory = draw(model, model->pool.memory + 1);
    }
    ask(model, request);
}

/* One of that state from a random place on, or NOBODY. */
static uint32_t any_of(struct model *model, enum state state)
{
    uint32_t start = (uint32_t)draw(model, model->count + 1);
    for (uint32_t i = 0; i < model->count; i++) {
        uint32_t ticket = (start + i) % model->count;
        if (model->steps[ticket].state == state)
            return ticket;
    }
    return NOBODY;
}

static void end_one(struct model *model)
{
    uint32_t ticket = any_of(model, RUNNING);
    if (ticket == NOBODY)
        return;
    expect(model, admission_end(model->admission, ticket), "no grant to give back");
    model->steps[ticket].state = ENDED;
}

static void withdraw_one(struct model *model)
{
    uint32_t ticket = any_of(model, WAITING);
    if (ticket == NOBODY)
        return;
    expect(model, admission_withdraw(model->admission, ticket), "no request to take back");
    model->steps[ticket].state = ENDED;
}

static void check_overtaken(struct model *model)
{
    uint32_t ticket = any_of(model, WAITING);
    if (ticket != NOBODY)
        expect(model,
               admission_explain(model->admission, ticket).overtaken ==
                   model->steps[ticket].overtaken,
               "wrong count of overtaking");
}

static void call_something(struct model *model)
{
    switch (draw(model, 16)) {
    case 0:
        withdraw_one(model);
        break;
    case 1:
        admission_pause(model->admission, draw(model, 3) == 0);
        break;
    case 2:
        admission_close_group(model->admission, (uint32_t)draw(model, GROUPS_MOST) * 1000003);
        break;
    case 3:
    case 4:
    case 5:
    case 6:
        end_one(model);
        break;
    default:
        ask_randomly(model);
    }
    check_sums(model);
    check_overtaken(model);
    if (draw(model, 2) == 0)
        take_grants(model);
}

static void drain(struct model *model)
{
    admission_pause(model->admission, false);
    take_grants(model);
    while (admission_state(model->admission).running > 0) {
        end_one(model);
        take_grants(model);
    }
    check_sums(model);
    expect(model, admission_state(model->admission).waiting == 0, "somebody waits for good");
}

static uint64_t play(uint64_t seed)
{
    struct error error;
    struct model *model = calloc(1, sizeof *model);
    assert_non_null(model);
    model->random = model->seed = seed;
    model->held = NOBODY;
    model->pool = (struct admission_pool){1 + draw(model, 1000), draw(model, 9) * 1000};
    model->overtakes_most = 1 + (uint32_t)draw(model, 20);
    mem_account_init(&model->account, "test", NULL, MEM_NO_LIMIT);
    assert_int_equal(admission_create(&model->account, &model->pool, model->overtakes_most,
                                      &model->admission, &error),
                     ERROR_NONE);
    uint64_t most = 1 + draw(model, STEPS_MOST);
    while (model->count < most)
        call_something(model);
    drain(model);
    uint64_t fingerprint = model->fingerprint;
    admission_destroy(model->admission);
    assert_int_equal(atomic_load(&model->account.used), 0);
    free(model);
    return fingerprint;
}

/* WEIR_SEED replays one. */
static void random_calls_keep_the_rules(void **state)
{
    (void)state;
    const char *text = getenv("WEIR_SEED");
    uint64_t first = text != NULL ? strtoull(text, NULL, 10) : 1;
    uint64_t count = text != NULL ? 1 : 300;
    print_message("seeds %" PRIu64 " to %" PRIu64 "\n", first, first + count - 1);
    for (uint64_t seed = first; seed < first + count; seed++)
        play(seed);
}

static void the_same_calls_give_the_same_answers(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 30; seed++)
        assert_true(play(seed) == play(seed));
}

/* 140,000 steps that wait at once, in groups and loose, are all granted in a moment. */
static void very_many_may_wait(void **state)
{
    (void)state;
    struct mem_account account;
    struct error error;
    struct admission *admission;
    struct admission_pool pool = {1 << 20, 64000};
    uint32_t ticket, granted = 0;
    mem_account_init(&account, "test", NULL, MEM_NO_LIMIT);
    assert_int_equal(admission_create(&account, &pool, 0, &admission, &error), ERROR_NONE);
    for (uint32_t i = 0; i < 140000; i++) {
        struct admission_request request = {(i * 2654435761u) >> 17, i % 3 * 500,
                                            i % 2 ? i / 100 : ADMISSION_NO_GROUP, false, 1 << 16};
        assert_int_equal(admission_ask(admission, &request, &ticket, &error), ERROR_NONE);
    }
    uint32_t *order = calloc(140000, sizeof *order), ended = 0;
    assert_non_null(order);
    while (granted < 140000) {
        while (granted < 140000 && admission_next(admission, &ticket))
            order[granted++] = ticket;
        assert_true(ended < granted);
        assert_true(admission_end(admission, order[ended++]));
    }
    free(order);
    assert_int_equal(granted, 140000);
    admission_destroy(admission);
    assert_int_equal(atomic_load(&account.used), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_calls_keep_the_rules),
        cmocka_unit_test(the_same_calls_give_the_same_answers),
        cmocka_unit_test(very_many_may_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
