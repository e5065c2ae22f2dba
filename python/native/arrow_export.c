#include "arrow_export.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define STREAM_NAME "arrow_array_stream"
#define SCHEMA_NAME "arrow_schema"

#define FLAG_NULLABLE 2 /* ARROW_FLAG_NULLABLE */

/* Of CPython's stable interface; found in the process that loads this. */
extern void *PyCapsule_GetPointer(void *capsule, const char *name);

struct ArrowSchema {
    const char *format, *name, *metadata;
    int64_t flags, n_children;
    struct ArrowSchema **children, *dictionary;
    void (*release)(struct ArrowSchema *);
    void *private_data;
};

struct ArrowArray {
    int64_t length, null_count, offset, n_buffers, n_children;
    const void **buffers;
    struct ArrowArray **children, *dictionary;
    void (*release)(struct ArrowArray *);
    void *private_data;
};

struct ArrowArrayStream {
    int (*get_schema)(struct ArrowArrayStream *, struct ArrowSchema *);
    int (*get_next)(struct ArrowArrayStream *, struct ArrowArray *);
    const char *(*get_last_error)(struct ArrowArrayStream *);
    void (*release)(struct ArrowArrayStream *);
    void *private_data;
};

struct column {
    char *format, *name, *metadata;
    int64_t flags, buffer_count;
};

struct source {
    atomic_size_t holders;
    void *address; /* NULL where size is 0 */
    size_t size;
    struct column *columns;
    size_t column_count;
    int64_t *batches;
    size_t batch_count;
};

static struct source *hold(struct source *source)
{
    atomic_fetch_add_explicit(&source->holders, 1, memory_order_relaxed);
    return source;
}

struct source *weir_source_open(int descriptor, size_t size)
{
    struct source *source = calloc(1, sizeof *source);
    if (source == NULL)
        return NULL;
    atomic_init(&source->holders, 1);
    source->size = size;
    if (size == 0)
        return source;
    source->address = mmap(NULL, size, PROT_READ, MAP_SHARED, descriptor, 0);
    if (source->address != MAP_FAILED)
        return source;
    free(source);
    return NULL;
}

void *weir_source_address(const struct source *source)
{
    return source->address;
}

void weir_source_release(struct source *source)
{
    if (source == NULL || atomic_fetch_sub_explicit(&source->holders, 1, memory_order_acq_rel) != 1)
        return;
    if (source->address != NULL)
        munmap(source->address, source->size);
    for (size_t i = 0; i < source->column_count; i++) {
        free(source->columns[i].format);
        free(source->columns[i].name);
        free(source->columns[i].metadata);
    }
    free(source->columns);
    free(source->batches);
    free(source);
}

/* Numbers of one batch. */
static size_t batch_stride(const struct source *source)
{
    return 1 + source->column_count * (1 + COLUMN_BUFFERS);
}

static void *copy_of(const void *bytes, size_t size)
{
    void *copy = malloc(size);
    return copy != NULL ? memcpy(copy, bytes, size) : NULL;
}

static int describe_column(struct column *column, const struct column_description *from)
{
    column->flags = from->nullable != 0 ? FLAG_NULLABLE : 0;
    column->buffer_count =
        from->buffer_count < COLUMN_BUFFERS ? from->buffer_count : COLUMN_BUFFERS;
    column->format = strdup(from->format);
    column->name = strdup(from->name);
    if (from->metadata != NULL)
        column->metadata = copy_of(from->metadata, (size_t)from->metadata_size);
    bool lacks_metadata = from->metadata != NULL && column->metadata == NULL;
    return column->format == NULL || column->name == NULL || lacks_metadata ? ENOMEM : 0;
}

