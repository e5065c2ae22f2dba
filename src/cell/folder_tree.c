#include "cell/folder_tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "os/os.h"

#define FOLDER_FLAGS (O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)

/* A folder that is being emptied; those within it come to stand directly in it. */
struct tree {
    int top;
    dev_t device;
    uint64_t mark;    /* of the names that moved folders get */
    uint64_t moved;   /* folders moved so far */
    uint64_t changes; /* entries removed or moved */
};

static bool is_dots(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* A program may have taken its own rights away. */
static void take_rights(int folder)
{
    struct stat status;
    if (fstat(folder, &status) == 0 && (status.st_mode & S_IRWXU) != S_IRWXU)
        fchmod(folder, S_IRWXU);
}

static int open_folder(int parent, const char *name)
{
    int folder = openat(parent, name, FOLDER_FLAGS);
    if (folder < 0 && errno == EACCES && fchmodat(parent, name, S_IRWXU, AT_SYMLINK_NOFOLLOW) == 0)
        folder = openat(parent, name, FOLDER_FLAGS);
    if (folder >= 0)
        take_rights(folder);
    return folder;
}

/* Whether something is mounted here, the same file system at another place included. */
static bool is_mounted(const struct tree *tree, int folder)
{
    struct statx status;
    struct stat plain;
    if (statx(folder, "", AT_EMPTY_PATH, STATX_TYPE, &status) == 0 &&
        (status.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) != 0)
        return (status.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
    return fstat(folder, &plain) != 0 || plain.st_dev != tree->device;
}

/* A file, a link or an empty folder. */
static bool remove_plain(struct tree *tree, int parent, const char *name)
{
    if (unlinkat(parent, name, 0) != 0 && unlinkat(parent, name, AT_REMOVEDIR) != 0)
        return false;
    tree->changes++;
    return true;
}

/* Moving a folder changes its "..", for which its owner needs the right to write. */
static void move_up(struct tree *tree, int parent, const char *name)
{
    char above[64];
    snprintf(above, sizeof above, ".weir-%jx-%ju", (uintmax_t)tree->mark, (uintmax_t)tree->moved);
    int failed = renameat(parent, name, tree->top, above);
    if (failed != 0 && errno == EACCES && fchmodat(parent, name, S_IRWXU, AT_SYMLINK_NOFOLLOW) == 0)
        failed = renameat(parent, name, tree->top, above);
    if (failed != 0)
        return;
    tree->moved++;
    tree->changes++;
}

/* Closes the descriptor. What can be neither removed nor moved stays. */
static void clear_folder(struct tree *tree, int folder)
{
    DIR *stream = fdopendir(folder);
    if (stream == NULL) {
        close(folder);
        return;
    }
    for (const struct dirent *entry; (entry = readdir(stream)) != NULL;)
        if (!is_dots(entry->d_name) && !remove_plain(tree, folder, entry->d_name) &&
            errno != ENOTDIR)
            move_up(tree, folder, entry->d_name);
    closedir(stream);
}

static void remove_entry(struct tree *tree, const char *name)
{
    if (remove_plain(tree, tree->top, name) || errno == ENOTDIR)
        return;
    int folder = open_folder(tree->top, name);
    if (folder < 0)
        return;
    if (is_mounted(tree, folder)) {
        close(folder);
        return;
    }
    clear_folder(tree, folder);
    if (unlinkat(tree->top, name, AT_REMOVEDIR) == 0)
        tree->changes++;
}

/* Folders that are moved here meanwhile may or may not be seen in the same pass. */
static uint64_t pass(struct tree *tree, DIR *stream)
{
    uint64_t seen = 0;
    rewinddir(stream);
    for (const struct dirent *entry; (entry = readdir(stream)) != NULL;)
        if (!is_dots(entry->d_name)) {
            remove_entry(tree, entry->d_name);
            seen++;
        }
    return seen;
}

/* A stream of its own, so that the caller's descriptor stays as it is. */
static DIR *open_stream(int folder)
{
    take_rights(folder);
    int own = openat(folder, ".", FOLDER_FLAGS);
    DIR *stream = own < 0 ? NULL : fdopendir(own);
    if (stream == NULL && own >= 0)
        close(own);
    return stream;
}

bool folder_tree_empty(int folder)
{
    struct stat status;
    DIR *stream = fstat(folder, &status) != 0 ? NULL : open_stream(folder);
    if (stream == NULL)
        return false;
    struct tree tree = {folder, status.st_dev, os_now_ns() ^ (uint64_t)getpid() << 40, 0, 0};
    uint64_t seen, before;
    do {
        before = tree.changes;
        seen = pass(&tree, stream);
    } while (tree.changes != before);
    closedir(stream);
    return seen == 0;
}

bool folder_tree_remove(const char *path)
{
    if (unlink(path) == 0 || rmdir(path) == 0 || errno == ENOENT)
        return true;
    int folder = open_folder(AT_FDCWD, path);
    if (folder < 0)
        return errno == ENOENT;
    folder_tree_empty(folder);
    close(folder);
    return rmdir(path) == 0;
}
