#include "sum/provenance.h"

#include <string.h>
#include <xxhash.h>

#include "arrow/pandas.h"
#include "arrow/schema.h"

/* Inputs listed one by one; a digest stands for all of them. */
#define INPUTS_LISTED 1000
#define INPUTS_BYTES  ((size_t)512 << 10)

static enum error_code add_quoted(struct mem_buffer *buffer, const char *text, struct error *error)
{
    TRY(mem_buffer_append(buffer, "\"", 1, error));
    for (const char *at = text; *at != '\0'; at++) {
        unsigned char byte = (unsigned char)*at;
        if (byte == '"' || byte == '\\')
            TRY(mem_buffer_printf(buffer, error, "\\%c", byte));
        else if (byte < 0x20)
            TRY(mem_buffer_printf(buffer, error, "\\u%04x", byte));
        else
            TRY(mem_buffer_append(buffer, at, 1, error));
    }
    return mem_buffer_append(buffer, "\"", 1, error);
}

static enum error_code add_input(struct mem_buffer *buffer, const struct catalog_record *record,
                                 bool first, struct error *error)
{
    const struct store_identity *identity = &record->head->identity;
    TRY(mem_buffer_printf(buffer, error, "%s{\"path\":", first ? "" : ","));
    TRY(add_quoted(buffer, record->path, error));
    return mem_buffer_printf(
        buffer, error, ",\"size\":%llu,\"modified_ns\":%lld,\"device\":%llu,\"inode\":%llu}",
        (unsigned long long)identity->size, (long long)identity->modified_ns,
        (unsigned long long)identity->device, (unsigned long long)identity->inode);
}

static enum error_code list_inputs(struct sum *sum, struct mem_buffer *buffer,
                                   struct mem_buffer *scratch, uint64_t *ret_digest,
                                   struct error *error)
{
    uint64_t digest = 0;
    bool listing = true;
    for (uint64_t file = 0; file < sum->catalog.file_count; file++) {
        struct catalog_record record;
        TRY(catalog_load(&sum->catalog, file, scratch, &record, error));
        listing = listing && file < INPUTS_LISTED &&
                  buffer->size + 8 * strlen(record.path) + 512 < INPUTS_BYTES;
        if (listing)
            TRY(add_input(buffer, &record, file == 0, error));
        digest = XXH3_64bits_withSeed(record.path, strlen(record.path), digest);
        digest = XXH3_64bits_withSeed(&record.head->identity, sizeof record.head->identity, digest);
        digest = XXH3_64bits_withSeed(&record.head->footer_hash, sizeof record.head->footer_hash,
                                      digest);
    }
    *ret_digest = digest;
    return ERROR_NONE;
}

static enum error_code describe_inputs(struct sum *sum, struct mem_buffer *buffer,
                                       struct error *error)
{
    struct mem_buffer scratch;
    uint64_t digest;
    mem_buffer_init(&scratch, &sum->account, SIZE_MAX / 2);
    TRY(mem_buffer_printf(buffer, error, "{\"count\":%llu,\"files\":[",
                          (unsigned long long)sum->catalog.file_count));
    enum error_code code = list_inputs(sum, buffer, &scratch, &digest, error);
    mem_buffer_release(&scratch);
    if (code != ERROR_NONE)
        return code;
    TRY(mem_buffer_printf(buffer, error, "],\"digest\":\"xxh3:%016llx\"}",
                          (unsigned long long)digest));
    return mem_buffer_append(buffer, "", 1, error);
}

static void add_entry(struct provenance *provenance, const char *key, const void *value,
                      size_t size)
{
    provenance->entries[provenance->count++] =
        (struct parquet_key_value){.key = key, .value = value, .value_size = size};
}

static enum error_code add_schemas(struct sum *sum, struct provenance *provenance,
                                   struct error *error)
{
    const struct parquet_key_value *arrow = parquet_key_value(&sum->first, "ARROW:schema");
    const struct parquet_key_value *pandas = parquet_key_value(&sum->first, "pandas");
    if (arrow != NULL && arrow->value != NULL) {
        TRY(arrow_schema_base64(sum->fields, sum->field_count, &provenance->arrow, error));
        add_entry(provenance, "ARROW:schema", provenance->arrow.data, provenance->arrow.size);
    }
    if (pandas != NULL && pandas->value != NULL) {
        TRY(pandas_metadata_rewrite(pandas->value, pandas->value_size, sum->fields,
                                    sum->field_count, sum->report.result_rows, &provenance->pandas,
                                    error));
        if (provenance->pandas.size > 0)
            add_entry(provenance, "pandas", provenance->pandas.data, provenance->pandas.size);
    }
    return ERROR_NONE;
}

enum error_code provenance_make(struct sum *sum, struct provenance *ret, struct error *error)
{
    memset(ret, 0, sizeof *ret);
    mem_buffer_init(&ret->arrow, &sum->account, PROVENANCE_BYTES);
    mem_buffer_init(&ret->pandas, &sum->account, PROVENANCE_BYTES);
    mem_buffer_init(&ret->inputs, &sum->account, PROVENANCE_BYTES);
    TRY(add_schemas(sum, ret, error));
    add_entry(ret, "weir.version", WEIR_VERSION, strlen(WEIR_VERSION));
    if (sum->options.command != NULL)
        add_entry(ret, "weir.command", sum->options.command, strlen(sum->options.command));
    TRY(describe_inputs(sum, &ret->inputs, error));
    add_entry(ret, "weir.inputs", ret->inputs.data, ret->inputs.size - 1);
    return ERROR_NONE;
}

void provenance_release(struct provenance *provenance)
{
    mem_buffer_release(&provenance->arrow);
    mem_buffer_release(&provenance->pandas);
    mem_buffer_release(&provenance->inputs);
}
