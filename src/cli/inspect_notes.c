#include "cli/inspect_notes.h"

#include <string.h>

#include "base/utf8.h"
#include "document/document.h"
#include "parquet/page_facts.h"
#include "term/text.h"

/* Entries of key-value metadata that are shown; a footer may have millions. */
#define KEYS_SHOWN     20
#define KEYS_DOCUMENT  1000
#define SORTING_SHOWN  20
#define VALUE_DOCUMENT ((size_t)1000)

const char *inspect_short_name(const char *name, char buffer[static INSPECT_NAME_SIZE])
{
    return utf8_shorten(name, INSPECT_NAME_SIZE - 4, buffer);
}

/* How many column chunks have something. */
struct counts {
    uint64_t chunks;
    uint64_t page_index;
    uint64_t bloom_filter;
};

static struct counts count_aids(const struct parquet_metadata *metadata)
{
    struct counts counts = {0};
    for (uint32_t i = 0; i < metadata->row_group_count; i++) {
        for (uint32_t j = 0; j < metadata->column_count; j++) {
            const struct parquet_chunk *chunk = &metadata->row_groups[i].chunks[j];
            counts.chunks++;
            counts.page_index += chunk->offset_index_offset != 0;
            counts.bloom_filter += chunk->bloom_filter_offset != 0;
        }
    }
    return counts;
}

static const struct parquet_chunk *first_chunk(const struct parquet_metadata *metadata)
{
    for (uint32_t i = 0; i < metadata->row_group_count; i++) {
        for (uint32_t j = 0; j < metadata->column_count; j++) {
            const struct parquet_chunk *chunk = &metadata->row_groups[i].chunks[j];
            if (!chunk->encrypted && !chunk->elsewhere && chunk->length > 0)
                return chunk;
        }
    }
    return NULL;
}

enum checksums { CHECKSUMS_UNKNOWN, CHECKSUMS_NONE, CHECKSUMS_THERE };

/* Damage is noted, or left for --verify to tell; a file that cannot be read at all is a failure. */
static bool is_damage(enum error_code code)
{
    return code == ERROR_INPUT || code == ERROR_UNSUPPORTED;
}

/* Writers give all pages a checksum or none: the first one tells. */
static enum error_code look_for_checksums(const struct store_object *object,
                                          const struct parquet_metadata *metadata,
                                          struct mem_account *account, enum checksums *ret,
                                          struct error *error)
{
    const struct parquet_chunk *chunk = first_chunk(metadata);
    struct page_facts_reader reader;
    struct page_facts facts;
    *ret = CHECKSUMS_UNKNOWN;
    if (chunk == NULL)
        return ERROR_NONE;
    page_facts_init(&reader, account);
    page_facts_open(&reader, object, chunk);
    enum error_code code = page_facts_read(&reader, 0, &facts, error);
    page_facts_release(&reader);
    if (code == ERROR_NONE)
        *ret = facts.page.has_crc ? CHECKSUMS_THERE : CHECKSUMS_NONE;
    return is_damage(code) ? ERROR_NONE : code;
}

/* What stands outside the footer. ret_opening says why the file does not open as it should. */
static enum error_code look_at_file(const struct store_object *object,
                                    const struct parquet_metadata *metadata,
                                    struct mem_account *account, enum checksums *ret_checksums,
                                    bool *ret_opens, struct error *ret_opening, struct error *error)
{
    struct error damage;
    error_init(&damage);
    error_init(ret_opening);
    *ret_opens = parquet_check_opening(object, ret_opening) == ERROR_NONE;
    if (!*ret_opens && !is_damage(ret_opening->code)) {
        *error = *ret_opening;
        return error->code;
    }
    enum error_code code = look_for_checksums(object, metadata, account, ret_checksums, &damage);
    if (code != ERROR_NONE)
        *error = damage;
    return code;
}

/* ---- order of rows --------------------------------------------------------------------------- */

static bool same_sorting(const struct parquet_row_group *a, const struct parquet_row_group *b)
{
    if (a->sorting_count != b->sorting_count)
        return false;
    for (uint32_t i = 0; i < a->sorting_count; i++) {
        const struct parquet_sorting *x = &a->sorting[i], *y = &b->sorting[i];
        if (x->column != y->column || x->descending != y->descending ||
            x->nulls_first != y->nulls_first)
            return false;
    }
    return true;
}

/* A row group that speaks for all: the same order is said of each; NULL where none is. */
static const struct parquet_row_group *sorting_of(const struct parquet_metadata *metadata)
{
    for (uint32_t i = 1; i < metadata->row_group_count; i++) {
        if (!same_sorting(&metadata->row_groups[0], &metadata->row_groups[i]))
            return NULL;
    }
    bool any = metadata->row_group_count > 0 && metadata->row_groups[0].sorting_count > 0;
    return any ? &metadata->row_groups[0] : NULL;
}

static void put_name(const char *name)
{
    char buffer[INSPECT_NAME_SIZE];
    text_put(stdout, inspect_short_name(name, buffer));
}

static void write_sorting(const struct parquet_metadata *metadata)
{
    const struct parquet_row_group *group = sorting_of(metadata);
    if (group == NULL)
        return;
    for (uint32_t i = 0; i < group->sorting_count && i < SORTING_SHOWN; i++) {
        const struct parquet_sorting *sorting = &group->sorting[i];
        fputs(i == 0 ? "  said to be sorted by " : ", ", stdout);
        put_name(metadata->columns[sorting->column].path);
        fputs(sorting->descending ? " descending" : "", stdout);
        fputs(sorting->nulls_first ? " nulls first" : "", stdout);
    }
    puts(group->sorting_count > SORTING_SHOWN ? ", ..." : "");
}

