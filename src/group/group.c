#include "group/group.h"

#include "group/partition.h"
#include "group/results.h"

static enum error_code check_limit(const struct group_options *options, struct error *error)
{
    char needed[24], limit[24];
    bool dense = options->keys == GROUP_DENSE;
    size_t least = dense ? group_size_expected(options) : group_size_least(options);
    if (options->limit >= least)
        return ERROR_NONE;
    enum error_code code =
        error_set(error, ERROR_MEMORY, "grouping needs %s, %s are allowed",
                  mem_format_size(least, needed), mem_format_size(options->limit, limit));
    error_hint(error, "a higher --memory");
    return code;
}

static enum error_code init_grouping(struct grouping *grouping, struct error *error)
{
    uint32_t partitions = grouping->plan.layout.partitions;
    TRY(mem_alloc_array(&grouping->account, partitions, sizeof *grouping->partitions,
                        (void **)&grouping->partitions, error));
    for (uint32_t i = 0; i < partitions; i++)
        TRY(group_partition_init(grouping, i, error));
    return ERROR_NONE;
}

enum error_code group_create(struct mem_account *account, const struct group_options *options,
                             struct grouping **ret, struct error *error)
{
    void *memory;
    TRY(check_limit(options, error));
    TRY(mem_alloc(account, sizeof **ret, &memory, error));
    struct grouping *grouping = memory;
    grouping->options = *options;
    grouping->shape = (struct group_shape){options->keys, options->wants_rows, options->value_count,
                                           options->values, options->grids};
    mem_account_init(&grouping->account, "groups", account, options->limit);
    scratch_file_init(&grouping->file, options->folder, options->room_needed);
    group_plan_make(options, &grouping->shape, &grouping->plan);
    enum error_code code = init_grouping(grouping, error);
    if (code != ERROR_NONE) {
        group_destroy(grouping);
        return code;
    }
    *ret = grouping;
    return ERROR_NONE;
}

void group_destroy(struct grouping *grouping)
{
    if (grouping == NULL)
        return;
    group_results_destroy(grouping->results);
    for (uint32_t i = 0; i < grouping->partitions_made; i++) {
        group_partition_release(&grouping->partitions[i]);
        pthread_mutex_destroy(&grouping->partitions[i].mutex);
    }
    mem_free(grouping->partitions);
    scratch_file_close(&grouping->file);
    mem_free(grouping);
}

static uint64_t keys_in(const struct grouping *grouping, const struct group_partition *partition)
{
    uint64_t keys = partition->table.count;
    for (size_t i = 0; partition->met != NULL && i < (grouping->plan.slots + 63) / 64; i++)
        keys += (unsigned)__builtin_popcountll(partition->met[i]);
    return keys;
}

void group_report(const struct grouping *grouping, struct group_report *ret)
{
    uint64_t keys = grouping->keys;
    for (uint32_t i = 0; grouping->results == NULL && i < grouping->partitions_made; i++)
        keys += keys_in(grouping, &grouping->partitions[i]);
    *ret = (struct group_report){.keys = keys,
                                 .partitions = grouping->plan.layout.partitions,
                                 .rows_aside = atomic_load(&grouping->rows_aside),
                                 .bytes_aside = atomic_load(&grouping->bytes_aside),
                                 .depth = grouping->depth};
}