int weir_source_describe(struct source *source, const struct column_description *columns,
                         size_t column_count, const int64_t *batches, size_t batch_count)
{
    source->columns = calloc(column_count + 1, sizeof *source->columns);
    if (source->columns == NULL)
        return ENOMEM;
    source->column_count = column_count;
    for (size_t i = 0; i < column_count; i++)
        if (describe_column(&source->columns[i], &columns[i]) != 0)
            return ENOMEM;
    size_t size = batch_count * batch_stride(source) * sizeof *batches;
    source->batches = malloc(size + 1); /* nothing to copy is no failure */
    if (source->batches == NULL)
        return ENOMEM;
    if (size > 0)
        memcpy(source->batches, batches, size);
    source->batch_count = batch_count;
    return 0;
}

/* What a schema or one of its children holds. */
struct schema_parts {
    struct source *source;
    struct ArrowSchema **pointers;
    struct ArrowSchema *children;
    size_t child_count;
};

static void free_schema_parts(struct schema_parts *parts)
{
    weir_source_release(parts->source);
    free(parts->pointers);
    free(parts->children);
    free(parts);
}

static void release_schema(struct ArrowSchema *schema)
{
    struct schema_parts *parts = schema->private_data;
    for (size_t i = 0; i < parts->child_count; i++)
        if (parts->children[i].release != NULL) /* not moved elsewhere */
            parts->children[i].release(&parts->children[i]);
    free_schema_parts(parts);
    schema->release = NULL;
}

static int make_schema(struct source *source, size_t child_count, struct ArrowSchema *ret)
{
    struct schema_parts *parts = calloc(1, sizeof *parts);
    if (parts == NULL)
        return ENOMEM;
    *parts = (struct schema_parts){
        .source = hold(source),
        .pointers = calloc(child_count + 1, sizeof *parts->pointers),
        .children = calloc(child_count + 1, sizeof *parts->children),
        .child_count = child_count,
    };
    if (parts->pointers == NULL || parts->children == NULL) {
        free_schema_parts(parts);
        return ENOMEM;
    }
    for (size_t i = 0; i < child_count; i++)
        parts->pointers[i] = &parts->children[i];
    *ret = (struct ArrowSchema){.format = "+s",
                                .name = "",
                                .n_children = (int64_t)child_count,
                                .children = parts->pointers,
                                .release = release_schema,
                                .private_data = parts};
    return 0;
}

static int export_schema(struct source *source, struct ArrowSchema *ret)
{
    if (make_schema(source, source->column_count, ret) != 0)
        return ENOMEM;
    for (size_t i = 0; i < source->column_count; i++) {
        const struct column *column = &source->columns[i];
        struct ArrowSchema *child = ret->children[i];
        if (make_schema(source, 0, child) != 0) {
            ret->release(ret);
            return ENOMEM;
        }
        child->format = column->format;
        child->name = column->name;
        child->metadata = column->metadata;
        child->flags = column->flags;
    }
    return 0;
}

/* What an array or one of its children holds. */
struct array_parts {
    struct source *source;
    const void *buffers[COLUMN_BUFFERS];
    struct ArrowArray **pointers;
    struct ArrowArray *children;
    size_t child_count;
};

static void free_array_parts(struct array_parts *parts)
{
    weir_source_release(parts->source);
    free(parts->pointers);
    free(parts->children);
    free(parts);
}

static void release_array(struct ArrowArray *array)
{
    struct array_parts *parts = array->private_data;
    for (size_t i = 0; i < parts->child_count; i++)
        if (parts->children[i].release != NULL)
            parts->children[i].release(&parts->children[i]);
    free_array_parts(parts);
    array->release = NULL;
}

static int make_array(struct source *source, int64_t rows, size_t child_count,
                      struct ArrowArray *ret)
{
    struct array_parts *parts = calloc(1, sizeof *parts);
    if (parts == NULL)
        return ENOMEM;
    *parts = (struct array_parts){
        .source = hold(source),
        .pointers = calloc(child_count + 1, sizeof *parts->pointers),
        .children = calloc(child_count + 1, sizeof *parts->children),
        .child_count = child_count,
    };
    if (parts->pointers == NULL || parts->children == NULL) {
        free_array_parts(parts);
        return ENOMEM;
    }
    for (size_t i = 0; i < child_count; i++)
        parts->pointers[i] = &parts->children[i];
    *ret = (struct ArrowArray){.length = rows,
                               .n_buffers = 1, /* a struct's validity, not there */
                               .n_children = (int64_t)child_count,
                               .buffers = parts->buffers,
                               .children = parts->pointers,
                               .release = release_array,
                               .private_data = parts};
    return 0;
}

