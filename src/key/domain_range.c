#include <string.h>

#include "key/domain_state.h"
#include "key/range_kernels.h"
#include "os/os.h"

/* Values that stay in the first cache from one look to the next. */
#define RANGE_BLOCK 512

bool key_domain_can_be_range(const struct column_type *type)
{
    return type->physical == COLUMN_BOOLEAN || type->physical == COLUMN_INT32 ||
           type->physical == COLUMN_INT64;
}

/* Fills in bounds and count; ERROR_OVERFLOW where there are more than 2^63 numbers. */
static enum error_code set_bounds(struct key_domain *domain, const void *low, const void *high,
                                  struct error *error)
{
    uint64_t first, last;
    key_form_images(domain->form, domain->value_size, low, 1, &first);
    key_form_images(domain->form, domain->value_size, high, 1, &last);
    domain->count = domain->nullable;
    domain->range = (struct domain_range){.empty = first > last};
    if (first > last)
        return ERROR_NONE;
    uint64_t most = last - first;
    if (most > (UINT64_C(1) << 63) - 1 - domain->nullable) {
        char text[64];
        return error_set(error, ERROR_OVERFLOW, "too many values of %s between two bounds",
                         column_type_describe(&domain->type, text, sizeof text));
    }
    domain->count += most + 1;
    domain->range.most = most;
    memcpy(&domain->range.low, low, domain->value_size);
    if (domain->form == KEY_FORM_BOOLEAN)
        domain->range.low = first;
    return ERROR_NONE;
}

enum error_code key_domain_create_range(struct mem_account *account, const struct column_type *type,
                                        const void *low, const void *high, bool nullable,
                                        struct key_domain **ret, struct error *error)
{
    struct key_domain domain = {.type = *type,
                                .kind = DOMAIN_RANGE,
                                .form = key_form_of(type),
                                .value_size = column_value_size(type),
                                .nullable = nullable};
    TRY(set_bounds(&domain, low, high, error));
    void *memory;
    TRY(mem_alloc(account, sizeof domain, &memory, error));
    *ret = memory;
    **ret = domain;
    return ERROR_NONE;
}

/* ---- numbers: a block is looked through for values outside, then added without looking ---- */

const struct range_kernels *range_kernels_chosen(void)
{
#ifdef __x86_64__
    switch (os_instruction_set()) {
    case OS_AVX512:
        return &range_kernels_avx512;
    case OS_AVX2:
        return &range_kernels_avx2;
    case OS_SCALAR:
        break;
    }
#endif
    return &range_kernels_scalar;
}

static size_t add_booleans(const struct domain_range *range, const uint8_t *values, size_t count,
                           struct list_target target)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t number = (uint64_t)(values[i] != 0) - range->low;
        if (number > range->most)
            return i;
        target.ret[i] += target.first + number * target.stride;
    }
    return count;
}

/* How many values stand before the first that is outside. */
static size_t inside(const struct range_kernels *kernels, const struct domain_range *range,
                     const uint8_t *values, size_t size, size_t count)
{
    uint64_t (*greatest)(const uint8_t *, size_t, uint64_t) =
        size == 8 ? kernels->greatest_8 : kernels->greatest_4;
    if (greatest(values, count, range->low) <= range->most)
        return count;
    size_t good = 0;
    while (greatest(values + good * size, 1, range->low) <= range->most)
        good++;
    return good;
}

size_t domain_range_add(const struct key_domain *domain, const uint8_t *values, size_t count,
                        struct list_target target)
{
    const struct domain_range *range = &domain->range;
    const struct range_kernels *kernels = range_kernels_chosen();
    size_t size = domain->value_size;
    if (range->empty)
        return 0;
    if (size == 1)
        return add_booleans(range, values, count, target);
    for (size_t done = 0, block; done < count; done += block) {
        block = count - done < RANGE_BLOCK ? count - done : RANGE_BLOCK;
        const uint8_t *at = values + done * size;
        size_t good = inside(kernels, range, at, size, block);
        if (size == 8)
            kernels->add_8(at, good, range->low, target.first, target.stride, target.ret + done);
        else
            kernels->add_4(at, good, range->low, target.first, target.stride, target.ret + done);
        if (good < block)
            return done + good;
    }
    return count;
}

void domain_range_values(const struct key_domain *domain, const uint64_t *numbers, size_t count,
                         uint8_t *ret)
{
    size_t size = domain->value_size;
    uint64_t low = domain->range.low;
    for (size_t i = 0; size == 8 && i < count; i++) {
        uint64_t value = low + numbers[i];
        memcpy(ret + i * sizeof value, &value, sizeof value);
    }
    for (size_t i = 0; size == 4 && i < count; i++) {
        uint32_t value = (uint32_t)(low + numbers[i]);
        memcpy(ret + i * sizeof value, &value, sizeof value);
    }
    for (size_t i = 0; size == 1 && i < count; i++)
        ret[i] = (uint8_t)(low + numbers[i]);
}
