#include "ledger/file_system.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

/* The smallest page (https://sqlite.org/fileformat.html, section 1.3.2). */
#define SMALLEST_DATABASE 512

struct shared_file_system {
    uint64_t type;
    const char *name;
};

/* Numbers of statfs(2), linux/magic.h, and the file systems' own documents. */
static const struct shared_file_system shared[] = {
    {0x6969, "NFS"},      {0x517b, "SMB"},       {0xff534d42, "CIFS"},   {0xfe534d42, "SMB 2"},
    {0x5346414f, "AFS"},  {0x6b414653, "AFS"},   {0x564c, "NCP"},        {0x73757245, "Coda"},
    {0x01021997, "9P"},   {0x00c36400, "Ceph"},  {0x0bd00bd0, "Lustre"}, {0x47504653, "GPFS"},
    {0x01161970, "GFS2"}, {0x7461636f, "OCFS2"}, {0x19830326, "BeeGFS"}, {0xaad7aaea, "PanFS"},
};

const char *file_system_shared_name(uint64_t type)
{
    /* f_type is signed and of several widths: the magic numbers have 32 bits. */
    for (size_t i = 0; i < sizeof shared / sizeof shared[0]; i++)
        if (shared[i].type == (type & UINT32_MAX))
            return shared[i].name;
    return NULL;
}

/* The folder of a path that holds a slash. */
static bool folder_of(const char *path, char folder[static PATH_MAX])
{
    size_t length = (size_t)(strrchr(path, '/') - path);
    if (length >= PATH_MAX) {
        errno = ENAMETOOLONG;
        return false;
    }
    memcpy(folder, path, length);
    memcpy(folder + length, "/", length == 0 ? 2 : 1);
    folder[length == 0 ? 1 : length] = '\0';
    return true;
}

static enum error_code refuse_shared(const char *path, const char *name, struct error *error)
{
    enum error_code code =
        error_set(error, ERROR_UNSUPPORTED,
                  "a ledger cannot lie on %s, which other machines may write as well", name);
    error_hint(error, "a path on a disk of this machine");
    error_in_file(error, path);
    return code;
}

static enum error_code check_folder(const char *path, struct error *error)
{
    char folder[PATH_MAX];
    struct statfs facts;
    if (folder_of(path, folder) && statfs(folder, &facts) == 0) {
        const char *name = file_system_shared_name((uint64_t)facts.f_type);
        return name == NULL ? ERROR_NONE : refuse_shared(path, name, error);
    }
    enum error_code code = error_set_errno(error, errno, "the ledger's folder cannot be used");
    error_hint(error, "make the folder, or name another");
    error_in_file(error, path);
    return code;
}

static enum error_code refuse_content(const char *path, const char *what, struct error *error)
{
    error_set(error, ERROR_INPUT, "%s", what);
    error_hint(error, "the path of a ledger, or of a file that is not there yet");
    error_in_file(error, path);
    return ERROR_INPUT;
}

enum error_code file_system_check(const char *path, bool must_exist, struct error *error)
{
    struct stat facts;
    bool found = stat(path, &facts) == 0;
    if (found && !S_ISREG(facts.st_mode))
        return refuse_content(path, "a ledger is a regular file, and this is none", error);
    /* SQLite takes a file without a whole page for an empty one, and would write over it. */
    if (found && facts.st_size > 0 && facts.st_size < SMALLEST_DATABASE)
        return refuse_content(path, "the file is too short to be a ledger", error);
    if (!found && (must_exist || errno != ENOENT)) {
        enum error_code code = error_set_errno(error, errno, "there is no ledger to open");
        error_in_file(error, path);
        return code;
    }
    return check_folder(path, error);
}

int file_system_refusal(const char *path)
{
    char folder[PATH_MAX];
    return folder_of(path, folder) && access(folder, W_OK | X_OK) == 0 ? 0 : errno;
}
