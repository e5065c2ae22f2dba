/* Digests of keys: equal keys in the same order have the same one, however they are cut; all others
 * another one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sum/known_keys.h"

#define ROWS    60
#define COLUMNS 4

/* A key: a number of 64 bits, one of 32, a text, 16 bytes. */
struct rows {
    int64_t longs[ROWS];
    int32_t shorts[ROWS];
    char letters[ROWS][8];
    uint8_t wide[ROWS][16];
    uint8_t present[COLUMNS][ROWS]; /* 0: NULL, whatever the value above is */
};

static struct rows first, other;

static void make(struct rows *rows)
{
    memset(rows, 0, sizeof *rows);
    memset(rows->present, 1, sizeof rows->present);
    for (int row = 0; row < ROWS; row++) {
        rows->longs[row] = row / 6;
        rows->shorts[row] = row % 6;
        snprintf(rows->letters[row], sizeof rows->letters[0], "t%d", row % 10);
        rows->wide[row][3] = (uint8_t)row;
    }
}

/* Rows begin..end-1 as a reader of keys has them. */
static struct key_digest digest_of_part(struct rows *rows, int begin, int end)
{
    int64_t longs[ROWS];
    int32_t shorts[ROWS];
    struct column_bytes texts[ROWS];
    uint8_t wide[ROWS][16];
    struct batch_column columns[COLUMNS] = {
        {.type = {.physical = COLUMN_INT64}, .values = (const uint8_t *)longs},
        {.type = {.physical = COLUMN_INT32}, .values = (const uint8_t *)shorts},
        {.type = {.physical = COLUMN_BYTE_ARRAY}, .values = (const uint8_t *)texts},
        {.type = {.physical = COLUMN_FIXED, .type_length = 16}, .values = wide[0]},
    };
    uint32_t counts[COLUMNS] = {0};
    for (int row = begin; row < end; row++) {
        const char *text = rows->letters[row];
        if (rows->present[0][row])
            longs[counts[0]++] = rows->longs[row];
        if (rows->present[1][row])
            shorts[counts[1]++] = rows->shorts[row];
        if (rows->present[2][row])
            texts[counts[2]++] =
                (struct column_bytes){(const uint8_t *)text, (uint32_t)strlen(text)};
        if (rows->present[3][row])
            memcpy(wide[counts[3]++], rows->wide[row], 16);
    }
    for (int i = 0; i < COLUMNS; i++) {
        columns[i].width = column_value_size(&columns[i].type);
        columns[i].present = rows->present[i] + begin;
        columns[i].row_count = (uint32_t)(end - begin);
        columns[i].value_count = counts[i];
        columns[i].has_nulls = counts[i] < columns[i].row_count;
    }
    struct batch_reader batch = {.column_count = COLUMNS,
                                 .columns = columns,
                                 .row_count = (uint32_t)(end - begin),
                                 .first_row = (uint64_t)begin};
    struct key_digest digest = {0, 0};
    key_digest_add(&digest, &batch);
    return digest;
}

static struct key_digest digest_of(struct rows *rows)
{
    return digest_of_part(rows, 0, ROWS);
}

static bool equal(struct key_digest a, struct key_digest b)
{
    return a.low == b.low && a.high == b.high;
}

static struct key_digest plus(struct key_digest a, struct key_digest b)
{
    return (struct key_digest){a.low + b.low, a.high + b.high};
}

static void pieces_add_up(void **state)
{
    (void)state;
    make(&first);
    for (int nulls = 0; nulls < 2; nulls++) {
        for (int cut = 1; cut < ROWS; cut++) {
            int next = cut + (ROWS - cut) / 2;
            struct key_digest head = digest_of_part(&first, 0, cut);
            struct key_digest middle = digest_of_part(&first, cut, next);
            struct key_digest tail = digest_of_part(&first, next, ROWS);
            /* In any order, as threads have them. */
            assert_true(equal(plus(plus(tail, head), middle), digest_of(&first)));
        }
        for (int row = 0; row < ROWS; row += 7)
            first.present[row % COLUMNS][row] = 0;
    }
}

