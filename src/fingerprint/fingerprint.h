/*
 * Key fingerprints: what is known of the key columns of files that were read before, so that they
 * need not be read again.
 *
 * A cache is a folder. An entry belongs to one file and one list of key columns; it repeats the
 * file's device, inode, size, times of change and the hash of its footer, all of which must agree.
 * It holds a digest of the decoded keys in their order (128 bits), and whether they are in strict
 * order. An entry is believed only if the file had not changed for two seconds when the cache was
 * opened, which is before its keys were read: else the file may have changed again, unseen, within
 * a step of its file system's clock. What is damaged, foreign, truncated or of another version is a
 * miss, never an error; entries appear whole (written aside, renamed). The folder is kept below a
 * size, as far as processes that write at the same moment let it; the least recently used entries
 * go first. Any number of processes may use it at once. It is private to the user (mode 0700), and
 * one of another user, or that others may write to, is refused.
 */
#ifndef WEIR_FINGERPRINT_FINGERPRINT_H
#define WEIR_FINGERPRINT_FINGERPRINT_H

#include "store/store.h"

struct fingerprint_cache;

struct fingerprint {
    uint8_t digest[16]; /* of the keys */
    uint64_t row_count;
    bool unique;       /* no key stands twice */
    bool strict_order; /* in one of the orders of sum/order.h, which proves unique */
};

/* What an entry belongs to. */
struct fingerprint_subject {
    struct store_identity identity;
    uint64_t footer_hash;
    uint8_t columns[16]; /* digest of the names and types of the key columns, in their order */
};

/* To be opened before keys are read. folder NULL: $XDG_CACHE_HOME/weir/keys, or ~/.cache/weir/keys;
 * without a home, or where that cannot be used, there is none: *ret NULL and no error. limit:
 * bytes, 4 KiB an entry, 64 KiB at least, 0: 256 MiB. ERROR_IO only for a folder that was named and
 * cannot be used. The account is charged from any thread. */
CHECKED enum error_code fingerprint_cache_open(const char *folder, uint64_t limit,
                                               struct mem_account *account,
                                               struct fingerprint_cache **ret, struct error *error);
/* NULL is allowed. */
void fingerprint_cache_close(struct fingerprint_cache *cache);

/* false: nothing is known. Any thread. */
CHECKED bool fingerprint_get(struct fingerprint_cache *cache,
                             const struct fingerprint_subject *subject, struct fingerprint *ret);
/* Failures are silent: a cache that cannot be written helps nobody and harms nobody. Any thread. */
void fingerprint_put(struct fingerprint_cache *cache, const struct fingerprint_subject *subject,
                     const struct fingerprint *fingerprint);

#endif
