#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cell/process_tree.h"

/* Readings of a list of children, which changes as often as one of them ends. */
#define MOST_READINGS 1000
/* More processes than a machine has by default (kernel.pid_max). */
#define MOST_PROCESSES ((size_t)1 << 16)

enum error_code process_tree_adopt_orphans(struct error *error)
{
    if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0)
        return error_set(error, ERROR_UNSUPPORTED, "this kernel knows no subreapers");
    return ERROR_NONE;
}

void process_tree_init(struct process_tree *tree, const char *marker, struct mem_account *account)
{
    *tree = (struct process_tree){.root = 0};
    snprintf(tree->marker, sizeof tree->marker, "%s", marker);
    mem_buffer_init(&tree->now, account, MOST_PROCESSES * sizeof(struct process));
    mem_buffer_init(&tree->before, account, MOST_PROCESSES * sizeof(struct process));
    mem_buffer_init(&tree->found, account, MOST_PROCESSES * sizeof(pid_t));
}

void process_tree_release(struct process_tree *tree)
{
    mem_buffer_release(&tree->now);
    mem_buffer_release(&tree->before);
    mem_buffer_release(&tree->found);
}

static size_t count_in(const struct mem_buffer *list)
{
    return list->size / sizeof(struct process);
}

static const struct process *at(const struct mem_buffer *list, size_t index)
{
    return (const struct process *)(const void *)list->data + index;
}

size_t process_tree_count(const struct process_tree *tree)
{
    return count_in(&tree->now);
}

const struct process *process_tree_at(const struct process_tree *tree, size_t index)
{
    return at(&tree->now, index);
}

static bool has(const struct mem_buffer *list, pid_t pid)
{
    for (size_t i = 0; i < count_in(list); i++)
        if (at(list, i)->pid == pid)
            return true;
    return false;
}

static enum error_code append(struct process_tree *tree, const struct process *process,
                              struct error *error)
{
    if (has(&tree->now, process->pid))
        return ERROR_NONE;
    return mem_buffer_append(&tree->now, process, sizeof *process, error);
}

static enum error_code add(struct process_tree *tree, pid_t pid, struct error *error)
{
    struct process process;
    if (has(&tree->now, pid) || !process_read(pid, &process) || process.is_dead)
        return ERROR_NONE;
    return append(tree, &process, error);
}

/* Everything below the processes of the list from the one at an index on; it grows meanwhile. */
static enum error_code descend(struct process_tree *tree, size_t from, struct error *error)
{
    for (size_t i = from; i < process_tree_count(tree); i++) {
        const struct process process = *process_tree_at(tree, i);
        tree->found.size = 0;
        TRY(process_children(process.pid, process.threads, &tree->found, error));
        for (size_t j = 0; j < tree->found.size / sizeof(pid_t); j++) {
            pid_t child;
            memcpy(&child, tree->found.data + j * sizeof child, sizeof child);
            TRY(add(tree, child, error));
        }
    }
    return ERROR_NONE;
}

static enum process_answer is_ours(const struct process_tree *tree, const struct process *process)
{
    if (process->session == tree->root || has(&tree->before, process->pid))
        return PROCESS_YES;
    return process_has_entry(process->pid, tree->marker);
}

/* Whether it is there and alive. */
static bool lives(pid_t pid)
{
    struct process process;
    return process_read(pid, &process) && !process.is_dead;
}

/* Known although it cannot be asked: the program of another cell that is just beginning, or one
 * that stands beside weir. These lead their sessions and have a pidfd. */
static bool is_weirs_own(const struct process *process)
{
    return process->session == process->pid && process_is_held(process->pid);
}

static enum error_code take_living(struct process_tree *tree, const struct process *process,
                                   bool *ret_ended, struct error *error)
{
    enum process_answer answer = is_ours(tree, process);
    if (answer == PROCESS_YES)
        return append(tree, process, error);
    bool ended = !lives(process->pid);
    *ret_ended |= ended;
    tree->unsure |= !ended && answer == PROCESS_UNKNOWN && !is_weirs_own(process);
    return ERROR_NONE;
}

/* True when its status was taken, after which its number is nobody's. In a PID namespace that is
 * the kernel's work, at once where no other thread of it lives on. */
