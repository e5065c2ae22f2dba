/* Numbers of a list are in the order of column_value_compare, for every type. */
#include "values.h"

#include "key/domain.h"

#define VALUES 260
#define SEEDS  3
/* Values lie at an odd address. */
#define SHIFT 1

static struct mem_account account;
static struct error error;

struct scene {
    const struct column_type *type;
    size_t size;
    struct mem_arena arena;
    uint8_t memory[VALUES * VALUE_MOST + SHIFT];
};

static uint8_t *value_at(struct scene *scene, size_t i)
{
    return scene->memory + SHIFT + i * scene->size;
}

static void scene_make(struct scene *scene, const struct column_type *type, uint64_t seed)
{
    scene->type = type;
    scene->size = column_value_size(type);
    mem_arena_init(&scene->arena, &account);
    for (size_t i = 0; i < VALUES; i++) {
        uint8_t value[VALUE_MOST] = {0};
        value_make(&seed, type, &scene->arena, value);
        memcpy(value_at(scene, i), value, scene->size);
    }
}

static int compare(struct scene *scene, size_t a, size_t b)
{
    return value_sign(column_value_compare(scene->type, value_at(scene, a), value_at(scene, b)));
}

static struct key_domain *list_of(const struct column_type *type)
{
    struct key_domain *list;
    assert_int_equal(key_domain_create_list(&account, type, 64 << 20, &list, &error), ERROR_NONE);
    return list;
}

/* In pieces of any length, some of them twice. */
static void put_all(struct scene *scene, struct key_domain *list, uint64_t seed, size_t count)
{
    for (size_t done = 0; done < count;) {
        bool full = true;
        size_t piece = value_random(&seed) % 90;
        piece = piece < count - done ? piece : count - done;
        assert_int_equal(key_domain_put(list, value_at(scene, done), piece, &full, &error),
                         ERROR_NONE);
        assert_false(full);
        done += value_random(&seed) % 4 != 0 ? piece : piece / 2;
    }
}

static size_t distinct(struct scene *scene)
{
    size_t count = 0;
    for (size_t a = 0; a < VALUES; a++) {
        size_t b = 0;
        while (b < a && compare(scene, a, b) != 0)
            b++;
        count += b == a;
    }
    return count;
}

/* Numbers are in order, and lead back to the value. */
static void check_numbers(struct scene *scene, const struct key_domain *domain)
{
    uint64_t numbers[VALUES], sums[VALUES];
    for (size_t i = 0; i < VALUES; i++)
        sums[i] = i;
    assert_int_equal(key_domain_add_numbers(domain, value_at(scene, 0), VALUES, 1000, sums),
                     VALUES);
    for (size_t i = 0; i < VALUES; i++) {
        _Alignas(16) uint8_t buffer[16];
        assert_true(key_domain_number(domain, value_at(scene, i), &numbers[i]));
        assert_true(sums[i] == i + numbers[i] * 1000);
        assert_true(numbers[i] < key_domain_count(domain));
        const void *value = key_domain_value(domain, numbers[i], buffer);
        assert_non_null(value);
        assert_int_equal(column_value_compare(scene->type, value, value_at(scene, i)), 0);
    }
    for (size_t a = 0; a < VALUES; a++) {
        for (size_t b = 0; b < a; b++)
            assert_int_equal((numbers[a] > numbers[b]) - (numbers[a] < numbers[b]),
                             compare(scene, a, b));
    }
}

/* Every number has a value that has this number. */
static void check_values(const struct key_domain *domain)
{
    for (uint64_t number = 0; number < key_domain_count(domain); number++) {
        _Alignas(16) uint8_t buffer[16];
        uint64_t back = UINT64_MAX;
        const void *value = key_domain_value(domain, number, buffer);
        assert_int_equal(value == NULL, key_domain_is_nullable(domain) && number == 0);
        assert_true(key_domain_number(domain, value, &back));
        assert_true(back == number);
    }
    uint64_t number = 7;
    assert_int_equal(key_domain_number(domain, NULL, &number), key_domain_is_nullable(domain));
    assert_int_equal(number, key_domain_is_nullable(domain) ? 0 : 7);
}

