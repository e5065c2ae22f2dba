/* The survey: every footer read once, checked against the first file's, noted in the catalog. */
#include <math.h>
#include <string.h>
#include <xxhash.h>

#include "key/cast.h"
#include "os/os.h"
#include "store/listing.h"
#include "sum/match.h"
#include "sum/wave.h"

/* ---- what the footer says about sizes and values ---- */

static bool has_dictionary(const struct parquet_chunk *chunk)
{
    return (chunk->encodings & (1u << PARQUET_PLAIN_DICTIONARY | 1u << PARQUET_RLE_DICTIONARY)) !=
           0;
}

/* Definition levels of so many rows, at one bit a row and what runs may add. */
static uint64_t levels_bound(const struct parquet_column *column, uint64_t rows)
{
    return column->max_definition > 0 ? rows / 4 + 64 : 0;
}

/* No page of the chunk can be larger than the chunk. */
static size_t reader_bound(const struct parquet_column *column, const struct parquet_chunk *chunk)
{
    uint64_t compressed = chunk->length;
    uint64_t decoded = chunk->decoded_length > chunk->length || chunk->codec == CODEC_UNCOMPRESSED
                           ? chunk->decoded_length
                           : chunk->length;
    if (parquet_chunk_in_pieces(column, chunk) && compressed > PARQUET_PIECE_BYTES) {
        compressed = PARQUET_PIECE_BYTES;
        decoded = levels_bound(column, chunk->value_count);
    }
    return parquet_page_reader_size(column, chunk->codec, compressed, decoded,
                                    has_dictionary(chunk) ? decoded : 0);
}

/* Statistics are hints here: a value beyond them is noticed when it is added. */
static double statistic(const struct column_type *type, const struct parquet_bytes *bytes)
{
    if (bytes->data != NULL && type->physical == COLUMN_DOUBLE && bytes->size == sizeof(double)) {
        double value;
        memcpy(&value, bytes->data, sizeof value);
        return fabs(value);
    }
    if (bytes->data != NULL && type->physical == COLUMN_FLOAT && bytes->size == sizeof(float)) {
        float value;
        memcpy(&value, bytes->data, sizeof value);
        return fabs((double)value);
    }
    return NAN;
}

static void note_chunk(struct column_facts *facts, const struct parquet_column *column,
                       const struct parquet_chunk *chunk)
{
    facts->bytes += chunk->length;
    double low = statistic(&column->type, &chunk->statistics.minimum);
    double high = statistic(&column->type, &chunk->statistics.maximum);
    facts->magnitude = fmax(facts->magnitude, fmax(low, high));
}

static void note_bounds(struct column_facts *facts, const struct parquet_metadata *metadata,
                        uint32_t column)
{
    for (uint32_t group = 0; group < metadata->row_group_count; group++) {
        size_t bound =
            reader_bound(&metadata->columns[column], &metadata->row_groups[group].chunks[column]);
        facts->reader_bound = bound > facts->reader_bound ? bound : facts->reader_bound;
    }
}

static void note_chunks(struct sum *sum, const struct parquet_metadata *metadata,
                        const uint32_t *columns)
{
    for (uint32_t group = 0; group < metadata->row_group_count; group++) {
        for (uint32_t i = 0; i < sum_kept_columns(sum); i++)
            note_chunk(&sum->facts.columns[i], &metadata->columns[columns[i]],
                       &metadata->row_groups[group].chunks[columns[i]]);
    }
}

/* A key reader of this size is promised without a look at the pages. */
#define SMALL_READER_BYTES ((size_t)4 << 20)

/* ---- looking at page headers: of the first file, and of one file of each other layout ---- */

struct page_survey {
    struct sum *sum;
    const struct parquet_column *column;
    struct column_facts *facts;
    enum codec codec;
    struct parquet_page_sizes largest; /* of this file, each by itself */
    uint64_t group_row;                /* rows of the file before the row group */
    bool keep_borders;
    bool fresh_chunk;
};

