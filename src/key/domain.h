/*
 * Domains: all values that a key column has, numbered 0, 1, 2 ... in their order.
 *
 * A range has every integer (or date, time, boolean) between two bounds; a list has the distinct
 * values that were put into it, which may be of any type. In both NULL, where it can occur, is
 * number 0. With numbers for every column a whole key is one integer (space.h), and order is kept.
 *
 * Values are equal as in column_value_compare: -0 is 0, every NaN the same; what comes out is the
 * canonical one (+0, the quiet NaN). A domain is read by many threads once it is finished.
 */
#ifndef WEIR_KEY_DOMAIN_H
#define WEIR_KEY_DOMAIN_H

#include "column/column.h"
#include "mem/mem.h"

struct key_domain;

/* ---- a range ---- */

/* Whether values of this type can be a range: integers up to 64 bits, dates, times, booleans. */
bool key_domain_can_be_range(const struct column_type *type);

/* low, high: values of the type; with low above high there is no value between them.
 * ERROR_OVERFLOW: more than 2^63 numbers. */
CHECKED enum error_code key_domain_create_range(struct mem_account *account,
                                                const struct column_type *type, const void *low,
                                                const void *high, bool nullable,
                                                struct key_domain **ret, struct error *error);

/* ---- a list ---- */

/* An empty list that may take at most limit bytes. */
CHECKED enum error_code key_domain_create_list(struct mem_account *account,
                                               const struct column_type *type, size_t limit,
                                               struct key_domain **ret, struct error *error);
/* Puts in count dense values; those that are there already change nothing. *ret_full: the limit is
 * reached, or values were chosen so that they share their hash; then, as after an error, the list
 * is good for nothing but to be destroyed. For one thread. */
CHECKED enum error_code key_domain_put(struct key_domain *list, const void *values, size_t count,
                                       bool *ret_full, struct error *error);
/* Puts in the values of another list of the same type, finished or not. */
CHECKED enum error_code key_domain_put_list(struct key_domain *list, const struct key_domain *other,
                                            bool *ret_full, struct error *error);
/* Sorts and numbers, in the memory that it has; nothing can be put in any more. ERROR_MEMORY: it is
 * full. */
CHECKED enum error_code key_domain_finish(struct key_domain *list, bool nullable,
                                          struct error *error);

void key_domain_destroy(struct key_domain *domain);

/* ---- use: of ranges, and of lists that are finished ---- */

/* How many numbers there are, that of NULL included; never more than 2^63. */
uint64_t key_domain_count(const struct key_domain *domain);
bool key_domain_is_range(const struct key_domain *domain);
bool key_domain_is_nullable(const struct key_domain *domain);
/* Bytes it holds. */
size_t key_domain_size(const struct key_domain *domain);

/*
 * Numbers of count dense values (any address), each times stride, added to ret[i]: what a key space
 * wants. Returns how many values it got through: fewer than count when the next one is not in the
 * domain.
 */
size_t key_domain_add_numbers(const struct key_domain *domain, const void *values, size_t count,
                              uint64_t stride, uint64_t *ret) CHECKED;
/* The number of one value; false: it is not there. value NULL: that of NULL. */
CHECKED bool key_domain_number(const struct key_domain *domain, const void *value, uint64_t *ret);

/* The value that has a number, aligned; valid as long as the domain, or in buffer (16 bytes). NULL:
 * the number is that of NULL. */
const void *key_domain_value(const struct key_domain *domain, uint64_t number, void *buffer);

#endif
