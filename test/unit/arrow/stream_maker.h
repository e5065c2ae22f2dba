/* Arrow streams put together piece by piece, right ones and wrong ones. */
#ifndef TEST_ARROW_STREAM_MAKER_H
#define TEST_ARROW_STREAM_MAKER_H

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "arrow/schema.h"
#include "arrow/schema_build.h"
#include "arrow/stream.h"

/* One body buffer. */
struct piece {
    const void *bytes;
    size_t size;
};

/* What a batch is made of; one node a column. */
struct made_batch {
    int64_t rows;
    const int64_t (*nodes)[2]; /* length and nulls */
    uint32_t node_count;
    const struct piece *pieces;
    uint32_t piece_count;
    const int64_t *variadic;
    uint32_t variadic_count;
    int codec; /* plus one; 0: none */
};

static struct mem_account account;
static struct error error;
static struct mem_buffer made; /* the stream */

static inline int maker_set_up(void **state)
{
    (void)state;
    mem_account_init(&account, "test", NULL, MEM_NO_LIMIT);
    error_init(&error);
    mem_buffer_init(&made, &account, (size_t)1 << 28);
    return 0;
}

static inline int maker_tear_down(void **state)
{
    (void)state;
    mem_buffer_release(&made);
    return atomic_load(&account.used) == 0 ? 0 : -1;
}

static inline void put(const void *bytes, size_t size)
{
    assert_int_equal(mem_buffer_append(&made, bytes, size, &error), ERROR_NONE);
}

static inline void put_end(void)
{
    static const uint32_t end[2] = {UINT32_MAX, 0};
    put(end, sizeof end);
}

static inline void put_schema(const struct column_field *fields, uint32_t count)
{
    assert_int_equal(arrow_schema_message(fields, count, &made, &error), ERROR_NONE);
}

static inline uint64_t made_padding(uint64_t size)
{
    return (8 - size % 8) % 8;
}

static inline void build_made_batch(struct flat_builder *builder, size_t link,
                                    const struct made_batch *batch)
{
    struct flat_slot slots[] = {{.size = 8, .value = (uint64_t)batch->rows},
                                FLAT_LINK,
                                FLAT_LINK,
                                {.size = batch->codec != 0 ? 4 : 0},
                                {.size = batch->variadic_count != 0 ? 4 : 0}};
    uint64_t offset = 0;
    flat_build_table(builder, link, slots, 5);
    size_t at = flat_build_vector(builder, slots[1].position, batch->node_count, 16);
    if (batch->node_count > 0)
        flat_put(builder, at, batch->nodes, 16 * (size_t)batch->node_count);
    at = flat_build_vector(builder, slots[2].position, batch->piece_count, 16);
    for (uint32_t i = 0; i < batch->piece_count; i++) {
        const uint64_t place[2] = {offset, batch->pieces[i].size};
        flat_put(builder, at + 16 * (size_t)i, place, sizeof place);
        offset += place[1] + made_padding(place[1]);
    }
    if (batch->codec != 0) {
        struct flat_slot compression[] = {{.size = 1, .value = (uint64_t)batch->codec - 1}};
        flat_build_table(builder, slots[3].position, compression, 1);
    }
    if (batch->variadic_count != 0) {
        at = flat_build_vector(builder, slots[4].position, batch->variadic_count, 8);
        flat_put(builder, at, batch->variadic, 8 * (size_t)batch->variadic_count);
    }
}

static inline void put_message(struct flat_builder *builder, const struct made_batch *batch)
{
    static const uint8_t zeros[8];
    assert_int_equal(arrow_encapsulate(builder, &made, &error), ERROR_NONE);
    flat_builder_release(builder);
    for (uint32_t i = 0; i < batch->piece_count; i++) {
        put(batch->pieces[i].bytes, batch->pieces[i].size);
        put(zeros, made_padding(batch->pieces[i].size));
    }
}

static inline uint64_t made_body_size(const struct made_batch *batch)
{
    uint64_t size = 0;
    for (uint32_t i = 0; i < batch->piece_count; i++)
        size += batch->pieces[i].size + made_padding(batch->pieces[i].size);
    return size;
}

static inline void put_batch(const struct made_batch *batch)
{
    struct flat_builder builder;
    flat_builder_init(&builder, &account, (size_t)1 << 20, &error);
    size_t link = arrow_build_message(&builder, ARROW_MESSAGE_RECORD_BATCH, made_body_size(batch));
    build_made_batch(&builder, link, batch);
    put_message(&builder, batch);
}

static inline void put_dictionary(int64_t id, bool is_delta, const struct made_batch *batch)
{
    struct flat_builder builder;
    struct flat_slot slots[] = {
        {.size = 8, .value = (uint64_t)id}, FLAT_LINK, {.size = 1, .value = is_delta}};
    flat_builder_init(&builder, &account, (size_t)1 << 20, &error);
    size_t link = arrow_build_message(&builder, (enum arrow_message)2, made_body_size(batch));
    flat_build_table(&builder, link, slots, 3);
    build_made_batch(&builder, slots[1].position, batch);
    put_message(&builder, batch);
}

