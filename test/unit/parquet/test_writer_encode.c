/* Encoders against decoders written here from the format's text, bit by bit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "parquet/writer_dictionary.h"
#include "parquet/writer_encode.h"

#define MOST 5000

static uint64_t random_state = 1;

static uint64_t next_random(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

/* Bits first..first+width of a byte string, lowest bit first. */
static uint64_t bits_at(const uint8_t *bytes, size_t first, unsigned width)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < width; i++)
        value |= (uint64_t)(bytes[(first + i) / 8] >> ((first + i) % 8) & 1) << i;
    return value;
}

static uint64_t varint(const uint8_t **at)
{
    uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
        uint8_t byte = *(*at)++;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return value;
    }
}

static int64_t zigzag(const uint8_t **at)
{
    uint64_t value = varint(at);
    return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
}

static void decode_hybrid(const uint8_t *at, const uint8_t *end, unsigned width, uint32_t *out,
                          size_t count)
{
    size_t done = 0;
    while (at < end) {
        uint64_t head = varint(&at);
        if (head & 1) {
            for (uint64_t i = 0; i < (head >> 1) * 8; i++) {
                uint32_t value = (uint32_t)bits_at(at, i * width, width);
                if (done < count)
                    out[done++] = value;
                else
                    assert_int_equal(value, 0); /* padding */
            }
            at += (head >> 1) * width;
        } else {
            uint32_t value = (uint32_t)bits_at(at, 0, (width + 7) / 8 * 8);
            for (uint64_t i = 0; i < head >> 1; i++)
                out[done++] = value;
            at += (width + 7) / 8;
        }
        assert_true(done <= count);
    }
    assert_ptr_equal(at, end);
    assert_int_equal(done, count);
}

static void hybrid_reads_back(void **state)
{
    (void)state;
    static uint32_t values[MOST], decoded[MOST];
    for (int round = 0; round < 400; round++) {
        unsigned width = 1 + (unsigned)(next_random() % 32);
        size_t count = 1 + next_random() % (round < 200 ? 40 : MOST);
        unsigned sameness = (unsigned)(next_random() % 20);
        for (size_t i = 0; i < count; i++)
            values[i] = i > 0 && next_random() % 20 < sameness
                            ? values[i - 1]
                            : (uint32_t)(next_random() >> 20) & (uint32_t)((1ull << width) - 1);
        size_t bound = encode_hybrid_bound(count, width);
        uint8_t *bytes = malloc(bound);
        size_t size = encode_hybrid(values, count, width, bytes);
        assert_true(size <= bound);
        decode_hybrid(bytes, bytes + size, width, decoded, count);
        assert_memory_equal(decoded, values, count * sizeof *values);
        free(bytes);
    }
}

static void a_long_run_is_short(void **state)
{
    (void)state;
    static uint32_t values[MOST];
    uint8_t bytes[64 + MOST * 5];
    for (size_t i = 0; i < MOST; i++)
        values[i] = 300;
    assert_int_equal(encode_hybrid(values, MOST, 9, bytes), 4);
}

static void levels_read_back(void **state)
{
    (void)state;
    static uint8_t present[MOST / 8 + 1];
    static uint32_t decoded[MOST];
    for (int round = 0; round < 400; round++) {
        uint32_t rows = 1 + (uint32_t)(next_random() % (round < 200 ? 100 : MOST));
        unsigned kind = (unsigned)(next_random() % 4);
        memset(present, 0, sizeof present);
        for (uint32_t i = 0; i < rows; i++) {
            unsigned bit = kind == 0   ? next_random() & 1
                           : kind == 1 ? (i / 70) & 1
                           : kind == 2 ? next_random() % 200 > 0
                                       : 0;
            present[i / 8] |= (uint8_t)(bit << (i % 8));
        }
        uint8_t *bytes = malloc(encode_levels_bound(rows));
        size_t size = encode_levels(present, rows, bytes);
        assert_true(size <= encode_levels_bound(rows));
        decode_hybrid(bytes, bytes + size, 1, decoded, rows);
        for (uint32_t i = 0; i < rows; i++)
            assert_int_equal(decoded[i], bits_at(present, i, 1));
        size = encode_levels(NULL, rows, bytes);
        decode_hybrid(bytes, bytes + size, 1, decoded, rows);
        for (uint32_t i = 0; i < rows; i++)
            assert_int_equal(decoded[i], 1);
        free(bytes);
    }
}

/* Reads a whole DELTA_BINARY_PACKED page; values wrap around in their width. */
static void check_delta(const uint8_t *at, const uint8_t *end, const int64_t *values, size_t count,
                        bool narrow)
{
    assert_int_equal(varint(&at), 128);
    assert_int_equal(varint(&at), 4);
    assert_int_equal(varint(&at), count);
    uint64_t value = (uint64_t)zigzag(&at);
    for (size_t i = 0; i < count;) {
        if (i == 0) {
            assert_int_equal((int64_t)value, values[i++]);
            continue;
        }
        uint64_t least = (uint64_t)zigzag(&at);
        const uint8_t *widths = at;
        at += 4;
        for (int group = 0; group < 4; group++) {
            for (unsigned k = 0; k < 32 && i < count; k++, i++) {
                value += least + bits_at(at, k * widths[group], widths[group]);
                int64_t is = narrow ? (int32_t)value : (int64_t)value;
                assert_int_equal(is, values[i]);
            }
            at += widths[group] * 4;
        }
    }
    assert_ptr_equal(at, end);
}

