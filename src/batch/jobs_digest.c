#include "batch/jobs_digest.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

/* Stands at the beginning of each digest, so that another way to make them gives others. */
#define VERSION "weir job 1"

static struct jobs_digest of_bytes(const void *bytes, size_t size)
{
    XXH128_hash_t hash = XXH3_128bits(bytes, size);
    return (struct jobs_digest){hash.low64, hash.high64};
}

struct jobs_digest jobs_digest_of_text(const char *text)
{
    return of_bytes(text, strlen(text));
}

struct jobs_digest jobs_digest_join(const struct jobs_digest *a, const struct jobs_digest *b)
{
    const uint64_t both[] = {a->low, a->high, b->low, b->high};
    return of_bytes(both, sizeof both);
}

/* Sums do not depend on the order of what is added. */
static void add(struct jobs_digest *sum, const struct jobs_digest *digest)
{
    sum->low += digest->low;
    sum->high += digest->high;
}

void jobs_digest_add(struct jobs_digest *sum, const char *name, const struct jobs_digest *digest)
{
    struct jobs_digest named = jobs_digest_of_text(name);
    named = jobs_digest_join(&named, digest);
    add(sum, &named);
}

static struct jobs_digest of_words(const char *const *words)
{
    struct jobs_digest whole = jobs_digest_of_text(VERSION);
    for (; words != NULL && *words != NULL; words++) {
        struct jobs_digest word = jobs_digest_of_text(*words);
        whole = jobs_digest_join(&whole, &word);
    }
    return whole;
}

static struct jobs_digest of_set(const char *const *words)
{
    struct jobs_digest sum = {0, 0};
    for (; *words != NULL; words++) {
        struct jobs_digest word = jobs_digest_of_text(*words);
        add(&sum, &word);
    }
    return sum;
}

struct jobs_digest jobs_digest_of_job(const struct job *job)
{
    struct jobs_digest whole = of_words(job->arguments), part = of_set(job->environment);
    whole = jobs_digest_join(&whole, &part);
    part =
        job->directory == NULL ? (struct jobs_digest){0, 0} : jobs_digest_of_text(job->directory);
    return jobs_digest_join(&whole, &part);
}

void jobs_digest_write(const struct jobs_digest *digest, char ret[static 33])
{
    snprintf(ret, 33, "%016" PRIx64 "%016" PRIx64, digest->high, digest->low);
}
