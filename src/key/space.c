#include "key/space.h"

#include <string.h>

#include "key/domain_state.h"

#define SPAN_MOST (UINT64_C(1) << 63)

bool key_space_init(struct key_space *space, const struct key_domain *const *domains,
                    uint32_t column_count)
{
    if (column_count > KEY_SPACE_COLUMNS_MOST)
        return false;
    *space = (struct key_space){.column_count = column_count, .span = 1};
    bool fits = true;
    for (uint32_t i = column_count; i-- > 0;) {
        space->domains[i] = domains[i];
        space->counts[i] = key_domain_count(domains[i]);
        space->strides[i] = space->span;
        fits = fits && !__builtin_mul_overflow(space->span, space->counts[i], &space->span);
    }
    return fits && space->span < SPAN_MOST;
}

/* Numbers of a column. Division is what this takes its time for: 32 bits take half as long, and the
 * first column, which is what the others leave, needs one less. */
static void numbers_of(const struct key_space *space, uint32_t column, const uint64_t *codes,
                       size_t count, uint64_t *ret)
{
    uint64_t stride = space->strides[column], modulus = space->counts[column];
    bool narrow = space->span <= UINT32_MAX;
    for (size_t i = 0; i < count; i++)
        ret[i] = stride == 1 ? codes[i]
                 : narrow    ? (uint32_t)codes[i] / (uint32_t)stride
                             : codes[i] / stride;
    for (size_t i = 0; column > 0 && i < count; i++)
        ret[i] = narrow ? (uint32_t)ret[i] % (uint32_t)modulus : ret[i] % modulus;
}

/* Marks which rows have a value and moves the numbers of those together, NULL no longer counted. */
static size_t without_nulls(uint64_t *numbers, size_t count, uint8_t *present)
{
    size_t values = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t number = numbers[i];
        present[i] = number != 0;
        numbers[values] = number - 1;
        values += number != 0;
    }
    return values;
}

void key_space_decode(const struct key_space *space, uint32_t column, const uint64_t *codes,
                      uint32_t count, void *values, uint8_t *present, struct column_slice *ret)
{
    const struct key_domain *domain = space->domains[column];
    uint64_t numbers[DOMAIN_BLOCK];
    uint8_t *to = values;
    size_t value_count = 0;
    for (size_t done = 0, block; done < count; done += block) {
        block = count - done < DOMAIN_BLOCK ? count - done : DOMAIN_BLOCK;
        numbers_of(space, column, codes + done, block, numbers);
        size_t there = block;
        if (domain->nullable)
            there = without_nulls(numbers, block, present + done);
        else
            memset(present + done, 1, block);
        domain_values(domain, numbers, there, to + value_count * domain->value_size);
        value_count += there;
    }
    *ret = (struct column_slice){.row_count = count,
                                 .value_count = (uint32_t)value_count,
                                 .present = value_count < count ? present : NULL,
                                 .values = values};
}
