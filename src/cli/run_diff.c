#include <math.h>

#include "cli/arguments.h"
#include "cli/table.h"
#include "diff/diff.h"
#include "document/document.h"
#include "term/text.h"

#define SHOWN_MOST 100000

static bool is_equal(const struct diff_report *report)
{
    return report->only_left == 0 && report->only_right == 0 && report->values_different == 0;
}

static void write_count(const char *label, uint64_t count)
{
    char number[32];
    printf("  %-28s %16s\n", label, text_count(count, number));
}

static void write_counts(const struct diff_report *report)
{
    write_count("rows left", report->left_rows);
    write_count("rows right", report->right_rows);
    write_count("keys in both", report->keys_both);
    write_count("keys only left", report->only_left);
    write_count("keys only right", report->only_right);
    write_count("values compared", report->values_compared);
    write_count("  identical", report->values_identical);
    write_count("  within the tolerance", report->values_within);
    write_count("  different", report->values_different);
    if (report->values_different > 0 || report->values_within > 0)
        printf("  %-28s %16.9g\n", "largest difference", report->largest_difference);
}

static enum error_code add_row(struct table *table, const struct diff_row *row, struct error *error)
{
    char difference[32];
    snprintf(difference, sizeof difference, isfinite(row->difference) ? "%.9g" : "not comparable",
             row->difference);
    TRY(table_add(table, row->key, error));
    TRY(table_add(table, row->column, error));
    TRY(table_add(table, row->left, error));
    TRY(table_add(table, row->right, error));
    return table_add(table, difference, error);
}

static enum error_code write_differences(struct mem_arena *arena, const struct diff_report *report,
                                         struct error *error)
{
    static const struct table_column columns[] = {
        {"key", false}, {"column", false}, {"left", true}, {"right", true}, {"difference", true},
    };
    struct table table;
    if (report->row_count == 0)
        return ERROR_NONE;
    table_init(&table, arena, columns, 5);
    for (uint32_t i = 0; i < report->row_count; i++)
        TRY(add_row(&table, &report->rows[i], error));
    puts("\nLargest differences:");
    return table_write(&table, stdout, error);
}

static void write_keys(const char *title, char *const *keys, uint32_t shown, uint64_t count)
{
    char number[32];
    if (shown == 0)
        return;
    printf("\n%s:\n", title);
    for (uint32_t i = 0; i < shown; i++) {
        fputs("  ", stdout);
        text_put(stdout, keys[i]);
        putchar('\n');
    }
    if (count > shown)
        printf("  ... and %s more\n", text_count(count - shown, number));
}

static enum error_code write_text(struct cli_call *call, const struct diff_report *report,
                                  struct error *error)
{
    puts(is_equal(report) ? "The files agree." : "The files differ.");
    write_counts(report);
    TRY(write_differences(&call->arena, report, error));
    write_keys("Keys only left", report->only_left_keys, report->only_left_count,
               report->only_left);
    write_keys("Keys only right", report->only_right_keys, report->only_right_count,
               report->only_right);
    return ERROR_NONE;
}

/* JSON has no infinity: a difference that is no number is null. */
static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *difference(const struct diff_row *row)
{
    json_t *object = json_object();
    json_object_set_new(object, "key", document_text(row->key));
    json_object_set_new(object, "column", document_text(row->column));
    json_object_set_new(object, "left", document_text(row->left));
    json_object_set_new(object, "right", document_text(row->right));
    json_object_set_new(object, "difference", number(row->difference));
    return object;
}

static json_t *keys_array(char *const *keys, uint32_t count)
{
    json_t *array = json_array();
    for (uint32_t i = 0; i < count; i++)
        json_array_append_new(array, document_text(keys[i]));
    return array;
}

static void set_counts(json_t *object, const struct diff_report *report)
{
    json_object_set_new(object, "left_rows", document_count(report->left_rows));
    json_object_set_new(object, "right_rows", document_count(report->right_rows));
    json_object_set_new(object, "keys_both", document_count(report->keys_both));
    json_object_set_new(object, "keys_only_left", document_count(report->only_left));
    json_object_set_new(object, "keys_only_right", document_count(report->only_right));
    json_object_set_new(object, "values_compared", document_count(report->values_compared));
    json_object_set_new(object, "values_identical", document_count(report->values_identical));
    json_object_set_new(object, "values_within", document_count(report->values_within));
    json_object_set_new(object, "values_different", document_count(report->values_different));
}

static json_t *document_of(const struct diff_report *report)
{
    json_t *object = json_object();
    json_object_set_new(object, "equal", json_boolean(is_equal(report)));
    set_counts(object, report);
    json_object_set_new(object, "largest_difference", number(report->largest_difference));
    json_t *rows = json_array();
    for (uint32_t i = 0; i < report->row_count; i++)
        json_array_append_new(rows, difference(&report->rows[i]));
    json_object_set_new(object, "differences", rows);
    json_object_set_new(object, "only_left",
                        keys_array(report->only_left_keys, report->only_left_count));
    json_object_set_new(object, "only_right",
                        keys_array(report->only_right_keys, report->only_right_count));
    return object;
}

static enum error_code tell(struct cli_call *call, const struct diff_report *report,
                            struct error *error)
{
    call->status = is_equal(report) ? 0 : 1;
    if (call->json != NULL)
        return document_write(document_of(report), call->json, error);
    return write_text(call, report, error);
}

enum error_code cli_run_diff(struct cli_call *call, struct error *error)
{
    const struct diff_arguments *arguments = call->arguments;
    call->json = arguments->json ? stdout : NULL;
    if (arguments->rows > SHOWN_MOST)
        return error_set(error, ERROR_USAGE, "--rows: %d is the most", SHOWN_MOST);
    struct diff_options options = {
        .left = call->operands[0],
        .right = call->operands[1],
        .keys = arguments->by.items,
        .key_count = arguments->by.count,
        .tolerance = arguments->tolerance,
        .shown = (uint32_t)arguments->rows,
    };
    struct mem_account account;
    struct diff_report report;
    mem_account_init(&account, "diff", NULL, arguments->memory);
    TRY(diff_files(&options, &account, arguments->memory, &report, error));
    enum error_code code = tell(call, &report, error);
    diff_report_release(&report);
    return code;
}
