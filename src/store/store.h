/*
 * The one way to bytes: objects that are opened, identified and read by range.
 *
 * Everything weir reads comes through struct store_object, so that object storage can stand beside
 * local files as a second struct store_driver. An object is opened read-only, belongs to one thread
 * at a time and is released with store_close. Reads give exactly what was asked or fail.
 */
#ifndef WEIR_STORE_STORE_H
#define WEIR_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "mem/mem.h"

/* What tells that a file is still the same file. Times in nanoseconds since 1970. */
struct store_identity {
    uint64_t device;
    uint64_t inode;
    uint64_t size;
    int64_t modified_ns;
    int64_t changed_ns;
};

bool store_identity_equal(const struct store_identity *a, const struct store_identity *b);

struct store_object;

struct store_driver {
    enum error_code (*open)(struct store_object *object, const char *path, struct error *error);
    enum error_code (*identify)(const struct store_object *object, struct store_identity *ret,
                                struct error *error);
    enum error_code (*read)(const struct store_object *object, uint64_t offset, void *bytes,
                            size_t size, struct error *error);
    void (*prefetch)(const struct store_object *object, uint64_t offset, uint64_t size);
    void (*close)(struct store_object *object);
};

extern const struct store_driver store_local_driver;

/* Plain value; owned by the caller. path is borrowed and must outlive the open object. */
struct store_object {
    const struct store_driver *driver; /* NULL: not open */
    const char *path;
    int descriptor;
    struct store_identity identity; /* as found when opened */
};

/* Opens a regular file for reading; a folder, a pipe or a device is an error. */
CHECKED enum error_code store_open(struct store_object *ret, const char *path, struct error *error);
void store_close(struct store_object *object);

/* Reads exactly size bytes at offset; past the end is ERROR_INPUT ("truncated"). */
CHECKED enum error_code store_read(const struct store_object *object, uint64_t offset, void *bytes,
                                   size_t size, struct error *error);

/* Asks that a range be brought near, without waiting; a hint that cannot fail. */
void store_prefetch(const struct store_object *object, uint64_t offset, uint64_t size);

/* ERROR_CHANGED unless the open object still has the identity given. */
CHECKED enum error_code store_check_identity(const struct store_object *object,
                                             const struct store_identity *expected,
                                             struct error *error);

/* The same, asking the system anew: for an object that has been open for a while. */
CHECKED enum error_code store_recheck_identity(const struct store_object *object,
                                               const struct store_identity *expected,
                                               struct error *error);
#endif
