/* The line of a command that went well, and the report of one that did not. */
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>

#include "explain/explain.h"
#include "mem/mem.h"
#include "term/text.h"

#define LABEL 9 /* columns before the text of a line */
#define WIDTH 110

/* "SIGSEGV", or "signal 35" for one without a name. */
static char *signal_name(int number, char buffer[static 24])
{
    const char *name = sigabbrev_np(number);
    if (name != NULL)
        snprintf(buffer, 24, "SIG%s", name);
    else
        snprintf(buffer, 24, "signal %d", number);
    return buffer;
}

static char *process_count(uint64_t count, char *buffer, size_t size)
{
    char number[32];
    snprintf(buffer, size, "%s %s", text_count(count, number),
             count == 1 ? "process" : "processes");
    return buffer;
}

/* Rounded; what is beyond all sense stays in range. */
static unsigned percent(uint64_t part, uint64_t whole)
{
    double share = whole == 0 ? 0 : (double)part * 100 / (double)whole + 0.5;
    return share < UINT_MAX ? (unsigned)share : UINT_MAX;
}

/* ---- the line of a command that went well ---- */

void explain_write_summary(FILE *stream, const struct cell_report *report)
{
    char time[32], peak[24], limit[24];
    fprintf(stream, "weir: ok in %s, peak %s%s", text_duration(report->wall_ns, time),
            report->peak_is_sampled ? "~" : "", mem_format_size(report->peak, peak));
    if (report->limit > 0)
        fprintf(stream, " of %s (%u %%)", mem_format_size(report->limit, limit),
                percent(report->peak, report->limit));
    else
        fputs(", no limit", stream);
    if (report->leftovers > 0)
        fprintf(stream, "; %s that outlived it ended",
                process_count(report->leftovers, time, sizeof time));
    fputc('\n', stream);
}

/* ---- the report ---- */

static void write_signal_headline(FILE *stream, const struct cell_report *report)
{
    char name[24];
    fprintf(stream, " was ended by %s", signal_name(report->signal, name));
    if (report->sender > 0)
        fprintf(stream, " from process %d", report->sender);
    else if (report->signal == SIGPIPE)
        fputs(": the reader of its output went away", stream);
}

static void write_cancelled_headline(FILE *stream, const struct explain_facts *facts)
{
    char name[24];
    if (facts->stopped_by != 0)
        fprintf(stream, " was stopped, because weir got %s", signal_name(facts->stopped_by, name));
    else
        fputs(" was stopped", stream);
}

static void begin_headline(FILE *stream, const struct explain_facts *facts)
{
    fprintf(stream, "%serror:%s ", facts->colour ? "\033[1;31m" : "",
            facts->colour ? "\033[0m" : "");
}

static void write_headline(FILE *stream, const struct explain_facts *facts,
                           const struct cell_report *report)
{
    char command[EXPLAIN_COMMAND_WIDTH + 8], time[32];
    begin_headline(stream, facts);
    fputs(explain_command(facts->arguments, command, sizeof command), stream);
    switch (report->verdict) {
    case CELL_ERROR:
        if (report->ended_by_weir)
            fputs(" was ended by weir", stream);
        else
            fprintf(stream, " failed with exit status %d", report->exit_status);
        break;
    case CELL_OOM_LIMIT:
        fputs(" ran out of memory", stream);
        break;
    case CELL_OOM_HOST:
        fputs(" was killed because the machine had no memory left", stream);
        break;
    case CELL_TIMEOUT:
        fprintf(stream, " was stopped after %s (", text_duration(facts->timeout_ns, time));
        text_put(stream, facts->timeout_option);
        fputc(')', stream);
        break;
    case CELL_CANCELLED:
        write_cancelled_headline(stream, facts);
        break;
    case CELL_SIGNAL:
        write_signal_headline(stream, report);
        break;
    default:
        fputs(" is lost: how it ended is not known", stream);
    }
    fputc('\n', stream);
}

static void begin(FILE *stream, const char *label)
{
    fprintf(stream, "  %-*s", LABEL - 2, label);
}

/* A line that there is only if there is something to say; control characters are escaped. */
static void line(FILE *stream, const char *label, const char *text)
{
    char escaped[2048];
    if (text[0] == '\0')
        return;
    begin(stream, label);
    text_wrap(stream, text_escape(text, escaped, sizeof escaped), LABEL, WIDTH);
    fputc('\n', stream);
}

/* A line of facts with something between them. */
struct fact_line {
    char text[1024];
    size_t used;
    const char *separator;
};

static PRINTF_LIKE(2, 3) void add_fact(struct fact_line *facts, const char *format, ...)
{
    va_list list;
    size_t left = sizeof facts->text - facts->used;
    int put =
        facts->used == 0 ? 0 : snprintf(facts->text + facts->used, left, "%s", facts->separator);
    facts->used += (size_t)put < left ? (size_t)put : left - 1;
    left = sizeof facts->text - facts->used;
    va_start(list, format);
    put = vsnprintf(facts->text + facts->used, left, format, list);
    va_end(list);
    facts->used += put < 0 ? 0 : (size_t)put < left ? (size_t)put : left - 1;
}

static void write_facts(FILE *stream, const struct fact_line *facts)
{
    char escaped[2048];
    fputs("  ", stream);
    text_wrap(stream, text_escape(facts->text, escaped, sizeof escaped), 2, WIDTH);
    fputc('\n', stream);
}

