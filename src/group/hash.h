/*
 * Codes as hashes and back: a mixer that maps 64 bits to 64 bits one to one, so a code needs no
 * place beside its hash.
 *
 * Source: D. Stafford, "Better Bit Mixing - Improving on MurmurHash3's 64-bit Finalizer", mix 13.
 */
#ifndef WEIR_GROUP_HASH_H
#define WEIR_GROUP_HASH_H

#include <stdint.h>

static inline uint64_t group_hash(uint64_t code)
{
    code = (code ^ code >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    code = (code ^ code >> 27) * UINT64_C(0x94d049bb133111eb);
    return code ^ code >> 31;
}

/* Each step backwards; the factors are the inverses of those above modulo 2^64. */
static inline uint64_t group_code(uint64_t hash)
{
    hash = (hash ^ hash >> 31 ^ hash >> 62) * UINT64_C(0x319642b2d24d8ec3);
    hash = (hash ^ hash >> 27 ^ hash >> 54) * UINT64_C(0x96de1b173f119089);
    return hash ^ hash >> 30 ^ hash >> 60;
}

/* The bits bits (at most 32) that follow the first skip (at most 63). */
static inline uint32_t group_hash_bits(uint64_t hash, unsigned skip, unsigned bits)
{
    return (uint32_t)(hash << skip >> 1 >> (63 - bits));
}

#endif
