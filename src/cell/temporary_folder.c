#include "cell/temporary_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cell/folder_tree.h"

#define PREFIX       "weir-exec-"
#define FOLDER_FLAGS (O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)

static const char *parent(void)
{
    const char *folder = getenv("TMPDIR");
    return folder != NULL && folder[0] != '\0' ? folder : "/tmp";
}

/* Whether the lock is ours and the folder still the one of that name: a sweep may have been
 * quicker. */
static bool lock_folder(const char *path, int *ret)
{
    struct stat held, named;
    int descriptor = open(path, FOLDER_FLAGS);
    if (descriptor < 0 && errno == EACCES && /* a program took the rights to it away */
        fchmodat(AT_FDCWD, path, S_IRWXU, AT_SYMLINK_NOFOLLOW) == 0)
        descriptor = open(path, FOLDER_FLAGS);
    if (descriptor < 0)
        return false;
    if (flock(descriptor, LOCK_EX | LOCK_NB) == 0 && fstat(descriptor, &held) == 0 &&
        lstat(path, &named) == 0 && held.st_ino == named.st_ino && held.st_dev == named.st_dev &&
        held.st_uid == geteuid()) {
        *ret = descriptor;
        return true;
    }
    close(descriptor);
    return false;
}

/* Programs may start in another folder than weir, so the path must not depend on that. */
static bool name_folder(char *ret, size_t size)
{
    char current[PATH_MAX] = "";
    const char *within = parent();
    if (within[0] != '/' && getcwd(current, sizeof current) == NULL)
        return false;
    int length = snprintf(ret, size, "%s%s%s/" PREFIX "XXXXXX", current,
                          within[0] != '/' ? "/" : "", within);
    errno = ENAMETOOLONG;
    return length < (int)size;
}

enum error_code temporary_folder_make(struct temporary_folder *ret, struct error *error)
{
    struct temporary_folder folder = {.descriptor = -1};
    for (int attempt = 0; attempt < 8; attempt++) {
        if (!name_folder(folder.path, sizeof folder.path) || mkdtemp(folder.path) == NULL)
            break;
        if (lock_folder(folder.path, &folder.descriptor)) {
            *ret = folder;
            return ERROR_NONE;
        }
        rmdir(folder.path);
        errno = EBUSY;
    }
    error_set_errno(error, errno, "cannot make a temporary folder");
    error_in_file(error, parent());
    error_hint(error, "TMPDIR set to a folder that can be written to");
    return error->code;
}

void temporary_folder_remove(struct temporary_folder *folder)
{
    if (folder->path[0] == '\0')
        return;
    folder_tree_remove(folder->path);
    close(folder->descriptor);
    *folder = (struct temporary_folder){.descriptor = -1};
}

static bool sweep_one(const char *name)
{
    char path[512];
    int descriptor;
    if (snprintf(path, sizeof path, "%s/%s", parent(), name) >= (int)sizeof path ||
        !lock_folder(path, &descriptor))
        return false;
    folder_tree_remove(path);
    close(descriptor);
    return true;
}

unsigned temporary_folder_sweep(void)
{
    unsigned swept = 0;
    DIR *folder = opendir(parent());
    if (folder == NULL)
        return 0;
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;)
        if (strncmp(entry->d_name, PREFIX, strlen(PREFIX)) == 0)
            swept += sweep_one(entry->d_name);
    closedir(folder);
    return swept;
}