/* limit 2 GiB (--memory) · peak 2 GiB */
static void add_memory(struct fact_line *told, const struct explain_facts *facts,
                       const struct cell_report *report)
{
    char size[24];
    if (report->limit > 0)
        add_fact(told, "limit %s (%s)", mem_format_size(report->limit, size), facts->memory_option);
    else
        add_fact(told, "no limit of memory");
    add_fact(told, "peak %s%s", mem_format_size(report->peak, size),
             report->peak_is_sampled ? " (sampled)" : "");
}

/* after 12.3 s · growing 96 MiB/s at the end · 3 processes at most */
static void add_course(struct fact_line *told, const struct cell_report *report)
{
    char text[96];
    add_fact(told, "after %s", text_duration(report->wall_ns, text));
    if (report->growth > 0 && report->verdict == CELL_OOM_LIMIT)
        add_fact(told, "growing %s/s at the end", mem_format_size(report->growth, text));
    if (report->processes_most > 1)
        add_fact(told, "%s at most", process_count(report->processes_most, text, sizeof text));
    if (report->leftovers > 0)
        add_fact(told, "%s that outlived it ended",
                 process_count(report->leftovers, text, sizeof text));
}

/* The evidence of an end by itself is the exit status, which the headline has already. */
static void write_figures(FILE *stream, const struct explain_facts *facts,
                          const struct cell_report *report)
{
    struct fact_line told = {.separator = facts->utf8 ? " · " : ", "};
    struct fact_line course = {.separator = told.separator};
    add_memory(&told, facts, report);
    if (report->verdict == CELL_ERROR && !report->ended_by_weir) {
        add_course(&told, report);
        write_facts(stream, &told);
        return;
    }
    if (report->evidence[0] != '\0')
        add_fact(&told, "%s", report->evidence);
    write_facts(stream, &told);
    add_course(&course, report);
    write_facts(stream, &course);
}

static void write_code_line(FILE *stream, const struct cell_line *code)
{
    char escaped[1024];
    if (!code->known)
        return;
    begin(stream, "line:");
    fprintf(stream, "%s:%u", text_escape(code->file, escaped, sizeof escaped), code->line);
    if (code->function[0] != '\0')
        fprintf(stream, " in %s", text_escape(code->function, escaped, sizeof escaped));
    if (code->code[0] != '\0')
        fprintf(stream, ": `%s`", text_escape(code->code, escaped, sizeof escaped));
    fputc('\n', stream);
}

static char *amount_text(uint64_t amount, bool is_bytes, char buffer[static 32])
{
    return is_bytes ? mem_format_size(amount, buffer) : text_count(amount, buffer);
}

/* 5,580 of 18,000 files read (31 %) */
static void add_read(struct fact_line *told, const struct cell_progress *progress)
{
    char read[32], of[32], share[16] = "";
    bool is_bytes = strcmp(progress->unit, "bytes") == 0;
    const char *unit = is_bytes ? "" : progress->unit, *blank = unit[0] != '\0' ? " " : "";
    amount_text(progress->read, is_bytes, read);
    if (progress->of > 0 && progress->read <= progress->of)
        snprintf(share, sizeof share, " (%u %%)", percent(progress->read, progress->of));
    if (progress->of > 0)
        add_fact(told, "%s of %s%s%s read%s", read, amount_text(progress->of, is_bytes, of), blank,
                 unit, share);
    else
        add_fact(told, "%s%s%s read", read, blank, unit);
}

/* What the program told of itself. */
static void write_progress(FILE *stream, const struct explain_facts *facts,
                           const struct cell_progress *progress)
{
    struct fact_line told = {.separator = facts->utf8 ? " · " : ", "};
    if (progress->phase[0] != '\0')
        add_fact(&told, "%s", progress->phase);
    if (progress->has_read)
        add_read(&told, progress);
    line(stream, progress->phase[0] != '\0' ? "phase:" : "input:", told.text);
}

static void write_try(FILE *stream, const struct explain_facts *facts,
                      const struct cell_report *report)
{
    char size[32], text[96];
    if (report->suggestion > 0) {
        explain_size_option(report->suggestion, size, sizeof size);
        snprintf(text, sizeof text, "%s %s", facts->memory_option, size);
        line(stream, "try:", text);
    }
}

/* A program that misses a variable fails in ways that do not name it. */
static void write_withheld(FILE *stream, const struct explain_facts *facts,
                           const struct cell_report *report)
{
    char variables[64], text[192];
    if (report->verdict != CELL_ERROR || facts->variables_withheld == 0)
        return;
    snprintf(text, sizeof text, "%s of the environment not passed on; --env NAME or --env-all does",
             text_plural(facts->variables_withheld, "variable", variables, sizeof variables));
    line(stream, "note:", text);
}

void explain_write_failure(FILE *stream, const struct explain_facts *facts,
                           const struct cell_report *report)
{
    if (!report->started) {
        begin_headline(stream, facts);
        text_put(stream, report->why[0] != '\0' ? report->why : report->evidence);
        fputc('\n', stream);
        return;
    }
    write_headline(stream, facts, report);
    write_figures(stream, facts, report);
    write_progress(stream, facts, &report->progress);
    write_code_line(stream, &report->line);
    line(stream, "why:", report->why);
    write_try(stream, facts, report);
    write_withheld(stream, facts, report);
}
