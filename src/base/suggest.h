/*
 * "Did you mean ...?": the nearest name by edit distance, added to an error's message.
 */
#ifndef WEIR_BASE_SUGGEST_H
#define WEIR_BASE_SUGGEST_H

#include "base/error.h"

/*
 * Insertions, deletions, replacements and swaps of neighbours that turn a into b (optimal string
 * alignment). Names longer than SUGGEST_LONGEST bytes are taken for their beginning.
 */
#define SUGGEST_LONGEST 63
unsigned suggest_distance(const char *a, const char *b);

/* A search through names as they come; both texts are borrowed. */
struct suggest {
    const char *wrong;
    const char *name; /* the nearest so far that is near enough to be a slip, or NULL */
    unsigned distance;
};
struct suggest suggest_begin(const char *wrong);
void suggest_try(struct suggest *suggest, const char *name);

/* The nearest of names (ending with NULL) when it is near enough to be a slip, else NULL. */
const char *suggest_nearest(const char *wrong, const char *const *names);

/* Adds "; did you mean BEFORE NAME?" to the message: not to the hint, which is read behind "Try:".
 */
void suggest_ask_back(struct error *error, const char *before, const char *name);

/* Adds the nearest choice to the message, where there is one, and lists all of them in the hint. */
void suggest_choice(const char *wrong, const char *const *choices, struct error *error);

#endif
