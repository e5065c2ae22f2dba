#include "exact/superaccumulator.h"

static void add_pair(uint64_t *limbs, size_t count, uint64_t low, uint64_t high)
{
    bool carry = __builtin_add_overflow(limbs[0], low, &limbs[0]);
    bool again = __builtin_add_overflow(limbs[1], high, &limbs[1]);
    again |= __builtin_add_overflow(limbs[1], (uint64_t)carry, &limbs[1]);
    for (size_t i = 2; again && i < count; i++)
        again = ++limbs[i] == 0;
}

static void subtract_pair(uint64_t *limbs, size_t count, uint64_t low, uint64_t high)
{
    bool borrow = __builtin_sub_overflow(limbs[0], low, &limbs[0]);
    bool again = __builtin_sub_overflow(limbs[1], high, &limbs[1]);
    again |= __builtin_sub_overflow(limbs[1], (uint64_t)borrow, &limbs[1]);
    for (size_t i = 2; again && i < count; i++)
        again = limbs[i]-- == 0;
}

void limbs_add(uint64_t *limbs, size_t count, uint64_t magnitude, unsigned position, bool negative)
{
    size_t at = position / 64;
    unsigned shift = position % 64;
    uint64_t low = magnitude << shift;
    uint64_t high = shift > 0 ? magnitude >> (64 - shift) : 0;
    if (negative)
        subtract_pair(limbs + at, count - at, low, high);
    else
        add_pair(limbs + at, count - at, low, high);
}

bool limbs_make_positive(uint64_t *limbs, size_t count)
{
    if (limbs[count - 1] >> 63 == 0)
        return false;
    bool carry = true;
    for (size_t i = 0; i < count; i++) {
        limbs[i] = ~limbs[i] + carry;
        carry = carry && limbs[i] == 0;
    }
    return true;
}
