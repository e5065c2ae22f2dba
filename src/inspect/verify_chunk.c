#include <inttypes.h>

#include "inspect/verify_state.h"
#include "os/os.h"

struct verify_place verify_chunk_place(const struct chunk_check *check)
{
    struct verify_place place = check->place;
    place.page = ERROR_NO_PLACE;
    place.offset = ERROR_NO_PLACE;
    return place;
}

bool verify_goes_on(enum error_code code)
{
    return code == ERROR_INPUT || code == ERROR_UNSUPPORTED || code == ERROR_MEMORY;
}

/* The dictionary page: where it may stand, and where the footer says it does. */
static void check_dictionary(struct chunk_check *check)
{
    struct verifier *verifier = check->verifier;
    uint64_t said = check->chunk->dictionary_offset;
    check->place.page = ERROR_NO_PLACE;
    if (check->dictionary++ > 0)
        verify_problem(verifier, &check->place, "dictionary", "a second dictionary in the column");
    else if (check->page > 0)
        verify_problem(verifier, &check->place, "dictionary", "it stands behind data pages");
    else if (said == 0)
        verify_note(verifier, &check->place, "dictionary", "the footer does not mention it");
    else if (said != (uint64_t)check->place.offset)
        verify_problem(verifier, &check->place, "dictionary", "the footer says it is at %" PRIu64,
                       said);
}

static void check_data_page_offset(struct chunk_check *check)
{
    uint64_t said = check->chunk->data_page_offset;
    uint64_t found = (uint64_t)check->place.offset;
    if (check->page > 0 || said == found)
        return;
    /* Before there was an offset of its own, that of the dictionary stood here. */
    if (said == check->chunk->offset)
        verify_note(check->verifier, &check->place, "sizes",
                    "the footer gives the dictionary's place for the first data page's");
    else
        verify_problem(check->verifier, &check->place, "sizes",
                       "the footer says that the first data page is at %" PRIu64, said);
}

static void check_v2(struct chunk_check *check, const struct page_facts *facts)
{
    const struct parquet_page *page = &facts->page;
    if (!facts->is_v2)
        return;
    if (!check->repeated && facts->row_count != page->value_count)
        verify_problem(check->verifier, &check->place, "page",
                       "its header says %" PRIu32 " rows and %" PRIu32 " values", facts->row_count,
                       page->value_count);
    if (check->page_seen && facts->null_count != check->page_nulls)
        verify_problem(check->verifier, &check->place, "page",
                       "%" PRIu64 " nulls, where its header says %" PRIu32, check->page_nulls,
                       facts->null_count);
}

static void check_page_statistics(struct chunk_check *check, const struct page_facts *facts)
{
    const struct parquet_statistics *statistics = &facts->statistics;
    if (!check->page_seen)
        return;
    verify_bounds(check, &check->place, "page statistics", statistics, &check->verifier->page_range,
                  true);
    verify_counts(check, &check->place, "page statistics", statistics, facts->page.value_count,
                  check->page_nulls);
}

static enum error_code check_crc(struct chunk_check *check, const struct page_facts *facts,
                                 bool *ret_right, struct error *error)
{
    TRY(page_facts_check_crc(&check->verifier->headers, &facts->page, ret_right, error));
    if (!*ret_right)
        verify_problem(check->verifier, &check->place, "page", "its checksum is wrong");
    return ERROR_NONE;
}

/* A page whose rows cannot belong to the column: from here on nothing can be counted. */
static bool has_room(struct chunk_check *check, const struct page_facts *facts)
{
    uint64_t left = check->chunk->value_count - check->rows;
    if (facts->page.value_count <= left)
        return true;
    verify_problem(check->verifier, &check->place, "page",
                   "it has %" PRIu32 " %s, where %" PRIu64 " are left of its column",
                   facts->page.value_count, check->repeated ? "values" : "rows", left);
    check->decode = false;
    check->complete = false;
    check->counted = false;
    return false;
}

static bool needs_lost_dictionary(const struct chunk_check *check, const struct parquet_page *page)
{
    return check->lost_dictionary &&
           (page->encoding == PARQUET_PLAIN_DICTIONARY || page->encoding == PARQUET_RLE_DICTIONARY);
}