/* One column of rows, without nulls where validity is NULL. */
static inline void put_column(uint32_t rows, const void *validity, const struct piece *rest,
                              uint32_t rest_count)
{
    struct piece pieces[4] = {{validity, validity != NULL ? (rows + 7) / 8 : 0}};
    const int64_t nodes[1][2] = {{rows, validity != NULL ? 1 : 0}};
    for (uint32_t i = 0; i < rest_count; i++)
        pieces[i + 1] = rest[i];
    put_batch(&(struct made_batch){rows, nodes, 1, pieces, rest_count + 1, NULL, 0, 0});
}

#define PIECE(array)                                                                               \
    {                                                                                              \
        array, sizeof(array)                                                                       \
    }

static const struct column_field text_field = {
    .name = "x",
    .type = {.physical = COLUMN_BYTE_ARRAY, .logical = COLUMN_STRING},
    .nullable = true};

static const struct column_field encoded_field = {
    .name = "x",
    .type = {.physical = COLUMN_BYTE_ARRAY, .logical = COLUMN_STRING},
    .nullable = true,
    .arrow = {.dictionary = true, .index_bits = 8, .index_signed = true}};

/* Single letters as the values of dictionary 0; the last is null where has_null. */
static inline void put_letters(const char *letters, bool is_delta, bool has_null)
{
    uint32_t count = (uint32_t)strlen(letters);
    int32_t offsets[10];
    const uint8_t validity[] = {(uint8_t)((1 << (count - 1)) - 1)};
    const int64_t nodes[1][2] = {{count, has_null}};
    for (uint32_t i = 0; i <= count; i++)
        offsets[i] = (int32_t)i;
    const struct piece pieces[] = {
        {validity, has_null ? 1 : 0}, {offsets, 4 * (count + 1)}, {letters, count}};
    put_dictionary(0, is_delta, &(struct made_batch){count, nodes, 1, pieces, 3, NULL, 0, 0});
}

static int made_descriptor;
static struct arrow_batch *the_batch; /* from the stream that is open */

static inline enum error_code open_stream(int descriptor, size_t limit, struct arrow_stream **ret)
{
    TRY(arrow_stream_open(&account, descriptor, limit, ret, &error));
    enum error_code code = arrow_batch_open(*ret, &the_batch, &error);
    if (code != ERROR_NONE) {
        arrow_stream_close(*ret);
        *ret = NULL;
    }
    return code;
}

static inline void close_stream(struct arrow_stream *stream)
{
    arrow_batch_close(the_batch);
    the_batch = NULL;
    arrow_stream_close(stream);
}

/* Takes dictionaries up to the next batch, then that. */
static inline enum error_code next_batch(struct arrow_stream *stream, uint64_t *ret_rows,
                                         bool *ret_more, struct error *failure)
{
    enum arrow_step step;
    uint64_t size;
    *ret_rows = 0;
    do {
        TRY(arrow_stream_next(stream, &step, &size, failure));
        if (step == ARROW_STEP_DICTIONARY)
            TRY(arrow_stream_take_dictionary(stream, failure));
    } while (step == ARROW_STEP_DICTIONARY);
    *ret_more = step == ARROW_STEP_BATCH;
    if (*ret_more)
        TRY(arrow_stream_take(stream, the_batch, failure));
    *ret_rows = *ret_more ? arrow_batch_rows(the_batch) : 0;
    return ERROR_NONE;
}

static inline enum error_code open_bytes(const void *bytes, size_t size, size_t limit,
                                         struct arrow_stream **ret)
{
    made_descriptor = memfd_create("stream", MFD_CLOEXEC);
    assert_int_equal(write(made_descriptor, bytes, size), size);
    lseek(made_descriptor, 0, SEEK_SET);
    return open_stream(made_descriptor, limit, ret);
}

static inline struct arrow_stream *open_made(void)
{
    struct arrow_stream *stream = NULL;
    bool more = false;
    assert_int_equal(open_bytes(made.data, made.size, (size_t)64 << 20, &stream), ERROR_NONE);
    assert_int_equal(arrow_stream_next_schema(stream, &more, &error), ERROR_NONE);
    assert_true(more);
    return stream;
}

static inline void close_made(struct arrow_stream *stream)
{
    close_stream(stream);
    close(made_descriptor);
}

/* Goes to the next batch, which has rows rows. */
static inline void expect_batch(struct arrow_stream *stream, uint64_t rows)
{
    uint64_t found = 0;
    bool more = false;
    assert_int_equal(next_batch(stream, &found, &more, &error), ERROR_NONE);
    assert_true(more);
    assert_int_equal(found, rows);
}

static inline void expect_end(struct arrow_stream *stream)
{
    uint64_t found = 0;
    bool more = true;
    assert_int_equal(next_batch(stream, &found, &more, &error), ERROR_NONE);
    assert_false(more);
}

static inline struct column_slice slice_of(uint32_t column, uint64_t first, uint32_t count)
{
    struct column_slice slice = {0};
    assert_int_equal(arrow_batch_slice(the_batch, column, first, count, &slice, &error),
                     ERROR_NONE);
    assert_int_equal(slice.row_count, count);
    return slice;
}

#endif
