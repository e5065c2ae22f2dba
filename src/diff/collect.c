#include "diff/collect.h"

#include <math.h>
#include <string.h>

#include "diff/text.h"

void collector_init(struct collector *collector, const struct diff_options *options,
                    const struct diff_columns *columns, struct mem_account *account)
{
    *collector = (struct collector){.columns = columns,
                                    .account = account,
                                    .shown = options->shown,
                                    .tolerance = options->tolerance};
    mem_buffer_init(&collector->heap, account, MEM_NO_LIMIT);
    mem_buffer_init(&collector->only_text[DIFF_LEFT], account, MEM_NO_LIMIT);
    mem_buffer_init(&collector->only_text[DIFF_RIGHT], account, MEM_NO_LIMIT);
}

static struct collected *heap_of(const struct collector *collector)
{
    return (struct collected *)collector->heap.data;
}

void collector_release(struct collector *collector)
{
    for (uint32_t i = 0; i < collector->heap_count; i++)
        mem_buffer_release(&heap_of(collector)[i].text);
    collector->heap_count = 0;
    mem_buffer_release(&collector->heap);
    mem_buffer_release(&collector->only_text[DIFF_LEFT]);
    mem_buffer_release(&collector->only_text[DIFF_RIGHT]);
}

/* ---- the heap ---- */

/* Smaller differences go first, of equal ones the later. */
static bool goes_before(const struct collected *a, const struct collected *b)
{
    if (a->difference != b->difference)
        return a->difference < b->difference;
    return a->sequence > b->sequence;
}

