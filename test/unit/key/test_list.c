/* Lists that grow, that reach their limit, whose values were chosen by an enemy. */
#include "values.h"

#include "key/domain.h"
#include "key/list.h"

#define MANY 60000

static struct mem_account account;
static struct error error;
static const struct column_type int64 = {.physical = COLUMN_INT64};
static const struct column_type text = {.physical = COLUMN_BYTE_ARRAY, .logical = COLUMN_STRING};

static uint64_t integers[MANY];
static struct column_bytes texts[MANY];
static char letters[MANY][16];

/* Distinct, in any order: an odd multiplier goes once through all numbers. */
static void make_many(bool shuffled)
{
    for (uint32_t i = 0; i < MANY; i++) {
        uint32_t number = shuffled ? i * 2654435761u : i;
        integers[i] = (uint64_t)number - 1000;
        int size = snprintf(letters[i], sizeof letters[i], "k%010u", number);
        texts[i] = (struct column_bytes){(const uint8_t *)letters[i], (uint32_t)size};
    }
}

static struct key_domain *list_with(const struct column_type *type, const void *values,
                                    size_t count, size_t limit, bool *ret_full)
{
    struct key_domain *list;
    assert_int_equal(key_domain_create_list(&account, type, limit, &list, &error), ERROR_NONE);
    assert_int_equal(key_domain_put(list, values, count, ret_full, &error), ERROR_NONE);
    return list;
}

static void check_many(const struct column_type *type, const void *values)
{
    static uint64_t numbers[MANY];
    bool full;
    struct key_domain *list = list_with(type, values, MANY, 64 << 20, &full);
    assert_false(full);
    size_t size = key_domain_size(list);
    for (int again = 0; again < 3; again++)
        assert_int_equal(key_domain_put(list, values, MANY, &full, &error), ERROR_NONE);
    assert_int_equal(key_domain_size(list), size);
    assert_int_equal(key_domain_finish(list, false, &error), ERROR_NONE);
    assert_int_equal(key_domain_count(list), MANY);
    assert_int_equal(key_domain_size(list), size);
    memset(numbers, 0, sizeof numbers);
    assert_int_equal(key_domain_add_numbers(list, values, MANY, 1, numbers), MANY);
    _Alignas(16) uint8_t buffer[16], before[16];
    for (uint64_t i = 1; i < MANY; i++) {
        const void *low = key_domain_value(list, i - 1, before);
        assert_true(column_value_compare(type, low, key_domain_value(list, i, buffer)) < 0);
    }
    for (size_t i = 0; i < MANY; i++) {
        const uint8_t *value = (const uint8_t *)values + i * column_value_size(type);
        assert_int_equal(
            column_value_compare(type, value, key_domain_value(list, numbers[i], buffer)), 0);
    }
    key_domain_destroy(list);
    assert_int_equal(atomic_load(&account.used), 0);
}

static void many_values(void **state)
{
    (void)state;
    for (int shuffled = 0; shuffled < 2; shuffled++) {
        make_many(shuffled);
        check_many(&int64, integers);
        check_many(&text, texts);
    }
}

/* What is full fills another list, however much room that has. */
static void check_put_list(const struct column_type *type, const struct key_domain *from, bool full)
{
    struct key_domain *list;
    bool also = !full;
    assert_int_equal(key_domain_create_list(&account, type, 64 << 20, &list, &error), ERROR_NONE);
    assert_int_equal(key_domain_put_list(list, from, &also, &error), ERROR_NONE);
    assert_int_equal(also, full);
    if (!full) {
        assert_int_equal(key_domain_finish(list, false, &error), ERROR_NONE);
        assert_int_equal(key_domain_count(list), MANY);
    }
    key_domain_destroy(list);
}

/* Whatever the limit: it is kept, and full means full for good. */
static void the_limit_is_kept(void **state)
{
    (void)state;
    make_many(true);
    struct mem_account parent;
    mem_account_init(&parent, "parent", &account, MEM_NO_LIMIT);
    for (size_t limit = 0; limit < 6 << 20; limit = limit * 3 / 2 + 500) {
        for (int kind = 0; kind < 2; kind++) {
            struct key_domain *list;
            bool full = false, again = false;
            const struct column_type *type = kind == 0 ? &int64 : &text;
            const void *values = kind == 0 ? (const void *)integers : texts;
            atomic_store(&parent.peak, 0);
            assert_int_equal(key_domain_create_list(&parent, type, limit, &list, &error),
                             ERROR_NONE);
            size_t least = key_domain_size(list);
            assert_int_equal(key_domain_put(list, values, MANY, &full, &error), ERROR_NONE);
            assert_true(atomic_load(&parent.peak) <= (limit > least ? limit : least));
            assert_int_equal(key_domain_put(list, values, MANY, &again, &error), ERROR_NONE);
            assert_int_equal(full, again);
            assert_int_equal(key_domain_finish(list, false, &error),
                             full ? ERROR_MEMORY : ERROR_NONE);
            assert_int_equal(full, key_domain_count(list) != MANY);
            check_put_list(type, list, full);
            key_domain_destroy(list);
            assert_int_equal(atomic_load(&parent.used), 0);
        }
    }
}

