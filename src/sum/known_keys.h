/*
 * What earlier runs found out about the files' keys: which of them have those of the first file.
 *
 * The digest of a file's keys is taken while they are read anyway, in pieces by several threads:
 * each row's values are hashed together with its number, and the hashes are added up, so that
 * pieces can be added in any order while the order of rows counts.
 */
#ifndef WEIR_SUM_KNOWN_KEYS_H
#define WEIR_SUM_KNOWN_KEYS_H

#include "sum/sum_int.h"

/* The sum of hashes of some rows. */
struct key_digest {
    uint64_t low, high;
};

/* Takes in a batch whose first row has the number first_row in its file. */
void key_digest_add(struct key_digest *digest, const struct batch_reader *batch);

struct known_keys {
    struct fingerprint_cache *cache; /* NULL: nothing is known nor kept */
    uint8_t columns[16];             /* names and types of the key columns */
    struct fingerprint first;        /* of the first file */
    bool first_is_known;
};

/* Looks up the first file. Without a cache, or with --verify-keys, nothing is known. */
CHECKED enum error_code known_keys_open(struct known_keys *ret, struct sum *sum,
                                        struct error *error);
void known_keys_close(struct known_keys *known);

/* Whether a file is known to have the keys of the first in the same order. Any thread. */
bool known_keys_same(struct known_keys *known, const struct catalog_record *record);

/* Keeps what a run has proven: that these files have the keys of the first. */
CHECKED enum error_code known_keys_keep(struct known_keys *known, struct sum *sum,
                                        const struct key_digest *digest, struct error *error);
#endif
