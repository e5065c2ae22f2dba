/* Encoded keys: equal bytes exactly for equal keys, whichever way they were written, and back. */
#include "values.h"

#include "key/encode.h"

#define ROWS    150
#define COLUMNS 20

static struct mem_account account;
static struct error error;

/* Columns of rows; values dense, at an odd address. */
struct table {
    uint32_t columns;
    struct column_type types[COLUMNS];
    struct column_slice slices[COLUMNS];
    uint8_t present[COLUMNS][ROWS];
    uint32_t value_index[COLUMNS][ROWS];
    uint8_t values[COLUMNS][1 + ROWS * VALUE_MOST];
    struct mem_arena arena;
    struct mem_buffer bytes;
    uint32_t offsets[ROWS + 1];
    uint64_t hashes[ROWS];
};

static const uint8_t *value_at(const struct table *table, uint32_t column, size_t row)
{
    size_t size = column_value_size(&table->types[column]);
    return table->values[column] + 1 + table->value_index[column][row] * size;
}

static void make_column(struct table *table, uint32_t column, bool nullable, uint64_t *seed)
{
    const struct column_type *type = &table->types[column];
    size_t size = column_value_size(type);
    uint32_t count = 0;
    for (size_t i = 0; i < ROWS; i++) {
        uint8_t value[VALUE_MOST] = {0};
        table->present[column][i] = !nullable || value_random(seed) % 4 != 0;
        table->value_index[column][i] = count;
        if (table->present[column][i] == 0)
            continue;
        value_make(seed, type, &table->arena, value);
        memcpy(table->values[column] + 1 + count++ * size, value, size);
    }
    bool told = nullable || value_random(seed) % 2 != 0;
    table->slices[column] = (struct column_slice){.row_count = ROWS,
                                                  .value_count = count,
                                                  .present = told ? table->present[column] : NULL,
                                                  .values = table->values[column] + 1};
}

static void encode(struct table *table)
{
    assert_int_equal(key_encode(table->types, table->columns, table->slices, ROWS, &table->bytes,
                                table->offsets, table->hashes, &error),
                     ERROR_NONE);
    assert_int_equal(table->offsets[0], 0);
    assert_int_equal(table->offsets[ROWS], table->bytes.size);
}

static struct key_bytes key_at(const struct table *table, size_t row)
{
    return (struct key_bytes){table->bytes.data + table->offsets[row],
                              table->offsets[row + 1] - table->offsets[row]};
}

static bool equal_rows(const struct table *table, size_t a, size_t b)
{
    bool equal = true;
    for (uint32_t c = 0; c < table->columns && equal; c++) {
        equal = table->present[c][a] == table->present[c][b];
        if (equal && table->present[c][a] != 0)
            equal = column_value_compare(&table->types[c], value_at(table, c, a),
                                         value_at(table, c, b)) == 0;
    }
    return equal;
}

static void check_equality(const struct table *table)
{
    for (size_t a = 0; a < ROWS; a++) {
        struct key_bytes x = key_at(table, a);
        assert_true(key_hash(x.data, x.size) == table->hashes[a]);
        for (size_t b = 0; b < a; b++) {
            struct key_bytes y = key_at(table, b);
            bool equal = x.size == y.size && memcmp(x.data, y.data, x.size) == 0;
            assert_int_equal(equal, equal_rows(table, a, b));
            assert_int_equal(equal, table->hashes[a] == table->hashes[b]);
        }
    }
}

/* Encodes what was decoded: the same bytes again. */
static void check_decode(const struct table *table)
{
    static struct table again;
    static struct key_bytes keys[ROWS];
    again.columns = table->columns;
    memcpy(again.types, table->types, sizeof again.types);
    for (size_t i = 0; i < ROWS; i++)
        keys[i] = key_at(table, i);
    for (uint32_t c = 0; c < table->columns; c++) {
        const uint8_t *value = again.values[c];
        key_decode(table->types, table->columns, c, keys, ROWS, again.values[c], again.present[c],
                   &again.slices[c]);
        assert_int_equal(again.slices[c].row_count, ROWS);
        assert_int_equal(again.slices[c].value_count, table->slices[c].value_count);
        assert_memory_equal(again.present[c], table->present[c], ROWS);
        for (size_t i = 0; i < ROWS; i++) {
            if (table->present[c][i] == 0)
                continue;
            assert_int_equal(column_value_compare(&table->types[c], value, value_at(table, c, i)),
                             0);
            value += column_value_size(&table->types[c]);
        }
    }
    mem_buffer_init(&again.bytes, &account, MEM_NO_LIMIT);
    encode(&again);
    assert_memory_equal(again.offsets, table->offsets, sizeof again.offsets);
    if (again.bytes.size > 0)
        assert_memory_equal(again.bytes.data, table->bytes.data, again.bytes.size);
    mem_buffer_release(&again.bytes);
}