static void long_texts(void **state)
{
    (void)state;
    const uint32_t size = 3 << 20;
    void *memory;
    bool full;
    assert_int_equal(mem_alloc(&account, size, &memory, &error), ERROR_NONE);
    uint8_t *bytes = memory;
    bytes[size - 1] = 1;
    struct column_bytes values[] = {
        {bytes, size}, {bytes, 0}, {bytes, size - 1}, {bytes + 1, size - 1}, {bytes, 1}};
    const uint64_t order[] = {3, 0, 2, 4, 1};
    struct key_domain *list = list_with(&text, values, 5, 64 << 20, &full);
    assert_false(full);
    assert_int_equal(key_domain_finish(list, true, &error), ERROR_NONE);
    uint64_t numbers[5] = {0};
    assert_int_equal(key_domain_add_numbers(list, values, 5, 1, numbers), 5);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(numbers[i], order[i] + 1);
    key_domain_destroy(list);
    list = list_with(&text, values, 5, 5 << 20, &full);
    assert_true(full);
    key_domain_destroy(list);
    mem_free(memory);
}

static uint64_t inverse_of(uint64_t odd)
{
    uint64_t inverse = odd;
    for (int i = 0; i < 6; i++)
        inverse *= 2 - odd * inverse;
    return inverse;
}

static uint64_t undo_shift(uint64_t hash, unsigned shift)
{
    uint64_t number = hash;
    for (unsigned done = shift; done < 64; done += shift)
        number = hash ^ number >> shift;
    return number;
}

/* Numbers whose hash has the same low half, by running the hash backwards. */
static void numbers_of_one_slot_fill_the_list(void **state)
{
    (void)state;
    const size_t count = 5000;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t number = undo_shift(i << 32, 32);
        number = undo_shift(number * inverse_of(0xbf58476d1ce4e5b9), 29);
        number = undo_shift(number * inverse_of(0x9e3779b97f4a7c15), 32);
        integers[i] = number ^ 1ull << 63;
    }
    bool full;
    struct key_domain *list = list_with(&int64, integers, 1000, 64 << 20, &full);
    assert_false(full);
    assert_int_equal(key_domain_put(list, integers, count, &full, &error), ERROR_NONE);
    assert_true(full);
    key_domain_destroy(list);
}

static void each_refused_allocation_is_an_error(void **state)
{
    (void)state;
    make_many(true);
    for (int kind = 0; kind < 2; kind++) {
        const struct column_type *type = kind == 0 ? &int64 : &text;
        const void *values = kind == 0 ? (const void *)integers : texts;
        enum error_code code = ERROR_MEMORY;
        int failures = 0;
        for (uint64_t n = 1; code != ERROR_NONE; n++) {
            struct key_domain *list = NULL;
            bool full = false;
            mem_fail_allocation(n);
            code = key_domain_create_list(&account, type, 64 << 20, &list, &error);
            if (code == ERROR_NONE)
                code = key_domain_put(list, values, 2000, &full, &error);
            mem_fail_allocation(0);
            assert_true(code == ERROR_NONE || code == ERROR_MEMORY);
            assert_false(full);
            if (code != ERROR_NONE && list != NULL)
                assert_int_equal(key_domain_finish(list, false, &error), ERROR_MEMORY);
            failures += code != ERROR_NONE;
            key_domain_destroy(list);
            assert_int_equal(atomic_load(&account.used), 0);
        }
        assert_true(failures > 8);
    }
}

/* ---- sorting ---- */

static void check_texts(size_t count, unsigned depth)
{
    make_many(true);
    list_sort_texts_within(texts, count, &text, depth);
    for (size_t i = 1; i < count; i++)
        assert_true(column_value_compare(&text, &texts[i - 1], &texts[i]) < 0);
}

static void texts_sort_at_any_depth(void **state)
{
    (void)state;
    for (unsigned depth = 0; depth < 12; depth += 3) {
        check_texts(0, depth);
        check_texts(33, depth);
        check_texts(5000, depth);
    }
}

static void numbers_sort_whatever_they_share(void **state)
{
    (void)state;
    uint64_t seed = value_seed("numbers", 11);
    for (unsigned bits = 0; bits < 64; bits += 7) {
        size_t count = value_random(&seed) % 4000;
        for (size_t i = 0; i < count; i++)
            integers[i] = value_random(&seed) >> bits << bits / 2;
        list_sort_numbers(integers, count);
        for (size_t i = 1; i < count; i++)
            assert_true(integers[i - 1] <= integers[i]);
    }
}

int main(void)
{
    mem_account_init(&account, "test", NULL, MEM_NO_LIMIT);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_values),
        cmocka_unit_test(the_limit_is_kept),
        cmocka_unit_test(long_texts),
        cmocka_unit_test(numbers_of_one_slot_fill_the_list),
        cmocka_unit_test(each_refused_allocation_is_an_error),
        cmocka_unit_test(texts_sort_at_any_depth),
        cmocka_unit_test(numbers_sort_whatever_they_share),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