static bool reap(const struct process_tree *tree, const struct process *process)
{
    if (tree->adopter != 0)
        return process->threads <= 1;
    return !is_weirs_own(process) && waitpid(process->pid, NULL, WNOHANG) == process->pid;
}

/* A dead orphan is reaped where it is surely none of weir's own programs: for these their cells
 * wait. One that is just ending has no environment any more by which it could be known, and may
 * still have children that nobody sees. */
static enum error_code take_orphan(struct process_tree *tree, pid_t pid, bool *ret_ended,
                                   struct error *error)
{
    struct process process;
    if (pid == tree->root && !tree->root_is_reaped)
        return ERROR_NONE;
    if (!process_read(pid, &process)) {
        *ret_ended = true;
    } else if (process.is_dead) {
        *ret_ended |= reap(tree, &process);
    } else {
        return take_living(tree, &process, ret_ended, error);
    }
    return ERROR_NONE;
}

static enum error_code list_adopted(struct process_tree *tree, struct error *error)
{
    return tree->adopter != 0 ? process_children(tree->adopter, 1, &tree->found, error)
                              : process_children(getpid(), 0, &tree->found, error);
}

static enum error_code look_at_adopted(struct process_tree *tree, bool *ret_ended,
                                       struct error *error)
{
    *ret_ended = tree->unsure = false;
    tree->found.size = 0;
    TRY(list_adopted(tree, error));
    for (size_t i = 0; i < tree->found.size / sizeof(pid_t); i++) {
        pid_t pid;
        memcpy(&pid, tree->found.data + i * sizeof pid, sizeof pid);
        TRY(take_orphan(tree, pid, ret_ended, error));
    }
    return ERROR_NONE;
}

/* One that ended since the list was read may have left children that the list lacks: then it is
 * read again. */
static enum error_code look_for_orphans(struct process_tree *tree, struct error *error)
{
    bool ended = true;
    for (unsigned i = 0; ended && i < MOST_READINGS; i++)
        TRY(look_at_adopted(tree, &ended, error));
    tree->unsure |= ended;
    return ERROR_NONE;
}

enum error_code process_tree_reap(struct process_tree *tree, struct error *error)
{
    int adopts = 0;
    if (tree->adopter != 0)
        return ERROR_NONE;
    if (prctl(PR_GET_CHILD_SUBREAPER, &adopts, 0, 0, 0) != 0)
        adopts = 0;
    return adopts != 0 || getpid() == 1 ? look_for_orphans(tree, error) : ERROR_NONE;
}

/* Orphans seen once are looked at every time: reading the children of weir is dear where it runs
 * hundreds of cells. */
static enum error_code keep_orphans(struct process_tree *tree, struct error *error)
{
    for (size_t i = 0; i < count_in(&tree->before); i++) {
        const struct process *process = at(&tree->before, i);
        struct process today;
        if (process->pid != tree->root && !has(&tree->now, process->pid) &&
            process_read(process->pid, &today) && !today.is_dead &&
            today.session == process->session)
            TRY(append(tree, &today, error));
    }
    return ERROR_NONE;
}

/* What the program's own tree does not hold: looked for last, so that what has just left it is
 * found here. */
static enum error_code look_outside(struct process_tree *tree, bool orphans, struct error *error)
{
    size_t inside = process_tree_count(tree);
    TRY(keep_orphans(tree, error));
    if (orphans)
        TRY(look_for_orphans(tree, error));
    return descend(tree, inside, error);
}

enum error_code process_tree_look(struct process_tree *tree, bool orphans, struct error *error)
{
    struct mem_buffer before = tree->before;
    tree->before = tree->now;
    tree->now = before;
    tree->now.size = 0;
    if (!tree->root_is_reaped)
        TRY(add(tree, tree->root, error));
    TRY(descend(tree, 0, error));
    return look_outside(tree, orphans, error);
}

enum error_code process_tree_signal(struct process_tree *tree, int number, uint64_t *ret,
                                    struct error *error)
{
    TRY(process_tree_look(tree, true, error));
    for (size_t i = 0; i < process_tree_count(tree); i++)
        kill(process_tree_at(tree, i)->pid, number);
    *ret = process_tree_count(tree);
    return ERROR_NONE;
}
