#include "cli/memory_plot.h"

#include <string.h>

#include "term/text.h"

#define LABEL     11 /* columns before the axis */
#define RIGHT     6  /* " limit" */
#define LEVELS    8  /* heights of a block */
#define NARROWEST 16

/* What is drawn: the highest of each column, in eighths of a row. */
struct canvas {
    const struct memory_plot *plot;
    uint64_t peak;    /* of the plot or of its points */
    uint64_t top;     /* bytes at the upper edge */
    uint64_t span_ms; /* time of all columns */
    unsigned columns;
    int limit_row; /* from 0 at the bottom; -1: not drawn */
    uint64_t highest[MEMORY_PLOT_COLUMNS];
    bool is_known[MEMORY_PLOT_COLUMNS];
};

static unsigned column_of(const struct canvas *canvas, uint64_t at_ms)
{
    if (canvas->span_ms == 0)
        return 0;
    if (at_ms >= canvas->span_ms)
        return canvas->columns - 1;
    return (unsigned)((double)at_ms * canvas->columns / (double)canvas->span_ms);
}

/* Columns between two points stand as high as the one before. */
static void fill_gaps(struct canvas *canvas)
{
    for (unsigned i = 1; i < canvas->columns; i++)
        if (!canvas->is_known[i])
            canvas->highest[i] = canvas->highest[i - 1];
}

static void fill_columns(struct canvas *canvas, const struct memory_history *history)
{
    for (size_t i = 0; i < memory_history_count(history); i++) {
        const struct memory_point *point = memory_history_at(history, i);
        unsigned column = column_of(canvas, point->at_ms);
        canvas->is_known[column] = true;
        if (point->memory > canvas->highest[column])
            canvas->highest[column] = point->memory;
    }
    fill_gaps(canvas);
}

static uint64_t highest_point(const struct memory_history *history)
{
    uint64_t highest = 0;
    for (size_t i = 0; i < memory_history_count(history); i++)
        if (memory_history_at(history, i)->memory > highest)
            highest = memory_history_at(history, i)->memory;
    return highest;
}

static void scale(struct canvas *canvas, const struct memory_history *history)
{
    const struct memory_plot *plot = canvas->plot;
    uint64_t peak = highest_point(history);
    canvas->top = canvas->peak = plot->peak > peak ? plot->peak : peak;
    bool is_near = plot->limit > 0 && plot->limit / 4 <= canvas->top;
    if (is_near && plot->limit > canvas->top)
        canvas->top = plot->limit;
    if (canvas->top == 0)
        canvas->top = 1;
    canvas->limit_row =
        is_near ? (int)((double)(plot->limit - 1) * MEMORY_PLOT_ROWS / (double)canvas->top) : -1;
    if (canvas->limit_row >= MEMORY_PLOT_ROWS)
        canvas->limit_row = MEMORY_PLOT_ROWS - 1;
}

static void measure(struct canvas *canvas, const struct memory_history *history)
{
    unsigned width = canvas->plot->width, frame = LABEL + 2 + RIGHT;
    canvas->columns = width > frame + NARROWEST ? width - frame : NARROWEST;
    if (canvas->columns > MEMORY_PLOT_COLUMNS)
        canvas->columns = MEMORY_PLOT_COLUMNS;
    uint64_t last = memory_history_at(history, memory_history_count(history) - 1)->at_ms;
    uint64_t wall_ms = canvas->plot->wall_ns / 1000000;
    canvas->span_ms = wall_ms > last ? wall_ms : last;
}

/* ---- drawing ---- */

/* How much of a row a column fills: 0 to LEVELS. What is not zero shows. */
static unsigned level_of(const struct canvas *canvas, unsigned column, int row)
{
    uint64_t memory = canvas->highest[column];
    double eighths = (double)memory / (double)canvas->top * MEMORY_PLOT_ROWS * LEVELS;
    double above = eighths - (double)row * LEVELS;
    if (above >= LEVELS)
        return LEVELS;
    if (row == 0 && memory > 0 && above < 1)
        return 1;
    return above > 0 ? (unsigned)above : 0;
}

static const char *sign_of(const struct canvas *canvas, unsigned level, int row)
{
    static const char *const blocks[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    static const char *const signs[] = {" ", ".", ".", ".", ":", ":", ":", "#", "#"};
    bool utf8 = canvas->plot->utf8;
    if (level == 0 && row == canvas->limit_row)
        return utf8 ? "─" : "-";
    return utf8 ? blocks[level] : signs[level];
}

/* The size that a row is labelled with: the limit at its line, the top, the middle. */
static uint64_t label_of(const struct canvas *canvas, int row)
{
    if (row == canvas->limit_row)
        return canvas->plot->limit;
    if (row == MEMORY_PLOT_ROWS - 1)
        return canvas->limit_row == row - 1 ? 0 : canvas->top;
    return row + 1 == MEMORY_PLOT_ROWS / 2 ? canvas->top / 2 : 0;
}

static void write_row(FILE *stream, const struct canvas *canvas, int row)
{
    char line[MEMORY_PLOT_COLUMNS * 4 + 1], size[24] = "";
    size_t used = 0, blank = 0; /* how long the line is without its trailing blanks */
    uint64_t label = label_of(canvas, row);
    for (unsigned i = 0; i < canvas->columns; i++) {
        const char *sign = sign_of(canvas, level_of(canvas, i, row), row);
        used += (size_t)snprintf(line + used, sizeof line - used, "%s", sign);
        if (sign[0] != ' ')
            blank = used;
    }
    line[blank] = '\0';
    fprintf(stream, "%*s %s%s%s\n", LABEL - 1, label > 0 ? mem_format_size(label, size) : "",
            canvas->plot->utf8 ? "│" : "|", line, row == canvas->limit_row ? " limit" : "");
}

static void write_axis(FILE *stream, const struct canvas *canvas)
{
    char time[32];
    bool utf8 = canvas->plot->utf8;
    fprintf(stream, "%*s %s", LABEL - 1, "0", utf8 ? "└" : "+");
    for (unsigned i = 0; i < canvas->columns; i++)
        fputs(utf8 ? "─" : "-", stream);
    text_duration(canvas->span_ms * 1000000, time);
    fprintf(stream, "\n%*s0 s%*s\n", LABEL, "", (int)canvas->columns - 2, time);
}

static void write_words(FILE *stream, const struct canvas *canvas)
{
    const struct memory_plot *plot = canvas->plot;
    char size[24];
    fprintf(stream, "%*speak %s", LABEL, "", mem_format_size(canvas->peak, size));
    if (plot->limit == 0)
        fputs(", no limit", stream);
    else
        fprintf(stream, " of %s%s", mem_format_size(plot->limit, size),
                canvas->limit_row < 0 ? ", which lies far above" : "");
    fputc('\n', stream);
}

void memory_plot_write(FILE *stream, const struct memory_plot *plot,
                       const struct memory_history *history)
{
    struct canvas canvas = {.plot = plot};
    if (memory_history_count(history) == 0) {
        fputs("no samples of memory were kept\n", stream);
        return;
    }
    measure(&canvas, history);
    scale(&canvas, history);
    fill_columns(&canvas, history);
    for (int row = MEMORY_PLOT_ROWS - 1; row >= 0; row--)
        write_row(stream, &canvas, row);
    write_axis(stream, &canvas);
    write_words(stream, &canvas);
}
