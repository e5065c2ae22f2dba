#include "store/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUFFER_BYTES ((size_t)256 << 10)
/* Bytes after which the system is asked to bring them to disk. */
#define WRITEBACK_BYTES ((uint64_t)4 << 20)

static bool is_standard_output(const struct output *output)
{
    return strcmp(output->path, "-") == 0;
}

/* The folder of a path, for files that shall be renamed within it. */
static enum error_code folder_of(const char *path, struct mem_account *account, char **ret,
                                 struct error *error)
{
    const char *slash = strrchr(path, '/');
    TRY(mem_copy_string(account, slash != NULL ? path : ".", ret, error));
    if (slash != NULL)
        (*ret)[slash == path ? 1 : slash - path] = '\0';
    return ERROR_NONE;
}

/* Room for "<folder>/.<name>.weir-<process>-<n>". */
static enum error_code hidden_name(const char *path, struct mem_account *account, char **ret,
                                   struct error *error)
{
    size_t size = strlen(path) + 48;
    const char *slash = strrchr(path, '/');
    size_t folder = slash != NULL ? (size_t)(slash - path) + 1 : 0;
    void *name;
    TRY(mem_alloc(account, size, &name, error));
    snprintf(name, size, "%.*s.%s.weir-%ld", (int)folder, path, path + folder, (long)getpid());
    *ret = name;
    return ERROR_NONE;
}

/* What a new file may be used for: as any other file the user makes. */
static mode_t creation_mode(void)
{
    return 0666;
}

static enum error_code open_hidden(struct output *output, struct error *error)
{
    TRY(hidden_name(output->path, output->buffer.account, &output->hidden, error));
    output->descriptor =
        open(output->hidden, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, creation_mode());
    if (output->descriptor < 0)
        return error_set_errno(error, errno, "cannot make an output in this folder");
    return ERROR_NONE;
}

static enum error_code open_unnamed(struct output *output, const char *folder, struct error *error)
{
    output->descriptor = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, creation_mode());
    if (output->descriptor >= 0)
        return ERROR_NONE;
    if (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)
        return open_hidden(output, error);
    return error_set_errno(error, errno, "cannot make an output in this folder");
}

static enum error_code check_free(const struct output *output, struct error *error)
{
    struct stat status;
    if (stat(output->path, &status) != 0)
        return ERROR_NONE;
    if (S_ISDIR(status.st_mode))
        return error_set(error, ERROR_EXISTS, "the output is a folder");
    if (output->overwrite)
        return ERROR_NONE;
    enum error_code code = error_set(error, ERROR_EXISTS, "the output is already there");
    error_hint(error, "--overwrite, or another name");
    return code;
}

static enum error_code open_file(struct output *output, struct error *error)
{
    char *folder AUTO(mem_release_pointer) = NULL;
    TRY(check_free(output, error));
    TRY(folder_of(output->path, output->buffer.account, &folder, error));
    return open_unnamed(output, folder, error);
}

enum error_code output_open(struct output *ret, const char *path, bool overwrite,
                            struct mem_account *account, struct error *error)
{
    struct output output = {.descriptor = -1, .overwrite = overwrite};
    mem_buffer_init(&output.buffer, account, BUFFER_BYTES);
    TRY(mem_copy_string(account, path, &output.path, error));
    enum error_code code = mem_buffer_reserve(&output.buffer, BUFFER_BYTES, error);
    if (code == ERROR_NONE && is_standard_output(&output))
        output.descriptor = STDOUT_FILENO;
    else if (code == ERROR_NONE)
        code = open_file(&output, error);
    if (code != ERROR_NONE) {
        error_in_file(error, path);
        output_abort(&output);
        return code;
    }
    *ret = output;
    return ERROR_NONE;
}

/* What was written goes to disk while the work goes on, so that the sync at the end is short. */
static void start_writeback(struct output *output)
{
    uint64_t size = output->written - output->settled;
    if (size < WRITEBACK_BYTES || is_standard_output(output))
        return;
    (void)sync_file_range(output->descriptor, (off_t)output->settled, (off_t)size,
                          SYNC_FILE_RANGE_WRITE);
    output->settled = output->written;
}

static enum error_code write_all(struct output *output, const uint8_t *bytes, size_t size,
                                 struct error *error)
{
    while (size > 0) {
        ssize_t put = write(output->descriptor, bytes, size);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0) {
            enum error_code code = error_set_errno(error, errno, "cannot write the output");
            error_in_file(error, output->path);
            return code;
        }
        bytes += put;
        size -= (size_t)put;
        output->written += (uint64_t)put;
    }
    start_writeback(output);
    return ERROR_NONE;
}

static enum error_code flush(struct output *output, struct error *error)
{
    TRY(write_all(output, output->buffer.data, output->buffer.size, error));
    output->buffer.size = 0;
    return ERROR_NONE;
}

enum error_code output_write(struct output *output, const void *bytes, size_t size,
                             struct error *error)
{
    if (size > BUFFER_BYTES - output->buffer.size)
        TRY(flush(output, error));
    if (size >= BUFFER_BYTES)
        return write_all(output, bytes, size, error);
    return mem_buffer_append(&output->buffer, bytes, size, error);
}

/* Both copies below read straight into the write buffer. */
static enum error_code next_piece(struct output *output, uint64_t left, size_t *ret,
                                  struct error *error)
{
    if (output->buffer.size == BUFFER_BYTES)
        TRY(flush(output, error));
    size_t room = BUFFER_BYTES - output->buffer.size;
    *ret = left < room ? (size_t)left : room;
    return ERROR_NONE;
}