static int export_column(struct source *source, const struct column *column, int64_t rows,
                         const int64_t *numbers, struct ArrowArray *ret)
{
    if (make_array(source, rows, 0, ret) != 0)
        return ENOMEM;
    ret->null_count = numbers[0];
    ret->n_buffers = column->buffer_count;
    for (int i = 0; i < COLUMN_BUFFERS; i++)
        ret->buffers[i] = (const void *)(uintptr_t)numbers[1 + i];
    return 0;
}

static int export_batch(struct source *source, size_t batch, struct ArrowArray *ret)
{
    const int64_t *numbers = source->batches + batch * batch_stride(source);
    int64_t rows = *numbers++;
    if (make_array(source, rows, source->column_count, ret) != 0)
        return ENOMEM;
    for (size_t i = 0; i < source->column_count; i++, numbers += 1 + COLUMN_BUFFERS) {
        if (export_column(source, &source->columns[i], rows, numbers, ret->children[i]) != 0) {
            ret->release(ret);
            return ENOMEM;
        }
    }
    return 0;
}

struct stream_parts {
    struct source *source;
    size_t next; /* batch */
    const char *failure;
};

static int stream_done(struct stream_parts *parts, int failure)
{
    parts->failure = failure != 0 ? "not enough memory" : NULL;
    return failure;
}

static int stream_schema(struct ArrowArrayStream *stream, struct ArrowSchema *ret)
{
    struct stream_parts *parts = stream->private_data;
    return stream_done(parts, export_schema(parts->source, ret));
}

/* At the end: an array that is released. */
static int stream_next(struct ArrowArrayStream *stream, struct ArrowArray *ret)
{
    struct stream_parts *parts = stream->private_data;
    if (parts->next >= parts->source->batch_count) {
        memset(ret, 0, sizeof *ret);
        return stream_done(parts, 0);
    }
    int failure = export_batch(parts->source, parts->next, ret);
    parts->next += failure == 0;
    return stream_done(parts, failure);
}

static const char *stream_failure(struct ArrowArrayStream *stream)
{
    return ((struct stream_parts *)stream->private_data)->failure;
}

static void release_stream(struct ArrowArrayStream *stream)
{
    struct stream_parts *parts = stream->private_data;
    weir_source_release(parts->source);
    free(parts);
    stream->release = NULL;
}

void *weir_stream_create(struct source *source)
{
    struct ArrowArrayStream *stream = calloc(1, sizeof *stream);
    struct stream_parts *parts = calloc(1, sizeof *parts);
    if (stream == NULL || parts == NULL) {
        free(stream);
        free(parts);
        return NULL;
    }
    parts->source = hold(source);
    *stream = (struct ArrowArrayStream){.get_schema = stream_schema,
                                        .get_next = stream_next,
                                        .get_last_error = stream_failure,
                                        .release = release_stream,
                                        .private_data = parts};
    return stream;
}

void *weir_schema_create(struct source *source)
{
    struct ArrowSchema *schema = calloc(1, sizeof *schema);
    if (schema == NULL || export_schema(source, schema) == 0)
        return schema;
    free(schema);
    return NULL;
}

void weir_stream_capsule_destroy(void *capsule)
{
    struct ArrowArrayStream *stream = PyCapsule_GetPointer(capsule, STREAM_NAME);
    if (stream != NULL && stream->release != NULL) /* else it was taken */
        stream->release(stream);
    free(stream);
}

void weir_schema_capsule_destroy(void *capsule)
{
    struct ArrowSchema *schema = PyCapsule_GetPointer(capsule, SCHEMA_NAME);
    if (schema != NULL && schema->release != NULL)
        schema->release(schema);
    free(schema);
}
