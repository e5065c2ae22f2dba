#include "cli/report.h"

#include <string.h>

#include "mem/mem.h"
#include "term/text.h"

#define LABEL 13 /* columns before the text */
#define WIDTH 100

/* "  label      ", behind which the caller writes. */
static void begin(FILE *stream, const char *label)
{
    fprintf(stream, "  %-*s", LABEL - 2, label);
}

static void line(FILE *stream, const char *label, const char *text)
{
    begin(stream, label);
    text_wrap(stream, text, LABEL, WIDTH);
    fputc('\n', stream);
}

static const char *known(const char *text)
{
    return text != NULL ? text : "";
}

/* A field that the plan leaves empty is not shown. */
static void optional_line(FILE *stream, const char *label, const char *text)
{
    if (known(text)[0] != '\0')
        line(stream, label, text);
}

static void write_inputs(FILE *stream, const struct sum_plan *plan)
{
    char files[64], rows[64], size[24], keys[64];
    begin(stream, "inputs");
    fprintf(stream, "%s, %s, %s\n", text_plural(plan->file_count, "file", files, sizeof files),
            text_plural(plan->row_count, "row", rows, sizeof rows),
            mem_format_size(plan->file_bytes, size));
    begin(stream, "result");
    fprintf(stream, "at most %s", text_plural(plan->key_count, "row", keys, sizeof keys));
    if (plan->key_count < plan->row_count && strcmp(known(plan->way), "aligned") == 0)
        fprintf(stream, " where files are aligned, else %s", text_count(plan->row_count, keys));
    fputc('\n', stream);
}

static void write_way(FILE *stream, const struct sum_plan *plan)
{
    begin(stream, "way");
    fputs(known(plan->way), stream);
    if (known(plan->reason)[0] != '\0') {
        fputs(": ", stream);
        text_wrap(stream, plan->reason, LABEL, WIDTH);
    }
    fputc('\n', stream);
    optional_line(stream, "otherwise", plan->otherwise);
}

static void write_work(FILE *stream, const struct sum_plan *plan)
{
    char size[24], passes[32], tiles[64], rows[32], threads[64];
    begin(stream, "reading");
    fprintf(stream, "%s, %s %s over the values\n", mem_format_size(plan->bytes_to_read, size),
            text_count(plan->pass_count, passes), plan->pass_count == 1 ? "pass" : "passes");
    if (plan->tile_count > 0)
        begin(stream, "tiles");
    if (plan->tile_count > 0)
        fprintf(stream, "%s of %s rows\n",
                text_plural(plan->tile_count, "tile", tiles, sizeof tiles),
                text_count(plan->tile_rows, rows));
    begin(stream, "computing");
    fprintf(stream, "%s, %s kernels\n",
            text_plural(plan->threads, "thread", threads, sizeof threads), known(plan->kernels));
}

static void write_part(FILE *stream, const char *name, uint64_t bytes)
{
    char size[24];
    fprintf(stream, "%*s%-38s %10s\n", LABEL + 2, "", name, mem_format_size(bytes, size));
}

static void write_memory(FILE *stream, const struct sum_plan *plan)
{
    char figure[24], ceiling[24], smallest[24], expected[24];
    begin(stream, "memory");
    fprintf(stream, "%s promised at most, %s expected; %s allowed (%s); %s would do\n",
            mem_format_size(plan->memory_figure, figure),
            mem_format_size(plan->memory_expected, expected),
            mem_format_size(plan->ceiling, ceiling), known(plan->ceiling_origin),
            mem_format_size(plan->memory_smallest, smallest));
    for (uint32_t i = 0; i < plan->memory_part_count && i < SUM_MEMORY_PARTS; i++)
        write_part(stream, plan->memory_parts[i].name, plan->memory_parts[i].bytes);
    write_part(stream, "together", plan->memory_figure);
    optional_line(stream, "enough", plan->memory_reason);
}

void report_write_plan(FILE *stream, const struct sum_plan *plan)
{
    fputs("Plan\n", stream);
    write_inputs(stream, plan);
    write_way(stream, plan);
    write_work(stream, plan);
    write_memory(stream, plan);
}

static void write_taken(FILE *stream, const struct sum_report *report)
{
    char again[64];
    begin(stream, "way");
    fprintf(stream, "%s: ", known(report->way));
    text_wrap(stream, report->way_reason, LABEL, WIDTH);
    fputc('\n', stream);
    if (report->begun_again > 0) {
        begin(stream, "again");
        fprintf(stream, "%s: keys were not what they seemed\n",
                text_plural(report->begun_again, "time", again, sizeof again));
    }
}

static void write_proof(FILE *stream, const struct sum_report *report)
{
    char aligned[64], identical[32], decoded[32], earlier[32];
    if (report->files_aligned == 0)
        return;
    begin(stream, "aligned");
    fprintf(
        stream,
        "%s: of the files' key chunks %s are byte for byte those of the first, %s were compared "
        "after decoding, %s are known from an earlier run\n",
        text_plural(report->files_aligned, "file", aligned, sizeof aligned),
        text_count(report->files_identical, identical), text_count(report->files_decoded, decoded),
        text_count(report->files_known, earlier));
    optional_line(stream, "unique", report->uniqueness);
}