enum error_code output_copy_spool(struct output *output, const struct spool *spool, uint64_t offset,
                                  uint64_t size, struct error *error)
{
    size_t piece;
    for (; size > 0; offset += piece, size -= piece) {
        TRY(next_piece(output, size, &piece, error));
        uint8_t *room = output->buffer.data + output->buffer.size;
        TRY(spool_read(spool, offset, room, piece, error));
        output->buffer.size += piece;
    }
    return ERROR_NONE;
}

enum error_code output_copy_object(struct output *output, const struct store_object *object,
                                   uint64_t offset, uint64_t size, struct error *error)
{
    size_t piece;
    for (; size > 0; offset += piece, size -= piece) {
        TRY(next_piece(output, size, &piece, error));
        uint8_t *room = output->buffer.data + output->buffer.size;
        TRY(store_read(object, offset, room, piece, error));
        output->buffer.size += piece;
    }
    return ERROR_NONE;
}

uint64_t output_position(const struct output *output)
{
    return output->written + output->buffer.size;
}

/* Standard output may be a file too: one that ends where the output began. */
static bool begins_at_end_of_file(int descriptor, uint64_t written, off_t *ret_start)
{
    struct stat status;
    int flags = fcntl(descriptor, F_GETFL);
    off_t at = lseek(descriptor, 0, SEEK_CUR);
    if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode) || flags < 0 ||
        (flags & O_APPEND) != 0 || at < 0 || (uint64_t)at < written)
        return false;
    *ret_start = at - (off_t)written;
    return status.st_size == at;
}

bool output_can_rewind(const struct output *output)
{
    off_t start;
    return begins_at_end_of_file(output->descriptor, output->written, &start);
}

enum error_code output_rewind(struct output *output, struct error *error)
{
    off_t start;
    output->buffer.size = 0;
    if (output->written == 0)
        return ERROR_NONE;
    if (!begins_at_end_of_file(output->descriptor, output->written, &start))
        return error_set(error, ERROR_INTERNAL, "an output is to begin again that cannot");
    if (ftruncate(output->descriptor, start) != 0 || lseek(output->descriptor, start, SEEK_SET) < 0)
        return error_set_errno(error, errno, "cannot begin the output again");
    output->written = output->settled = 0;
    return ERROR_NONE;
}

/* Gives the unnamed file a hidden name, from which it can be renamed over what is there. */
static enum error_code name_unnamed(struct output *output, struct error *error)
{
    char link[64];
    TRY(hidden_name(output->path, output->buffer.account, &output->hidden, error));
    snprintf(link, sizeof link, "/proc/self/fd/%d", output->descriptor);
    if (linkat(AT_FDCWD, link, AT_FDCWD, output->hidden, AT_SYMLINK_FOLLOW) != 0) {
        int reason = errno;
        mem_free(output->hidden);
        output->hidden = NULL;
        return error_set_errno(error, reason, "cannot name the output");
    }
    return ERROR_NONE;
}

static enum error_code rename_hidden(struct output *output, struct error *error)
{
    unsigned flags = output->overwrite ? 0 : RENAME_NOREPLACE;
    int failed = renameat2(AT_FDCWD, output->hidden, AT_FDCWD, output->path, flags);
    if (failed != 0 && errno == EINVAL && flags != 0) {
        /* A file system without RENAME_NOREPLACE: link refuses to replace. */
        failed = link(output->hidden, output->path);
        if (failed == 0)
            unlink(output->hidden);
    }
    if (failed != 0 && errno == EEXIST)
        return error_set(error, ERROR_EXISTS, "the output was made by somebody else meanwhile");
    if (failed != 0)
        return error_set_errno(error, errno, "cannot give the output its name");
    mem_free(output->hidden);
    output->hidden = NULL;
    return ERROR_NONE;
}

/* A folder that can be written but not read is left to the system: the output stands in it already.
 */
static void sync_folder(const char *folder)
{
    int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0)
        return;
    fsync(descriptor);
    close(descriptor);
}

/* Once the output has its name nothing may fail any more. */
static enum error_code publish(struct output *output, struct error *error)
{
    char *folder AUTO(mem_release_pointer) = NULL;
    TRY(folder_of(output->path, output->buffer.account, &folder, error));
    if (fsync(output->descriptor) != 0)
        return error_set_errno(error, errno, "cannot bring the output to disk");
    if (output->hidden == NULL)
        TRY(name_unnamed(output, error));
    TRY(rename_hidden(output, error));
    sync_folder(folder);
    return ERROR_NONE;
}

enum error_code output_commit(struct output *output, struct error *error)
{
    enum error_code code = flush(output, error);
    if (code == ERROR_NONE && !is_standard_output(output))
        code = publish(output, error);
    if (code != ERROR_NONE)
        error_in_file(error, output->path);
    output_abort(output);
    return code;
}

void output_abort(struct output *output)
{
    if (output->descriptor >= 0 && output->descriptor != STDOUT_FILENO)
        close(output->descriptor);
    output->descriptor = -1;
    if (output->hidden != NULL)
        unlink(output->hidden);
    mem_free(output->hidden);
    mem_free(output->path);
    output->hidden = NULL;
    output->path = NULL;
    mem_buffer_release(&output->buffer);
}
