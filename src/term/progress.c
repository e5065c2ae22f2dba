#include "term/progress.h"

#include <stdio.h>
#include <string.h>

#include "mem/mem.h"
#include "term/parts.h"
#include "term/text.h"

void progress_meter_add(struct progress_meter *meter, const struct progress_sample *sample)
{
    if (meter->count == 0)
        meter->started_ns = sample->now_ns;
    meter->points[meter->count % PROGRESS_POINTS] =
        (struct progress_point){sample->now_ns, sample->rows, sample->bytes_done};
    meter->count++;
}

static const struct progress_point *oldest_point(const struct progress_meter *meter)
{
    uint64_t first = meter->count > PROGRESS_POINTS ? meter->count - PROGRESS_POINTS : 0;
    return &meter->points[first % PROGRESS_POINTS];
}

/* Counters of several threads are read one by one and may run ahead of each other. */
static double risen(uint64_t from, uint64_t to)
{
    return to > from ? (double)(to - from) : 0;
}

static double share(uint64_t done, uint64_t total)
{
    return done < total ? (double)done / (double)total : 1;
}

static double fraction_of(const struct progress_sample *sample)
{
    if (sample->bytes_total > 0 && sample->bytes_done > 0)
        return share(sample->bytes_done, sample->bytes_total);
    return sample->total > 0 ? share(sample->done, sample->total) : -1;
}

struct progress_rates progress_meter_rates(const struct progress_meter *meter,
                                           const struct progress_sample *sample)
{
    struct progress_rates rates = {.fraction = fraction_of(sample)};
    if (meter->count == 0)
        return rates;
    const struct progress_point *oldest = oldest_point(meter);
    double seconds = risen(oldest->now_ns, sample->now_ns) / 1e9;
    rates.elapsed_ns = sample->now_ns - meter->started_ns;
    if (seconds <= 0)
        return rates;
    rates.rows_per_second = risen(oldest->rows, sample->rows) / seconds;
    rates.bytes_per_second = risen(oldest->bytes, sample->bytes_done) / seconds;
    if (rates.bytes_per_second > 0 && sample->bytes_total > 0) {
        double left = risen(sample->bytes_done, sample->bytes_total) / rates.bytes_per_second;
        rates.has_left = left < 1e8;
        rates.left_ns = rates.has_left ? (uint64_t)(left * 1e9) : 0;
    }
    return rates;
}

static void bar_blocks(unsigned eighths, unsigned cells, char *buffer, size_t size)
{
    static const char *const parts[] = {" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"};
    size_t used = 0;
    for (unsigned i = 0; i < cells && used + 4 < size; i++) {
        unsigned filled = eighths >= 8 ? 8 : eighths;
        eighths -= filled;
        used += (size_t)snprintf(buffer + used, size - used, "%s", parts[filled]);
    }
}

char *progress_bar(double fraction, unsigned cells, bool utf8, char *buffer, size_t size)
{
    double part = fraction < 0 ? 0 : fraction > 1 ? 1 : fraction;
    buffer[0] = '\0';
    if (utf8) {
        bar_blocks((unsigned)(part * cells * 8), cells, buffer, size);
        return buffer;
    }
    unsigned filled = (unsigned)(part * cells);
    for (unsigned i = 0; i < cells && i + 1 < size; i++) {
        buffer[i] = i < filled ? '#' : '.';
        buffer[i + 1] = '\0';
    }
    return buffer;
}

static void add_phase(struct text_parts *parts, const struct progress_sample *sample)
{
    char done[32], total[32], text[128];
    if (sample->total > 0)
        snprintf(text, sizeof text, "%s %s/%s %s", sample->phase, text_count(sample->done, done),
                 text_count(sample->total, total), sample->unit);
    else if (sample->done > 0)
        snprintf(text, sizeof text, "%s %s %s", sample->phase, text_count(sample->done, done),
                 sample->unit);
    else
        snprintf(text, sizeof text, "%s", sample->phase);
    text_parts_add(parts, text);
}

static void add_left(struct text_parts *parts, const struct progress_rates *rates)
{
    uint64_t seconds = rates->left_ns / 1000000000;
    char text[48];
    if (!rates->has_left)
        return;
    if (seconds < 3600)
        snprintf(text, sizeof text, "ETA %u:%02u", (unsigned)(seconds / 60),
                 (unsigned)(seconds % 60));
    else
        snprintf(text, sizeof text, "ETA %u:%02u:%02u", (unsigned)(seconds / 3600),
                 (unsigned)(seconds / 60 % 60), (unsigned)(seconds % 60));
    text_parts_add(parts, text);
}

