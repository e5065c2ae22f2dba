#include "arrow/ipc.h"

#include <string.h>

#include "arrow/ipc_column.h"
#include "arrow/schema_build.h"

static const char file_magic[8] = "ARROW1\0";
#define FILE_MAGIC_END 6 /* the end of a file repeats the magic without its padding */

/* A place in the file, as the footer's vector has it. */
struct block {
    uint64_t offset;
    uint32_t metadata_size;
    uint32_t padding;
    uint64_t body_size;
};
_Static_assert(sizeof(struct block) == 24, "Block of File.fbs");

/* Structs of Message.fbs. */
struct field_node {
    uint64_t length;
    uint64_t null_count;
};
struct buffer_place {
    uint64_t offset;
    uint64_t length;
};

#define BLOCKS_MAXIMUM ((size_t)64 << 20)
#define BLOCKS_PLANNED ((size_t)32768 * sizeof(struct block))

static enum error_code flush(struct arrow_writer *writer, struct error *error)
{
    size_t size = writer->piece.size;
    writer->piece.size = 0;
    return size > 0 ? writer->write(writer->context, writer->piece.data, size, error) : ERROR_NONE;
}

enum error_code arrow_put(struct arrow_writer *writer, const void *bytes, size_t size,
                          struct error *error)
{
    writer->position += size;
    if (size > ARROW_PIECE_BYTES - writer->piece.size) {
        TRY(flush(writer, error));
        if (size >= ARROW_PIECE_BYTES)
            return writer->write(writer->context, bytes, size, error);
    }
    if (size > 0)
        memcpy(writer->piece.data + writer->piece.size, bytes, size);
    writer->piece.size += size;
    return ERROR_NONE;
}

enum error_code arrow_pad(struct arrow_writer *writer, struct error *error)
{
    static const uint8_t zeros[8];
    return arrow_put(writer, zeros, (8 - writer->position % 8) % 8, error);
}

static uint64_t padded(uint64_t size)
{
    return (size + 7) / 8 * 8;
}

static enum error_code put_schema(struct arrow_writer *writer, struct error *error)
{
    const struct arrow_schema_source source = {
        .fields = writer->fields, .field_count = writer->field_count, .as_batches = true};
    struct flat_builder builder;
    flat_builder_init(&builder, writer->account, ARROW_SCHEMA_MAXIMUM, error);
    arrow_build_schema(&builder, arrow_build_message(&builder, ARROW_MESSAGE_SCHEMA, 0), &source);
    writer->message.size = 0;
    enum error_code code = arrow_encapsulate(&builder, &writer->message, error);
    flat_builder_release(&builder);
    if (code != ERROR_NONE)
        return code;
    return arrow_put(writer, writer->message.data, writer->message.size, error);
}

enum error_code arrow_writer_open(struct arrow_writer *ret, struct mem_account *account,
                                  const struct column_field *fields, uint32_t field_count,
                                  enum arrow_form form, arrow_write write, void *context,
                                  struct error *error)
{
    *ret = (struct arrow_writer){.account = account,
                                 .fields = fields,
                                 .field_count = field_count,
                                 .form = form,
                                 .write = write,
                                 .context = context};
    mem_buffer_init(&ret->message, account, ARROW_SCHEMA_MAXIMUM);
    mem_buffer_init(&ret->piece, account, ARROW_PIECE_BYTES);
    mem_buffer_init(&ret->blocks, account, BLOCKS_MAXIMUM);
    enum error_code code = mem_buffer_reserve(&ret->piece, ARROW_PIECE_BYTES, error);
    if (code == ERROR_NONE && form == ARROW_FILE)
        code = arrow_put(ret, file_magic, sizeof file_magic, error);
    if (code == ERROR_NONE)
        code = put_schema(ret, error);
    if (code != ERROR_NONE)
        arrow_writer_release(ret);
    return code;
}

void arrow_writer_release(struct arrow_writer *writer)
{
    mem_buffer_release(&writer->message);
    mem_buffer_release(&writer->piece);
    mem_buffer_release(&writer->blocks);
}

size_t arrow_writer_size(const struct column_field *fields, uint32_t field_count)
{
    /* Blocks are held twice at the end, and each time old and new while their buffer grows.
     * A field takes some 200 bytes of a message beside its name, half of it again as the buffer
     * grows, once in the builder and once in the message. */
    size_t message = 1024;
    for (uint32_t i = 0; i < field_count; i++)
        message += 320 + strlen(fields[i].name);
    return mem_charge_of(ARROW_PIECE_BYTES) + 4 * mem_charge_of(message * 3 / 2) +
           4 * mem_charge_of(BLOCKS_PLANNED);
}

/* What a batch's metadata is made of. */
struct batch_plan {
    const struct column_batch *batch;
    uint64_t body_size;
    uint32_t buffer_count;
};

static enum error_code plan_batch(const struct arrow_writer *writer,
                                  const struct column_batch *batch, struct batch_plan *ret,
                                  struct error *error)
{
    struct batch_plan plan = {.batch = batch};
    if (batch->column_count != writer->field_count)
        return error_set(error, ERROR_INTERNAL, "a batch of %u columns for %u fields",
                         batch->column_count, writer->field_count);
    for (uint32_t i = 0; i < batch->column_count; i++) {
        struct arrow_column column;
        TRY(arrow_column_init(&column, &writer->fields[i], &batch->slices[i], error));
        struct arrow_buffers buffers = arrow_column_buffers(&column);
        plan.buffer_count += buffers.count;
        for (uint32_t b = 0; b < buffers.count; b++)
            plan.body_size += padded(buffers.sizes[b]);
    }
    *ret = plan;
    return ERROR_NONE;
}