static enum error_code check_data_page(struct chunk_check *check, const struct page_facts *facts,
                                       struct error *error)
{
    bool right;
    bool fits = has_room(check, facts);
    check->page_seen = false;
    check_data_page_offset(check);
    if (facts->page.encoding >= 0 && facts->page.encoding < 32)
        check->encodings |= UINT32_C(1) << facts->page.encoding;
    TRY(check_crc(check, facts, &right, error));
    if (right && check->decode && !needs_lost_dictionary(check, &facts->page)) {
        TRY(verify_page_values(check, facts, error));
    } else {
        check->complete = false;
        check->open = false;
    }
    check_v2(check, facts);
    check_page_statistics(check, facts);
    verify_index_page(check, facts);
    check->rows += fits ? facts->page.value_count : 0;
    check->page++;
    return ERROR_NONE;
}

static enum error_code check_page(struct chunk_check *check, const struct page_facts *facts,
                                  struct error *error)
{
    bool right;
    check->decoded += (uint64_t)facts->page.header_size + facts->page.uncompressed_size;
    check->verifier->totals.pages++;
    if (!facts->foreign && facts->page.kind != PARQUET_PAGE_DICTIONARY)
        return check_data_page(check, facts, error);
    if (!facts->foreign)
        check_dictionary(check);
    TRY(check_crc(check, facts, &right, error));
    check->lost_dictionary |= !right && !facts->foreign;
    return ERROR_NONE;
}

/* Reports a header that cannot be read; true: the next page is known. */
static bool pass_over(struct chunk_check *check, const struct error *failure)
{
    if (check->counted && check->rows == check->chunk->value_count) {
        check->place.page = ERROR_NO_PLACE;
        verify_problem(check->verifier, &check->place, "sizes",
                       "%" PRIu64 " bytes behind its last page are said to belong to the column",
                       check->chunk->length - check->offset);
        return false;
    }
    verify_problem(check->verifier, &check->place, "page", "%s", failure->what);
    check->complete = false;
    check->open = false;
    if (verify_index_jump(check))
        return true;
    check->counted = false;
    return false;
}

/* Where all rows were met, what the reader added to the length belongs to others. */
static bool has_more(const struct chunk_check *check)
{
    const struct parquet_chunk *chunk = check->chunk;
    bool all = check->counted && check->rows == chunk->value_count;
    return check->offset < chunk->length - (all ? chunk->lengthened : 0);
}

static enum error_code walk_pages(struct chunk_check *check, struct error *error)
{
    while (has_more(check)) {
        struct page_facts facts;
        struct error failure;
        error_init(&failure);
        TRY(os_check_stop(error));
        check->place.page = (int64_t)check->page;
        check->place.offset = (int64_t)(check->chunk->offset + check->offset);
        enum error_code code =
            page_facts_read(&check->verifier->headers, check->offset, &facts, &failure);
        if (code != ERROR_NONE && !verify_goes_on(code)) {
            *error = failure;
            return code;
        }
        if (code != ERROR_NONE && !pass_over(check, &failure))
            return ERROR_NONE;
        if (code != ERROR_NONE)
            continue;
        TRY(check_page(check, &facts, error));
        check->offset += (uint64_t)facts.page.header_size + facts.page.compressed_size;
    }
    return ERROR_NONE;
}

/* Both numbers for "encoded by a dictionary" mean the same. */
static uint32_t same_encodings(uint32_t encodings)
{
    uint32_t both = 1u << PARQUET_PLAIN_DICTIONARY | 1u << PARQUET_RLE_DICTIONARY;
    return encodings & both ? encodings | both : encodings;
}

static void check_encodings(struct chunk_check *check, const struct verify_place *place)
{
    uint32_t unlisted = check->encodings & ~same_encodings(check->chunk->encodings);
    for (int i = 0; i < 32; i++) {
        const char *name = parquet_encoding_name(i);
        if (unlisted >> i & 1)
            verify_note(check->verifier, place, "encodings", "%s is used and not listed",
                        name != NULL ? name : "an unknown encoding");
    }
}

/* What all pages together must come to. */
static void check_sums(struct chunk_check *check, const struct verify_place *place)
{
    const struct parquet_chunk *chunk = check->chunk;
    if (!check->counted)
        return;
    if (check->rows != chunk->value_count)
        verify_problem(check->verifier, place, "sizes",
                       "its pages hold %" PRIu64 " %s, where the footer says %" PRIu64, check->rows,
                       check->repeated ? "values" : "rows", chunk->value_count);
    if (check->offset > chunk->length - chunk->lengthened)
        verify_note(check->verifier, place, "sizes",
                    "its length leaves out %" PRIu64 " bytes, as old writers did",
                    check->offset - (chunk->length - chunk->lengthened));
    bool whole = check->offset == chunk->length && chunk->length > 0;
    if (check->decoded != chunk->decoded_length && whole)
        verify_note(check->verifier, place, "sizes",
                    "its pages have %" PRIu64 " bytes decompressed, where the footer says %" PRIu64,
                    check->decoded, chunk->decoded_length);
}

