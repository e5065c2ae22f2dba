#include "sum/ways.h"

#include <stdio.h>
#include <string.h>

#include "os/os.h"
#include "sum/fold.h"
#include "sum/frames.h"
#include "sum/key_survey.h"
#include "sum/known_keys.h"
#include "sum/scatter.h"
#include "sum/sorted.h"

/* With fewer files another first one is not worth a try. */
#define FILES_TO_TRY 3

/* How much is believed of what files say about their keys. */
enum trust { TRUST_STATISTICS, TRUST_VALUES, TRUST_NOTHING };

static void say(struct sum *sum, const char *way, const char *reason)
{
    sum->report.way = way;
    /* What the proof found says more than the rule. */
    if (sum->report.way_reason[0] == '\0')
        snprintf(sum->report.way_reason, sizeof sum->report.way_reason, "%s", reason);
}

/* ---- proof ---- */

static void forget_alignment(struct sum *sum)
{
    sum->report.files_aligned = 0;
    memset(sum->aligned.data, 0, sum->aligned.size);
    sum->aligned_count = 0;
}

static enum error_code prove_with(struct sum *sum, struct known_keys *known, struct error *error)
{
    struct key_digest digest;
    TRY(sum_prove_aligned(sum, known, &digest, error));
    if (!sum_may_be_aligned(sum))
        return ERROR_NONE;
    sum->report.files_aligned = sum->aligned_count;
    if (sum->aligned_count < sum->catalog.file_count || sum->key_count == 0)
        return ERROR_NONE;
    TRY(sum_prove_unique(sum, error));
    bool whole = sum->unique || sum->aligned_count >= SUM_FILES_WORTH_FOLDING;
    return whole ? known_keys_keep(known, sum, &digest, error) : ERROR_NONE;
}

static enum error_code prove_once(struct sum *sum, struct error *error)
{
    struct known_keys known;
    progress_begin(sum->progress, SUM_PHASE_PROVING);
    if (!sum_may_be_aligned(sum))
        return ERROR_NONE;
    TRY(known_keys_open(&known, sum, error));
    enum error_code code = prove_with(sum, &known, error);
    known_keys_close(&known);
    return code;
}

/* Where the others are not aligned with the first, they may be with each other. */
static enum error_code prove(struct sum *sum, struct error *error)
{
    bool was_possible = sum_may_be_aligned(sum);
    TRY(prove_once(sum, error));
    if (was_possible && sum->aligned_count == 1 && sum->catalog.file_count >= FILES_TO_TRY) {
        sum_close_profiles(sum);
        TRY(sum_survey_from(sum, 1, error));
        TRY(sum_plan_again(sum, error));
        TRY(prove_once(sum, error));
    }
    if (!sum_may_be_aligned(sum) || (!sum->unique && sum->aligned_count < SUM_FILES_WORTH_FOLDING))
        forget_alignment(sum);
    return ERROR_NONE;
}

/* ---- ways ---- */

static enum error_code go_aligned(struct sum *sum, struct error *error)
{
    say(sum, "aligned",
        "all files have the keys of the first in the same order, none of them twice");
    progress_begin(sum->progress, SUM_PHASE_ADDING);
    TRY(sum_add(sum, sum->output_open ? &sum->output : NULL, NULL, error));
    sum->output_open = false;
    return ERROR_NONE;
}

static const char *way_of(const struct sum *sum)
{
    if (sum->aligned_count == sum->catalog.file_count && sum->catalog.file_count > 0)
        return "folded";
    if (sum->aligned_count > 0)
        return "mixed";
    return sum->group_keys == GROUP_DENSE ? "dense" : "any";
}

static const char *reason_of(const struct sum *sum)
{
    if (sum->aligned_count == sum->catalog.file_count && sum->catalog.file_count > 0)
        return "all files have the same rows, which are added up before they are grouped";
    if (sum->aligned_count > 0)
        return "some files are not aligned with the first";
    if (sum->group_keys == GROUP_DENSE)
        return "keys are numbers in a range that is small against the rows";
    if (sum->group_keys == GROUP_CODES)
        return "keys are in no common order, or have gaps: they are looked up by their hash";
    return "keys cannot be numbered beforehand: they are looked up by their bytes";
}

/* What was found out about keys on the way makes an end of it, without an error. */
static bool is_disappointed(const struct sum *sum)
{
    return atomic_load(&sum->keys_outside) || atomic_load(&sum->keys_unsorted);
}

static void note_grouping(struct sum *sum, const struct grouping *grouping)
{
    struct group_report report;
    group_report(grouping, &report);
    sum->report.keys_in_memory = report.keys;
    sum->report.rows_aside = report.rows_aside;
    sum->report.bytes_aside = report.bytes_aside;
}

static enum error_code add_nothing(struct sum *sum, struct grouping *grouping, struct error *error)
{
    struct group_feed *feed;
    TRY(group_feed_open(grouping, &feed, error));
    enum error_code code = groups_feed_nothing(sum, feed, error);
    if (code == ERROR_NONE)
        return group_feed_close(feed, error);
    group_feed_abort(feed);
    return code;
}

