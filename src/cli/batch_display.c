#include "cli/batch_display.h"

#include <string.h>

#include "base/utf8.h"
#include "term/parts.h"
#include "term/progress.h"
#include "term/text.h"

#define BAR_WIDE   20
#define BAR_NARROW 10
#define NAME_LEAST 8
#define AGAIN_NS   UINT64_C(20000000) /* between two drawings at least */

/* Lines gathered one by one, each cut to the width. */
struct picture_text {
    char *buffer;
    size_t size, used;
    unsigned width, left; /* columns of a line, lines that may still come */
    bool utf8;
};

static void add_line(struct picture_text *text, const char *line)
{
    size_t length = strlen(line);
    if (length == 0 || text->left == 0 || text->used + length + 2 > text->size)
        return;
    if (text->used > 0)
        text->buffer[text->used++] = '\n';
    memcpy(text->buffer + text->used, line, length + 1);
    text->used += length;
    text->left--;
}

static void begin_parts(const struct picture_text *text, struct text_parts *parts, char *line,
                        size_t size)
{
    text_parts_init(parts, line, size, text->width, text->utf8 ? " · " : "  ");
}

/* ---- how far ---- */

static void add_number(struct text_parts *parts, uint64_t number, const char *what)
{
    char count[32], part[64];
    if (number == 0)
        return;
    snprintf(part, sizeof part, "%s %s", text_count(number, count), what);
    text_parts_add(parts, part);
}

static void add_counts(struct picture_text *text, const struct batch_picture *picture)
{
    char line[512], done[32], all[32], part[96];
    const struct batch_view *view = picture->view;
    struct text_parts parts;
    begin_parts(text, &parts, line, sizeof line);
    snprintf(part, sizeof part, "%s of %s done",
             text_count((uint64_t)view->ok + view->failed + view->skipped, done),
             text_count(view->jobs, all));
    text_parts_add(&parts, part);
    add_number(&parts, view->running, "running");
    add_number(&parts, view->failed, "failed");
    add_number(&parts, view->skipped, "skipped");
    add_number(&parts, view->waiting, "waiting");
    text_parts_add(&parts, text_duration(picture->elapsed_ns, part));
    if (view->cancelled)
        text_parts_add(&parts, "stopping");
    add_line(text, line);
}

/* ---- the pool ---- */

static unsigned cells_of(uint64_t part, uint64_t whole, unsigned cells)
{
    if (part >= whole)
        return cells;
    return (unsigned)((double)part * cells / (double)whole + 0.5);
}

/* Used, granted beyond it, free. */
static void pool_bar(const struct batch_view *view, unsigned cells, bool utf8, char *buffer,
                     size_t size)
{
    unsigned used = cells_of(view->memory_used, view->pool.memory, cells);
    unsigned granted = cells_of(view->memory_granted, view->pool.memory, cells);
    size_t at = 0;
    buffer[0] = '\0';
    for (unsigned i = 0; i < cells && at + 4 < size; i++) {
        const char *block = i < used ? "█" : i < granted ? "▒" : " ";
        const char *sign = i < used ? "#" : i < granted ? "+" : ".";
        at += (size_t)snprintf(buffer + at, size - at, "%s", utf8 ? block : sign);
    }
}

static void add_pool(struct picture_text *text, const struct batch_view *view)
{
    char line[512], bar[BAR_WIDE * 3 + 4], part[160], granted[24], all[24];
    struct text_parts parts;
    begin_parts(text, &parts, line, sizeof line);
    pool_bar(view, text->width >= 100 ? BAR_WIDE : BAR_NARROW, text->utf8, bar, sizeof bar);
    snprintf(part, sizeof part, text->utf8 ? "memory ▕%s▏ %s used" : "memory [%s] %s used", bar,
             mem_format_size(view->memory_used, all));
    text_parts_add(&parts, part);
    snprintf(part, sizeof part, "%s granted of %s", mem_format_size(view->memory_granted, granted),
             mem_format_size(view->pool.memory, all));
    text_parts_add(&parts, part);
    add_line(text, line);
}

static void add_wait(struct picture_text *text, const struct batch_view *view)
{
    char line[512], why[256];
    struct text_parts parts;
    batch_wait_text(view, why, sizeof why);
    if (why[0] == '\0')
        return;
    begin_parts(text, &parts, line, sizeof line);
    text_parts_add(&parts, why);
    add_line(text, line);
}

/* ---- attempts that run ---- */

/* Bytes of the first columns characters. */
static size_t bytes_of(const char *text, size_t columns)
{
    size_t bytes = 0;
    for (; text[bytes] != '\0'; bytes++)
        if (!utf8_continues((uint8_t)text[bytes]) && columns-- == 0)
            break;
    return bytes;
}

/* "load-3", "load-3 (2)" from the second attempt on; a name that is too wide ends with "~". columns
 * is at least 2. */
static char *name_of(const struct batch_scene *scene, const struct batch_running *running,
                     size_t columns, char *buffer, size_t size)
{
    char name[JOBS_NAME_MOST * 4 + 1], attempt[32] = "";
    if (running->attempt > 1)
        snprintf(attempt, sizeof attempt, " (%lld)", (long long)running->attempt);
    if (strlen(attempt) + 2 > columns)
        attempt[0] = '\0';
    text_escape(scene->jobs->items[running->job].name, name, sizeof name);
    size_t room = columns - strlen(attempt);
    bool cut = text_width(name) > room;
    snprintf(buffer, size, "%.*s%s%s", (int)bytes_of(name, cut ? room - 1 : room), name,
             cut ? "~" : "", attempt);
    return buffer;
}