static json_t *sorting_document(const struct parquet_metadata *metadata)
{
    const struct parquet_row_group *group = sorting_of(metadata);
    json_t *array = json_array();
    for (uint32_t i = 0; group != NULL && i < group->sorting_count && i < SORTING_SHOWN; i++) {
        const struct parquet_sorting *sorting = &group->sorting[i];
        json_t *object = json_object();
        json_object_set_new(object, "column",
                            document_text(metadata->columns[sorting->column].path));
        json_object_set_new(object, "descending", json_boolean(sorting->descending));
        json_object_set_new(object, "nulls_first", json_boolean(sorting->nulls_first));
        json_array_append_new(array, object);
    }
    return array;
}

/* ---- key-value metadata ---------------------------------------------------------------------- */

static void write_keys(const struct parquet_metadata *metadata)
{
    char size[24], more[32];
    uint32_t count = metadata->key_value_count;
    for (uint32_t i = 0; i < count && i < KEYS_SHOWN; i++) {
        const struct parquet_key_value *entry = &metadata->key_values[i];
        fputs(i == 0 ? "  metadata: " : ", ", stdout);
        put_name(entry->key);
        printf(" (%s)",
               entry->value == NULL ? "no value" : mem_format_size(entry->value_size, size));
    }
    if (count > KEYS_SHOWN)
        printf(" and %s more", text_count(count - KEYS_SHOWN, more));
    fputs(count > 0 ? "\n" : "", stdout);
}

/* Text without a zero byte that is short. */
static const char *value_shown(const struct parquet_key_value *entry)
{
    bool shown = entry->value != NULL && entry->value_size <= VALUE_DOCUMENT &&
                 memchr(entry->value, 0, entry->value_size) == NULL;
    return shown ? entry->value : NULL;
}

static json_t *keys_document(const struct parquet_metadata *metadata)
{
    json_t *array = json_array();
    for (uint32_t i = 0; i < metadata->key_value_count && i < KEYS_DOCUMENT; i++) {
        const struct parquet_key_value *entry = &metadata->key_values[i];
        char key[INSPECT_NAME_SIZE];
        json_t *object = json_object();
        json_object_set_new(object, "key", document_text(inspect_short_name(entry->key, key)));
        json_object_set_new(object, "bytes",
                            entry->value == NULL ? json_null() : document_count(entry->value_size));
        json_object_set_new(object, "value", document_text(value_shown(entry)));
        json_array_append_new(array, object);
    }
    return array;
}

/* ---- together -------------------------------------------------------------------------------- */

static const char *describe_share(uint64_t count, const struct counts *counts, char *buffer,
                                  size_t size)
{
    if (count == 0)
        snprintf(buffer, size, "none");
    else if (count == counts->chunks)
        snprintf(buffer, size, "all columns");
    else
        snprintf(buffer, size, "%llu of %llu column chunks", (unsigned long long)count,
                 (unsigned long long)counts->chunks);
    return buffer;
}

static void write_aids(const struct parquet_metadata *metadata, enum checksums checksums)
{
    static const char *const words[] = {"unknown", "none", "all pages"};
    struct counts counts = count_aids(metadata);
    char index[64], filter[64];
    if (counts.chunks == 0)
        return;
    printf("  page index: %s; bloom filters: %s; checksums: %s\n",
           describe_share(counts.page_index, &counts, index, sizeof index),
           describe_share(counts.bloom_filter, &counts, filter, sizeof filter), words[checksums]);
}

enum error_code inspect_write_notes(const struct store_object *object,
                                    const struct parquet_metadata *metadata,
                                    struct mem_account *account, struct error *error)
{
    enum checksums checksums;
    struct error opening;
    bool opens;
    TRY(look_at_file(object, metadata, account, &checksums, &opens, &opening, error));
    putchar('\n');
    if (metadata->elsewhere != NULL) {
        fputs("  a summary: its values stand in other files (", stdout);
        put_name(metadata->elsewhere);
        puts(")");
    }
    if (!opens)
        printf("  %s\n", opening.what);
    write_keys(metadata);
    write_sorting(metadata);
    write_aids(metadata, checksums);
    if (ferror(stdout))
        return error_set(error, ERROR_IO, "cannot write to standard output");
    return ERROR_NONE;
}

enum error_code inspect_set_notes(json_t *file, const struct store_object *object,
                                  const struct parquet_metadata *metadata,
                                  struct mem_account *account, struct error *error)
{
    struct counts counts = count_aids(metadata);
    enum checksums checksums;
    struct error opening;
    bool opens;
    TRY(look_at_file(object, metadata, account, &checksums, &opens, &opening, error));
    json_object_set_new(file, "begins_with_magic", json_boolean(opens));
    json_object_set_new(file, "values_in_file", document_text(metadata->elsewhere));
    json_object_set_new(file, "column_chunks", document_count(counts.chunks));
    json_object_set_new(file, "chunks_with_page_index", document_count(counts.page_index));
    json_object_set_new(file, "chunks_with_bloom_filter", document_count(counts.bloom_filter));
    json_object_set_new(
        file, "page_checksums",
        checksums == CHECKSUMS_UNKNOWN ? json_null() : json_boolean(checksums == CHECKSUMS_THERE));
    json_object_set_new(file, "sorting", sorting_document(metadata));
    json_object_set_new(file, "key_value_count", document_count(metadata->key_value_count));
    if (json_object_set_new(file, "key_values", keys_document(metadata)) != 0)
        return error_set(error, ERROR_MEMORY, "not enough memory for the JSON document");
    return ERROR_NONE;
}
