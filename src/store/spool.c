#include "store/spool.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "store/temporary.h"

void spool_init(struct spool *spool, struct mem_account *account, size_t memory_limit,
                const char *folder)
{
    mem_buffer_init(&spool->memory, account, memory_limit);
    spool->size = 0;
    spool->descriptor = -1;
    spool->folder = folder;
}

void spool_release(struct spool *spool)
{
    mem_buffer_release(&spool->memory);
    if (spool->descriptor >= 0)
        close(spool->descriptor);
    spool->descriptor = -1;
    spool->size = 0;
}

static enum error_code move_to_file(struct spool *spool, struct error *error)
{
    int descriptor;
    TRY(temporary_open(spool->folder, &descriptor, error));
    enum error_code code =
        temporary_write(descriptor, 0, spool->memory.data, spool->memory.size, error);
    if (code != ERROR_NONE) {
        close(descriptor);
        return code;
    }
    spool->descriptor = descriptor;
    mem_buffer_release(&spool->memory);
    return ERROR_NONE;
}

enum error_code spool_append(struct spool *spool, const void *bytes, size_t size,
                             struct error *error)
{
    if (spool->descriptor < 0 && size > spool->memory.maximum - spool->memory.size)
        TRY(move_to_file(spool, error));
    if (spool->descriptor < 0)
        TRY(mem_buffer_append(&spool->memory, bytes, size, error));
    else
        TRY(temporary_write(spool->descriptor, spool->size, bytes, size, error));
    spool->size += size;
    return ERROR_NONE;
}

static enum error_code check_range(const struct spool *spool, uint64_t offset, size_t size,
                                   struct error *error)
{
    if (offset > spool->size || size > spool->size - offset)
        return error_set(error, ERROR_INTERNAL, "a spool of %llu bytes has no range %llu+%zu",
                         (unsigned long long)spool->size, (unsigned long long)offset, size);
    return ERROR_NONE;
}

enum error_code spool_read(const struct spool *spool, uint64_t offset, void *bytes, size_t size,
                           struct error *error)
{
    TRY(check_range(spool, offset, size, error));
    if (spool->descriptor >= 0)
        return temporary_read(spool->descriptor, offset, bytes, size, error);
    if (size > 0)
        memcpy(bytes, spool->memory.data + offset, size);
    return ERROR_NONE;
}

enum error_code spool_write(struct spool *spool, uint64_t offset, const void *bytes, size_t size,
                            struct error *error)
{
    TRY(check_range(spool, offset, size, error));
    if (spool->descriptor >= 0)
        return temporary_write(spool->descriptor, offset, bytes, size, error);
    if (size > 0)
        memcpy(spool->memory.data + offset, bytes, size);
    return ERROR_NONE;
}

enum error_code spool_clear(struct spool *spool, struct error *error)
{
    if (spool->descriptor >= 0 && ftruncate(spool->descriptor, 0) != 0)
        return error_set_errno(error, errno, "cannot empty a temporary file");
    spool->memory.size = 0;
    spool->size = 0;
    return ERROR_NONE;
}
