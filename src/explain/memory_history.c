#include "explain/memory_history.h"

#include <errno.h>
#include <string.h>

#include "base/cursor.h"
#include "cell/cell.h"

#define LINE_MOST 128

void memory_history_init(struct memory_history *history, struct mem_account *account)
{
    *history = (struct memory_history){.points_each = 1};
    mem_buffer_init(&history->points, account, MEMORY_HISTORY_POINTS * sizeof(struct memory_point));
}

void memory_history_release(struct memory_history *history)
{
    mem_buffer_release(&history->points);
}

void memory_history_clear(struct memory_history *history)
{
    history->points.size = 0;
    history->points_each = 1;
    history->points_last = 0;
}

size_t memory_history_count(const struct memory_history *history)
{
    return history->points.size / sizeof(struct memory_point);
}

static struct memory_point *all_points(const struct memory_history *history)
{
    return (struct memory_point *)(void *)history->points.data;
}

const struct memory_point *memory_history_at(const struct memory_history *history, size_t index)
{
    return &all_points(history)[index];
}

/* ---- adding ---- */

static struct memory_point higher(struct memory_point a, struct memory_point b)
{
    return a.memory > b.memory ? a : b;
}

static void join_neighbours(struct memory_history *history)
{
    struct memory_point *points = all_points(history);
    size_t count = memory_history_count(history) / 2;
    for (size_t i = 0; i < count; i++)
        points[i] = higher(points[2 * i], points[2 * i + 1]);
    history->points.size = count * sizeof *points;
    history->points_each *= 2;
    history->points_last = history->points_each;
}

static enum error_code add_point(struct memory_history *history, struct memory_point point,
                                 struct error *error)
{
    size_t count = memory_history_count(history);
    bool is_full = history->points_last == history->points_each;
    if (count > 0 && !is_full) {
        struct memory_point *last = &all_points(history)[count - 1];
        *last = higher(*last, point);
        history->points_last++;
        return ERROR_NONE;
    }
    if (count == MEMORY_HISTORY_POINTS) {
        join_neighbours(history);
        return add_point(history, point, error);
    }
    history->points_last = 1;
    return mem_buffer_append(&history->points, &point, sizeof point, error);
}

/* ---- reading ---- */

/* Digits of a number below 2^63. */
static bool read_number(struct cursor *cursor, uint64_t *ret)
{
    const uint8_t *start = cursor->at;
    uint64_t number = 0;
    for (; cursor_left(cursor) > 0 && *cursor->at >= '0' && *cursor->at <= '9'; cursor->at++) {
        unsigned digit = *cursor->at - '0';
        if (number > ((uint64_t)INT64_MAX - digit) / 10)
            return false;
        number = number * 10 + digit;
    }
    *ret = number;
    return cursor->at > start;
}

static bool read_sign(struct cursor *cursor, char sign)
{
    if (cursor_left(cursor) == 0 || *cursor->at != (uint8_t)sign)
        return false;
    cursor->at++;
    return true;
}

/* A number of processes, which only some lines have, is not looked at. */
static bool parse_line(const char *line, struct memory_point *ret)
{
    struct cursor cursor = cursor_over(line, strlen(line));
    return read_number(&cursor, &ret->at_ms) && read_sign(&cursor, '\t') &&
           read_number(&cursor, &ret->memory) &&
           (read_sign(&cursor, '\t') || read_sign(&cursor, '\n'));
}

/* Time that goes backwards would be drawn backwards. */
static bool follows(const struct memory_history *history, const struct memory_point *point)
{
    size_t count = memory_history_count(history);
    return count == 0 || memory_history_at(history, count - 1)->at_ms <= point->at_ms;
}

enum error_code memory_history_read_lines(struct memory_history *history, FILE *stream,
                                          struct error *error)
{
    char line[LINE_MOST];
    struct memory_point point;
    for (unsigned number = 1; fgets(line, sizeof line, stream) != NULL; number++) {
        size_t length = strlen(line);
        bool is_whole = length > 0 && line[length - 1] == '\n';
        if (!is_whole && length + 1 < sizeof line && feof(stream))
            break;
        if (number == 1 && strcmp(line, CELL_SAMPLE_COLUMNS) == 0)
            continue;
        if (!is_whole || !parse_line(line, &point) || !follows(history, &point))
            return error_set(error, ERROR_INPUT, "line %u is no sample of memory", number);
        TRY(add_point(history, point, error));
    }
    return ferror(stream) ? error_set_errno(error, errno, "cannot read the samples") : ERROR_NONE;
}

static void skip_blanks(struct cursor *cursor)
{
    while (read_sign(cursor, ' ') || read_sign(cursor, '\n') || read_sign(cursor, '\t'))
        ;
}

static bool read_token(struct cursor *cursor, char sign)
{
    skip_blanks(cursor);
    return read_sign(cursor, sign);
}

static bool read_pair(struct cursor *cursor, struct memory_point *ret)
{
    if (!read_token(cursor, '['))
        return false;
    skip_blanks(cursor);
    if (!read_number(cursor, &ret->at_ms) || !read_token(cursor, ','))
        return false;
    skip_blanks(cursor);
    return read_number(cursor, &ret->memory) && read_token(cursor, ']');
}

static enum error_code refuse_pairs(const struct cursor *cursor, struct error *error)
{
    error_set(error, ERROR_INPUT, "the samples of memory are not a list of pairs");
    error_at_offset(error, (int64_t)cursor_offset(cursor));
    return ERROR_INPUT;
}

enum error_code memory_history_read_pairs(struct memory_history *history, const char *text,
                                          struct error *error)
{
    struct cursor cursor = cursor_over(text, strlen(text));
    struct memory_point point;
    if (!read_token(&cursor, '['))
        return refuse_pairs(&cursor, error);
    bool is_first = true;
    while (!read_token(&cursor, ']')) {
        if ((!is_first && !read_token(&cursor, ',')) || !read_pair(&cursor, &point) ||
            !follows(history, &point))
            return refuse_pairs(&cursor, error);
        TRY(add_point(history, point, error));
        is_first = false;
    }
    skip_blanks(&cursor);
    return cursor_left(&cursor) == 0 ? ERROR_NONE : refuse_pairs(&cursor, error);
}

/* ---- adding up ---- */

static double seconds_between(uint64_t from_ms, uint64_t to_ms)
{
    return to_ms > from_ms ? (double)(to_ms - from_ms) / 1e3 : 0;
}

double memory_history_integral(const struct memory_history *history, uint64_t wall_ns)
{
    size_t count = memory_history_count(history);
    if (count == 0)
        return 0;
    const struct memory_point *points = memory_history_at(history, 0);
    const struct memory_point *last = &points[count - 1];
    double sum = (double)points[0].memory * seconds_between(0, points[0].at_ms);
    for (size_t i = 1; i < count; i++)
        sum += ((double)points[i - 1].memory + (double)points[i].memory) / 2 *
               seconds_between(points[i - 1].at_ms, points[i].at_ms);
    double rest = (double)wall_ns / 1e9 - (double)last->at_ms / 1e3;
    return rest > 0 ? sum + (double)last->memory * rest : sum;
}
