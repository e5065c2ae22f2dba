#include "batch/kept_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

bool kept_folder_find(struct kept_folder *ret, const char *path)
{
    struct stat status;
    if (lstat(path, &status) != 0)
        return false;
    errno = ENOTDIR;
    *ret = (struct kept_folder){path, status.st_dev, status.st_ino};
    return S_ISDIR(status.st_mode);
}

static bool is_that(const struct kept_folder *folder, int descriptor)
{
    struct stat status;
    return fstat(descriptor, &status) == 0 && status.st_dev == folder->device &&
           status.st_ino == folder->inode;
}

int kept_folder_open(const struct kept_folder *folder)
{
    int descriptor = open(folder->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0 || is_that(folder, descriptor))
        return descriptor;
    close(descriptor);
    errno = ENOENT;
    return -1;
}
