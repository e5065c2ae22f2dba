#include "filter/prune_state.h"

void row_ranges_init(struct row_ranges *ranges, struct mem_account *account)
{
    *ranges = (struct row_ranges){0};
    mem_buffer_init(&ranges->ranges, account, SIZE_MAX / 2);
}

void row_ranges_release(struct row_ranges *ranges)
{
    struct mem_account *account = ranges->ranges.account;
    mem_buffer_release(&ranges->ranges);
    row_ranges_init(ranges, account);
}

enum error_code row_ranges_add(struct row_ranges *ranges, uint64_t begin, uint64_t end,
                               struct error *error)
{
    const struct row_range range = {begin, end};
    struct row_range last;
    if (ranges->ranges.size >= sizeof last) {
        uint8_t *at = ranges->ranges.data + ranges->ranges.size - sizeof last;
        memcpy(&last, at, sizeof last);
        if (last.end == begin) {
            last.end = end;
            memcpy(at, &last, sizeof last);
            ranges->row_count += end - begin;
            return ERROR_NONE;
        }
    }
    TRY(mem_buffer_append(&ranges->ranges, &range, sizeof range, error));
    ranges->row_count += end - begin;
    return ERROR_NONE;
}

enum error_code prune_forgive(struct pruner *pruner, enum error_code code,
                              const struct error *scratch)
{
    if (code == ERROR_NONE || code == ERROR_INPUT || code == ERROR_UNSUPPORTED ||
        code == ERROR_MEMORY)
        return ERROR_NONE;
    *pruner->error = *scratch;
    return code;
}

/* What the footer says of the columns' chunks. */
static void learn_statistics(struct pruner *pruner, const struct parquet_row_group *group)
{
    for (uint32_t i = 0; i < pruner->column_count; i++) {
        struct column_knowledge *knowledge = &pruner->columns[i];
        size_t column = (size_t)(knowledge->column - pruner->metadata->columns);
        knowledge->chunk = &group->chunks[column];
        prune_chunk_facts(knowledge, &pruner->facts[i]);
    }
}

/* Whether an answer is left open for some column: else more cannot be learnt. */
static bool any_open(const struct pruner *pruner)
{
    for (uint32_t i = 0; i < pruner->column_count; i++) {
        if (filter_is_open(pruner->filter, i, &pruner->facts[i]))
            return true;
    }
    return false;
}

/* What takes reading, column by column, as long as rows may be taken. */
static enum error_code learn_values(struct pruner *pruner, bool *ret_may)
{
    *ret_may = true;
    for (uint32_t i = 0; i < pruner->column_count && *ret_may; i++) {
        if (!filter_is_open(pruner->filter, i, &pruner->facts[i]))
            continue;
        TRY(prune_read_bloom(pruner, i));
        *ret_may = filter_may_select(pruner->filter, pruner->facts);
        if (!*ret_may)
            break;
        TRY(prune_read_dictionary(pruner, i));
        *ret_may = filter_may_select(pruner->filter, pruner->facts);
    }
    return ERROR_NONE;
}

static void forget_values(struct pruner *pruner)
{
    for (uint32_t i = 0; i < pruner->column_count; i++)
        bloom_filter_release(&pruner->columns[i].bloom);
}

static enum error_code take_open_group(struct pruner *pruner, uint64_t first_row)
{
    bool may, by_pages = false;
    TRY(learn_values(pruner, &may));
    if (!may) {
        pruner->ret->row_groups_passed_over++;
        return ERROR_NONE;
    }
    TRY(prune_pages(pruner, first_row, &by_pages));
    if (by_pages)
        return ERROR_NONE;
    return row_ranges_add(pruner->ret, first_row, first_row + pruner->row_count, pruner->error);
}

static enum error_code take_group(struct pruner *pruner, const struct parquet_row_group *group,
                                  uint64_t first_row)
{
    pruner->row_count = group->row_count;
    learn_statistics(pruner, group);
    if (!filter_may_select(pruner->filter, pruner->facts)) {
        pruner->ret->row_groups_passed_over++;
        return ERROR_NONE;
    }
    if (pruner->limit == 0 || !any_open(pruner))
        return row_ranges_add(pruner->ret, first_row, first_row + group->row_count, pruner->error);
    enum error_code code = take_open_group(pruner, first_row);
    forget_values(pruner);
    return code;
}

static enum error_code take_groups(struct pruner *pruner)
{
    uint64_t first_row = 0;
    for (uint32_t i = 0; i < pruner->metadata->row_group_count; i++) {
        const struct parquet_row_group *group = &pruner->metadata->row_groups[i];
        if (group->row_count > 0)
            TRY(take_group(pruner, group, first_row));
        first_row += group->row_count;
    }
    return ERROR_NONE;
}

static enum error_code create_columns(struct pruner *pruner, const uint32_t *columns,
                                      struct mem_arena *arena)
{
    void *memory, *facts;
    TRY(mem_arena_alloc_array(arena, pruner->column_count, sizeof *pruner->columns, &memory,
                              pruner->error));
    TRY(mem_arena_alloc_array(arena, pruner->column_count, sizeof *pruner->facts, &facts,
                              pruner->error));
    pruner->columns = memory;
    pruner->facts = facts;
    for (uint32_t i = 0; i < pruner->column_count; i++) {
        struct column_knowledge *knowledge = &pruner->columns[i];
        knowledge->column = &pruner->metadata->columns[columns[i]];
        bloom_filter_init(&knowledge->bloom, &pruner->account);
        offset_index_init(&knowledge->pages.offsets, &pruner->account);
        column_index_init(&knowledge->pages.summaries, &pruner->account);
    }
    return ERROR_NONE;
}

static void destroy_readers(struct pruner *pruner)
{
    for (uint32_t i = 0; pruner->columns != NULL && i < pruner->column_count; i++)
        parquet_page_reader_destroy(pruner->columns[i].reader);
}

enum error_code filter_prune(const struct bound_filter *filter, const struct store_object *object,
                             const struct parquet_metadata *metadata, const uint32_t *columns,
                             struct mem_account *account, size_t limit, struct row_ranges *ret,
                             struct error *error)
{
    AUTO(mem_arena_release) struct mem_arena arena;
    struct pruner pruner = {.filter = filter,
                            .object = object,
                            .metadata = metadata,
                            .limit = limit,
                            .column_count = filter->column_count,
                            .ret = ret,
                            .error = error};
    mem_arena_init(&arena, account);
    mem_account_init(&pruner.account, "filter indexes", account, limit);
    enum error_code code = create_columns(&pruner, columns, &arena);
    if (code == ERROR_NONE)
        code = take_groups(&pruner);
    destroy_readers(&pruner);
    return code;
}
