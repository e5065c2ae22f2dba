/*
 * A result in memory, handed to whoever takes Arrow data: struct source, and the streams made of
 * it.
 *
 * A source is an Arrow IPC stream in mapped memory with a description of where its buffers lie.
 * Streams, arrays and schemas made of it point into that memory and hold the source; the last that
 * lets go unmaps it. They may be moved, released in any order, from any thread, while a Python
 * exception is on its way and after the interpreter has ended: nothing here calls Python but the
 * destructors of capsules, which Python calls itself. That is why this is not written in Python: a
 * callback into Python may not run then.
 *
 * Used through ctypes by weir/_native.py, which describes what it has checked to lie inside the
 * mapping. Sources: "The Arrow C data interface", "The Arrow C stream interface", "The Arrow
 * PyCapsule Interface".
 */
#ifndef WEIR_ARROW_EXPORT_H
#define WEIR_ARROW_EXPORT_H

#include <stddef.h>
#include <stdint.h>

#define EXPORTED __attribute__((visibility("default")))

#define COLUMN_BUFFERS 3 /* at most: validity, offsets, values */

struct source;

/* What Python says of a column. Texts are copied. */
struct column_description {
    const char *format; /* of the C data interface */
    const char *name;
    const void *metadata; /* in the C data interface's form, or NULL */
    int64_t metadata_size;
    int64_t nullable;
    int64_t buffer_count;
};

/* Maps the first size bytes of a file for reading; NULL and errno where that fails. size may be 0.
 */
EXPORTED struct source *weir_source_open(int descriptor, size_t size);
EXPORTED void *weir_source_address(const struct source *source);

/*
 * Says once what is in it. A batch is 1 + columns * (1 + COLUMN_BUFFERS) numbers: its rows; then
 * for each column the count of NULLs and the addresses of its buffers, 0 for one that is not there.
 * 0, or an errno.
 */
EXPORTED int weir_source_describe(struct source *source, const struct column_description *columns,
                                  size_t column_count, const int64_t *batches, size_t batch_count);
/* Lets go of what weir_source_open gave. */
EXPORTED void weir_source_release(struct source *source);

/* A new struct ArrowArrayStream or ArrowSchema, for a capsule with the destructor below; NULL: no
 * memory. */
EXPORTED void *weir_stream_create(struct source *source);
EXPORTED void *weir_schema_create(struct source *source);
/* Destructors of capsules named "arrow_array_stream" and "arrow_schema". */
EXPORTED void weir_stream_capsule_destroy(void *capsule);
EXPORTED void weir_schema_capsule_destroy(void *capsule);

#endif