static void write_groups(FILE *stream, const struct sum_report *report)
{
    char keys[64], rows[64], size[24];
    if (report->keys_in_memory == 0)
        return;
    begin(stream, "groups");
    fprintf(stream, "%s found room in memory; ",
            text_plural(report->keys_in_memory, "key", keys, sizeof keys));
    if (report->rows_aside == 0)
        fputs("no row was put aside\n", stream);
    else
        fprintf(stream, "%s put aside, %s written\n",
                text_plural(report->rows_aside, "row", rows, sizeof rows),
                mem_format_size(report->bytes_aside, size));
}

static void write_passed_over(FILE *stream, const struct sum_report *report)
{
    char rows[64], groups[64], pages[64];
    if (report->rows_selected == report->rows_read)
        return;
    begin(stream, "filter");
    fprintf(stream, "%s taken; %s and %s passed over\n",
            text_plural(report->rows_selected, "row", rows, sizeof rows),
            text_plural(report->row_groups_passed_over, "row group", groups, sizeof groups),
            text_plural(report->pages_passed_over, "page", pages, sizeof pages));
}

static void write_read(FILE *stream, const struct sum_report *report)
{
    char rows[64], size[24], twice[24], tiles[64], again[32];
    begin(stream, "read");
    fprintf(stream, "%s, %s", text_plural(report->rows_read, "row", rows, sizeof rows),
            mem_format_size(report->bytes_read, size));
    if (report->bytes_read_twice > 0)
        fprintf(stream, ", %s of them twice", mem_format_size(report->bytes_read_twice, twice));
    fputc('\n', stream);
    if (report->tiles == 0)
        return;
    begin(stream, "tiles");
    fprintf(stream, "%s, %s begun again with more grids\n",
            text_plural(report->tiles, "tile", tiles, sizeof tiles),
            text_count(report->tiles_again, again));
}

static void write_used(FILE *stream, const struct sum_report *report)
{
    char peak[24], figure[24];
    begin(stream, "memory");
    fprintf(stream, "%s used at most, %s promised\n", mem_format_size(report->peak_bytes, peak),
            mem_format_size(report->memory_figure, figure));
}

void report_write_report(FILE *stream, const struct sum_report *report)
{
    char rows[64], listing[32], proving[32], adding[32];
    fputs("Report\n", stream);
    begin(stream, "result");
    fprintf(stream, "%s\n", text_plural(report->result_rows, "row", rows, sizeof rows));
    write_taken(stream, report);
    write_proof(stream, report);
    write_groups(stream, report);
    write_passed_over(stream, report);
    write_read(stream, report);
    begin(stream, "time");
    fprintf(stream, "%s listing, %s proving, %s adding\n",
            text_duration(report->listing_ns, listing), text_duration(report->proving_ns, proving),
            text_duration(report->adding_ns, adding));
    write_used(stream, report);
}

static void write_rate(FILE *stream, double amount, uint64_t elapsed_ns, const char *unit)
{
    char number[32];
    if (elapsed_ns == 0)
        return;
    text_short(amount * 1e9 / (double)elapsed_ns, number);
    fprintf(stream, ", %s%s%s", number, strchr(number, ' ') != NULL ? "" : " ", unit);
}

/* The sentence stands in the middle of a line here: without its dot. */
static void write_reason(FILE *stream, const char *reason)
{
    size_t length = strlen(reason);
    if (length > 0 && reason[length - 1] == '.')
        length--;
    if (length > 0)
        fprintf(stream, "; enough: %.*s", (int)length, reason);
}

static void write_memory_line(FILE *stream, const struct sum_plan *plan,
                              const struct sum_report *report)
{
    char ceiling[24], figure[24], peak[24];
    fprintf(stream, "weir: memory: %s allowed (%s), %s promised, %s used",
            mem_format_size(plan->ceiling, ceiling), known(plan->ceiling_origin),
            mem_format_size(report->memory_figure, figure),
            mem_format_size(report->peak_bytes, peak));
    if (report->peak_bytes > report->memory_figure)
        fputs(", more than promised: please report this", stream);
    else if (report->memory_figure == plan->memory_figure)
        write_reason(stream, known(plan->memory_reason));
    fputc('\n', stream);
}

void report_write_summary(FILE *stream, const char *output, const struct sum_plan *plan,
                          const struct sum_report *report, uint64_t elapsed_ns)
{
    char rows[64], files[64], read[64], size[24], time[32];
    fputs("weir: ", stream);
    if (output != NULL && strcmp(output, "-") != 0) {
        fputs("wrote ", stream);
        text_put(stream, output);
        fputs(": ", stream);
    }
    fprintf(stream, "%s from ", text_plural(report->result_rows, "row", rows, sizeof rows));
    if (plan->file_count > 0)
        fprintf(stream, "%s (%s, %s)", text_plural(plan->file_count, "file", files, sizeof files),
                text_plural(report->rows_read, "row", read, sizeof read),
                mem_format_size(plan->file_bytes, size));
    else
        fputs(text_plural(report->rows_read, "row", read, sizeof read), stream);
    fprintf(stream, " in %s", text_duration(elapsed_ns, time));
    write_rate(stream, (double)report->rows_read, elapsed_ns, " rows/s");
    if (plan->file_bytes > 0)
        write_rate(stream, (double)plan->file_bytes, elapsed_ns, "B/s");
    fputc('\n', stream);
    write_memory_line(stream, plan, report);
}
