/*
 * An entry of the cache as bytes.
 *
 * Private to the fingerprint room. A record repeats all of its subject and ends with a checksum, so
 * whatever else stands in a file is told from it: a torn write, another file's entry under the same
 * name, another version, noise.
 */
#ifndef WEIR_FINGERPRINT_RECORD_H
#define WEIR_FINGERPRINT_RECORD_H

#include "fingerprint/fingerprint.h"

/* Little-endian, as everything here; no gaps. */
struct fingerprint_record {
    uint8_t magic[8];
    uint32_t version;
    uint32_t size;
    struct store_identity identity;
    uint64_t footer_hash;
    uint8_t columns[16];
    int64_t made_ns; /* when the keys were not yet read: see fingerprint_is_settled */
    uint8_t digest[16];
    uint64_t row_count;
    uint64_t flags;
    uint64_t checksum; /* XXH3, 64 bits, of all before */
};

_Static_assert(sizeof(struct fingerprint_record) == 128, "a record has no gaps");

struct fingerprint_record fingerprint_record_make(const struct fingerprint_subject *subject,
                                                  const struct fingerprint *fingerprint,
                                                  int64_t made_ns);

/* false: it is not whole, not of this version, not of this subject, or was made too early. */
CHECKED bool fingerprint_record_read(const struct fingerprint_record *record,
                                     const struct fingerprint_subject *subject,
                                     struct fingerprint *ret);

/* Whether a file that changed last at those times was surely left alone before made_ns: a file
 * system's clock may stand still for two seconds (FAT), and a change within goes unseen. */
CHECKED bool fingerprint_is_settled(const struct store_identity *identity, int64_t made_ns);

#define FINGERPRINT_NAME_SIZE 33

/* Hex digits and a NUL, from what a changed file keeps: device, inode and columns. So a newer entry
 * of the same file takes the older one's place. */
void fingerprint_name(const struct fingerprint_subject *subject, char ret[FINGERPRINT_NAME_SIZE]);

#endif
