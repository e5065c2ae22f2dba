/*
 * Profiles of the first file's key chunks: what their pages hold, for statistics and page index of
 * the result. They are made by all threads during the proof, so that copying a chunk, which is done
 * in turn, is no more than copying bytes.
 */
#include "os/os.h"
#include "sum/sum_int.h"

static uint64_t profile_count(const struct sum *sum)
{
    return (uint64_t)sum->first.row_group_count * sum->key_count;
}

enum error_code sum_open_profiles(struct sum *sum, struct error *error)
{
    uint64_t count = profile_count(sum);
    if (!sum_copies_keys(sum) || count > PROFILES_MOST)
        return ERROR_NONE;
    unsigned threads = sum->plan.threads;
    TRY(mem_alloc_array(&sum->account, threads, sizeof *sum->profile_spools,
                        (void **)&sum->profile_spools, error));
    for (unsigned i = 0; i < threads; i++)
        spool_init(&sum->profile_spools[i], &sum->account, PROFILE_SPOOL_BYTES, NULL);
    return mem_alloc_array(&sum->account, (size_t)count, sizeof *sum->profiles,
                           (void **)&sum->profiles, error);
}

void sum_close_profiles(struct sum *sum)
{
    for (unsigned i = 0; sum->profile_spools != NULL && i < sum->plan.threads; i++)
        spool_release(&sum->profile_spools[i]);
    mem_free(sum->profile_spools);
    mem_free(sum->profiles);
    sum->profile_spools = NULL;
    sum->profiles = NULL;
}

static enum error_code profile_part(struct sum *sum, const struct store_object *first,
                                    unsigned part, struct parquet_page_reader *reader,
                                    struct error *error)
{
    for (uint64_t i = part; i < profile_count(sum); i += sum->plan.threads) {
        uint32_t group = (uint32_t)(i / sum->key_count);
        uint32_t column = sum->columns[i % sum->key_count];
        const struct parquet_chunk *chunk = &sum->first.row_groups[group].chunks[column];
        enum error_code code =
            parquet_profile_chunk(reader, first, &sum->first.columns[column], chunk,
                                  &sum->profile_spools[part], &sum->profiles[i], error);
        if (code != ERROR_NONE) {
            error_in_row_group(error, group);
            return code;
        }
        TRY(os_check_stop(error));
    }
    return ERROR_NONE;
}

enum error_code sum_profile_keys(struct sum *sum, const struct store_object *first, unsigned part,
                                 struct error *error)
{
    struct parquet_page_reader *reader;
    if (sum->profiles == NULL)
        return ERROR_NONE;
    TRY(parquet_page_reader_create(&sum->account, sum->key_page_limit, &reader, error));
    enum error_code code = profile_part(sum, first, part, reader, error);
    parquet_page_reader_destroy(reader);
    return code;
}
