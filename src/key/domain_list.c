#include <string.h>

#include "key/domain_state.h"

enum error_code key_domain_create_list(struct mem_account *account, const struct column_type *type,
                                       size_t limit, struct key_domain **ret, struct error *error)
{
    void *memory;
    TRY(mem_alloc(account, sizeof **ret, &memory, error));
    struct key_domain *list = memory;
    size_t self = mem_charge_of(sizeof *list);
    list->type = *type;
    list->kind = key_form_has_image(type) ? DOMAIN_NUMBERS : DOMAIN_TEXTS;
    list->form = key_form_of(type);
    list->value_size = column_value_size(type);
    mem_account_init(&list->account, "values of a key column", account,
                     limit > self ? limit - self : 0);
    number_list_init(&list->numbers, &list->account);
    text_list_init(&list->texts, &list->account);
    *ret = list;
    return ERROR_NONE;
}

/* ---- values in ---- */

void domain_texts_of(const struct key_domain *domain, const uint8_t *values, size_t count,
                     struct domain_texts *ret)
{
    size_t size = domain->value_size;
    ret->count = count < DOMAIN_BLOCK ? count : DOMAIN_BLOCK;
    if (key_form_is_bytes(domain->form)) {
        memcpy(ret->texts, values, ret->count * sizeof *ret->texts);
        for (size_t i = 0; domain->form == KEY_FORM_DECIMAL && i < ret->count; i++)
            ret->texts[i] = key_form_minimal(ret->texts[i]);
        return;
    }
    if (domain->form == KEY_FORM_INT96) {
        key_form_canonical(domain->form, values, ret->count, ret->times);
        values = ret->times;
    }
    for (size_t i = 0; i < ret->count; i++)
        ret->texts[i] = (struct column_bytes){values + i * size, (uint32_t)size};
}

static enum error_code put_images(struct key_domain *list, const uint8_t *values, size_t count,
                                  struct error *error)
{
    uint64_t images[DOMAIN_BLOCK];
    for (size_t done = 0, block; done < count && !list->numbers.full; done += block) {
        block = count - done < DOMAIN_BLOCK ? count - done : DOMAIN_BLOCK;
        key_form_images(list->form, list->value_size, values + done * list->value_size, block,
                        images);
        TRY(number_list_put(&list->numbers, images, block, error));
    }
    return ERROR_NONE;
}

static enum error_code put_texts(struct key_domain *list, const uint8_t *values, size_t count,
                                 struct error *error)
{
    struct domain_texts block;
    for (size_t done = 0; done < count && !list->texts.full; done += block.count) {
        domain_texts_of(list, values + done * list->value_size, count - done, &block);
        TRY(text_list_put(&list->texts, block.texts, block.count, error));
    }
    return ERROR_NONE;
}

/* Only one of the two is in use. */
static bool is_full(const struct key_domain *list)
{
    return list->numbers.full || list->texts.full;
}

enum error_code key_domain_put(struct key_domain *list, const void *values, size_t count,
                               bool *ret_full, struct error *error)
{
    if (list->kind == DOMAIN_NUMBERS)
        TRY(put_images(list, values, count, error));
    else
        TRY(put_texts(list, values, count, error));
    *ret_full = is_full(list);
    return ERROR_NONE;
}

enum error_code key_domain_put_list(struct key_domain *list, const struct key_domain *other,
                                    bool *ret_full, struct error *error)
{
    const struct number_list *numbers = &other->numbers;
    const struct text_list *texts = &other->texts;
    *ret_full = true;
    if (is_full(other))
        return ERROR_NONE;
    if (list->kind == DOMAIN_NUMBERS)
        TRY(number_list_put(&list->numbers, numbers->values, numbers->count, error));
    else
        TRY(text_list_put(&list->texts, texts->values, texts->count, error));
    *ret_full = is_full(list);
    return ERROR_NONE;
}

enum error_code key_domain_finish(struct key_domain *list, bool nullable, struct error *error)
{
    if (is_full(list))
        return error_set(error, ERROR_MEMORY, "too many values for a list of keys");
    if (list->kind == DOMAIN_NUMBERS)
        number_list_sort(&list->numbers);
    else
        text_list_sort(&list->texts, &list->type);
    list->nullable = nullable;
    list->count = (uint64_t)nullable + list->numbers.count + list->texts.count;
    return ERROR_NONE;
}