static void any_change_is_seen(void **state)
{
    (void)state;
    make(&first);
    struct key_digest digest = digest_of(&first);
    for (int row = 0; row < ROWS; row++) {
        make(&other);
        other.longs[row] ^= 1;
        assert_false(equal(digest, digest_of(&other)));
        make(&other);
        other.shorts[row] = -1 - other.shorts[row];
        assert_false(equal(digest, digest_of(&other)));
        make(&other);
        other.letters[row][2] = 'x';
        assert_false(equal(digest, digest_of(&other)));
        make(&other);
        other.wide[row][15] = 1;
        assert_false(equal(digest, digest_of(&other)));
    }
}

static void order_counts(void **state)
{
    (void)state;
    make(&first);
    struct key_digest digest = digest_of(&first);
    for (int row = 0; row + 1 < ROWS; row++) {
        make(&other);
        other.longs[row] = first.longs[row + 1];
        other.shorts[row] = first.shorts[row + 1];
        memcpy(other.letters[row], first.letters[row + 1], sizeof other.letters[0]);
        memcpy(other.wide[row], first.wide[row + 1], 16);
        other.longs[row + 1] = first.longs[row];
        other.shorts[row + 1] = first.shorts[row];
        memcpy(other.letters[row + 1], first.letters[row], sizeof other.letters[0]);
        memcpy(other.wide[row + 1], first.wide[row], 16);
        assert_false(equal(digest, digest_of(&other)));
    }
}

/* Two columns that exchange their values are other keys, and so is a value moved to the next row's
 * column. */
static void columns_count(void **state)
{
    (void)state;
    make(&first);
    make(&other);
    for (int row = 0; row < ROWS; row++) {
        other.longs[row] = first.shorts[row];
        other.shorts[row] = (int32_t)first.longs[row];
    }
    assert_false(equal(digest_of(&first), digest_of(&other)));
}

static void null_is_no_value(void **state)
{
    (void)state;
    make(&first);
    struct key_digest digest = digest_of(&first);
    for (int column = 0; column < COLUMNS; column++) {
        for (int row = 0; row < ROWS; row++) {
            make(&other);
            other.present[column][row] = 0;
            struct key_digest with_null = digest_of(&other);
            assert_false(equal(digest, with_null));
            other.present[column][row] = 1;
            other.present[(column + 1) % COLUMNS][row] = 0;
            assert_false(equal(with_null, digest_of(&other)));
            other.present[column][row] = 0;
            assert_false(equal(with_null, digest_of(&other)));
        }
    }
}

static void without_a_cache_nothing_is_known(void **state)
{
    (void)state;
    struct known_keys known;
    struct error error;
    struct sum sum = {.key_count = 1, .options = {.no_cache = true}};
    const struct catalog_head head = {.row_count = 0};
    const struct catalog_record record = {.head = &head};
    struct key_digest digest = {0, 0};
    error_init(&error);
    assert_int_equal(known_keys_open(&known, &sum, &error), ERROR_NONE);
    assert_false(known_keys_same(&known, &record));
    assert_int_equal(known_keys_keep(&known, &sum, &digest, &error), ERROR_NONE);
    known_keys_close(&known);
    /* Without keys there is nothing to know, with or without a cache. */
    sum = (struct sum){.key_count = 0};
    assert_int_equal(known_keys_open(&known, &sum, &error), ERROR_NONE);
    assert_null(known.cache);
    known_keys_close(&known);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_add_up),    cmocka_unit_test(any_change_is_seen),
        cmocka_unit_test(order_counts),     cmocka_unit_test(columns_count),
        cmocka_unit_test(null_is_no_value), cmocka_unit_test(without_a_cache_nothing_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
