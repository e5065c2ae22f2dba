#include "cli/batch_lines.h"

#include <string.h>

#include "base/utf8.h"
#include "term/text.h"

#define DOTS_UNTIL 64 /* columns before the bracket where the name leaves room */
#define DOTS_LEAST 3
#define CAUSE_MOST 120
#define NAME_SIZE  (JOBS_NAME_MOST * 4 + 1) /* escaped */

#define RED    "\033[31m"
#define GREEN  "\033[32m"
#define YELLOW "\033[33m"

/* ---- one line ---- */

/* What stands left of the dots and within the bracket. */
struct line {
    char left[NAME_SIZE + 96];
    char right[160];
    const char *colour;
};

static void write_line(FILE *stream, const struct batch_scene *scene, const struct line *line)
{
    size_t width = text_width(line->left);
    size_t dots = width + DOTS_LEAST < DOTS_UNTIL ? DOTS_UNTIL - width : DOTS_LEAST;
    char row[DOTS_UNTIL + 1];
    memset(row, '.', dots);
    row[dots] = '\0';
    fprintf(stream, "%s %s [%s%s%s]\n", line->left, row, scene->colour ? line->colour : "",
            line->right, scene->colour ? "\033[0m" : "");
}

/* "12:01:02  3 of 40 OK load-3 (attempt 2)"; over 0: without the count. */
static void set_left(struct line *line, const struct batch_scene *scene, const char *clock,
                     uint32_t over, const char *word, const struct batch_event *event)
{
    char name[NAME_SIZE], count[32] = "", attempt[40] = "";
    if (over > 0)
        snprintf(count, sizeof count, "%u of %u ", over, scene->jobs->count);
    if (event->attempt > 1)
        snprintf(attempt, sizeof attempt, " (attempt %lld)", (long long)event->attempt);
    text_escape(scene->jobs->items[event->job].name, name, sizeof name);
    snprintf(line->left, sizeof line->left, "%s  %s%s %s%s", clock, count, word, name, attempt);
}

/* "OK in 1.20 s, peak 300 MiB of 512 MiB" */
static void set_figures(struct line *line, const char *word, const struct cell_report *report)
{
    char time[32], peak[24], limit[24];
    snprintf(line->right, sizeof line->right, "%s in %s, peak %s%s%s", word,
             text_duration(report->wall_ns, time), mem_format_size(report->peak, peak),
             report->limit > 0 ? " of " : "",
             report->limit > 0 ? mem_format_size(report->limit, limit) : "");
}

/* ---- what stands behind a failure ---- */

static void write_next(FILE *stream, const struct batch_scene *scene,
                       const struct batch_event *event)
{
    char size[24];
    fputs("  next:  ", stream);
    if (event->retry.again)
        fprintf(stream, "retrying with %s", mem_format_size(event->retry.memory, size));
    else
        fprintf(stream, "none: %s", event->retry.why != NULL ? event->retry.why : "it ends here");
    fputs("; full record: ", stream);
    batch_put_logs_command(stream, scene, &scene->jobs->items[event->job]);
    fputc('\n', stream);
}

static void write_note(FILE *stream, const char *note)
{
    if (note == NULL)
        return;
    fputs("  note:  ", stream);
    text_put(stream, note);
    fputc('\n', stream);
}

static void write_report(FILE *stream, const struct batch_scene *scene,
                         const struct batch_event *event)
{
    struct explain_facts facts = batch_facts(scene, event);
    explain_write_failure(stream, &facts, event->result->report);
    write_next(stream, scene, event);
}

/* ---- events ---- */

static bool is_failure(const struct batch_event *event)
{
    return event->kind == BATCH_ENDED && event->result->report->verdict != CELL_OK;
}

/* Stopped with the whole batch: there is nothing to explain. */
static bool is_stop(const struct batch_scene *scene, const struct batch_event *event)
{
    return scene->stopped_by != 0 && event->result->report->verdict == CELL_CANCELLED;
}

static void write_ended(const struct batch_lines *lines, FILE *stream,
                        const struct batch_scene *scene, const struct batch_event *event,
                        const char *clock)
{
    const struct cell_report *report = event->result->report;
    struct line line;
    if (report->verdict == CELL_OK) {
        set_left(&line, scene, clock, lines->over, "OK", event);
        set_figures(&line, "OK", report);
        line.colour = GREEN;
    } else if (is_stop(scene, event)) {
        set_left(&line, scene, clock, 0, "STOPPED", event);
        set_figures(&line, "cancelled", report);
        line.colour = YELLOW;
    } else {
        bool again = event->retry.again;
        set_left(&line, scene, clock, again ? 0 : lines->over, again ? "RETRY" : "FAILED", event);
        set_figures(&line, cell_verdict_name(report->verdict), report);
        line.colour = again ? YELLOW : RED;
    }
    write_line(stream, scene, &line);
    if (report->verdict != CELL_OK && !is_stop(scene, event))
        write_report(stream, scene, event);
    write_note(stream, event->result->note);
}

static void write_started(FILE *stream, const struct batch_scene *scene,
                          const struct batch_event *event, const char *clock)
{
    struct line line = {.colour = ""};
    char size[24];
    set_left(&line, scene, clock, 0, "START", event);
    snprintf(line.right, sizeof line.right, "RUN with %s", mem_format_size(event->memory, size));
    write_line(stream, scene, &line);
}

static void write_left_out(const struct batch_lines *lines, FILE *stream,
                           const struct batch_scene *scene, const struct batch_event *event,
                           const char *clock)
{
    struct line line = {.colour = YELLOW};
    char cause[NAME_SIZE], shown[CAUSE_MOST + 4];
    set_left(&line, scene, clock, lines->over, "SKIP", event);
    text_escape(scene->jobs->items[event->cause].name, cause, sizeof cause);
    utf8_shorten(cause, CAUSE_MOST, shown);
    snprintf(line.right, sizeof line.right, "SKIP: %s failed", shown);
    write_line(stream, scene, &line);
}

bool batch_lines_shows(const struct batch_lines *lines, const struct batch_event *event)
{
    switch (event->kind) {
    case BATCH_STARTED:
        return lines->level == BATCH_LINES_ALL;
    case BATCH_ENDED:
        return lines->level >= BATCH_LINES_ENDS || is_failure(event);
    case BATCH_LEFT_OUT:
        return lines->level >= BATCH_LINES_ENDS;
    default:
        return false; /* told together, when the run begins */
    }
}

static bool is_over(const struct batch_scene *scene, const struct batch_event *event)
{
    if (event->kind == BATCH_ENDED)
        return !event->retry.again && !is_stop(scene, event);
    return event->kind != BATCH_STARTED;
}

void batch_lines_write(struct batch_lines *lines, FILE *stream, const struct batch_scene *scene,
                       const struct batch_event *event, const char *clock)
{
    lines->over += is_over(scene, event);
    if (!batch_lines_shows(lines, event))
        return;
    if (event->kind == BATCH_STARTED)
        write_started(stream, scene, event, clock);
    else if (event->kind == BATCH_ENDED)
        write_ended(lines, stream, scene, event, clock);
    else
        write_left_out(lines, stream, scene, event, clock);
}
