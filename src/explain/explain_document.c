/* The end of a command as a JSON document; explain_document_read.c is the way back. */
#include <string.h>

#include "base/utf8.h"
#include "document/document.h"
#include "explain/explain.h"

#define TAIL_BYTES ((size_t)2048)

static void set_number_unless(json_t *object, const char *name, int number, int none)
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

static json_t *progress_document(const struct cell_progress *progress)
{
    if (progress->phase[0] == '\0' && !progress->has_read)
        return json_null();
    json_t *object = json_object();
    document_set_filled(object, "phase", progress->phase);
    json_object_set_new(object, "read",
                        progress->has_read ? document_count(progress->read) : json_null());
    document_set_positive(object, "of", progress->of);
    document_set_filled(object, "unit", progress->unit);
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

static void set_memory(json_t *object, const struct cell_report *report)
{
    document_set_positive(object, "limit_bytes", report->limit);
    document_set_count(object, "peak_bytes", report->peak);
    json_object_set_new(object, "peak_is_sampled", json_boolean(report->peak_is_sampled));
    document_set_count(object, "growth_bytes_per_second", report->growth);
    document_set_positive(object, "suggested_bytes", report->suggestion);
    json_object_set_new(object, "watch", document_text(explain_watch_name(report->watch)));
}

/* Processes inside that the kernel's out-of-memory killer ended. */
static uint64_t kernel_kills(const struct cell_report *report)
{
    uint64_t before = report->before.oom_kills, after = report->after.oom_kills;
    return after > before ? after - before : 0;
}

static void set_end(json_t *object, const struct explain_facts *facts,
                    const struct cell_report *report)
{
    json_object_set_new(object, "started", json_boolean(report->started));
    json_object_set_new(object, "ended_by_weir", json_boolean(report->ended_by_weir));
    document_set_count(object, "oom_kills", kernel_kills(report));
    set_number_unless(object, "exit_status", report->exit_status, -1);
    set_number_unless(object, "signal", report->signal, 0);
    set_number_unless(object, "sender", report->sender, 0);
    document_set_filled(object, "evidence", report->evidence);
    document_set_filled(object, "why", report->why);
    json_object_set_new(object, "progress", progress_document(&report->progress));
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
    document_set_positive(object, "timeout_ns", facts->timeout_ns);
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
