/*
 * "weir inspect --pages": what the header of each page says, in the order of the file.
 *
 * As text it is written page by page, so that a file of a million pages takes no more memory than
 * one of three. As JSON the pages of a file must be held, and --memory says how many.
 */
#include <string.h>

#include "cli/inspect_notes.h"
#include "cli/inspect_view.h"
#include "os/os.h"
#include "parquet/page_facts.h"
#include "term/text.h"

/* What a page takes at most in a JSON document; bounds are cut, so it has a limit. */
#define PAGE_DOCUMENT_BYTES 4096
/* Of a bound: characters shown. */
#define BOUND_SHOWN 40

/* Where a listing is. */
struct listing {
    const struct parquet_metadata *metadata;
    const struct parquet_column *column;
    const struct parquet_chunk *chunk;
    uint32_t row_group;
    uint64_t page;      /* of the chunk, from 0 */
    uint64_t first_row; /* of the next page, in the row group */
    bool row_known;     /* nested columns: only v2 tells rows */
    json_t *pages;      /* NULL: text */
    uint64_t left;      /* pages that the document may still take */
};

static const char *kind_name(const struct page_facts *facts)
{
    static const char *const names[] = {[PARQUET_PAGE_DATA] = "data v1",
                                        [PARQUET_PAGE_DATA_V2] = "data v2",
                                        [PARQUET_PAGE_DICTIONARY] = "dictionary"};
    return facts->foreign ? "index" : names[facts->page.kind];
}

static const char *encoding_name(int encoding)
{
    const char *name = parquet_encoding_name(encoding);
    return name != NULL ? name : "unknown";
}

/* A dictionary has no levels, nor has a column in which every row has one value. */
static const char *level_encoding_name(const struct listing *listing,
                                       const struct page_facts *facts)
{
    bool levels = listing->column->max_definition > 0 || listing->column->max_repetition > 0;
    if (facts->foreign || facts->page.kind == PARQUET_PAGE_DICTIONARY || !levels)
        return NULL;
    return facts->is_v2 ? "RLE" : encoding_name(facts->page.definition_encoding);
}

static bool has_rows(const struct page_facts *facts)
{
    return !facts->foreign && facts->page.kind != PARQUET_PAGE_DICTIONARY;
}

/* The nulls of a page: a v2 header counts them, a v1 header's statistics may. */
static bool null_count(const struct page_facts *facts, uint64_t *ret)
{
    if (facts->is_v2) {
        *ret = facts->null_count;
        return true;
    }
    *ret = (uint64_t)facts->statistics.null_count;
    return has_rows(facts) && facts->statistics.has_null_count;
}

/* A bound as text; one that is no value of the type as hexadecimal digits. */
static const char *describe_bound(const struct column_type *type, struct parquet_bytes bound,
                                  char *buffer, size_t size)
{
    struct column_type binary = {.physical = COLUMN_BYTE_ARRAY};
    struct column_bytes view = {bound.data, (uint32_t)bound.size};
    bool text = type->physical == COLUMN_BYTE_ARRAY;
    if (bound.data == NULL || bound.size > UINT32_MAX)
        return NULL;
    if (text)
        column_value_format(type, &view, buffer, size);
    else if (bound.size == column_value_size(type))
        column_value_format(type, bound.data, buffer, size);
    else
        column_value_format(&binary, &view, buffer, size);
    return buffer;
}

/* ---- text ------------------------------------------------------------------------------------ */

static void write_chunk_heading(const struct listing *listing)
{
    const struct parquet_chunk *chunk = listing->chunk;
    char values[64], bytes[24], name[INSPECT_NAME_SIZE];
    printf("\n  row group %u, column ", listing->row_group);
    text_put(stdout, inspect_short_name(listing->column->path, name));
    if (chunk->encrypted) {
        puts(": encrypted");
        return;
    }
    printf(": %s, %s at %llu, %s\n",
           text_plural(chunk->value_count, "value", values, sizeof values),
           mem_format_size(chunk->length, bytes), (unsigned long long)chunk->offset,
           codec_name(chunk->codec));
    printf("  %6s %12s  %-10s  %-23s  %-10s %12s %12s %10s %10s %12s  %3s  %s\n", "page", "offset",
           "kind", "encoding", "levels", "compressed", "uncompressed", "values", "nulls",
           "first row", "crc", "bounds");
}

static const char *number_or_nothing(bool known, uint64_t number, char buffer[static 24])
{
    snprintf(buffer, 24, "%llu", (unsigned long long)number);
    return known ? buffer : "";
}

static void write_bounds(const struct column_type *type,
                         const struct parquet_statistics *statistics)
{
    char bound[BOUND_SHOWN * 4 + 1];
    const char *text = describe_bound(type, statistics->minimum, bound, BOUND_SHOWN + 1);
    if (text == NULL && statistics->maximum.data == NULL)
        return;
    fputs("  ", stdout);
    if (text != NULL)
        text_put(stdout, text);
    fputs(" .. ", stdout);
    text = describe_bound(type, statistics->maximum, bound, BOUND_SHOWN + 1);
    if (text != NULL)
        text_put(stdout, text);
}

