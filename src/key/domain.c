#include "key/domain.h"

#include <string.h>

#include "key/domain_state.h"

void key_domain_destroy(struct key_domain *domain)
{
    if (domain == NULL)
        return;
    if (domain->kind == DOMAIN_NUMBERS)
        number_list_release(&domain->numbers);
    else if (domain->kind == DOMAIN_TEXTS)
        text_list_release(&domain->texts);
    mem_free(domain);
}

uint64_t key_domain_count(const struct key_domain *domain)
{
    return domain->count;
}

bool key_domain_is_range(const struct key_domain *domain)
{
    return domain->kind == DOMAIN_RANGE;
}

bool key_domain_is_nullable(const struct key_domain *domain)
{
    return domain->nullable;
}

size_t key_domain_size(const struct key_domain *domain)
{
    size_t list = domain->kind == DOMAIN_RANGE ? 0 : atomic_load(&domain->account.used);
    return mem_charge_of(sizeof *domain) + list;
}

/* ---- numbers of values ---- */

static size_t add_images(const struct key_domain *domain, const uint8_t *values, size_t count,
                         struct list_target target)
{
    uint64_t images[DOMAIN_BLOCK];
    struct list_cursor cursor = {0};
    for (size_t done = 0, block; done < count; done += block) {
        block = count - done < DOMAIN_BLOCK ? count - done : DOMAIN_BLOCK;
        key_form_images(domain->form, domain->value_size, values + done * domain->value_size, block,
                        images);
        size_t good = number_list_add(&domain->numbers, images, block, &cursor, target);
        if (good < block)
            return done + good;
        target.ret += block;
    }
    return count;
}

static size_t add_texts(const struct key_domain *domain, const uint8_t *values, size_t count,
                        struct list_target target)
{
    struct domain_texts block;
    struct list_cursor cursor = {0};
    for (size_t done = 0; done < count; done += block.count) {
        domain_texts_of(domain, values + done * domain->value_size, count - done, &block);
        size_t good = text_list_add(&domain->texts, block.texts, block.count, &cursor, target);
        if (good < block.count)
            return done + good;
        target.ret += block.count;
    }
    return count;
}

size_t key_domain_add_numbers(const struct key_domain *domain, const void *values, size_t count,
                              uint64_t stride, uint64_t *ret)
{
    struct list_target target = {domain->nullable ? stride : 0, stride, ret};
    if (domain->kind == DOMAIN_RANGE)
        return domain_range_add(domain, values, count, target);
    if (domain->kind == DOMAIN_NUMBERS)
        return add_images(domain, values, count, target);
    return add_texts(domain, values, count, target);
}

bool key_domain_number(const struct key_domain *domain, const void *value, uint64_t *ret)
{
    uint64_t number = 0;
    bool found = value != NULL ? key_domain_add_numbers(domain, value, 1, 1, &number) == 1
                               : domain->nullable;
    if (found)
        *ret = number;
    return found;
}

/* ---- values of numbers ---- */

static void image_values(const struct key_domain *domain, const uint64_t *numbers, size_t count,
                         uint8_t *ret)
{
    uint64_t images[DOMAIN_BLOCK];
    for (size_t done = 0, block; done < count; done += block) {
        block = count - done < DOMAIN_BLOCK ? count - done : DOMAIN_BLOCK;
        for (size_t i = 0; i < block; i++)
            images[i] = domain->numbers.values[numbers[done + i]];
        key_form_values(domain->form, domain->value_size, images, block,
                        ret + done * domain->value_size);
    }
}

void domain_values(const struct key_domain *domain, const uint64_t *numbers, size_t count,
                   uint8_t *ret)
{
    size_t size = domain->value_size;
    if (domain->kind == DOMAIN_RANGE) {
        domain_range_values(domain, numbers, count, ret);
    } else if (domain->kind == DOMAIN_NUMBERS) {
        image_values(domain, numbers, count, ret);
    } else {
        bool bytes = key_form_is_bytes(domain->form);
        for (size_t i = 0; i < count; i++) {
            const struct column_bytes *text = &domain->texts.values[numbers[i]];
            memcpy(ret + i * size, bytes ? (const void *)text : text->data, size);
        }
    }
}

const void *key_domain_value(const struct key_domain *domain, uint64_t number, void *buffer)
{
    if (domain->nullable && number == 0)
        return NULL;
    number -= domain->nullable;
    if (domain->kind == DOMAIN_TEXTS) {
        const struct column_bytes *text = &domain->texts.values[number];
        return key_form_is_bytes(domain->form) ? (const void *)text : text->data;
    }
    domain_values(domain, &number, 1, buffer);
    return buffer;
}