static size_t name_columns(const struct batch_scene *scene, const struct batch_picture *picture,
                           unsigned width)
{
    size_t widest = NAME_LEAST, most = width / 3 > NAME_LEAST ? width / 3 : NAME_LEAST;
    char name[BATCH_DISPLAY_WIDTH * 4];
    for (size_t i = 0; i < picture->running_count; i++) {
        size_t columns = text_width(name_of(scene, &picture->running[i], most, name, sizeof name));
        widest = columns > widest ? columns : widest;
    }
    return widest;
}

static void add_running(struct picture_text *text, const struct batch_scene *scene,
                        const struct batch_running *running, size_t columns)
{
    char name[BATCH_DISPLAY_WIDTH * 4], line[BATCH_DISPLAY_WIDTH * 4], bar[BAR_NARROW * 3 + 4];
    char part[192], used[24], limit[24], time[32];
    struct text_parts parts;
    name_of(scene, running, columns, name, sizeof name);
    int blanks = (int)(columns - text_width(name));
    progress_bar((double)running->used / (double)(running->memory > 0 ? running->memory : 1),
                 BAR_NARROW, text->utf8, bar, sizeof bar);
    snprintf(part, sizeof part, text->utf8 ? "▕%s▏ %s of %s" : "[%s] %s of %s", bar,
             mem_format_size(running->used, used), mem_format_size(running->memory, limit));
    int put = snprintf(line, sizeof line, "  %s%*s  ", name, blanks, "");
    if (text->width < columns + 4 || put < 0)
        return;
    begin_parts(text, &parts, line + put, sizeof line - (size_t)put);
    parts.width = text->width - (unsigned)columns - 4;
    text_parts_add(&parts, part);
    text_parts_add(&parts, text_duration(running->elapsed_ns, time));
    add_line(text, line);
}

static void add_attempts(struct picture_text *text, const struct batch_scene *scene,
                         const struct batch_picture *picture)
{
    size_t columns = name_columns(scene, picture, text->width);
    uint32_t all = picture->view->running;
    bool all_fit = picture->running_count >= all && all <= text->left;
    for (size_t i = 0; i < picture->running_count && text->left > (all_fit ? 0 : 1); i++) {
        add_running(text, scene, &picture->running[i], columns);
        all -= all > 0;
    }
    if (all > 0 && text->width >= 24) {
        char line[64], count[32];
        snprintf(line, sizeof line, "  and %s more", text_count(all, count));
        add_line(text, line);
    }
}

char *batch_display_text(const struct batch_scene *scene, const struct batch_picture *picture,
                         unsigned width, unsigned height, char *buffer, size_t size)
{
    struct picture_text text = {
        .buffer = buffer,
        .size = size,
        .width = width < BATCH_DISPLAY_WIDTH ? width : BATCH_DISPLAY_WIDTH,
        .left = height,
        .utf8 = scene->utf8,
    };
    buffer[0] = '\0';
    add_counts(&text, picture);
    add_pool(&text, picture->view);
    add_wait(&text, picture->view);
    add_attempts(&text, scene, picture);
    return buffer;
}

/* ---- on the terminal ---- */

void batch_display_init(struct batch_display *display, enum display_mode mode,
                        const struct terminal *terminal, uint64_t now_ns)
{
    struct display_pace pace = display_pace_of(mode, terminal);
    *display = (struct batch_display){
        .live = mode != DISPLAY_NEVER && pace.live,
        .draw_at = now_ns + pace.first_ns,
        .every_ns = pace.every_ns,
    };
}

uint64_t batch_display_wake_at(const struct batch_display *display)
{
    return display->live ? display->draw_at : UINT64_MAX;
}

/* Each line ends with "erase to its end", the last with "erase all below"; then the cursor goes
 * back to the start of the first. Nothing wraps meanwhile: the terminal may have become narrower
 * since it was asked. */
static void draw_text(const char *text)
{
    char frame[BATCH_DISPLAY_BYTES + 8192];
    size_t used = 0;
    unsigned below = 0;
    for (; *text != '\0'; text += *text == '\n') {
        size_t length = strcspn(text, "\n");
        used += (size_t)snprintf(frame + used, sizeof frame - used, "%s%.*s\033[K",
                                 used > 0 ? "\n" : "\r\033[?7l", (int)length, text);
        text += length;
        below += *text == '\n';
    }
    used += (size_t)snprintf(frame + used, sizeof frame - used, "\033[J\r\033[?7h");
    if (below > 0)
        used += (size_t)snprintf(frame + used, sizeof frame - used, "\033[%uA", below);
    terminal_write(frame, used);
}

void batch_display_draw(struct batch_display *display, const struct batch_scene *scene,
                        const struct batch_picture *picture, uint64_t now_ns)
{
    char text[BATCH_DISPLAY_BYTES];
    if (!display->live || now_ns < display->draw_at)
        return;
    unsigned width = terminal_width(), height = terminal_height();
    batch_display_text(scene, picture, width > 1 ? width - 1 : 1, height > 2 ? height - 1 : 1, text,
                       sizeof text);
    if (text[0] != '\0')
        draw_text(text);
    display->drawn = true;
    display->drawn_at = now_ns;
    display->draw_at = now_ns + display->every_ns;
}

void batch_display_erase(struct batch_display *display)
{
    static const char erase[] = "\r\033[J";
    if (!display->drawn)
        return;
    terminal_write(erase, sizeof erase - 1);
    display->drawn = false;
    display->draw_at = display->drawn_at + AGAIN_NS;
}
