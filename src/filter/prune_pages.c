/*
 * The rows of a row group by the page indexes of its columns.
 *
 * The pages of columns end at different rows; rows are gone through from one end to the next, and
 * between two of them each column is at one page. An index is gone through twice: once to see that
 * nothing in it contradicts itself or its chunk, once to be used.
 */
#include "filter/prune_state.h"

static void walk_begin(struct page_walk *walk, const struct page_course *course, uint64_t row_count)
{
    *walk = (struct page_walk){
        .offsets = course->offsets, .summaries = course->summaries, .row_count = row_count};
    walk->has_next = offset_index_next(&walk->offsets, &walk->next);
}

/* false behind the last page. */
static bool walk_next(struct page_walk *walk)
{
    if (!walk->has_next || !column_index_next(&walk->summaries, &walk->summary))
        return false;
    walk->page = walk->next;
    walk->has_next = offset_index_next(&walk->offsets, &walk->next);
    walk->end = walk->has_next ? walk->next.first_row : walk->row_count;
    return true;
}

/* Rows and bytes go on from page to page, and lie within the chunk. */
static bool is_placed(const struct page_walk *walk, const struct parquet_chunk *chunk)
{
    const struct page_location *page = &walk->page;
    if (page->offset < chunk->offset || page->offset - chunk->offset >= chunk->length ||
        page->size == 0 || page->size > chunk->length - (page->offset - chunk->offset))
        return false;
    if (walk->has_next && walk->next.offset < page->offset + page->size)
        return false;
    return page->first_row < walk->end && walk->end <= walk->row_count;
}

static bool has_sound_nulls(const struct page_walk *walk, const struct parquet_column *column)
{
    const struct page_summary *summary = &walk->summary;
    uint64_t rows = walk->end - walk->page.first_row;
    if (summary->null_page && !column->nullable)
        return false;
    if (!summary->has_null_count)
        return true;
    if (summary->null_count < 0 || (summary->null_count > 0 && !column->nullable))
        return false;
    uint64_t nulls = (uint64_t)summary->null_count;
    return nulls <= rows && (nulls == rows) == summary->null_page;
}

static enum bounds_verdict set_page_facts(struct column_knowledge *knowledge,
                                          const struct page_summary *summary,
                                          struct filter_facts *facts)
{
    struct filter_facts page = knowledge->chunk_facts;
    enum bounds_verdict verdict = BOUNDS_NONE;
    if (!summary->null_page)
        verdict = prune_set_bounds(knowledge, summary->minimum, summary->maximum, &page);
    page.has_values = page.has_values && !summary->null_page;
    page.has_nulls = page.has_nulls && !(summary->has_null_count && summary->null_count == 0);
    if (verdict != BOUNDS_KNOWN) {
        page.minimum = knowledge->chunk_facts.minimum;
        page.maximum = knowledge->chunk_facts.maximum;
    }
    *facts = page;
    return verdict;
}

/* What a page says may be cut wider than the chunk's own bounds, but not lie apart from them. */
static bool has_sound_bounds(struct column_knowledge *knowledge, const struct page_walk *walk)
{
    struct filter_facts facts;
    enum bounds_verdict verdict = set_page_facts(knowledge, &walk->summary, &facts);
    if (verdict != BOUNDS_KNOWN)
        return verdict != BOUNDS_CONTRADICTORY;
    return !prune_bounds_apart(knowledge, &facts, &knowledge->chunk_facts);
}

static bool is_sound(struct column_knowledge *knowledge, uint64_t row_count)
{
    struct page_walk walk;
    const struct parquet_statistics *statistics = &knowledge->chunk->statistics;
    uint64_t nulls = 0;
    bool has_counts = true;
    walk_begin(&walk, &knowledge->pages, row_count);
    if (walk.offsets.page_count != walk.summaries.page_count || !walk.has_next ||
        walk.next.first_row != 0)
        return false;
    while (walk_next(&walk)) {
        if (!is_placed(&walk, knowledge->chunk) || !has_sound_nulls(&walk, knowledge->column) ||
            !has_sound_bounds(knowledge, &walk))
            return false;
        has_counts = has_counts && walk.summary.has_null_count;
        nulls += has_counts ? (uint64_t)walk.summary.null_count : 0;
    }
    return !has_counts || !statistics->has_null_count || nulls == (uint64_t)statistics->null_count;
}

static enum error_code read_index(struct pruner *pruner, struct column_knowledge *knowledge,
                                  struct error *scratch)
{
    struct page_course *course = &knowledge->pages;
    TRY(offset_index_read(&course->offsets, pruner->object, knowledge->chunk, scratch));
    TRY(column_index_read(&course->summaries, pruner->object, knowledge->chunk, scratch));
    return ERROR_NONE;
}

static void release_index(struct page_course *course)
{
    offset_index_release(&course->offsets);
    column_index_release(&course->summaries);
    course->active = false;
}

