#include "inspect/summary_digest.h"

#include "inspect/summary_text.h"

/* Bytes made hexadecimal at once. */
#define HEX_PIECE ((size_t)512)

void digest_init(struct summary_digest *digest, uint64_t limit)
{
    sha256_init(&digest->hash);
    digest->hashed = 0;
    digest->limit = limit;
    digest->used = 0;
}

static void flush(struct summary_digest *digest)
{
    sha256_update(&digest->hash, digest->used, (const uint8_t *)digest->buffer);
    digest->hashed += digest->used;
    digest->used = 0;
}

bool digest_goes_on(const struct summary_digest *digest)
{
    return digest->hashed <= digest->limit;
}

char *digest_room(struct summary_digest *digest, size_t size)
{
    if (DIGEST_BUFFER - digest->used < size)
        flush(digest);
    return digest->buffer + digest->used;
}

void digest_hex(struct summary_digest *digest, const uint8_t *bytes, size_t size)
{
    while (size > 0) {
        size_t now = size < HEX_PIECE ? size : HEX_PIECE;
        summary_hex(bytes, now, digest_room(digest, 2 * now));
        digest->used += 2 * now;
        bytes += now;
        size -= now;
    }
}

void digest_char(struct summary_digest *digest, char c)
{
    *digest_room(digest, 1) = c;
    digest->used++;
}

void digest_finish(struct summary_digest *digest, char ret[static 65])
{
    uint8_t bytes[SHA256_DIGEST_SIZE];
    flush(digest);
    sha256_digest(&digest->hash, sizeof bytes, bytes);
    summary_hex(bytes, sizeof bytes, ret);
    ret[2 * sizeof bytes] = '\0';
}
