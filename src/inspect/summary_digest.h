/*
 * The digest of a column's values: tokens gathered and hashed in pieces. Private to the inspect
 * room.
 */
#ifndef WEIR_INSPECT_SUMMARY_DIGEST_H
#define WEIR_INSPECT_SUMMARY_DIGEST_H

#include <nettle/sha2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DIGEST_BUFFER ((size_t)8 << 10)

struct summary_digest {
    struct sha256_ctx hash;
    uint64_t hashed; /* bytes */
    uint64_t limit;
    size_t used;
    char buffer[DIGEST_BUFFER];
};

/* limit: bytes of tokens after which the digest is given up. */
void digest_init(struct summary_digest *digest, uint64_t limit);

/* False once it has been given up. */
bool digest_goes_on(const struct summary_digest *digest);

/* Room for size bytes, at most DIGEST_BUFFER; what is written there counts by adding to used. */
char *digest_room(struct summary_digest *digest, size_t size);

/* Bytes of any length in hexadecimal. */
void digest_hex(struct summary_digest *digest, const uint8_t *bytes, size_t size);

void digest_char(struct summary_digest *digest, char c);

/* The digest in hexadecimal; nothing may be added after it. */
void digest_finish(struct summary_digest *digest, char ret[static 65]);

#endif