static void write_page(const struct listing *listing, const struct page_facts *facts)
{
    const struct parquet_page *page = &facts->page;
    const char *levels = level_encoding_name(listing, facts);
    char values[24], nulls[24], row[24];
    uint64_t null = 0;
    bool nulls_known = null_count(facts, &null);
    printf("  %6llu %12llu  %-10s  %-23s  %-10s %12u %12u %10s %10s %12s  %3s",
           (unsigned long long)listing->page,
           (unsigned long long)(listing->chunk->offset + page->offset), kind_name(facts),
           facts->foreign ? "" : encoding_name(page->encoding), levels != NULL ? levels : "",
           page->compressed_size, page->uncompressed_size,
           number_or_nothing(!facts->foreign, page->value_count, values),
           number_or_nothing(nulls_known, null, nulls),
           number_or_nothing(has_rows(facts) && listing->row_known, listing->first_row, row),
           page->has_crc ? "yes" : "no");
    write_bounds(&listing->column->type, &facts->statistics);
    putchar('\n');
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static json_t *count_or_null(bool known, uint64_t count)
{
    return known ? document_count(count) : json_null();
}

static void set_bounds(json_t *object, const struct column_type *type,
                       const struct parquet_statistics *statistics)
{
    char bound[BOUND_SHOWN * 4 + 1];
    json_object_set_new(
        object, "minimum",
        document_text(describe_bound(type, statistics->minimum, bound, BOUND_SHOWN + 1)));
    json_object_set_new(
        object, "maximum",
        document_text(describe_bound(type, statistics->maximum, bound, BOUND_SHOWN + 1)));
}

static json_t *page_document(const struct listing *listing, const struct page_facts *facts)
{
    const struct parquet_page *page = &facts->page;
    bool rows = has_rows(facts);
    uint64_t nulls = 0;
    bool nulls_known = null_count(facts, &nulls);
    json_t *object = json_object();
    json_object_set_new(object, "page", document_count(listing->page));
    json_object_set_new(object, "offset", document_count(listing->chunk->offset + page->offset));
    json_object_set_new(object, "kind", document_text(kind_name(facts)));
    json_object_set_new(object, "encoding",
                        document_text(facts->foreign ? NULL : encoding_name(page->encoding)));
    json_object_set_new(object, "level_encoding",
                        document_text(level_encoding_name(listing, facts)));
    json_object_set_new(object, "header_bytes", document_count(page->header_size));
    json_object_set_new(object, "compressed_bytes", document_count(page->compressed_size));
    json_object_set_new(object, "uncompressed_bytes", document_count(page->uncompressed_size));
    json_object_set_new(object, "values", count_or_null(!facts->foreign, page->value_count));
    json_object_set_new(object, "nulls", count_or_null(nulls_known, nulls));
    json_object_set_new(object, "rows", count_or_null(facts->is_v2, facts->row_count));
    json_object_set_new(object, "first_row",
                        count_or_null(rows && listing->row_known, listing->first_row));
    json_object_set_new(object, "crc", json_boolean(page->has_crc));
    set_bounds(object, &listing->column->type, &facts->statistics);
    return object;
}

static json_t *chunk_document(const struct listing *listing, json_t *pages)
{
    const struct parquet_chunk *chunk = listing->chunk;
    bool open = !chunk->encrypted;
    json_t *object = json_object();
    json_object_set_new(object, "row_group", document_count(listing->row_group));
    json_object_set_new(object, "column", document_text(listing->column->path));
    json_object_set_new(object, "encrypted", json_boolean(chunk->encrypted));
    json_object_set_new(object, "offset", count_or_null(open, chunk->offset));
    json_object_set_new(object, "bytes", count_or_null(open, chunk->length));
    json_object_set_new(object, "values", count_or_null(open, chunk->value_count));
    json_object_set_new(object, "codec", document_text(open ? codec_name(chunk->codec) : NULL));
    json_object_set_new(object, "pages", pages);
    return object;
}

/* ---- the walk -------------------------------------------------------------------------------- */

static enum error_code take_page(struct listing *listing, const struct page_facts *facts,
                                 struct error *error)
{
    if (listing->pages == NULL) {
        write_page(listing, facts);
        return ERROR_NONE;
    }
    if (listing->left == 0) {
        error_set(error, ERROR_MEMORY, "the list of pages does not fit the memory allowed");
        error_hint(error, "a larger --memory, or no --json: text takes no memory");
        return ERROR_MEMORY;
    }
    listing->left--;
    json_array_append_new(listing->pages, page_document(listing, facts));
    return ERROR_NONE;
}

static void pass_page(struct listing *listing, const struct page_facts *facts)
{
    listing->page++;
    if (!has_rows(facts))
        return;
    if (listing->column->max_repetition == 0)
        listing->first_row += facts->page.value_count;
    else if (facts->is_v2)
        listing->first_row += facts->row_count;
    else
        listing->row_known = false;
}

/* All pages of a chunk. Behind the last value may stand what is no page: some writers pad. */
static enum error_code list_chunk(struct listing *listing, struct page_facts_reader *reader,
                                  struct error *error)
{
    const struct parquet_chunk *chunk = listing->chunk;
    uint64_t offset = 0, values = 0;
    while (offset < chunk->length - (values >= chunk->value_count ? chunk->lengthened : 0)) {
        struct page_facts facts;
        struct error failure;
        error_init(&failure);
        TRY(os_check_stop(error));
        enum error_code code = page_facts_read(reader, offset, &facts, &failure);
        if (code != ERROR_NONE && values >= chunk->value_count)
            return ERROR_NONE;
        if (code != ERROR_NONE) {
            *error = failure;
            return code;
        }
        TRY(take_page(listing, &facts, error));
        pass_page(listing, &facts);
        values += has_rows(&facts) ? facts.page.value_count : 0;
        offset += (uint64_t)facts.page.header_size + facts.page.compressed_size;
    }
    return ERROR_NONE;
}

static enum error_code open_chunk(struct listing *listing, const struct store_object *object,
                                  struct page_facts_reader *reader, json_t *columns,
                                  struct error *error)
{
    listing->page = 0;
    listing->first_row = 0;
    listing->row_known = true;
    if (columns != NULL) {
        listing->pages = json_array();
        json_array_append_new(columns, chunk_document(listing, listing->pages));
    } else {
        write_chunk_heading(listing);
    }
    if (listing->chunk->encrypted)
        return ERROR_NONE;
    page_facts_open(reader, object, listing->chunk);
    enum error_code code = list_chunk(listing, reader, error);
    if (code != ERROR_NONE) {
        error_in_column(error, listing->column->path);
        error_in_row_group(error, listing->row_group);
    }
    return code;
}

static enum error_code list_chunks(struct listing *listing, const struct store_object *object,
                                   struct page_facts_reader *reader, json_t *columns,
                                   struct error *error)
{
    const struct parquet_metadata *metadata = listing->metadata;
    for (uint32_t i = 0; i < metadata->row_group_count; i++) {
        for (uint32_t j = 0; j < metadata->column_count; j++) {
            listing->row_group = i;
            listing->column = &metadata->columns[j];
            listing->chunk = &metadata->row_groups[i].chunks[j];
            TRY(open_chunk(listing, object, reader, columns, error));
        }
    }
    return ERROR_NONE;
}

static enum error_code refuse_elsewhere(const struct parquet_metadata *metadata,
                                        struct error *error)
{
    error_set(error, ERROR_UNSUPPORTED,
              "this is a summary of other files (%.200s): it has no pages", metadata->elsewhere);
    error_hint(error, "the files that it refers to");
    return ERROR_UNSUPPORTED;
}

static json_t *file_document(const struct store_object *object,
                             const struct parquet_metadata *metadata, json_t *columns)
{
    json_t *file = json_object();
    json_object_set_new(file, "file", document_text(object->path));
    json_object_set_new(file, "file_bytes", document_count(object->identity.size));
    json_object_set_new(file, "rows", document_count(metadata->row_count));
    json_object_set_new(file, "row_groups", document_count(metadata->row_group_count));
    json_object_set_new(file, "columns", columns);
    return file;
}

/* Chunks take room in a document too, whether or not they have pages. */
static enum error_code document_room(const struct inspection *inspection,
                                     const struct parquet_metadata *metadata, uint64_t *ret,
                                     struct error *error)
{
    uint64_t room = mem_account_left(&inspection->account) / PAGE_DOCUMENT_BYTES;
    uint64_t chunks = (uint64_t)metadata->row_group_count * metadata->column_count;
    if (chunks > room)
        return error_set(error, ERROR_MEMORY, "the list of pages does not fit the memory allowed");
    *ret = room - chunks;
    return ERROR_NONE;
}

enum error_code inspect_show_pages(struct inspection *inspection, const struct store_object *object,
                                   const struct parquet_metadata *metadata, struct error *error)
{
    struct listing listing = {.metadata = metadata};
    struct page_facts_reader reader;
    json_t *columns = NULL;
    if (metadata->elsewhere != NULL)
        return refuse_elsewhere(metadata, error);
    if (inspection->files != NULL) {
        TRY(document_room(inspection, metadata, &listing.left, error));
        columns = json_array();
    } else {
        printf("%s", inspection->shown > 0 ? "\n" : "");
        text_put(stdout, object->path);
        putchar('\n');
    }
    page_facts_init(&reader, &inspection->account);
    enum error_code code = list_chunks(&listing, object, &reader, columns, error);
    page_facts_release(&reader);
    if (columns == NULL)
        return code;
    if (code == ERROR_NONE)
        json_array_append_new(inspection->files, file_document(object, metadata, columns));
    else
        json_decref(columns);
    return code;
}
