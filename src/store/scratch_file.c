#include "store/scratch_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "mem/mem.h"
#include "store/temporary.h"

#define HINT "--temp DIR, a folder on a file system with enough room"

void scratch_file_init(struct scratch_file *file, const char *folder, uint64_t room_needed)
{
    *file = (struct scratch_file){.folder = folder, .room_needed = room_needed, .descriptor = -1};
    pthread_mutex_init(&file->mutex, NULL);
}

void scratch_file_close(struct scratch_file *file)
{
    if (file->descriptor >= 0)
        close(file->descriptor);
    file->descriptor = -1;
    file->size = 0;
    pthread_mutex_destroy(&file->mutex);
}

static const char *chosen_folder(const struct scratch_file *file)
{
    const char *folder = file->folder != NULL ? file->folder : getenv("TMPDIR");
    return folder != NULL && folder[0] != '\0' ? folder : "/tmp";
}

/* Says which folder it was and what to try. */
static enum error_code fail(const struct scratch_file *file, enum error_code code,
                            struct error *error)
{
    error_in_file(error, chosen_folder(file));
    error_hint(error, HINT);
    return code;
}

static enum error_code check_room(const struct scratch_file *file, struct error *error)
{
    struct statvfs system;
    const char *folder = chosen_folder(file);
    char needed[24], left[24];
    if (statvfs(folder, &system) != 0)
        return fail(file, error_set_errno(error, errno, "cannot ask for room in a folder"), error);
    uint64_t room;
    if (__builtin_mul_overflow((uint64_t)system.f_bavail, (uint64_t)system.f_frsize, &room))
        room = UINT64_MAX;
    if (room >= file->room_needed)
        return ERROR_NONE;
    enum error_code code =
        error_set(error, ERROR_IO, "not enough room for temporary data in %s: %s needed, %s free",
                  folder, mem_format_size(file->room_needed, needed), mem_format_size(room, left));
    error_hint(error, HINT);
    return code;
}

static enum error_code open_file(struct scratch_file *file, struct error *error)
{
    TRY(check_room(file, error));
    enum error_code code = temporary_open(chosen_folder(file), &file->descriptor, error);
    return code == ERROR_NONE ? code : fail(file, code, error);
}

/* Where a block of so many bytes goes. */
static enum error_code take_range(struct scratch_file *file, uint64_t size, uint64_t *ret_offset,
                                  struct error *error)
{
    enum error_code code = ERROR_NONE;
    pthread_mutex_lock(&file->mutex);
    if (file->descriptor < 0)
        code = open_file(file, error);
    if (code == ERROR_NONE) {
        *ret_offset = file->size;
        file->size += size;
    }
    pthread_mutex_unlock(&file->mutex);
    return code;
}

enum error_code scratch_file_append(struct scratch_file *file, const struct scratch_piece *pieces,
                                    size_t count, uint64_t *ret_offset, struct error *error)
{
    uint64_t size = 0, begin = 0;
    for (size_t i = 0; i < count; i++)
        size += pieces[i].size;
    TRY(take_range(file, size, &begin, error));
    uint64_t offset = begin;
    for (size_t i = 0; i < count; i++) {
        enum error_code code =
            temporary_write(file->descriptor, offset, pieces[i].bytes, pieces[i].size, error);
        if (code != ERROR_NONE)
            return fail(file, code, error);
        offset += pieces[i].size;
    }
    *ret_offset = begin;
    return ERROR_NONE;
}

enum error_code scratch_file_read(struct scratch_file *file, uint64_t offset, void *bytes,
                                  size_t size, struct error *error)
{
    if (offset > file->size || size > file->size - offset)
        return error_set(error, ERROR_INTERNAL,
                         "a scratch file of %llu bytes has no range %llu+%zu",
                         (unsigned long long)file->size, (unsigned long long)offset, size);
    enum error_code code = temporary_read(file->descriptor, offset, bytes, size, error);
    return code == ERROR_NONE ? code : fail(file, code, error);
}

void scratch_file_discard(struct scratch_file *file, uint64_t offset, uint64_t size)
{
    if (file->descriptor >= 0 && size > 0)
        (void)fallocate(file->descriptor, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)offset,
                        (off_t)size);
}
