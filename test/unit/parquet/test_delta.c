#include "parquet/kernel_fixture.h"

#include "bytes.h"
#include "parquet/delta.h"

static struct bytes bytes;
static uint64_t want[20000], wide[20000];
static uint32_t narrow[20000];

struct shape {
    size_t miniblocks, values; /* in a block, in a miniblock */
    unsigned widest;
    size_t count;
};

/* One miniblock of random differences of a random width; *last goes along. */
static unsigned put_miniblock(const struct shape *shape, uint64_t minimum, size_t *at,
                              uint8_t packed[static 4096], uint64_t *seed)
{
    unsigned width = (unsigned)random_below(seed, shape->widest + 1);
    for (size_t i = 0; i < shape->values / 8 * width; i++)
        packed[i] = (uint8_t)random_of(seed);
    for (size_t i = 0; i < shape->values && *at < shape->count; i++, ++*at)
        want[*at] = want[*at - 1] + minimum + unpacked(packed, width, i);
    return width;
}

/* A stream of random blocks, and behind it as many other bytes as trailing says. */
static void put_stream(const struct shape *shape, size_t trailing, uint64_t *seed)
{
    static uint8_t packed[4096];
    bytes.size = 0;
    want[0] = random_of(seed);
    put_varint(&bytes, shape->miniblocks * shape->values);
    put_varint(&bytes, shape->miniblocks);
    put_varint(&bytes, shape->count);
    put_zigzag(&bytes, (int64_t)want[0]);
    for (size_t at = 1; at < shape->count;) {
        uint64_t minimum = random_of(seed) >> random_below(seed, 64);
        put_zigzag(&bytes, (int64_t)minimum);
        size_t widths = bytes.size;
        for (size_t i = 0; i < shape->miniblocks; i++)
            put_u8(&bytes, 0);
        for (size_t i = 0; i < shape->miniblocks && at < shape->count; i++) {
            unsigned width = put_miniblock(shape, minimum, &at, packed, seed);
            bytes.data[widths + i] = (uint8_t)width;
            put(&bytes, packed, shape->values / 8 * width);
        }
    }
    for (size_t i = 0; i < trailing; i++)
        put_u8(&bytes, 0xee);
}

static void check_values(const uint8_t *at, size_t size, const struct shape *shape, uint64_t *seed)
{
    struct delta_reader by_64, by_32;
    size_t most = random_below(seed, 2) == 0 ? 10 : 3000;
    assert_true(delta_init(&by_64, at, size, shape->count));
    assert_true(delta_init(&by_32, at, size, shape->count));
    for (size_t done = 0; done < shape->count;) {
        size_t now = random_below(seed, most);
        now = now < shape->count - done ? now : shape->count - done;
        assert_true(delta_read(&by_64, wide, now));
        assert_true(delta_read_u32(&by_32, narrow, now));
        assert_memory_equal(wide, want + done, now * sizeof *wide);
        for (size_t i = 0; i < now; i++)
            assert_int_equal(narrow[i], (uint32_t)want[done + i]);
        done += now;
    }
    assert_false(delta_read(&by_64, wide, 1));
    assert_false(delta_read_u32(&by_32, narrow, 1));
}

/* Passing over what is left leads behind the stream, wherever one is in it. */
static void check_finish(const uint8_t *at, size_t size, size_t trailing, const struct shape *shape,
                         uint64_t *seed)
{
    struct delta_reader delta;
    assert_true(delta_init(&delta, at, size, shape->count));
    assert_true(delta_read(&delta, wide, random_below(seed, shape->count + 1)));
    assert_true(delta_finish(&delta));
    assert_int_equal(cursor_left(&delta.cursor), trailing);
    assert_int_equal(delta.left, 0);
}

static void streams_are_read(void **state)
{
    (void)state;
    static const size_t values[] = {8, 24, 32, 64, 256}, blocks[] = {1, 3, 4};
    uint64_t seed = test_seed();
    uint8_t *guarded = guarded_bytes();
    for (int round = 0; round < 300; round++) {
        struct shape shape = {blocks[random_below(&seed, 3)], values[random_below(&seed, 5)],
                              random_below(&seed, 2) == 0 ? 64 : 32, 1 + random_below(&seed, 5000)};
        size_t trailing = random_below(&seed, 2) * random_below(&seed, 200);
        put_stream(&shape, trailing, &seed);
        uint8_t *at = memcpy(guarded + GUARDED - bytes.size, bytes.data, bytes.size);
        check_values(at, bytes.size, &shape, &seed);
        check_finish(at, bytes.size, trailing, &shape, &seed);
    }
    guarded_release(guarded);
}

/* Reading and passing over agree about where a stream that is cut off fails. */
static void cuts_are_noticed(void **state)
{
    (void)state;
    uint64_t seed = test_seed();
    const struct shape shape = {4, 32, 20, 700};
    put_stream(&shape, 0, &seed);
    size_t size = bytes.size;
    for (size_t cut = 0; cut < size; cut++) {
        struct delta_reader delta, passed;
        if (!delta_init(&delta, bytes.data, cut, shape.count))
            continue;
        passed = delta;
        bool read = delta_read_u32(&delta, narrow, shape.count);
        assert_int_equal(delta_finish(&passed), read);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streams_are_read),
        cmocka_unit_test(cuts_are_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
