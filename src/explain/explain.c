#include "explain/explain.h"

#include <signal.h>
#include <stdarg.h>
#include <string.h>

#include "base/utf8.h"
#include "document/document.h"
#include "mem/mem.h"
#include "term/text.h"

#define COMMAND_WIDTH 72
#define TAIL_BYTES    ((size_t)2048)
#define LABEL         9 /* columns before the text of a line */
#define WIDTH         110

#define STATUS_TIMEOUT     124
#define STATUS_OWN         125
#define STATUS_NO_RIGHT    126
#define STATUS_NOT_FOUND   127
#define STATUS_SIGNAL_BASE 128

/* ---- small texts ---- */

char *explain_command(const char *const *arguments, char *buffer, size_t size)
{
    char word[COMMAND_WIDTH * 4];
    size_t used = 0, most = size < COMMAND_WIDTH ? size : COMMAND_WIDTH;
    buffer[0] = '\0';
    for (; *arguments != NULL && used < most; arguments++) {
        text_escape(*arguments, word, sizeof word);
        used += (size_t)snprintf(buffer + used, most - used, "%s%s", used > 0 ? " " : "", word);
    }
    if (used >= most || *arguments != NULL) { /* cut before a character, not within one */
        size_t cut = utf8_cut(buffer, most > 4 ? most - 4 : 0);
        snprintf(buffer + cut, size - cut, "...");
    }
    return buffer;
}

char *explain_size_option(uint64_t bytes, char *buffer, size_t size)
{
    uint64_t mib = bytes / (1 << 20) + (bytes % (1 << 20) != 0);
    if (mib % 1024 == 0 && mib > 0)
        snprintf(buffer, size, "%lluGiB", (unsigned long long)(mib / 1024));
    else
        snprintf(buffer, size, "%lluMiB", (unsigned long long)mib);
    return buffer;
}

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

