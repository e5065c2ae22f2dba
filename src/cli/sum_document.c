#include "cli/sum_document.h"

#include "document/document.h"

static json_t *memory_parts(const struct sum_plan *plan)
{
    json_t *parts = json_array();
    for (uint32_t i = 0; i < plan->memory_part_count && i < SUM_MEMORY_PARTS; i++) {
        json_t *part = json_object();
        document_set_text(part, "name", plan->memory_parts[i].name);
        document_set_count(part, "bytes", plan->memory_parts[i].bytes);
        json_array_append_new(parts, part);
    }
    return parts;
}

static json_t *plan_memory(const struct sum_plan *plan)
{
    json_t *memory = json_object();
    document_set_count(memory, "ceiling_bytes", plan->ceiling);
    document_set_text(memory, "ceiling_origin", plan->ceiling_origin);
    document_set_count(memory, "promised_bytes", plan->memory_figure);
    document_set_count(memory, "expected_bytes", plan->memory_expected);
    document_set_count(memory, "smallest_bytes", plan->memory_smallest);
    document_set_text(memory, "reason", plan->memory_reason);
    json_object_set_new(memory, "parts", memory_parts(plan));
    return memory;
}

json_t *sum_document_plan(const struct sum_plan *plan)
{
    json_t *object = json_object();
    document_set_count(object, "files", plan->file_count);
    document_set_count(object, "rows", plan->row_count);
    document_set_count(object, "keys", plan->key_count);
    document_set_count(object, "file_bytes", plan->file_bytes);
    document_set_count(object, "bytes_to_read", plan->bytes_to_read);
    document_set_text(object, "way", plan->way);
    document_set_text(object, "reason", plan->reason);
    document_set_text(object, "otherwise", plan->otherwise);
    document_set_count(object, "tile_rows", plan->tile_rows);
    document_set_count(object, "tiles", plan->tile_count);
    document_set_count(object, "passes", plan->pass_count);
    document_set_count(object, "threads", plan->threads);
    document_set_text(object, "kernels", plan->kernels);
    json_object_set_new(object, "memory", plan_memory(plan));
    return object;
}

json_t *sum_document_report(const struct sum_report *report)
{
    json_t *object = json_object();
    document_set_text(object, "way", report->way);
    document_set_text(object, "way_reason", report->way_reason);
    document_set_count(object, "result_rows", report->result_rows);
    document_set_count(object, "rows_read", report->rows_read);
    document_set_count(object, "rows_selected", report->rows_selected);
    document_set_count(object, "row_groups_passed_over", report->row_groups_passed_over);
    document_set_count(object, "pages_passed_over", report->pages_passed_over);
    document_set_count(object, "bytes_read", report->bytes_read);
    document_set_count(object, "bytes_read_twice", report->bytes_read_twice);
    document_set_count(object, "files_aligned", report->files_aligned);
    document_set_count(object, "files_known", report->files_known);
    document_set_count(object, "files_identical", report->files_identical);
    document_set_count(object, "files_decoded", report->files_decoded);
    document_set_text(object, "uniqueness", report->uniqueness);
    document_set_count(object, "tiles", report->tiles);
    document_set_count(object, "tiles_again", report->tiles_again);
    document_set_count(object, "keys_in_memory", report->keys_in_memory);
    document_set_count(object, "rows_aside", report->rows_aside);
    document_set_count(object, "bytes_aside", report->bytes_aside);
    document_set_count(object, "begun_again", report->begun_again);
    document_set_count(object, "listing_ns", report->listing_ns);
    document_set_count(object, "proving_ns", report->proving_ns);
    document_set_count(object, "adding_ns", report->adding_ns);
    document_set_count(object, "peak_bytes", report->peak_bytes);
    document_set_count(object, "promised_bytes", report->memory_figure);
    return object;
}
