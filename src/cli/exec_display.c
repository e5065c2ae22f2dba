#include "cli/exec_display.h"

#include <stdio.h>
#include <string.h>

#include "mem/mem.h"
#include "term/parts.h"
#include "term/text.h"

#define SECOND_NS  UINT64_C(1000000000)
#define POINT_NS   (SECOND_NS / 10)
#define FIRST_LINE (10 * SECOND_NS) /* where nothing can be drawn over: long runs only */
#define EVERY_LINE (30 * SECOND_NS)

/* ---- the curve ---- */

static void join_neighbours(struct exec_curve *curve)
{
    for (size_t i = 0; i < EXEC_CURVE_COLUMNS / 2; i++) {
        uint64_t left = curve->columns[2 * i], right = curve->columns[2 * i + 1];
        curve->columns[i] = left > right ? left : right;
    }
    curve->count = EXEC_CURVE_COLUMNS / 2;
    curve->points_each *= 2;
    curve->points_last = curve->points_each;
}

void exec_curve_add(struct exec_curve *curve, uint64_t memory)
{
    if (curve->points_each == 0)
        curve->points_each = 1;
    if (curve->count == EXEC_CURVE_COLUMNS && curve->points_last == curve->points_each)
        join_neighbours(curve);
    if (curve->count == 0 || curve->points_last == curve->points_each) {
        curve->columns[curve->count++] = 0;
        curve->points_last = 0;
    }
    uint64_t *last = &curve->columns[curve->count - 1];
    *last = memory > *last ? memory : *last;
    curve->points_last++;
}

static unsigned height(uint64_t memory, uint64_t top)
{
    if (memory >= top)
        return 7;
    return (unsigned)((double)memory * 8 / (double)top);
}

char *exec_curve_draw(const struct exec_curve *curve, uint64_t top, bool utf8, char *buffer,
                      size_t size)
{
    static const char *const blocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    static const char *const signs[] = {"_", ".", ",", "-", "=", "+", "*", "#"};
    size_t used = 0;
    buffer[0] = '\0';
    for (size_t i = 0; i < curve->count && used + 4 < size; i++) {
        unsigned level = height(curve->columns[i], top > 0 ? top : 1);
        used +=
            (size_t)snprintf(buffer + used, size - used, "%s", utf8 ? blocks[level] : signs[level]);
    }
    return buffer;
}

/* ---- the line ---- */

static char *memory_part(const struct exec_moment *moment, char *buffer, size_t size)
{
    char now[24], limit[24];
    if (moment->limit > 0)
        snprintf(buffer, size, "memory %s of %s", mem_format_size(moment->memory, now),
                 mem_format_size(moment->limit, limit));
    else
        snprintf(buffer, size, "memory %s", mem_format_size(moment->memory, now));
    return buffer;
}

static void add_figures(const struct exec_moment *moment, struct text_parts *line)
{
    char part[96], text[48];
    text_parts_add(line, memory_part(moment, part, sizeof part));
    snprintf(part, sizeof part, "peak %s", mem_format_size(moment->peak, text));
    text_parts_add(line, part);
    text_parts_add(line, text_duration(moment->elapsed_ns, text));
    if (moment->processes > 1) {
        snprintf(part, sizeof part, "%s processes", text_count(moment->processes, text));
        text_parts_add(line, part);
    }
}

char *exec_display_line(const struct exec_curve *curve, const struct exec_moment *moment,
                        unsigned width, bool utf8, char *buffer, size_t size)
{
    char drawing[EXEC_CURVE_COLUMNS * 4 + 8];
    uint64_t top = moment->limit > 0 ? moment->limit : moment->peak;
    struct text_parts line;
    exec_curve_draw(curve, top, utf8, drawing, sizeof drawing);
    text_parts_init(&line, buffer, size, width > 48 ? width - 32 : 0, utf8 ? " · " : "  ");
    text_parts_add(&line, drawing); /* figures come first */
    line.width = width;
    add_figures(moment, &line);
    return buffer;
}

/* ---- the display ---- */

void exec_display_init(struct exec_display *display, enum display_mode mode,
                       const struct terminal *terminal, uint64_t now_ns)
{
    struct display_pace pace = display_pace_of(mode, terminal);
    if (mode == DISPLAY_AUTO && !pace.live)
        pace = (struct display_pace){FIRST_LINE, EVERY_LINE, false};
    *display = (struct exec_display){
        .pace = pace,
        .terminal = *terminal,
        .shown = mode != DISPLAY_NEVER,
        .point_at = now_ns,
        .draw_at = now_ns + pace.first_ns,
    };
}

uint64_t exec_display_wake_at(const struct exec_display *display)
{
    if (!display->shown)
        return UINT64_MAX;
    return display->point_at < display->draw_at ? display->point_at : display->draw_at;
}

/* ESC D and ESC [ A make sure that there is a line below, ESC 7 and ESC 8 keep the cursor. */
static void draw(struct exec_display *display, const struct exec_moment *moment)
{
    char text[512], frame[600];
    exec_display_line(&display->curve, moment, terminal_width() - 1, display->terminal.utf8, text,
                      sizeof text);
    int size = snprintf(frame, sizeof frame, "\033D\033[A\0337\r\n%s\033[K\0338", text);
    terminal_write(frame, (size_t)size);
    display->drawn = true;
}

static void print_line(const struct exec_moment *moment)
{
    char text[512], line[600];
    struct text_parts parts;
    text_parts_init(&parts, text, sizeof text, UINT32_MAX, ", ");
    text_parts_add(&parts, "weir: running");
    add_figures(moment, &parts);
    int size = snprintf(line, sizeof line, "%s\n", text);
    terminal_write(line, (size_t)size);
}

void exec_display_update(struct exec_display *display, const struct exec_moment *moment,
                         uint64_t now_ns)
{
    if (!display->shown)
        return;
    if (now_ns >= display->point_at) {
        exec_curve_add(&display->curve, moment->memory);
        display->point_at = now_ns + POINT_NS;
    }
    if (now_ns < display->draw_at)
        return;
    if (display->pace.live)
        draw(display, moment);
    else
        print_line(moment);
    display->draw_at = now_ns + display->pace.every_ns;
}

void exec_display_erase(struct exec_display *display)
{
    static const char erase[] = "\0337\r\n\033[J\0338";
    if (!display->drawn)
        return;
    terminal_write(erase, sizeof erase - 1);
    display->drawn = false;
    display->draw_at = 0;
}