static void check_list(const struct column_type *type, uint64_t seed)
{
    static struct scene scene;
    scene_make(&scene, type, seed);
    bool nullable = seed & 1, full;
    struct key_domain *one = list_of(type), *other = list_of(type);
    put_all(&scene, one, seed, VALUES / 2);
    put_all(&scene, other, seed, VALUES);
    assert_int_equal(key_domain_put_list(one, other, &full, &error), ERROR_NONE);
    assert_false(full);
    assert_int_equal(key_domain_finish(one, nullable, &error), ERROR_NONE);
    assert_int_equal(key_domain_count(one), distinct(&scene) + nullable);
    assert_false(key_domain_is_range(one));
    check_numbers(&scene, one);
    check_values(one);
    key_domain_destroy(other);
    key_domain_destroy(one);
    mem_arena_release(&scene.arena);
}

static void lists_number_values_of_every_type(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        value_seed("lists", seed);
        for (size_t i = 0; i < VALUE_TYPES; i++)
            check_list(&value_types[i], seed);
    }
    assert_int_equal(atomic_load(&account.used), 0);
}

/* The first half is in the list; the rest is found exactly where it equals one of those. */
static void what_is_not_there_stops_the_numbers(void **state)
{
    (void)state;
    static struct scene scene;
    for (size_t t = 0; t < VALUE_TYPES; t++) {
        scene_make(&scene, &value_types[t], 5);
        struct key_domain *list = list_of(&value_types[t]);
        put_all(&scene, list, 5, VALUES / 2);
        assert_int_equal(key_domain_finish(list, false, &error), ERROR_NONE);
        size_t known = VALUES / 2;
        for (bool there = true; known < VALUES && there; known += there) {
            size_t like = 0;
            while (like < VALUES / 2 && compare(&scene, known, like) != 0)
                like++;
            there = like < VALUES / 2;
        }
        uint64_t numbers[VALUES] = {0}, number;
        assert_int_equal(key_domain_add_numbers(list, value_at(&scene, 0), VALUES, 1, numbers),
                         known);
        if (known < VALUES)
            assert_false(key_domain_number(list, value_at(&scene, known), &number));
        key_domain_destroy(list);
        mem_arena_release(&scene.arena);
    }
}

static void what_comes_out_is_canonical(void **state)
{
    (void)state;
    struct column_type type = {.physical = COLUMN_DOUBLE};
    double values[] = {-0.0, -__builtin_nan("5"), 0.0, __builtin_nan("")}, buffer[2];
    uint64_t bits;
    bool full;
    struct key_domain *list = list_of(&type);
    assert_int_equal(key_domain_put(list, values, 4, &full, &error), ERROR_NONE);
    assert_int_equal(key_domain_finish(list, false, &error), ERROR_NONE);
    assert_int_equal(key_domain_count(list), 2);
    memcpy(&bits, key_domain_value(list, 0, buffer), sizeof bits);
    assert_true(bits == 0);
    memcpy(&bits, key_domain_value(list, 1, buffer), sizeof bits);
    assert_true(bits == 0x7ff8000000000000);
    key_domain_destroy(list);
}

static void an_empty_list_has_null_at_most(void **state)
{
    (void)state;
    for (size_t t = 0; t < VALUE_TYPES; t++) {
        uint8_t value[VALUE_MOST] = {0};
        uint64_t number = 0;
        struct key_domain *list = list_of(&value_types[t]), *other = list_of(&value_types[t]);
        bool full;
        assert_int_equal(key_domain_put(list, value, 0, &full, &error), ERROR_NONE);
        assert_int_equal(key_domain_put_list(list, other, &full, &error), ERROR_NONE);
        assert_int_equal(key_domain_finish(list, t % 2, &error), ERROR_NONE);
        assert_int_equal(key_domain_count(list), t % 2);
        assert_int_equal(key_domain_add_numbers(list, value, 1, 1, &number), 0);
        assert_int_equal(key_domain_number(list, NULL, &number), t % 2);
        key_domain_destroy(list);
        key_domain_destroy(other);
    }
}

int main(void)
{
    mem_account_init(&account, "test", NULL, MEM_NO_LIMIT);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_number_values_of_every_type),
        cmocka_unit_test(what_is_not_there_stops_the_numbers),
        cmocka_unit_test(what_comes_out_is_canonical),
        cmocka_unit_test(an_empty_list_has_null_at_most),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
