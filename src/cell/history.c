#include <inttypes.h>
#include <stdio.h>

#include "cell/history.h"

#define SECOND_NS 1000000000u

void history_init(struct history *history, uint64_t spacing_ns, struct mem_account *account)
{
    *history = (struct history){.spacing_ns = spacing_ns};
    mem_buffer_init(&history->samples, account, CELL_SAMPLES * sizeof(struct cell_sample));
    /* It began with nothing: growth is known from the first sample on. */
    history->recent_count = 1;
}

void history_release(struct history *history)
{
    mem_buffer_release(&history->samples);
}

size_t history_count(const struct history *history)
{
    return history->samples.size / sizeof(struct cell_sample);
}

static struct cell_sample *samples(const struct history *history)
{
    return (struct cell_sample *)(void *)history->samples.data;
}

const struct cell_sample *history_at(const struct history *history, size_t index)
{
    return &samples(history)[index];
}

static void thin(struct history *history)
{
    struct cell_sample *all = samples(history);
    size_t count = history_count(history);
    for (size_t i = 0; i < count / 2; i++)
        all[i] = all[2 * i + 1];
    history->samples.size = count / 2 * sizeof *all;
    history->spacing_ns *= 2;
}

static bool is_due(const struct history *history, uint64_t at_ns)
{
    size_t count = history_count(history);
    return count == 0 || at_ns >= history_at(history, count - 1)->at_ns + history->spacing_ns;
}

static void remember_recent(struct history *history, struct cell_sample sample)
{
    size_t newest = (history->recent_count - 1) % HISTORY_RECENT;
    if (sample.at_ns < history->recent[newest].at_ns + HISTORY_RECENT_SPACING)
        return;
    history->recent[history->recent_count % HISTORY_RECENT] = sample;
    history->recent_count++;
}

/* A line that cannot be written is no reason to end a cell: the curve is a comfort. */
void history_write(FILE *file, const struct cell_sample *sample, bool first)
{
    if (first)
        fputs(CELL_SAMPLE_COLUMNS, file);
    fprintf(file, "%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\n", sample->at_ns / 1000000,
            sample->memory, sample->processes);
}

enum error_code history_add(struct history *history, struct cell_sample sample, bool always,
                            bool *ret_recorded, struct error *error)
{
    history->last = sample;
    if (sample.memory > history->peak)
        history->peak = sample.memory;
    if (sample.processes > history->processes_most)
        history->processes_most = sample.processes;
    remember_recent(history, sample);
    *ret_recorded = always || is_due(history, sample.at_ns);
    if (!*ret_recorded)
        return ERROR_NONE;
    if (history_count(history) == CELL_SAMPLES)
        thin(history);
    return mem_buffer_append(&history->samples, &sample, sizeof sample, error);
}

/* The youngest of the recent ones that is a second older than the newest, else the oldest. */
static struct cell_sample second_ago(const struct history *history)
{
    size_t kept = history->recent_count < HISTORY_RECENT ? history->recent_count : HISTORY_RECENT;
    struct cell_sample found = history->recent[(history->recent_count - kept) % HISTORY_RECENT];
    for (size_t i = history->recent_count - kept; i < history->recent_count; i++) {
        struct cell_sample sample = history->recent[i % HISTORY_RECENT];
        if (sample.at_ns + SECOND_NS <= history->last.at_ns)
            found = sample;
    }
    return found;
}

uint64_t history_growth(const struct history *history)
{
    struct cell_sample from = second_ago(history);
    if (history->last.at_ns <= from.at_ns || history->last.memory <= from.memory)
        return 0;
    uint64_t passed_us = (history->last.at_ns - from.at_ns) / 1000;
    double bytes = (double)(history->last.memory - from.memory);
    return passed_us == 0 ? 0 : (uint64_t)(bytes * 1e6 / (double)passed_us);
}