static void finish_chunk(struct chunk_check *check)
{
    struct verify_place place = verify_chunk_place(check);
    const struct parquet_statistics *statistics = &check->chunk->statistics;
    verify_tell_repetition(check);
    check_sums(check, &place);
    check_encodings(check, &place);
    verify_index_end(check);
    if (check->missing > 0)
        verify_problem(check->verifier, &place, "bloom filter",
                       "it denies %" PRIu64 " of the column's values", check->missing);
    if (!check->decode)
        return;
    bool complete = check->complete && check->rows == check->chunk->value_count;
    verify_width(check, &place);
    if (check->not_text > 0)
        verify_problem(check->verifier, &place, "values", "%" PRIu64 " texts are not UTF-8",
                       check->not_text);
    verify_bounds(check, &place, "statistics", statistics, &check->verifier->chunk_range, complete);
    if (complete)
        verify_counts(check, &place, "statistics", statistics, check->rows, check->nulls);
}

static enum error_code open_bloom_filter(struct chunk_check *check, struct error *error)
{
    struct verifier *verifier = check->verifier;
    struct verify_place place = verify_chunk_place(check);
    struct error failure;
    error_init(&failure);
    if (check->chunk->bloom_filter_offset == 0)
        return ERROR_NONE;
    place.offset = (int64_t)check->chunk->bloom_filter_offset;
    uint64_t end = verifier->object->identity.size - verifier->metadata->footer_length;
    enum error_code code =
        bloom_filter_read(&verifier->bloom, verifier->object, check->chunk, end, &failure);
    if (code == ERROR_NONE)
        return code;
    bloom_filter_release(&verifier->bloom);
    if (!verify_goes_on(code)) {
        *error = failure;
        return code;
    }
    if (code == ERROR_UNSUPPORTED)
        verify_note(verifier, &place, "bloom filter", "%s", failure.what);
    else
        verify_problem(verifier, &place, "bloom filter", "%s", failure.what);
    return ERROR_NONE;
}

/* Values that cannot be looked at; that a column's type makes no sense was told before. */
static void leave_unread(struct chunk_check *check)
{
    const struct parquet_chunk *chunk = check->chunk;
    struct verify_place place = verify_chunk_place(check);
    check->decode = false;
    check->verifier->totals.unread_chunks++;
    if (chunk->encrypted || chunk->elsewhere)
        verify_note(check->verifier, &place, "page", "it is not verified: %s",
                    chunk->encrypted ? "it is encrypted" : "its values stand in another file");
}

/* Of a flat column it was seen with the footer. */
static void check_rows(struct chunk_check *check)
{
    struct verify_place place = verify_chunk_place(check);
    const struct parquet_row_group *group =
        &check->verifier->metadata->row_groups[check->place.row_group];
    if (check->column->nested && !check->repeated && check->chunk->value_count != group->row_count)
        verify_problem(check->verifier, &place, "sizes",
                       "it has %" PRIu64 " values, where its row group has %" PRIu64 " rows",
                       check->chunk->value_count, group->row_count);
}

static enum error_code look_over(struct chunk_check *check, struct error *error)
{
    struct verifier *verifier = check->verifier;
    bool absent = check->chunk->encrypted || check->chunk->elsewhere;
    if (absent || check->column->unsupported != NULL)
        leave_unread(check);
    if (absent)
        return ERROR_NONE;
    check_rows(check);
    page_facts_open(&verifier->headers, verifier->object, check->chunk);
    TRY(verify_index_open(check, error));
    TRY(open_bloom_filter(check, error));
    TRY(walk_pages(check, error));
    finish_chunk(check);
    return ERROR_NONE;
}

enum error_code verify_chunk(struct verifier *verifier, uint32_t row_group, uint32_t column,
                             struct error *error)
{
    const struct parquet_metadata *metadata = verifier->metadata;
    struct chunk_check check = {
        .verifier = verifier,
        .column = &metadata->columns[column],
        .chunk = &metadata->row_groups[row_group].chunks[column],
        .place = {row_group, metadata->columns[column].path, ERROR_NO_PLACE, ERROR_NO_PLACE},
        .decode = true,
        .ordered = verify_is_ordered(&metadata->columns[column]),
        .repeated = metadata->columns[column].max_repetition > 0,
        .counted = true,
        .complete = true,
    };
    verify_range_clear(&verifier->chunk_range);
    enum error_code code = look_over(&check, error);
    offset_index_release(&verifier->offsets);
    column_index_release(&verifier->columns);
    bloom_filter_release(&verifier->bloom);
    return code;
}