static void delta_reads_back(void **state)
{
    (void)state;
    static int64_t values[MOST];
    static int32_t narrow[MOST];
    for (int round = 0; round < 200; round++) {
        size_t count = next_random() % (round < 100 ? 300 : MOST);
        unsigned shift = (unsigned)(next_random() % 64);
        bool is_narrow = round % 2;
        for (size_t i = 0; i < count; i++) {
            values[i] = (int64_t)next_random() >> shift;
            if (is_narrow)
                values[i] = narrow[i] = (int32_t)values[i];
        }
        unsigned value_size = is_narrow ? 4 : 8;
        uint8_t *bytes = malloc(encode_delta_bound(count, value_size));
        const void *source = is_narrow ? (const void *)narrow : (const void *)values;
        size_t size = encode_delta(source, count, value_size, bytes);
        assert_true(size <= encode_delta_bound(count, value_size));
        check_delta(bytes, bytes + size, values, count, is_narrow);
        free(bytes);
    }
}

static void split_moves_bytes_into_streams(void **state)
{
    (void)state;
    const uint8_t values[] = {1, 2, 3, 4, 5, 6};
    const uint8_t expected[] = {1, 4, 2, 5, 3, 6};
    uint8_t out[6];
    encode_split(values, 2, 3, out);
    assert_memory_equal(out, expected, sizeof out);
}

static void booleans_are_bits(void **state)
{
    (void)state;
    const uint8_t values[] = {1, 0, 1, 1, 0, 0, 0, 1, 1};
    uint8_t out[2];
    assert_int_equal(encode_booleans(values, sizeof values, out), 2);
    assert_int_equal(out[0], 0x8d);
    assert_int_equal(out[1], 1);
}

static void dictionary_stops_at_its_limit(void **state)
{
    (void)state;
    struct mem_account account;
    struct error error;
    struct dictionary dictionary;
    struct column_type type = {.physical = COLUMN_INT64};
    int64_t values[] = {7, 7, -1, 7, 5, 5, 9};
    uint32_t indices[7];
    size_t done;
    mem_account_init(&account, "dictionary", NULL, MEM_NO_LIMIT);
    dictionary_init(&dictionary, &type, 3 * sizeof *values, &account);
    assert_int_equal(dictionary_width(&dictionary), 0);
    assert_int_equal(dictionary_put(&dictionary, values, 7, indices, &done, &error), ERROR_NONE);
    assert_int_equal(done, 6);
    const uint32_t expected[] = {0, 0, 1, 0, 2, 2};
    assert_memory_equal(indices, expected, sizeof expected);
    assert_int_equal(dictionary_width(&dictionary), 2);
    assert_true(account.peak <= dictionary_bytes(&type, 3 * sizeof *values));
    dictionary_clear(&dictionary);
    assert_int_equal(dictionary_put(&dictionary, values + 6, 1, indices, &done, &error),
                     ERROR_NONE);
    assert_int_equal(done, 1);
    assert_int_equal(indices[0], 0);
    dictionary_release(&dictionary);
    assert_int_equal(account.used, 0);
}

static void dictionary_tells_texts_apart(void **state)
{
    (void)state;
    struct mem_account account;
    struct error error;
    struct dictionary dictionary;
    struct column_type type = {.physical = COLUMN_BYTE_ARRAY, .logical = COLUMN_STRING};
    const uint8_t text[] = "aba";
    struct column_bytes values[] = {{text, 1}, {text, 2}, {NULL, 0}, {text + 2, 1}, {text, 0}};
    uint32_t indices[5];
    size_t done;
    mem_account_init(&account, "dictionary", NULL, MEM_NO_LIMIT);
    dictionary_init(&dictionary, &type, 100, &account);
    assert_int_equal(dictionary_put(&dictionary, values, 5, indices, &done, &error), ERROR_NONE);
    const uint32_t expected[] = {0, 1, 2, 0, 2};
    assert_memory_equal(indices, expected, sizeof expected);
    assert_int_equal(dictionary.size, 5 + 6 + 4);
    dictionary_release(&dictionary);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hybrid_reads_back),
        cmocka_unit_test(a_long_run_is_short),
        cmocka_unit_test(levels_read_back),
        cmocka_unit_test(delta_reads_back),
        cmocka_unit_test(split_moves_bytes_into_streams),
        cmocka_unit_test(booleans_are_bits),
        cmocka_unit_test(dictionary_stops_at_its_limit),
        cmocka_unit_test(dictionary_tells_texts_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
