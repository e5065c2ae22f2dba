#include "mutate/body.h"

#include <libdeflate.h>
#include <string.h>

#define BODY_MOST ((size_t)1 << 20)

static void flip(struct pool *pool, struct bytes *bytes, size_t start, size_t end)
{
    bytes->data[start + pool_below(pool, end - start)] ^= (uint8_t)(1u << pool_below(pool, 8));
}

static void overwrite(struct pool *pool, struct bytes *bytes, size_t start, size_t end)
{
    static const uint8_t specials[] = {0x00, 0x01, 0x02, 0x03, 0x7f, 0x80, 0xfe, 0xff};
    size_t at = start + pool_below(pool, end - start), size = (size_t)1 << pool_below(pool, 6);
    uint8_t byte = specials[pool_below(pool, sizeof specials)];
    memset(bytes->data + at, byte, size < end - at ? size : end - at);
}

/* Where lengths, widths and run heads stand: the first bytes. */
static void overwrite_head(struct pool *pool, struct bytes *bytes, size_t start, size_t end)
{
    size_t reach = end - start < 16 ? end - start : 16;
    bytes->data[start + pool_below(pool, reach)] = (uint8_t)pool_random(pool);
}

static void long_varint(struct pool *pool, struct bytes *bytes, size_t start, size_t end)
{
    size_t at = start + pool_below(pool, end - start), size = 1 + pool_below(pool, 9);
    for (size_t i = 0; i < size && at < end; i++, at++)
        bytes->data[at] = 0xff;
    if (at < end)
        bytes->data[at] = (uint8_t)pool_below(pool, 0x80);
}

static void length_32(struct pool *pool, struct bytes *bytes, size_t start, size_t end)
{
    static const uint32_t lengths[] = {0, 1, 0x7fffffff, 0xffffffff, 0x80000000, 0x10000000, 65536};
    size_t at = start + pool_below(pool, end - start);
    if (end - at >= 4)
        memcpy(bytes->data + at, &lengths[pool_below(pool, 7)], 4);
}

static void remove_piece(struct pool *pool, struct bytes *bytes, size_t start, size_t end)
{
    size_t at = start + pool_below(pool, end - start), size = 1 + pool_below(pool, 16);
    size = size < end - at ? size : end - at;
    memmove(bytes->data + at, bytes->data + at + size, bytes->size - at - size);
    bytes->size -= size;
}

static void insert_piece(struct pool *pool, struct bytes *bytes, size_t start, size_t end)
{
    size_t at = start + pool_below(pool, end - start), size = 1 + pool_below(pool, 16);
    if (size > bytes->capacity - bytes->size)
        return;
    memmove(bytes->data + at + size, bytes->data + at, bytes->size - at);
    for (size_t i = 0; i < size; i++)
        bytes->data[at + i] = (uint8_t)pool_random(pool);
    bytes->size += size;
}

static void copy_piece(struct pool *pool, struct bytes *bytes, size_t start, size_t end)
{
    size_t size = 1 + pool_below(pool, end - start < 64 ? end - start : 64);
    size_t from = start + pool_below(pool, end - start - size + 1);
    size_t to = start + pool_below(pool, end - start - size + 1);
    memmove(bytes->data + to, bytes->data + from, size);
}

void bytes_damage(struct pool *pool, struct bytes *bytes, size_t start, size_t end)
{
    typedef void damage(struct pool *, struct bytes *, size_t, size_t);
    static damage *const ways[] = {flip,           flip,      overwrite,   overwrite_head,
                                   overwrite_head, length_32, long_varint, remove_piece,
                                   insert_piece,   copy_piece};
    size_t times = 1 + pool_below(pool, 3);
    for (size_t i = 0; i < times; i++) {
        end = end < bytes->size ? end : bytes->size;
        if (start < end)
            ways[pool_below(pool, sizeof ways / sizeof ways[0])](pool, bytes, start, end);
    }
}

static void set_number(const struct node *node, int id, int64_t number)
{
    struct node *field = tree_field(node, id);
    if (field != NULL)
        field->number = number;
}

/* Bytes of a v2 page before its values, which are never compressed. */
static size_t levels_size(const struct node *header, const struct bytes *body)
{
    const struct node *v2 = tree_field(header, 8);
    int64_t size = tree_number(v2, 5, 0) + tree_number(v2, 6, 0);
    return size >= 0 && (size_t)size <= body->size ? (size_t)size : 0;
}

static bool is_compressed(const struct node *header, int codec)
{
    const struct node *says = tree_field(tree_field(header, 8), 7);
    return codec != CODEC_UNCOMPRESSED && (says == NULL || says->type == THRIFT_TRUE);
}

/* The values of a page without their compression; false when that fails. */
static bool unpack(struct mutant_maker *maker, int codec, const struct node *header,
                   const struct bytes *body, size_t levels, struct bytes *ret)
{
    struct error error;
    int64_t said = tree_number(header, 2, -1) - (int64_t)levels;
    if (said < 0 || said > (int64_t)BODY_MOST)
        return false;
    *ret = bytes_create(&maker->pool, (size_t)said + 256);
    ret->size = (size_t)said;
    return codec_decompress(&maker->codec, (enum codec)codec, body->data + levels,
                            body->size - levels, ret->data, ret->size, &error) == ERROR_NONE;
}

static bool pack(struct mutant_maker *maker, int codec, const struct bytes *values, size_t levels,
                 struct bytes *body)
{
    struct error error;
    size_t bound = codec_bound((enum codec)codec, values->size), size;
    uint8_t *packed = pool_take(&maker->pool, bound);
    if (codec_compress(&maker->codec, (enum codec)codec, 1, values->data, values->size, packed,
                       bound, &size, &error) != ERROR_NONE)
        return false;
    body->size = levels;
    bytes_append(body, packed, size);
    return true;
}

static void settle(struct pool *pool, const struct node *header, const struct bytes *body,
                   size_t whole)
{
    set_number(header, 2, (int64_t)whole);
    set_number(header, 3, (int64_t)body->size);
    if (pool_below(pool, 8) != 0)
        set_number(header, 4, (int32_t)libdeflate_crc32(0, body->data, body->size));
}

void body_damage(struct mutant_maker *maker, int codec, struct node *header, struct bytes *body)
{
    struct pool *pool = &maker->pool;
    struct bytes values;
    size_t levels = levels_size(header, body), whole = body->size;
    if (levels > 0 && pool_below(pool, 4) == 0) {
        bytes_damage(pool, body, 0, levels);
        whole = (size_t)tree_number(header, 2, 0) + body->size - whole;
    } else if (!is_compressed(header, codec) || pool_below(pool, 16) == 0) {
        bytes_damage(pool, body, levels, body->size);
        whole = is_compressed(header, codec) ? (size_t)tree_number(header, 2, 0) : body->size;
    } else if (unpack(maker, codec, header, body, levels, &values)) {
        bytes_damage(pool, &values, 0, values.size);
        whole = levels + values.size;
        if (!pack(maker, codec, &values, levels, body))
            return;
    }
    settle(pool, header, body, whole);
}
