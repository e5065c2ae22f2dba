#include "store/store.h"

bool store_identity_equal(const struct store_identity *a, const struct store_identity *b)
{
    return a->device == b->device && a->inode == b->inode && a->size == b->size &&
           a->modified_ns == b->modified_ns && a->changed_ns == b->changed_ns;
}

enum error_code store_open(struct store_object *ret, const char *path, struct error *error)
{
    struct store_object object = {.driver = &store_local_driver, .path = path, .descriptor = -1};
    enum error_code code = object.driver->open(&object, path, error);
    if (code != ERROR_NONE) {
        error_in_file(error, path);
        return code;
    }
    code = object.driver->identify(&object, &object.identity, error);
    if (code != ERROR_NONE) {
        error_in_file(error, path);
        store_close(&object);
        return code;
    }
    *ret = object;
    return ERROR_NONE;
}

void store_close(struct store_object *object)
{
    if (object->driver != NULL)
        object->driver->close(object);
    object->driver = NULL;
}

enum error_code store_read(const struct store_object *object, uint64_t offset, void *bytes,
                           size_t size, struct error *error)
{
    enum error_code code = object->driver->read(object, offset, bytes, size, error);
    if (code != ERROR_NONE) {
        error_in_file(error, object->path);
        error_at_offset(error, (int64_t)offset);
    }
    return code;
}

void store_prefetch(const struct store_object *object, uint64_t offset, uint64_t size)
{
    object->driver->prefetch(object, offset, size);
}

static enum error_code compare_identity(const struct store_object *object,
                                        const struct store_identity *found,
                                        const struct store_identity *expected, struct error *error)
{
    if (store_identity_equal(found, expected))
        return ERROR_NONE;
    enum error_code code =
        error_set(error, ERROR_CHANGED, "the file has changed since its footer was read");
    error_in_file(error, object->path);
    error_hint(error, "run again when nothing writes to the inputs any more");
    return code;
}

enum error_code store_check_identity(const struct store_object *object,
                                     const struct store_identity *expected, struct error *error)
{
    return compare_identity(object, &object->identity, expected, error);
}

enum error_code store_recheck_identity(const struct store_object *object,
                                       const struct store_identity *expected, struct error *error)
{
    struct store_identity now;
    enum error_code code = object->driver->identify(object, &now, error);
    if (code != ERROR_NONE) {
        error_in_file(error, object->path);
        return code;
    }
    return compare_identity(object, &now, expected, error);
}
