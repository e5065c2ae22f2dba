#include "batch/retry.h"

#define MEBIBYTE ((uint64_t)1 << 20)

struct retry_rule retry_rule_default(void)
{
    return (struct retry_rule){.stop_after_attempt = 1, .on = RETRY_OOM, .grow_percent = 200};
}

/* Why an end is not tried again where the rule does not name its reason. */
static const struct {
    unsigned reason; /* 0: never tried again */
    const char *why;
} ENDS[] = {
    [CELL_OK] = {0, "it ended well"},
    [CELL_ERROR] = {RETRY_ERROR, "not tried again after an error"},
    [CELL_OOM_LIMIT] = {RETRY_OOM, "not tried again after it ran out of memory"},
    [CELL_OOM_HOST] = {RETRY_OOM, "not tried again after the machine ran out of memory"},
    [CELL_TIMEOUT] = {RETRY_TIMEOUT, "not tried again after a timeout"},
    [CELL_CANCELLED] = {0, "it was cancelled"},
    [CELL_SIGNAL] = {RETRY_ERROR, "not tried again after a signal"},
    [CELL_LOST] = {0, "weir lost sight of it, so it may still run"},
};

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* In 128 bits nothing overflows; beyond 64 the figure stays at the most of them. */
static uint64_t grown(uint64_t figure, uint32_t percent)
{
    unsigned __int128 wide = (unsigned __int128)figure * percent / 100;
    return wide > UINT64_MAX ? UINT64_MAX : (uint64_t)wide;
}

static uint64_t whole_mebibytes(uint64_t bytes)
{
    uint64_t past = bytes % MEBIBYTE;
    return past == 0 || bytes > UINT64_MAX - MEBIBYTE ? bytes : bytes - past + MEBIBYTE;
}

/* False where it should grow and may not. A factor of one without a suggestion asks for none. */
static bool next_figure(const struct retry_rule *rule, uint64_t figure, uint64_t suggestion,
                        uint64_t pool_memory, uint64_t *ret)
{
    uint64_t most = rule->memory_most == 0 ? pool_memory : smaller(rule->memory_most, pool_memory);
    uint64_t wanted = larger(grown(figure, rule->grow_percent), suggestion);
    if (wanted <= figure) {
        *ret = figure;
        return true;
    }
    *ret = smaller(whole_mebibytes(wanted), most);
    return *ret > figure;
}

static const char *reason_to_stop(const struct retry_rule *rule, enum cell_verdict verdict,
                                  uint32_t attempts, uint64_t since_first_ns)
{
    if ((ENDS[verdict].reason & rule->on) == 0)
        return ENDS[verdict].why;
    if (rule->stop_after_attempt <= 1)
        return "no retry was asked for";
    if (attempts >= rule->stop_after_attempt)
        return "its attempts are used up";
    if (rule->stop_after_ns > 0 && since_first_ns >= rule->stop_after_ns)
        return "its time for new attempts is over";
    return NULL;
}

struct retry_decision retry_decide(const struct retry_rule *rule, enum cell_verdict verdict,
                                   uint32_t attempts, uint64_t since_first_ns, uint64_t figure,
                                   uint64_t suggestion, uint64_t pool_memory)
{
    struct retry_decision decision = {.memory = figure};
    decision.why = reason_to_stop(rule, verdict, attempts, since_first_ns);
    uint64_t next = figure;
    if (decision.why == NULL && verdict == CELL_OOM_LIMIT &&
        !next_figure(rule, figure, suggestion, pool_memory, &next))
        decision.why = "its figure cannot grow any more";
    decision.again = decision.why == NULL;
    if (decision.again)
        decision.memory = next;
    return decision;
}

static bool take_digit(const char **text, uint32_t *number)
{
    if (**text < '0' || **text > '9' || *number > 1000)
        return false;
    *number = *number * 10 + (uint32_t)(*(*text)++ - '0');
    return true;
}

/* Digits behind the dot: one or two, each worth a tenth of the one before. */
static bool take_hundredths(const char **text, uint32_t *percent)
{
    uint32_t tenth = 0, hundredth = 0;
    if (**text != '.')
        return true;
    (*text)++;
    if (!take_digit(text, &tenth))
        return false;
    if (**text != '\0' && !take_digit(text, &hundredth))
        return false;
    *percent += tenth * 10 + hundredth;
    return true;
}

bool retry_parse_factor(const char *text, uint32_t *ret_percent)
{
    uint32_t whole = 0;
    if (*text++ != 'x' || !take_digit(&text, &whole))
        return false;
    while (take_digit(&text, &whole))
        continue;
    uint32_t percent = whole * 100;
    if (!take_hundredths(&text, &percent) || *text != '\0')
        return false;
    if (percent < 100 || percent > 10000)
        return false;
    *ret_percent = percent;
    return true;
}