/* Fills in the nodes and buffers that were left zero. */
static enum error_code build_columns(struct flat_builder *builder,
                                     const struct arrow_writer *writer,
                                     const struct column_batch *batch, size_t node_at,
                                     size_t buffer_at, struct error *error)
{
    uint64_t offset = 0;
    for (uint32_t i = 0; i < batch->column_count; i++) {
        struct arrow_column column;
        TRY(arrow_column_init(&column, &writer->fields[i], &batch->slices[i], error));
        const struct field_node node = {
            batch->row_count, column.type.id == ARROW_NULL ? batch->row_count : column.null_count};
        flat_put(builder, node_at, &node, sizeof node);
        node_at += sizeof node;
        struct arrow_buffers buffers = arrow_column_buffers(&column);
        for (uint32_t b = 0; b < buffers.count; b++) {
            const struct buffer_place place = {offset, buffers.sizes[b]};
            flat_put(builder, buffer_at, &place, sizeof place);
            buffer_at += sizeof place;
            offset += padded(buffers.sizes[b]);
        }
    }
    return ERROR_NONE;
}

static enum error_code build_batch(struct flat_builder *builder, const struct arrow_writer *writer,
                                   const struct batch_plan *plan, struct error *error)
{
    const struct column_batch *batch = plan->batch;
    size_t header = arrow_build_message(builder, ARROW_MESSAGE_RECORD_BATCH, plan->body_size);
    struct flat_slot slots[] = {{.size = 8, .value = batch->row_count}, FLAT_LINK, FLAT_LINK};
    flat_build_table(builder, header, slots, 3);
    size_t nodes = flat_build_vector(builder, slots[1].position, batch->column_count,
                                     sizeof(struct field_node));
    size_t buffers = flat_build_vector(builder, slots[2].position, plan->buffer_count,
                                       sizeof(struct buffer_place));
    return build_columns(builder, writer, batch, nodes, buffers, error);
}

/* Puts the batch's metadata into writer->message. */
static enum error_code make_message(struct arrow_writer *writer, const struct batch_plan *plan,
                                    struct error *error)
{
    struct flat_builder builder;
    flat_builder_init(&builder, writer->account, ARROW_SCHEMA_MAXIMUM, error);
    enum error_code code = build_batch(&builder, writer, plan, error);
    writer->message.size = 0;
    if (code == ERROR_NONE)
        code = arrow_encapsulate(&builder, &writer->message, error);
    flat_builder_release(&builder);
    return code;
}

static enum error_code note_block(struct arrow_writer *writer, const struct batch_plan *plan,
                                  struct error *error)
{
    const struct block block = {.offset = writer->position,
                                .metadata_size = (uint32_t)writer->message.size,
                                .body_size = plan->body_size};
    if (writer->form == ARROW_STREAM)
        return ERROR_NONE;
    return mem_buffer_append(&writer->blocks, &block, sizeof block, error);
}

enum error_code arrow_writer_batch(struct arrow_writer *writer, const struct column_batch *batch,
                                   struct error *error)
{
    struct batch_plan plan;
    TRY(plan_batch(writer, batch, &plan, error));
    TRY(make_message(writer, &plan, error));
    TRY(note_block(writer, &plan, error));
    TRY(arrow_put(writer, writer->message.data, writer->message.size, error));
    for (uint32_t i = 0; i < batch->column_count; i++) {
        struct arrow_column column;
        TRY(arrow_column_init(&column, &writer->fields[i], &batch->slices[i], error));
        TRY(arrow_column_write(&column, writer, error));
    }
    return ERROR_NONE;
}

static void build_footer(struct flat_builder *builder, const struct arrow_writer *writer,
                         const struct arrow_schema_source *source)
{
    struct flat_slot slots[] = {
        {.size = 2, .value = ARROW_METADATA_V5}, FLAT_LINK, FLAT_LINK, FLAT_LINK};
    size_t count = writer->blocks.size / sizeof(struct block);
    flat_build_table(builder, FLAT_ROOT, slots, 4);
    arrow_build_schema(builder, slots[1].position, source);
    flat_build_vector(builder, slots[2].position, 0, sizeof(struct block));
    size_t first = flat_build_vector(builder, slots[3].position, count, sizeof(struct block));
    if (count > 0)
        flat_put(builder, first, writer->blocks.data, writer->blocks.size);
}

static enum error_code put_footer(struct arrow_writer *writer,
                                  const struct arrow_schema_source *source, struct error *error)
{
    struct flat_builder builder;
    flat_builder_init(&builder, writer->account, ARROW_SCHEMA_MAXIMUM + BLOCKS_MAXIMUM, error);
    build_footer(&builder, writer, source);
    enum error_code code = flat_finish(&builder);
    uint32_t size = (uint32_t)builder.bytes.size;
    if (code == ERROR_NONE)
        code = arrow_put(writer, builder.bytes.data, size, error);
    if (code == ERROR_NONE)
        code = arrow_put(writer, &size, sizeof size, error);
    if (code == ERROR_NONE)
        code = arrow_put(writer, file_magic, FILE_MAGIC_END, error);
    flat_builder_release(&builder);
    return code;
}

enum error_code arrow_writer_finish(struct arrow_writer *writer,
                                    const struct arrow_key_value *key_values,
                                    uint32_t key_value_count, struct error *error)
{
    static const uint32_t end_of_stream[2] = {UINT32_MAX, 0};
    const struct arrow_schema_source source = {.fields = writer->fields,
                                               .field_count = writer->field_count,
                                               .as_batches = true,
                                               .key_values = key_values,
                                               .key_value_count = key_value_count};
    TRY(arrow_put(writer, end_of_stream, sizeof end_of_stream, error));
    if (writer->form == ARROW_FILE)
        TRY(put_footer(writer, &source, error));
    return flush(writer, error);
}