static enum error_code fill(struct sum *sum, struct grouping *grouping, struct error *error)
{
    if (sum->key_count == 0)
        TRY(add_nothing(sum, grouping, error));
    if (sum->options.arrow_stream)
        return frames_add(sum, grouping, error);
    if (sum->aligned_count > 0)
        TRY(sum_add(sum, NULL, grouping, error));
    if (!is_disappointed(sum) && sum->aligned_count < sum->catalog.file_count)
        TRY(sum_scatter(sum, grouping, sum->aligned_count == 0, error));
    return ERROR_NONE;
}

static enum error_code write_groups(struct sum *sum, struct grouping *grouping, struct error *error)
{
    note_grouping(sum, grouping);
    TRY(groups_write(sum, grouping, sum->output_open ? &sum->output : NULL, error));
    sum->output_open = false;
    return ERROR_NONE;
}

static enum error_code go_grouped(struct sum *sum, struct error *error)
{
    struct grouping *grouping;
    sum_promise(sum, sum_groups_figure(sum));
    TRY(groups_create(sum, &grouping, error));
    enum error_code code = fill(sum, grouping, error);
    if (code == ERROR_NONE && !is_disappointed(sum)) {
        say(sum, way_of(sum), reason_of(sum));
        code = write_groups(sum, grouping, error);
    }
    group_destroy(grouping);
    return code;
}

static enum error_code go_sorted(struct sum *sum, struct error *error)
{
    TRY(sum_add_sorted(sum, sum->output_open ? &sum->output : NULL, error));
    if (is_disappointed(sum))
        return ERROR_NONE;
    say(sum, "sorted", "keys ascend in every file, but files have different ones");
    sum->output_open = false;
    return ERROR_NONE;
}

/* ---- one attempt after another ---- */

/* Begins anew: nothing of the attempt before is kept but what it found out. */
static enum error_code begin_again(struct sum *sum, struct error *error)
{
    sum->report.begun_again++;
    sum->report.result_rows = 0;
    atomic_store(&sum->rows_selected, 0);
    atomic_store(&sum->progress->rows_done, 0);
    return sum->output_open ? output_rewind(&sum->output, error) : ERROR_NONE;
}

/* What is tried next; given up one by one where it turns out wrong. */
struct tactics {
    enum trust trust;
    bool sorted;
};

static enum error_code attempt(struct sum *sum, const struct tactics *tactics, struct error *error)
{
    bool first_only = sum->aligned_count == sum->catalog.file_count;
    sum_close_profiles(sum); /* of keys that would have been copied */
    sum->account.limit = (size_t)(sum->ceiling - sum->base);
    TRY(sum_plan_readers(sum, error));
    if (tactics->trust == TRUST_NOTHING)
        sum_forget_keys(sum);
    else
        TRY(sum_survey_keys(sum, first_only, tactics->trust == TRUST_VALUES, error));
    TRY(sum_plan_groups(sum, error));
    progress_begin(sum->progress, SUM_PHASE_ADDING);
    if (tactics->sorted && sum->aligned_count == 0 && sum_can_be_sorted(sum))
        return go_sorted(sum, error);
    return go_grouped(sum, error);
}

/* What went into a pipe cannot be taken back. */
static bool can_begin_again(const struct sum *sum)
{
    return !sum->output_open || output_position(&sum->output) == 0 ||
           output_can_rewind(&sum->output);
}

/* Without room: memory is divided with more care, then aligned files are read like others, for rows
 * can be put aside and sums cannot. false: there is nothing left to try. */
static bool make_room(struct sum *sum)
{
    if (!can_begin_again(sum) || (!sum->hopeful && sum->aligned_count == 0))
        return false;
    if (!sum->hopeful)
        forget_alignment(sum);
    sum->hopeful = false;
    return true;
}

static enum error_code go_by_keys(struct sum *sum, struct error *error)
{
    struct tactics tactics = {.trust = TRUST_STATISTICS, .sorted = true};
    sum->hopeful = true;
    for (;;) {
        atomic_store(&sum->keys_outside, false);
        atomic_store(&sum->keys_unsorted, false);
        enum error_code code = attempt(sum, &tactics, error);
        if (code == ERROR_MEMORY ? !make_room(sum) : code != ERROR_NONE || !is_disappointed(sum))
            return code;
        tactics.trust += atomic_load(&sum->keys_outside) && tactics.trust < TRUST_NOTHING;
        tactics.sorted = tactics.sorted && !atomic_load(&sum->keys_unsorted);
        TRY(begin_again(sum, error));
    }
}

/* Streams are read once: what they hold is not known before. */
static enum error_code go_streams(struct sum *sum, struct error *error)
{
    if (sum->key_count == 0)
        TRY(sum_survey_keys(sum, true, false, error)); /* of no columns: one code */
    TRY(sum_plan_groups(sum, error));
    progress_begin(sum->progress, SUM_PHASE_ADDING);
    return go_grouped(sum, error);
}

enum error_code sum_take_way(struct sum *sum, struct error *error)
{
    if (sum->options.arrow_stream)
        return go_streams(sum, error);
    uint64_t start = os_now_ns();
    TRY(prove(sum, error));
    uint64_t proven = os_now_ns();
    sum->report.proving_ns = proven - start;
    enum error_code code = sum->unique && sum->aligned_count == sum->catalog.file_count
                               ? go_aligned(sum, error)
                               : go_by_keys(sum, error);
    sum->report.adding_ns = os_now_ns() - proven;
    return code;
}