static uint64_t greater(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static enum error_code note_border(struct page_survey *survey, const struct parquet_page *page,
                                   bool divisible, struct error *error)
{
    bool dictionary =
        page->encoding == PARQUET_RLE_DICTIONARY || page->encoding == PARQUET_PLAIN_DICTIONARY;
    struct page_border border = {.row = survey->group_row + page->first_row,
                                 .dictionary = dictionary,
                                 .fresh_chunk = survey->fresh_chunk,
                                 .divisible = divisible};
    survey->fresh_chunk = false;
    return mem_buffer_append(&survey->sum->facts.borders, &border, sizeof border, error);
}

static enum error_code note_page(void *context, const struct parquet_page *page,
                                 struct error *error)
{
    struct page_survey *survey = context;
    struct sum_facts *facts = &survey->sum->facts;
    struct parquet_page_sizes *largest = &survey->largest;
    if (page->kind == PARQUET_PAGE_DICTIONARY) {
        largest->dictionary = greater(largest->dictionary, page->uncompressed_size);
        facts->largest_dictionary = greater(facts->largest_dictionary, page->uncompressed_size);
        return ERROR_NONE;
    }
    bool divisible = survey->codec == CODEC_UNCOMPRESSED && page->encoding == PARQUET_PLAIN &&
                     survey->column->type.physical != COLUMN_BYTE_ARRAY &&
                     survey->column->type.physical != COLUMN_BOOLEAN;
    uint64_t compressed = page->compressed_size, decoded = page->uncompressed_size;
    if (divisible && compressed > PARQUET_PIECE_BYTES) {
        compressed = PARQUET_PIECE_BYTES;
        decoded = levels_bound(survey->column, page->value_count);
    }
    largest->compressed = greater(largest->compressed, compressed);
    largest->decompressed = greater(largest->decompressed, decoded);
    if (!divisible)
        facts->largest_page_rows = greater(facts->largest_page_rows, page->value_count);
    return survey->keep_borders ? note_border(survey, page, divisible, error) : ERROR_NONE;
}

static enum error_code look_at_pages(struct sum *sum, const struct store_object *object,
                                     const struct parquet_metadata *metadata,
                                     const uint32_t *columns, uint32_t kept, bool first,
                                     struct error *error)
{
    struct page_survey survey = {.sum = sum,
                                 .column = &metadata->columns[columns[kept]],
                                 .facts = &sum->facts.columns[kept],
                                 .keep_borders = first && kept == sum->key_count};
    uint32_t groups = first || metadata->row_group_count == 0 ? metadata->row_group_count : 1;
    for (uint32_t group = 0; group < groups; group++) {
        const struct parquet_chunk *chunk = &metadata->row_groups[group].chunks[columns[kept]];
        survey.codec = chunk->codec;
        survey.fresh_chunk = true;
        enum error_code code =
            parquet_visit_pages(object, survey.column, chunk, note_page, &survey, error);
        if (code != ERROR_NONE) {
            error_in_file(error, object->path);
            error_in_row_group(error, group);
            error_in_column(error, survey.column->path);
            return code;
        }
        survey.group_row += metadata->row_groups[group].row_count;
        size_t size =
            parquet_page_reader_size(survey.column, survey.codec, survey.largest.compressed,
                                     survey.largest.decompressed, survey.largest.dictionary);
        survey.facts->reader_seen = greater(survey.facts->reader_seen, size);
    }
    return ERROR_NONE;
}

/* Files with the same layout were written the same way: one stands for all. */
static uint64_t layout_of(const struct sum *sum, const struct parquet_metadata *metadata,
                          const uint32_t *columns)
{
    uint64_t hash = 0;
    for (uint32_t group = 0; group < metadata->row_group_count; group++) {
        const struct parquet_row_group *row_group = &metadata->row_groups[group];
        hash = XXH3_64bits_withSeed(&row_group->row_count, sizeof row_group->row_count, hash);
        for (uint32_t i = 0; i < sum_kept_columns(sum); i++) {
            const struct parquet_chunk *chunk = &row_group->chunks[columns[i]];
            uint32_t traits[2] = {(uint32_t)chunk->codec, chunk->encodings};
            hash = XXH3_64bits_withSeed(traits, sizeof traits, hash);
        }
    }
    return hash;
}

static bool layout_is_known(struct sum_facts *facts, uint64_t layout)
{
    const uint32_t most = sizeof facts->layout_seen / sizeof facts->layout_seen[0];
    for (uint32_t i = 0; i < facts->layouts_seen; i++) {
        if (facts->layout_seen[i] == layout)
            return true;
    }
    if (facts->layouts_seen == most)
        return true;
    facts->layout_seen[facts->layouts_seen++] = layout;
    return false;
}

static enum error_code note_layout(struct sum *sum, const struct store_object *object,
                                   const struct parquet_metadata *metadata, const uint32_t *columns,
                                   struct error *error)
{
    uint64_t layout = layout_of(sum, metadata, columns);
    bool first = sum->catalog.file_count == 0;
    if (first)
        sum->facts.layout = layout;
    sum->facts.mixed_layouts = sum->facts.mixed_layouts || layout != sum->facts.layout;
    if (layout_is_known(&sum->facts, layout)) {
        for (uint32_t i = 0; i < sum_kept_columns(sum); i++)
            note_bounds(&sum->facts.columns[i], metadata, columns[i]);
        return ERROR_NONE;
    }
    for (uint32_t i = 0; i < sum_kept_columns(sum); i++) {
        struct column_facts *facts = &sum->facts.columns[i];
        note_bounds(facts, metadata, columns[i]);
        /* Where the footer's bound is small already there is nothing to gain. */
        if (i < sum->key_count && facts->reader_bound <= SMALL_READER_BYTES)
            facts->reader_seen = facts->reader_bound;
        else
            TRY(look_at_pages(sum, object, metadata, columns, i, first, error));
        if (first)
            facts->reader_first = facts->reader_seen;
    }
    return ERROR_NONE;
}

/* ---- one file ---- */

/* How values of the same meaning may be stored. */
static const char *stored_as(const struct column_type *type)
{
    static const char *const NAMES[] = {
        [COLUMN_BOOLEAN] = "BOOLEAN",       [COLUMN_INT32] = "INT32",
        [COLUMN_INT64] = "INT64",           [COLUMN_INT96] = "INT96",
        [COLUMN_FLOAT] = "FLOAT",           [COLUMN_DOUBLE] = "DOUBLE",
        [COLUMN_BYTE_ARRAY] = "BYTE_ARRAY", [COLUMN_FIXED] = "FIXED_LEN_BYTE_ARRAY"};
    return NAMES[type->physical];
}

static enum error_code differs(const struct sum *sum, const struct store_object *object,
                               const struct parquet_column *column, const char *name,
                               const struct column_type *expected, struct error *error)
{
    char here[96], there[96];
    column_type_describe(&column->type, here, sizeof here);
    column_type_describe(expected, there, sizeof there);
    enum error_code code =
        error_set(error, ERROR_MISMATCH,
                  "the column is %s (stored as %s) here and %s (%s) in the first file, %s", here,
                  stored_as(&column->type), there, stored_as(expected), sum->first_object.path);
    error_in_column(error, name);
    error_in_file(error, object->path);
    error_hint(error, "leave the file out, or write it like %s", sum->first_object.path);
    return code;
}

/* Keys of other types must have one type that holds all of them exactly. */
static enum error_code match_key(struct sum *sum, const struct store_object *object, uint32_t key,
                                 const struct parquet_column *column, bool *alignable,
                                 struct error *error)
{
    struct column_type *type = &sum->key_types[key];
    sum->key_nullable[key] = sum->key_nullable[key] || column->max_definition > 0;
    if (!column_type_equal(&column->type, &sum->first.columns[sum->columns[key]].type))
        *alignable = false;
    if (column_type_equal(&column->type, type))
        return ERROR_NONE;
    if (!key_types_unify(type, &column->type, type))
        return differs(sum, object, column, sum->options.keys[key], type, error);
    /* What Arrow's schema said was of the first file's own type. */
    sum->fields[key].type = *type;
    sum->fields[key].arrow = (struct column_arrow){0};
    return ERROR_NONE;
}

static enum error_code match_types(struct sum *sum, const struct store_object *object,
                                   const struct parquet_metadata *metadata, const uint32_t *columns,
                                   bool *alignable, struct error *error)
{
    for (uint32_t i = 0; i < sum->key_count; i++)
        TRY(match_key(sum, object, i, &metadata->columns[columns[i]], alignable, error));
    for (uint32_t i = 0; i < sum->value_count; i++) {
        const struct parquet_column *column = &metadata->columns[columns[sum->key_count + i]];
        const struct aggregate_value *value = &sum->values[i];
        if (!column_type_equal(&column->type, &value->type))
            return differs(sum, object, column, value->name, &value->type, error);
    }
    return ERROR_NONE;
}

/* Which number of rows more than half of the files have, if any has: Boyer and Moore, "MJRTY",
 * 1981. */
static void vote(struct sum_facts *facts, uint64_t file, uint64_t rows)
{
    if (facts->votes == 0) {
        facts->usual_rows = rows;
        facts->usual_file = file;
    }
    facts->votes += rows == facts->usual_rows ? 1 : -1;
}

static enum error_code note_file(struct sum *sum, const struct store_object *object,
                                 const struct parquet_metadata *metadata, const uint32_t *columns,
                                 struct error *error)
{
    bool alignable = metadata->row_count == sum->first.row_count;
    TRY(match_types(sum, object, metadata, columns, &alignable, error));
    uint8_t aligned = alignable;
    sum->aligned_count += aligned;
    TRY(mem_buffer_append(&sum->aligned, &aligned, 1, error));
    vote(&sum->facts, sum->catalog.file_count, metadata->row_count);
    if (object->identity.inode == sum->replaced.inode &&
        object->identity.device == sum->replaced.device) {
        enum error_code code = error_set(error, ERROR_EXISTS, "an input is also the output");
        error_in_file(error, object->path);
        error_hint(error, "another name for the output");
        return code;
    }
    TRY(note_layout(sum, object, metadata, columns, error));
    note_chunks(sum, metadata, columns);
    sum->facts.row_count += metadata->row_count;
    sum->facts.file_bytes += object->identity.size;
    TRY(catalog_add(&sum->catalog, object->path, &object->identity, metadata, columns,
                    &sum->scratch, error));
    if (sum->scratch.capacity > sum->facts.largest_record)
        sum->facts.largest_record = sum->scratch.capacity;
    atomic_fetch_add(&sum->progress->files_done, 1);
    atomic_fetch_add(&sum->progress->files_total, 1);
    return ERROR_NONE;
}

static enum error_code survey_first(struct sum *sum, const char *path, struct error *error)
{
    char *copy;
    TRY(mem_arena_copy(&sum->arena, path, strlen(path), &copy, error));
    TRY(store_open(&sum->first_object, copy, error));
    TRY(parquet_metadata_read(&sum->first_object, &sum->account, &sum->first, error));
    sum->first_read = true;
    enum error_code code = sum_resolve_columns(sum, error);
    if (code != ERROR_NONE) {
        error_in_file(error, copy);
        return code;
    }
    /* Of each file the beginnings of the tiles under way, and of one that may begin meanwhile. */
    catalog_init(&sum->catalog, &sum->account, sum_kept_columns(sum),
                 sum->filter_count > 0 ? 0 : sum->value_count,
                 sum->options.threads * (1 + WAVE_EARLY_MOST) + 1);
    return note_file(sum, &sum->first_object, &sum->first, sum->columns, error);
}

static enum error_code survey_other(struct sum *sum, const char *path, struct error *error)
{
    struct store_object object;
    struct parquet_metadata metadata;
    struct mem_buffer columns;
    TRY(store_open(&object, path, error));
    mem_buffer_init(&columns, &sum->account, SIZE_MAX / 2);
    enum error_code code = parquet_metadata_read(&object, &sum->account, &metadata, error);
    if (code == ERROR_NONE) {
        code = mem_buffer_reserve(&columns, sum_kept_columns(sum) * sizeof(uint32_t), error);
        if (code == ERROR_NONE)
            code = sum_match_columns(sum, &metadata, (uint32_t *)columns.data, error);
        if (code != ERROR_NONE)
            error_in_file(error, path);
        if (code == ERROR_NONE)
            code = note_file(sum, &object, &metadata, (uint32_t *)columns.data, error);
        parquet_metadata_release(&metadata);
    }
    mem_buffer_release(&columns);
    store_close(&object);
    return code;
}

static enum error_code survey_file(void *context, const char *path, struct error *error)
{
    struct sum *sum = context;
    TRY(os_check_stop(error));
    if (!sum->first_read)
        return survey_first(sum, path, error);
    return survey_other(sum, path, error);
}

/* ---- all of them ---- */

static enum error_code count_rows(const struct sum *sum, uint64_t rows, uint64_t *ret,
                                  struct error *error)
{
    struct mem_buffer buffer;
    enum error_code code = ERROR_NONE;
    mem_buffer_init(&buffer, sum->catalog.offsets.account, SIZE_MAX / 2);
    *ret = 0;
    for (uint64_t file = 0; code == ERROR_NONE && file < sum->catalog.file_count; file++) {
        struct catalog_record record;
        code = catalog_load(&sum->catalog, file, &buffer, &record, error);
        *ret += code == ERROR_NONE && record.head->row_count == rows;
    }
    mem_buffer_release(&buffer);
    return code;
}

/* The first file is what others are compared with: better one that is like most of them. */
static enum error_code choose_first(struct sum *sum, struct error *error)
{
    uint64_t count;
    struct sum_facts *facts = &sum->facts;
    if (sum->filter != NULL || facts->usual_rows == sum->first.row_count)
        return ERROR_NONE;
    TRY(count_rows(sum, facts->usual_rows, &count, error));
    return 2 * count > sum->catalog.file_count ? sum_survey_from(sum, facts->usual_file, error)
                                               : ERROR_NONE;
}

/* As if nothing had been read; what the arena holds stays there until the end. */
static void forget_survey(struct sum *sum)
{
    struct mem_buffer borders = sum->facts.borders;
    borders.size = 0;
    parquet_metadata_release(&sum->first);
    store_close(&sum->first_object);
    sum->first_read = false;
    sum->key_count = sum->value_count = sum->output_count = sum->field_count = 0;
    sum->facts = (struct sum_facts){.borders = borders};
    sum->aligned.size = 0;
    sum->aligned_count = 0;
    atomic_store(&sum->progress->files_total, 0);
    progress_begin(sum->progress, SUM_PHASE_LISTING);
}

static enum error_code survey_listed(struct sum *sum, const struct catalog *listed, uint64_t file,
                                     struct mem_buffer *buffer, struct error *error)
{
    struct catalog_record record;
    TRY(catalog_load(listed, file, buffer, &record, error));
    return survey_file(sum, record.path, error);
}

enum error_code sum_survey_from(struct sum *sum, uint64_t first, struct error *error)
{
    struct catalog listed = sum->catalog;
    struct mem_buffer buffer;
    mem_buffer_init(&buffer, &sum->account, SIZE_MAX / 2);
    forget_survey(sum);
    catalog_init(&sum->catalog, &sum->account, 0, 0, 0);
    enum error_code code = survey_listed(sum, &listed, first, &buffer, error);
    for (uint64_t file = 0; code == ERROR_NONE && file < listed.file_count; file++)
        if (file != first)
            code = survey_listed(sum, &listed, file, &buffer, error);
    mem_buffer_release(&buffer);
    catalog_release(&listed);
    return code;
}

enum error_code sum_survey(struct sum *sum, struct error *error)
{
    progress_begin(sum->progress, SUM_PHASE_LISTING);
    TRY(listing_expand(sum->options.inputs, sum->options.input_count, &sum->account, survey_file,
                       sum, error));
    if (sum->catalog.file_count > 0)
        return choose_first(sum, error);
    enum error_code code = error_set(error, ERROR_INPUT, "the list of inputs is empty");
    error_hint(error,
               "files, folders, patterns such as 'sims/*.parquet', @list.txt, or - for a list on "
               "standard input");
    return code;
}
