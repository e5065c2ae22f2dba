/* What a domain is made of. Private to the files domain*.c. */
#ifndef WEIR_KEY_DOMAIN_STATE_H
#define WEIR_KEY_DOMAIN_STATE_H

#include "key/domain.h"
#include "key/form.h"
#include "key/list.h"

enum domain_kind { DOMAIN_RANGE, DOMAIN_NUMBERS, DOMAIN_TEXTS };

/* Values less low, in as many bits as a value has, are numbers up to most. */
struct domain_range {
    uint64_t low, most;
    bool empty;
};

struct key_domain {
    struct column_type type;
    enum domain_kind kind;
    enum key_form form;
    size_t value_size;
    bool nullable;
    uint64_t count;             /* numbers, that of NULL included */
    struct mem_account account; /* of a list: its limit */
    struct domain_range range;
    struct number_list numbers;
    struct text_list texts;
};

/* Values at a time: what is made of them on the way stays in the first cache. */
#define DOMAIN_BLOCK LIST_BLOCK

/* Canonical bytes of some values; those of INT96 are here themselves. */
struct domain_texts {
    struct column_bytes texts[DOMAIN_BLOCK];
    uint8_t times[DOMAIN_BLOCK * 12];
    size_t count;
};

/* At most DOMAIN_BLOCK of count values. */
void domain_texts_of(const struct key_domain *domain, const uint8_t *values, size_t count,
                     struct domain_texts *ret);

/* How many values of a range it got through. */
size_t domain_range_add(const struct key_domain *domain, const uint8_t *values, size_t count,
                        struct list_target target) CHECKED;
/* Values of a range that have these numbers, NULL not counted. */
void domain_range_values(const struct key_domain *domain, const uint64_t *numbers, size_t count,
                         uint8_t *ret);

/* Values with these numbers, NULL not counted: dense, as a slice has them. */
void domain_values(const struct key_domain *domain, const uint64_t *numbers, size_t count,
                   uint8_t *ret);

#endif