/* A row alone has the bytes that it has among others, where another way may have been taken. */
static void check_single_rows(const struct table *table)
{
    struct mem_buffer bytes;
    mem_buffer_init(&bytes, &account, MEM_NO_LIMIT);
    for (size_t i = 0; i < ROWS; i++) {
        struct column_slice slices[COLUMNS];
        uint32_t offsets[2];
        uint64_t hash;
        for (uint32_t c = 0; c < table->columns; c++)
            slices[c] = (struct column_slice){.row_count = 1,
                                              .value_count = table->present[c][i],
                                              .present = &table->present[c][i],
                                              .values = value_at(table, c, i)};
        assert_int_equal(
            key_encode(table->types, table->columns, slices, 1, &bytes, offsets, &hash, &error),
            ERROR_NONE);
        struct key_bytes key = key_at(table, i);
        assert_int_equal(offsets[1], key.size);
        assert_true(hash == table->hashes[i]);
        if (key.size > 0)
            assert_memory_equal(bytes.data, key.data, key.size);
    }
    mem_buffer_release(&bytes);
}

static void check_table(struct table *table, const struct column_type *only, bool nullable,
                        uint64_t seed)
{
    mem_arena_init(&table->arena, &account);
    mem_buffer_init(&table->bytes, &account, MEM_NO_LIMIT);
    for (uint32_t c = 0; c < table->columns; c++) {
        table->types[c] = only != NULL ? *only : value_types[value_random(&seed) % VALUE_TYPES];
        make_column(table, c, nullable && value_random(&seed) % 4 != 0, &seed);
    }
    encode(table);
    check_equality(table);
    check_decode(table);
    check_single_rows(table);
    mem_buffer_release(&table->bytes);
    mem_arena_release(&table->arena);
}

static void equal_keys_have_equal_bytes(void **state)
{
    (void)state;
    static struct table table;
    const uint32_t columns[] = {0, 1, 2, 3, 8, 9, 20};
    for (uint64_t seed = 1; seed <= 35; seed++) {
        table.columns = columns[seed % 7];
        check_table(&table, NULL, seed % 3 != 0, value_seed("keys", seed));
    }
    assert_int_equal(atomic_load(&account.used), 0);
}

static void every_type_is_written_both_ways(void **state)
{
    (void)state;
    static struct table table;
    table.columns = 1;
    for (size_t t = 0; t < VALUE_TYPES; t++) {
        check_table(&table, &value_types[t], false, t);
        check_table(&table, &value_types[t], true, t);
    }
}

/* Nothing is read before it is known that there is room. */
static void keys_beyond_the_limit_are_an_error(void **state)
{
    (void)state;
    const struct column_type types[] = {{.physical = COLUMN_BYTE_ARRAY},
                                        {.physical = COLUMN_BYTE_ARRAY}};
    const struct column_bytes texts[] = {{NULL, UINT32_MAX}, {NULL, UINT32_MAX}};
    const struct column_slice slices[] = {{2, 2, NULL, texts}, {2, 2, NULL, texts}};
    struct mem_buffer bytes;
    uint32_t offsets[3];
    uint64_t hashes[2];
    mem_buffer_init(&bytes, &account, MEM_NO_LIMIT);
    assert_int_equal(key_encode(types, 2, slices, 2, &bytes, offsets, hashes, &error),
                     ERROR_MEMORY);
    assert_int_equal(key_encode(types, 1, slices, 1, &bytes, offsets, hashes, &error),
                     ERROR_MEMORY);
    bytes.maximum = 100;
    assert_int_equal(bytes.capacity, 0);
    const struct column_type wide = {.physical = COLUMN_FIXED, .type_length = 99};
    uint8_t value[99] = {1};
    const struct column_slice slice = {1, 1, NULL, value};
    assert_int_equal(key_encode(&wide, 1, &slice, 1, &bytes, offsets, hashes, &error), ERROR_NONE);
    assert_int_equal(bytes.size, 100);
    const struct column_slice twice = {2, 1, (const uint8_t[]){1, 0}, value};
    assert_int_equal(key_encode(&wide, 1, &twice, 2, &bytes, offsets, hashes, &error),
                     ERROR_MEMORY);
    mem_buffer_release(&bytes);
    mem_fail_allocation(1);
    assert_int_equal(key_encode(&wide, 1, &slice, 1, &bytes, offsets, hashes, &error),
                     ERROR_MEMORY);
    mem_fail_allocation(0);
}

int main(void)
{
    mem_account_init(&account, "test", NULL, MEM_NO_LIMIT);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_keys_have_equal_bytes),
        cmocka_unit_test(every_type_is_written_both_ways),
        cmocka_unit_test(keys_beyond_the_limit_are_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