static void sift_down(struct collected *heap, uint32_t count)
{
    struct collected moving = heap[0];
    uint32_t at = 0;
    for (;;) {
        uint32_t child = 2 * at + 1;
        if (child >= count)
            break;
        if (child + 1 < count && goes_before(&heap[child + 1], &heap[child]))
            child++;
        if (!goes_before(&heap[child], &moving))
            break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = moving;
}

static void sift_up(struct collected *heap, uint32_t at)
{
    struct collected moving = heap[at];
    while (at > 0 && goes_before(&moving, &heap[(at - 1) / 2])) {
        heap[at] = heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    heap[at] = moving;
}

static bool is_shown(const struct collector *collector, double difference)
{
    return collector->heap_count < collector->shown ||
           (collector->shown > 0 && difference > heap_of(collector)[0].difference);
}

static enum error_code write_texts(struct collector *collector, struct collected *collected,
                                   const struct diff_stream *left, const struct diff_stream *right,
                                   struct error *error)
{
    const struct diff_column *column = &collector->columns->columns[collected->column];
    struct mem_buffer *text = &collected->text;
    text->size = 0;
    TRY(diff_text_key(text, collector->columns, left, error));
    collected->left = (uint32_t)text->size;
    TRY(diff_text_value(text, &column->field[DIFF_LEFT].type, left->row[collected->column].value,
                        error));
    collected->right = (uint32_t)text->size;
    return diff_text_value(text, &column->field[DIFF_RIGHT].type,
                           right->row[collected->column].value, error);
}

static enum error_code grow(struct collector *collector, struct error *error)
{
    struct collected fresh = {0};
    mem_buffer_init(&fresh.text, collector->account, MEM_NO_LIMIT);
    TRY(mem_buffer_append(&collector->heap, &fresh, sizeof fresh, error));
    collector->heap_count++;
    return ERROR_NONE;
}

/* Keeps a difference in place of the smallest one, or beside the others while there is room. */
static enum error_code keep(struct collector *collector, uint32_t column, double difference,
                            const struct diff_stream *left, const struct diff_stream *right,
                            struct error *error)
{
    bool is_new = collector->heap_count < collector->shown;
    if (is_new)
        TRY(grow(collector, error));
    struct collected *at = &heap_of(collector)[is_new ? collector->heap_count - 1 : 0];
    at->column = column;
    at->difference = difference;
    at->sequence = collector->sequence++;
    TRY(write_texts(collector, at, left, right, error));
    if (is_new)
        sift_up(heap_of(collector), collector->heap_count - 1);
    else
        sift_down(heap_of(collector), collector->heap_count);
    return ERROR_NONE;
}

/* ---- rows ---- */

static bool is_within(const struct collector *collector, double difference)
{
    return isfinite(difference) && difference <= collector->tolerance;
}

static enum error_code compare_column(struct collector *collector, uint32_t column,
                                      const struct diff_stream *left,
                                      const struct diff_stream *right, struct error *error)
{
    struct diff_report *counts = &collector->counts;
    struct diff_value_result result =
        diff_value_compare(&collector->columns->columns[column].pair, left->row[column].value,
                           right->row[column].value);
    counts->values_compared++;
    if (result.identical) {
        counts->values_identical++;
        return ERROR_NONE;
    }
    if (result.difference > counts->largest_difference)
        counts->largest_difference = result.difference;
    if (is_within(collector, result.difference)) {
        counts->values_within++;
        return ERROR_NONE;
    }
    counts->values_different++;
    if (!is_shown(collector, result.difference))
        return ERROR_NONE;
    return keep(collector, column, result.difference, left, right, error);
}

enum error_code collector_pair(struct collector *collector, const struct diff_stream *left,
                               const struct diff_stream *right, struct error *error)
{
    collector->counts.keys_both++;
    for (uint32_t i = collector->columns->key_count; i < collector->columns->count; i++)
        TRY(compare_column(collector, i, left, right, error));
    return ERROR_NONE;
}

enum error_code collector_only(struct collector *collector, enum diff_side side,
                               const struct diff_stream *stream, struct error *error)
{
    uint64_t *count =
        side == DIFF_LEFT ? &collector->counts.only_left : &collector->counts.only_right;
    if ((*count)++ >= collector->shown)
        return ERROR_NONE;
    TRY(diff_text_key(&collector->only_text[side], collector->columns, stream, error));
    collector->only_count[side]++;
    return ERROR_NONE;
}

/* ---- the report ---- */

static enum error_code copy(struct mem_arena *arena, const char *text, char **ret,
                            struct error *error)
{
    return mem_arena_copy(arena, text, strlen(text), ret, error);
}

/* Takes the heap apart: what goes first stands last. */
static enum error_code report_rows(struct collector *collector, struct diff_report *report,
                                   struct error *error)
{
    struct collected *heap = heap_of(collector);
    void *memory;
    TRY(mem_arena_alloc_array(&report->arena, collector->heap_count, sizeof *report->rows, &memory,
                              error));
    report->rows = memory;
    report->row_count = collector->heap_count;
    while (collector->heap_count > 0) {
        const char *text = (const char *)heap[0].text.data;
        struct diff_row *row = &report->rows[collector->heap_count - 1];
        row->difference = heap[0].difference;
        TRY(copy(&report->arena, text, &row->key, error));
        TRY(copy(&report->arena, text + heap[0].left, &row->left, error));
        TRY(copy(&report->arena, text + heap[0].right, &row->right, error));
        TRY(copy(&report->arena, collector->columns->columns[heap[0].column].name, &row->column,
                 error));
        mem_buffer_release(&heap[0].text);
        heap[0] = heap[--collector->heap_count];
        sift_down(heap, collector->heap_count);
    }
    return ERROR_NONE;
}

static enum error_code report_only(struct collector *collector, enum diff_side side,
                                   struct mem_arena *arena, char ***ret, struct error *error)
{
    void *memory;
    TRY(mem_arena_alloc_array(arena, collector->only_count[side], sizeof(char *), &memory, error));
    char **keys = memory;
    const char *text = (const char *)collector->only_text[side].data;
    for (uint32_t i = 0; i < collector->only_count[side]; i++) {
        TRY(copy(arena, text, &keys[i], error));
        text += strlen(text) + 1;
    }
    *ret = keys;
    return ERROR_NONE;
}

static void report_counts(const struct collector *collector, struct diff_report *report)
{
    const struct diff_report *counts = &collector->counts;
    report->keys_both = counts->keys_both;
    report->only_left = counts->only_left;
    report->only_right = counts->only_right;
    report->values_compared = counts->values_compared;
    report->values_identical = counts->values_identical;
    report->values_within = counts->values_within;
    report->values_different = counts->values_different;
    report->largest_difference = counts->largest_difference;
    report->only_left_count = collector->only_count[DIFF_LEFT];
    report->only_right_count = collector->only_count[DIFF_RIGHT];
    report->only_count = report->only_left_count + report->only_right_count;
}

enum error_code collector_report(struct collector *collector, struct diff_report *report,
                                 struct error *error)
{
    report_counts(collector, report);
    TRY(report_rows(collector, report, error));
    TRY(report_only(collector, DIFF_LEFT, &report->arena, &report->only_left_keys, error));
    return report_only(collector, DIFF_RIGHT, &report->arena, &report->only_right_keys, error);
}
