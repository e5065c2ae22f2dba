#include "fingerprint/record.h"

#include <stdio.h>
#include <string.h>
#include <xxhash.h>

#define VERSION    1
#define SETTLED_NS INT64_C(2000000000)

enum { FLAG_UNIQUE = 1, FLAG_STRICT_ORDER = 2, FLAGS_KNOWN = 3 };

static const uint8_t magic[8] = {'w', 'e', 'i', 'r', 'k', 'e', 'y', '\n'};

static uint64_t checksum_of(const struct fingerprint_record *record)
{
    return XXH3_64bits(record, offsetof(struct fingerprint_record, checksum));
}

struct fingerprint_record fingerprint_record_make(const struct fingerprint_subject *subject,
                                                  const struct fingerprint *fingerprint,
                                                  int64_t made_ns)
{
    struct fingerprint_record record = {
        .version = VERSION,
        .size = sizeof record,
        .identity = subject->identity,
        .footer_hash = subject->footer_hash,
        .made_ns = made_ns,
        .row_count = fingerprint->row_count,
        .flags = (fingerprint->unique ? FLAG_UNIQUE : 0) |
                 (fingerprint->strict_order ? FLAG_STRICT_ORDER : 0),
    };
    memcpy(record.magic, magic, sizeof magic);
    memcpy(record.columns, subject->columns, sizeof record.columns);
    memcpy(record.digest, fingerprint->digest, sizeof record.digest);
    record.checksum = checksum_of(&record);
    return record;
}

bool fingerprint_is_settled(const struct store_identity *identity, int64_t made_ns)
{
    int64_t changed =
        identity->changed_ns > identity->modified_ns ? identity->changed_ns : identity->modified_ns;
    int64_t since;
    /* A file from the future says nothing about when it will change. */
    return !__builtin_sub_overflow(made_ns, changed, &since) && since >= SETTLED_NS;
}

static bool is_whole(const struct fingerprint_record *record)
{
    return memcmp(record->magic, magic, sizeof magic) == 0 && record->version == VERSION &&
           record->size == sizeof *record && record->checksum == checksum_of(record);
}

static bool is_of(const struct fingerprint_record *record,
                  const struct fingerprint_subject *subject)
{
    return store_identity_equal(&record->identity, &subject->identity) &&
           record->footer_hash == subject->footer_hash &&
           memcmp(record->columns, subject->columns, sizeof record->columns) == 0;
}

/* Strict order proves that no key stands twice. */
static bool flags_agree(uint64_t flags)
{
    return (flags & ~(uint64_t)FLAGS_KNOWN) == 0 &&
           ((flags & FLAG_STRICT_ORDER) == 0 || (flags & FLAG_UNIQUE) != 0);
}

bool fingerprint_record_read(const struct fingerprint_record *record,
                             const struct fingerprint_subject *subject, struct fingerprint *ret)
{
    if (!is_whole(record) || !is_of(record, subject) || !flags_agree(record->flags) ||
        !fingerprint_is_settled(&record->identity, record->made_ns))
        return false;
    *ret = (struct fingerprint){.row_count = record->row_count,
                                .unique = (record->flags & FLAG_UNIQUE) != 0,
                                .strict_order = (record->flags & FLAG_STRICT_ORDER) != 0};
    memcpy(ret->digest, record->digest, sizeof ret->digest);
    return true;
}

void fingerprint_name(const struct fingerprint_subject *subject, char ret[FINGERPRINT_NAME_SIZE])
{
    uint8_t key[32];
    memcpy(key, &subject->identity.device, 8);
    memcpy(key + 8, &subject->identity.inode, 8);
    memcpy(key + 16, subject->columns, 16);
    XXH128_hash_t hash = XXH3_128bits(key, sizeof key);
    snprintf(ret, FINGERPRINT_NAME_SIZE, "%016llx%016llx", (unsigned long long)hash.high64,
             (unsigned long long)hash.low64);
}
