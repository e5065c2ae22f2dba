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
    size_t spools = (size_t)sum->plan.threads * sum->key_count;
    TRY(mem_alloc_array(&sum->account, spools, sizeof *sum->profile_spools,
                        (void **)&sum->profile_spools, error));
    for (size_t i = 0; i < spools; i++)
        spool_init(&sum->profile_spools[i], &sum->account, PROFILE_SPOOL_BYTES, NULL);
    return mem_alloc_array(&sum->account, (size_t)count, sizeof *sum->profiles,
                           (void **)&sum->profiles, error);
}

void sum_close_profiles(struct sum *sum)
{
    size_t spools = (size_t)sum->plan.threads * sum->key_count;
    for (size_t i = 0; sum->profile_spools != NULL && i < spools; i++)
        spool_release(&sum->profile_spools[i]);
    mem_free(sum->profile_spools);
    mem_free(sum->profiles);
    sum->profile_spools = NULL;
    sum->profiles = NULL;
}