static void add_rate(struct text_parts *parts, double rate, const char *unit)
{
    char number[32], text[64];
    if (rate <= 0)
        return;
    text_short(rate, number);
    bool prefixed = strchr(number, ' ') != NULL;
    snprintf(text, sizeof text, "%s%s%s", number, prefixed ? "" : " ", unit);
    text_parts_add(parts, text);
}

static void add_rates(struct text_parts *parts, const struct progress_rates *rates)
{
    add_rate(parts, rates->bytes_per_second, "B/s");
    add_rate(parts, rates->rows_per_second, " rows/s");
}

static void first_line(struct text_parts *parts, const struct progress_sample *sample,
                       const struct progress_rates *rates, bool utf8)
{
    char bar[96], text[128];
    if (rates->fraction >= 0) {
        unsigned cells = parts->width >= 100 ? 20 : 10;
        progress_bar(rates->fraction, cells, utf8, bar, sizeof bar);
        snprintf(text, sizeof text, utf8 ? "▕%s▏%3.0f %%" : "[%s] %3.0f %%", bar,
                 rates->fraction * 100);
        text_parts_add(parts, text);
    }
    add_phase(parts, sample);
    add_left(parts, rates);
    add_rates(parts, rates);
}

static void add_size(struct text_parts *parts, const char *format, uint64_t bytes)
{
    char size[24], text[64];
    const char *mark = strchr(format, '@');
    snprintf(text, sizeof text, "%.*s%s%s", (int)(mark - format), format,
             mem_format_size(bytes, size), mark + 1);
    text_parts_add(parts, text);
}

static void add_memory(struct text_parts *parts, const struct progress_sample *sample)
{
    add_size(parts, "memory @", sample->resident);
    add_size(parts, "peak @", sample->peak);
    if (sample->ceiling > 0)
        add_size(parts, "ceiling @", sample->ceiling);
}

static void second_line(struct text_parts *parts, const struct progress_sample *sample, bool utf8)
{
    char bar[96], text[128];
    add_memory(parts, sample);
    if (sample->ceiling == 0)
        return;
    progress_bar(share(sample->resident, sample->ceiling), 10, utf8, bar, sizeof bar);
    snprintf(text, sizeof text, utf8 ? "▕%s▏" : "[%s]", bar);
    text_parts_add(parts, text);
}

char *progress_live(const struct progress_sample *sample, const struct progress_rates *rates,
                    unsigned width, bool utf8, char *buffer, size_t size)
{
    struct text_parts first, second;
    text_parts_init(&first, buffer, size - 1, width, utf8 ? " · " : "  ");
    first_line(&first, sample, rates, utf8);
    buffer[first.used++] = '\n';
    text_parts_init(&second, buffer + first.used, size - first.used, width, first.separator);
    second_line(&second, sample, utf8);
    return buffer;
}

char *progress_line(const struct progress_sample *sample, const struct progress_rates *rates,
                    const char *clock, char *buffer, size_t size)
{
    size_t used = (size_t)snprintf(buffer, size, "%s  ", clock);
    struct text_parts parts;
    text_parts_init(&parts, buffer + used, size - used, UINT32_MAX, ", ");
    add_phase(&parts, sample);
    if (sample->bytes_done > 0)
        add_size(&parts, "@ read", sample->bytes_done);
    add_rates(&parts, rates);
    add_memory(&parts, sample);
    add_left(&parts, rates);
    return buffer;
}

void progress_told(const struct progress_sample *sample, char buffer[static PROGRESS_TOLD + 1])
{
    bool bytes = sample->bytes_total > 0;
    char of[32] = "";
    uint64_t total = bytes ? sample->bytes_total : sample->total;
    if (total > 0)
        snprintf(of, sizeof of, " of %llu", (unsigned long long)total);
    snprintf(buffer, PROGRESS_TOLD + 1, "phase %.48s\nread %llu%s %.24s", sample->phase,
             (unsigned long long)(bytes ? sample->bytes_done : sample->done), of,
             bytes ? "bytes" : sample->unit);
    size_t used = strlen(buffer);
    memset(buffer + used, '\n', PROGRESS_TOLD - used);
    buffer[PROGRESS_TOLD] = '\0';
}