static unsigned percent(uint64_t part, uint64_t whole)
{
    return whole == 0 ? 0 : (unsigned)((double)part * 100 / (double)whole + 0.5);
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
    char command[COMMAND_WIDTH + 8], time[32];
    begin_headline(stream, facts);
    fputs(explain_command(facts->arguments, command, sizeof command), stream);
    switch (report->verdict) {
    case CELL_ERROR:
        if (report->exit_status >= 0)
            fprintf(stream, " failed with exit status %d", report->exit_status);
        else
            fputs(" was ended by weir", stream);
        break;
    case CELL_OOM_LIMIT:
        fputs(" ran out of memory", stream);
        break;
    case CELL_OOM_HOST:
        fputs(" was killed because the machine had no memory left", stream);
        break;
    case CELL_TIMEOUT:
        fprintf(stream, " was stopped after %s (%s)", text_duration(facts->timeout_ns, time),
                facts->timeout_option);
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
    if (report->verdict == CELL_ERROR && report->exit_status >= 0) {
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
    write_code_line(stream, &report->line);
    line(stream, "why:", report->why);
    write_try(stream, facts, report);
    write_withheld(stream, facts, report);
}

/* ---- the document ---- */

static void set_number_unless(json_t *object, const char *name, int64_t number, int64_t none)
{
    json_object_set_new(object, name, number == none ? json_null() : json_integer(number));
}

static json_t *command_words(const char *const *arguments)
{
    json_t *words = json_array();
    for (; *arguments != NULL; arguments++)
        json_array_append_new(words, document_text(*arguments));
    return words;
}

static json_t *line_document(const struct cell_line *code)
{
    if (!code->known)
        return json_null();
    json_t *object = json_object();
    document_set_filled(object, "file", code->file);
    document_set_count(object, "line", code->line);
    document_set_filled(object, "function", code->function);
    document_set_filled(object, "code", code->code);
    return object;
}

/* The last bytes of an output, from the start of a character on; a NUL becomes a blank. */
static json_t *tail_document(const struct cell_text *text)
{
    char tail[TAIL_BYTES + 1];
    const char *from = text->end_size > 0 ? text->end : text->start;
    size_t size = text->end_size > 0 ? text->end_size : text->start_size;
    if (size == 0)
        return json_null();
    size_t kept = size < TAIL_BYTES ? size : TAIL_BYTES;
    if (kept < size)
        kept -= utf8_first(from + size - kept, kept);
    from += size - kept;
    for (size_t i = 0; i < kept; i++)
        tail[i] = from[i] != '\0' ? from[i] : ' ';
    tail[kept] = '\0';
    json_t *string = json_string(tail);
    for (size_t i = 0; string == NULL && i < kept; i++) /* not UTF-8: its lines stay readable */
        tail[i] = (unsigned char)tail[i] < 0x80 ? tail[i] : '?';
    return string != NULL ? string : json_string(tail);
}

static const char *watch_name(enum cell_watch watch)
{
    static const char *const names[] = {
        [CELL_WATCH_V2] = "v2", [CELL_WATCH_V1] = "v1", [CELL_WATCH_POLL] = "watching"};
    return names[watch];
}

static void set_memory(json_t *object, const struct cell_report *report)
{
    set_number_unless(object, "limit_bytes", (int64_t)report->limit, 0);
    document_set_count(object, "peak_bytes", report->peak);
    json_object_set_new(object, "peak_is_sampled", json_boolean(report->peak_is_sampled));
    document_set_count(object, "growth_bytes_per_second", report->growth);
    set_number_unless(object, "suggested_bytes", (int64_t)report->suggestion, 0);
    json_object_set_new(object, "watch", document_text(watch_name(report->watch)));
}

static void set_end(json_t *object, const struct explain_facts *facts,
                    const struct cell_report *report)
{
    json_object_set_new(object, "started", json_boolean(report->started));
    set_number_unless(object, "exit_status", report->exit_status, -1);
    set_number_unless(object, "signal", report->signal, 0);
    set_number_unless(object, "sender", report->sender, 0);
    document_set_filled(object, "evidence", report->evidence);
    document_set_filled(object, "why", report->why);
    json_object_set_new(object, "line", line_document(&report->line));
    json_object_set_new(object, "weir_exit_status", json_integer(explain_status(facts, report)));
}

json_t *explain_document(const struct explain_facts *facts, const struct cell_report *report)
{
    json_t *object = json_object();
    json_object_set_new(object, "verdict", document_text(cell_verdict_name(report->verdict)));
    json_object_set_new(object, "command", command_words(facts->arguments));
    set_end(object, facts, report);
    set_memory(object, report);
    document_set_text(object, "memory_option", facts->memory_option);
    document_set_text(object, "timeout_option", facts->timeout_option);
    set_number_unless(object, "timeout_ns", (int64_t)facts->timeout_ns, 0);
    set_number_unless(object, "stopped_by", facts->stopped_by, 0);
    document_set_count(object, "wall_ns", report->wall_ns);
    document_set_count(object, "cpu_ns", report->cpu_ns);
    document_set_count(object, "processes_most", report->processes_most);
    document_set_count(object, "leftovers", report->leftovers);
    document_set_count(object, "variables_withheld", facts->variables_withheld);
    json_object_set_new(object, "cpus_kept", json_boolean(!facts->cpus_not_kept));
    document_set_count(object, "output_bytes", report->output.total);
    document_set_count(object, "error_bytes", report->errors.total);
    json_object_set_new(object, "error_tail", tail_document(&report->errors));
    return object;
}

/* ---- the status ---- */

/* A program that met its limit and ended by itself (MemoryError) keeps its own status. Above 127 it
 * is a shell's, which tells of the death of its child; 0 would hide it. */
static bool was_killed_for_memory(const struct cell_report *report)
{
    return report->exit_status <= 0 || report->exit_status >= STATUS_SIGNAL_BASE ||
           report->after.oom_kills > report->before.oom_kills;
}

static int killed_status(const struct cell_report *report)
{
    return STATUS_SIGNAL_BASE + (report->signal != 0 ? report->signal : SIGKILL);
}

int explain_status(const struct explain_facts *facts, const struct cell_report *report)
{
    switch (report->verdict) {
    case CELL_OK:
        return 0;
    case CELL_ERROR:
        if (!report->started)
            return facts->found ? STATUS_NO_RIGHT : STATUS_NOT_FOUND;
        return report->exit_status >= 0 ? report->exit_status : killed_status(report);
    case CELL_OOM_LIMIT:
        return was_killed_for_memory(report) ? STATUS_SIGNAL_BASE + SIGKILL : report->exit_status;
    case CELL_OOM_HOST:
        return STATUS_SIGNAL_BASE + SIGKILL;
    case CELL_TIMEOUT:
        return STATUS_TIMEOUT;
    case CELL_CANCELLED:
        return STATUS_SIGNAL_BASE + (facts->stopped_by != 0 ? facts->stopped_by : SIGTERM);
    case CELL_SIGNAL:
        return STATUS_SIGNAL_BASE + report->signal;
    default:
        return STATUS_OWN;
    }
}
