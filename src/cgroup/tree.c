#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgroup/kernel_file.h"
#include "cgroup/tree.h"

#define TREE_DEPTH 32

struct tree_path {
    size_t size;
    char text[PATH_MAX];
};

typedef void tree_visitor(void *context, const char *folder);

/* A folder has two links and one more for each folder in it, where its file system counts them. */
static bool may_have_folders(const char *folder)
{
    struct stat status;
    return lstat(folder, &status) == 0 && S_ISDIR(status.st_mode) && status.st_nlink != 2;
}

static bool is_folder(DIR *parent, const struct dirent *entry)
{
    struct stat status;
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
        return false;
    if (entry->d_type != DT_UNKNOWN)
        return entry->d_type == DT_DIR;
    return fstatat(dirfd(parent), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISDIR(status.st_mode);
}

void folder_each(const char *folder, void (*visit)(void *context, const char *name), void *context)
{
    DIR *stream = opendir(folder);
    if (stream == NULL)
        return;
    const struct dirent *entry;
    while ((entry = readdir(stream)) != NULL)
        if (is_folder(stream, entry))
            visit(context, entry->d_name);
    closedir(stream);
}

struct walk {
    struct tree_path path;
    unsigned depth;
    tree_visitor *visit;
    void *context;
};

static void walk_here(struct walk *walk);

static void walk_into(void *context, const char *name)
{
    struct walk *walk = context;
    size_t before = walk->path.size;
    size_t more = strlen(name) + 1;
    if (walk->depth == TREE_DEPTH || before + more >= sizeof walk->path.text)
        return;
    walk->path.text[before] = '/';
    memcpy(walk->path.text + before + 1, name, more);
    walk->path.size += more;
    walk->depth++;
    walk_here(walk);
    walk->depth--;
    walk->path.size = before;
    walk->path.text[before] = '\0';
}

static void walk_here(struct walk *walk)
{
    if (may_have_folders(walk->path.text))
        folder_each(walk->path.text, walk_into, walk);
    walk->visit(walk->context, walk->path.text);
}

/* Visits the folder and all below, those below first. */
static void tree_visit(const char *folder, tree_visitor *visit, void *context)
{
    struct walk walk = {.visit = visit, .context = context};
    walk.path.size = strlen(folder);
    if (walk.path.size >= sizeof walk.path.text)
        return;
    memcpy(walk.path.text, folder, walk.path.size + 1);
    walk_here(&walk);
}

struct process_list {
    pid_t *pids;
    size_t capacity;
    size_t count;
};

static void list_process(void *context, pid_t process)
{
    struct process_list *list = context;
    if (list->count < list->capacity)
        list->pids[list->count] = process;
    list->count++;
}

static void list_folder(void *context, const char *folder)
{
    kernel_each_process(folder, list_process, context);
}

size_t tree_processes(const char *folder, pid_t *pids, size_t capacity)
{
    struct process_list list = {pids, capacity, 0};
    tree_visit(folder, list_folder, &list);
    return list.count;
}

struct signal_run {
    int number;
    uint64_t count;
};

/* Numbers 0 and 1 would mean a whole process group and the system's first process. */
static void signal_process(void *context, pid_t process)
{
    struct signal_run *run = context;
    run->count++;
    if (process > 1 && process != getpid())
        kill(process, run->number);
}

static void signal_folder(void *context, const char *folder)
{
    kernel_each_process(folder, signal_process, context);
}

uint64_t tree_signal(const char *folder, int number)
{
    struct signal_run run = {number, 0};
    tree_visit(folder, signal_folder, &run);
    return run.count;
}

static void remove_folder(void *context, const char *folder)
{
    int *failure = context;
    *failure = rmdir(folder) == 0 ? 0 : errno;
}

bool tree_remove(const char *folder)
{
    int failure = 0;
    tree_visit(folder, remove_folder, &failure); /* the folder itself comes last */
    return failure == 0 || failure == ENOENT;
}