static enum error_code open_course(struct pruner *pruner, uint32_t column)
{
    struct error scratch;
    struct column_knowledge *knowledge = &pruner->columns[column];
    const struct parquet_chunk *chunk = knowledge->chunk;
    if (chunk->offset_index_length == 0 || chunk->column_index_length == 0 || chunk->encrypted ||
        chunk->elsewhere || chunk->page_index_outside ||
        !filter_is_open(pruner->filter, column, &pruner->facts[column]))
        return ERROR_NONE;
    error_init(&scratch);
    enum error_code code = read_index(pruner, knowledge, &scratch);
    if (code == ERROR_NONE) {
        pruner->ret->bytes_read +=
            (uint64_t)chunk->offset_index_length + chunk->column_index_length;
        knowledge->pages.active = is_sound(knowledge, pruner->row_count);
    }
    if (!knowledge->pages.active)
        release_index(&knowledge->pages);
    return prune_forgive(pruner, code, &scratch);
}

/* Goes to the page that begins where the one before ended. */
static void enter_page(struct pruner *pruner, uint32_t column)
{
    struct column_knowledge *knowledge = &pruner->columns[column];
    if (walk_next(&knowledge->pages.walk))
        set_page_facts(knowledge, &knowledge->pages.walk.summary, &pruner->facts[column]);
    knowledge->pages.taken = false;
}

/* The chunk's bounds get a place of their own: pages put theirs where they were. */
static void keep_chunk_facts(struct column_knowledge *knowledge, struct filter_facts *facts)
{
    knowledge->chunk_minimum = knowledge->minimum;
    knowledge->chunk_maximum = knowledge->maximum;
    if (facts->minimum == &knowledge->minimum)
        facts->minimum = &knowledge->chunk_minimum;
    if (facts->maximum == &knowledge->maximum)
        facts->maximum = &knowledge->chunk_maximum;
    knowledge->chunk_facts = *facts;
}

static enum error_code open_courses(struct pruner *pruner, bool *ret_any)
{
    *ret_any = false;
    for (uint32_t i = 0; i < pruner->column_count; i++) {
        keep_chunk_facts(&pruner->columns[i], &pruner->facts[i]);
        TRY(open_course(pruner, i));
        *ret_any = *ret_any || pruner->columns[i].pages.active;
    }
    return ERROR_NONE;
}

static void close_courses(struct pruner *pruner)
{
    for (uint32_t i = 0; i < pruner->column_count; i++)
        release_index(&pruner->columns[i].pages);
}

static void begin_courses(struct pruner *pruner)
{
    for (uint32_t i = 0; i < pruner->column_count; i++) {
        struct page_course *course = &pruner->columns[i].pages;
        if (!course->active)
            continue;
        walk_begin(&course->walk, course, pruner->row_count);
        enter_page(pruner, i);
    }
}

/* The nearest row at which some column's page ends. */
static uint64_t nearest_end(const struct pruner *pruner)
{
    uint64_t end = pruner->row_count;
    for (uint32_t i = 0; i < pruner->column_count; i++) {
        const struct page_course *course = &pruner->columns[i].pages;
        if (course->active && course->walk.end < end)
            end = course->walk.end;
    }
    return end;
}

/* Moves on the columns whose pages end at a row; returns how many pages none took a row of. */
static uint32_t pass_pages(struct pruner *pruner, uint64_t row, bool taken)
{
    uint32_t passed_over = 0;
    for (uint32_t i = 0; i < pruner->column_count; i++) {
        struct page_course *course = &pruner->columns[i].pages;
        if (!course->active)
            continue;
        course->taken = course->taken || taken;
        if (course->walk.end != row)
            continue;
        passed_over += course->taken ? 0 : 1;
        enter_page(pruner, i);
    }
    return passed_over;
}

static enum error_code take_rows(struct pruner *pruner, uint64_t first_row)
{
    uint32_t passed_over = 0;
    uint64_t before = pruner->ret->row_count, end;
    for (uint64_t row = 0; row < pruner->row_count; row = end) {
        end = nearest_end(pruner);
        bool taken = filter_may_select(pruner->filter, pruner->facts);
        if (taken)
            TRY(row_ranges_add(pruner->ret, first_row + row, first_row + end, pruner->error));
        passed_over += pass_pages(pruner, end, taken);
    }
    if (pruner->ret->row_count == before)
        pruner->ret->row_groups_passed_over++;
    else
        pruner->ret->pages_passed_over += passed_over;
    return ERROR_NONE;
}

enum error_code prune_pages(struct pruner *pruner, uint64_t first_row, bool *ret_used)
{
    bool any;
    enum error_code code = open_courses(pruner, &any);
    if (code == ERROR_NONE && any) {
        begin_courses(pruner);
        code = take_rows(pruner, first_row);
    }
    close_courses(pruner);
    *ret_used = any;
    return code;
}
