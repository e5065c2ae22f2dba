#include "diff/compare.h"

/*
 * As long as both streams have the same keys, their order does not matter: row pairs with row, and
 * what one has more of at the end is its own. From the first key that differs on, both must ascend.
 * What was paired before is no hindrance, whatever its order was: it is the same on both sides, so
 * taking it away changes nothing for the rest.
 */
struct comparison {
    struct diff_stream *streams[DIFF_SIDES];
    struct collector *collector;
    bool must_ascend;
    bool ordered;
};

static enum error_code advance(struct comparison *comparison, enum diff_side side,
                               struct error *error)
{
    struct diff_stream *stream = comparison->streams[side];
    TRY(diff_stream_next(stream, error));
    if (comparison->must_ascend && stream->has_row &&
        diff_key_compare(&stream->older_key, &stream->key) > 0)
        comparison->ordered = false;
    return ERROR_NONE;
}

static enum error_code take_one(struct comparison *comparison, enum diff_side side,
                                struct error *error)
{
    TRY(collector_only(comparison->collector, side, comparison->streams[side], error));
    return advance(comparison, side, error);
}

static enum error_code take_pair(struct comparison *comparison, struct error *error)
{
    TRY(collector_pair(comparison->collector, comparison->streams[DIFF_LEFT],
                       comparison->streams[DIFF_RIGHT], error));
    TRY(advance(comparison, DIFF_LEFT, error));
    return advance(comparison, DIFF_RIGHT, error);
}

static enum error_code step(struct comparison *comparison, struct error *error)
{
    const struct diff_stream *left = comparison->streams[DIFF_LEFT];
    const struct diff_stream *right = comparison->streams[DIFF_RIGHT];
    if (!right->has_row)
        return take_one(comparison, DIFF_LEFT, error);
    if (!left->has_row)
        return take_one(comparison, DIFF_RIGHT, error);
    int order = diff_key_compare(&left->key, &right->key);
    if (order == 0)
        return take_pair(comparison, error);
    comparison->must_ascend = true;
    return take_one(comparison, order < 0 ? DIFF_LEFT : DIFF_RIGHT, error);
}

enum error_code diff_compare(struct diff_stream *left, struct diff_stream *right,
                             struct collector *collector, bool *ret_ordered, struct error *error)
{
    struct comparison comparison = {{left, right}, collector, false, true};
    TRY(advance(&comparison, DIFF_LEFT, error));
    TRY(advance(&comparison, DIFF_RIGHT, error));
    while (comparison.ordered && (left->has_row || right->has_row))
        TRY(step(&comparison, error));
    *ret_ordered = comparison.ordered;
    return ERROR_NONE;
}
