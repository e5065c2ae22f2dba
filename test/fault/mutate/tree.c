#include "mutate/tree.h"

/* The format itself needs fewer than ten. */
#define MOST_DEPTH 20

static bool read_value(struct pool *pool, struct cursor *cursor, struct node *node, int depth);

static struct node *append_child(struct pool *pool, struct node *parent, struct node *last)
{
    struct node *child = pool_take(pool, sizeof *child);
    if (last == NULL)
        parent->first = child;
    else
        last->next = child;
    return child;
}

static bool read_list(struct pool *pool, struct cursor *cursor, struct node *node, int depth)
{
    uint8_t head;
    struct node *last = NULL;
    if (!cursor_u8(cursor, &head))
        return false;
    uint64_t count = head >> 4;
    node->element = head & 0x0f;
    if (count == 15 && !cursor_varint(cursor, &count))
        return false;
    for (uint64_t i = 0; i < count; i++) {
        last = append_child(pool, node, last);
        last->type = node->element;
        if (!read_value(pool, cursor, last, depth))
            return false;
        /* In a list a boolean takes a byte. */
        if (last->type <= THRIFT_FALSE && !cursor_u8(cursor, &head))
            return false;
        last->number = last->type <= THRIFT_FALSE ? head : last->number;
    }
    return true;
}

static bool read_struct(struct pool *pool, struct cursor *cursor, struct node *node, int depth)
{
    struct node *last = NULL;
    uint8_t head;
    int64_t id = 0;
    while (cursor_u8(cursor, &head)) {
        if ((head & 0x0f) == THRIFT_STOP)
            return true;
        id += head >> 4;
        if (head >> 4 == 0 && !cursor_zigzag(cursor, &id))
            return false;
        last = append_child(pool, node, last);
        last->type = head & 0x0f;
        last->id = (int32_t)id;
        if (!read_value(pool, cursor, last, depth))
            return false;
    }
    return false;
}

static bool read_value(struct pool *pool, struct cursor *cursor, struct node *node, int depth)
{
    uint64_t size = 8;
    uint8_t byte = 0;
    if (depth == MOST_DEPTH)
        return false;
    switch (node->type) {
    case THRIFT_TRUE:
    case THRIFT_FALSE:
        return true;
    case THRIFT_I8:
        if (!cursor_u8(cursor, &byte))
            return false;
        node->number = byte;
        return true;
    case THRIFT_I16:
    case THRIFT_I32:
    case THRIFT_I64:
        return cursor_zigzag(cursor, &node->number);
    case THRIFT_BINARY:
        if (!cursor_varint(cursor, &size) || size > cursor_left(cursor))
            return false;
        /* fall through */
    case THRIFT_DOUBLE:
        node->size = (size_t)size;
        return cursor_bytes(cursor, node->size, &node->bytes);
    case THRIFT_LIST:
    case THRIFT_SET:
        return read_list(pool, cursor, node, depth + 1);
    case THRIFT_STRUCT:
        return read_struct(pool, cursor, node, depth + 1);
    default:
        return false;
    }
}

struct node *tree_read(struct pool *pool, struct cursor *cursor)
{
    struct node *root = pool_take(pool, sizeof *root);
    root->type = THRIFT_STRUCT;
    return read_value(pool, cursor, root, 0) ? root : NULL;
}

static void write_value(const struct node *node, struct bytes *out, bool in_list);

static void write_list(const struct node *node, struct bytes *out)
{
    uint64_t count = 0;
    for (const struct node *child = node->first; child != NULL; child = child->next)
        count++;
    count += (uint64_t)node->lie;
    if (count < 15) {
        bytes_byte(out, (uint8_t)(count << 4 | node->element));
    } else {
        bytes_byte(out, (uint8_t)(0xf0 | node->element));
        bytes_varint(out, count);
    }
    for (const struct node *child = node->first; child != NULL; child = child->next)
        write_value(child, out, true);
}

static uint64_t zigzag(int64_t value)
{
    return (uint64_t)value << 1 ^ (uint64_t)(value >> 63);
}

static void write_struct(const struct node *node, struct bytes *out)
{
    int32_t before = 0;
    for (const struct node *child = node->first; child != NULL; child = child->next) {
        int32_t step = child->id - before;
        if (step > 0 && step < 16) {
            bytes_byte(out, (uint8_t)(step << 4 | (int)child->type));
        } else {
            bytes_byte(out, (uint8_t)child->type);
            bytes_varint(out, zigzag(child->id));
        }
        before = child->id;
        write_value(child, out, false);
    }
    bytes_byte(out, THRIFT_STOP);
}

static void write_value(const struct node *node, struct bytes *out, bool in_list)
{
    switch (node->type) {
    case THRIFT_TRUE:
    case THRIFT_FALSE:
        if (in_list)
            bytes_byte(out, (uint8_t)node->number);
        return;
    case THRIFT_I8:
        bytes_byte(out, (uint8_t)node->number);
        return;
    case THRIFT_I16:
    case THRIFT_I32:
    case THRIFT_I64:
        bytes_varint(out, zigzag(node->number));
        return;
    case THRIFT_BINARY:
        bytes_varint(out, node->size + (uint64_t)node->lie);
        bytes_append(out, node->bytes, node->size);
        return;
    case THRIFT_DOUBLE:
        bytes_append(out, node->bytes, node->size);
        return;
    case THRIFT_LIST:
    case THRIFT_SET:
        write_list(node, out);
        return;
    case THRIFT_STRUCT:
        write_struct(node, out);
        return;
    default:
        return;
    }
}

void tree_write(const struct node *node, struct bytes *out)
{
    write_value(node, out, false);
}

struct node *tree_field(const struct node *node, int id)
{
    struct node *child = node != NULL ? node->first : NULL;
    while (child != NULL && child->id != id)
        child = child->next;
    return child;
}

int64_t tree_number(const struct node *node, int id, int64_t fallback)
{
    const struct node *field = tree_field(node, id);
    return field != NULL ? field->number : fallback;
}

void tree_shift(const struct node *node, int id, int64_t by)
{
    struct node *field = tree_field(node, id);
    if (field != NULL)
        field->number = (int64_t)((uint64_t)field->number + (uint64_t)by);
}
