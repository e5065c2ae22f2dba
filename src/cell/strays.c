#include "cell/strays.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cell/process.h"
#include "os/os.h"

#define WITHIN_NS UINT64_C(2000000000)
#define PAUSE_NS  1000000

static pid_t pid_at(const struct mem_buffer *list, size_t index)
{
    pid_t pid;
    memcpy(&pid, list->data + index * sizeof pid, sizeof pid);
    return pid;
}

static bool has(const struct mem_buffer *list, pid_t pid)
{
    for (size_t i = 0; i < list->size / sizeof pid; i++)
        if (pid_at(list, i) == pid)
            return true;
    return false;
}

enum error_code strays_note(struct mem_account *account, struct strays *ret, struct error *error)
{
    struct mem_buffer had;
    mem_buffer_init(&had, account, SIZE_MAX / 2);
    enum error_code code = process_children(getpid(), 0, &had, error);
    if (code == ERROR_NONE)
        ret->had = had;
    else
        mem_buffer_release(&had);
    return code;
}

static bool is_stray(const struct strays *strays, const struct process *process)
{
    return process->session != getsid(0) && !has(&strays->had, process->pid) &&
           !process_is_held(process->pid);
}

/* One round over the children; returns how many strays there were, dead ones included. */
static uint64_t end_round(const struct strays *strays, struct mem_buffer *list, uint64_t *ended)
{
    struct error ignored;
    uint64_t found = 0;
    list->size = 0;
    if (process_children(getpid(), 0, list, &ignored) != ERROR_NONE)
        return 0;
    for (size_t i = 0; i < list->size / sizeof(pid_t); i++) {
        struct process process;
        if (!process_read(pid_at(list, i), &process) || !is_stray(strays, &process))
            continue;
        found++;
        if (process.is_dead)
            *ended += waitpid(process.pid, NULL, WNOHANG) == process.pid;
        else
            kill(process.pid, SIGKILL);
    }
    return found;
}

uint64_t strays_end(struct strays *strays)
{
    struct mem_buffer list;
    int adopts = 0;
    uint64_t ended = 0, until_ns = os_now_ns() + WITHIN_NS;
    if (strays->had.account == NULL || prctl(PR_GET_CHILD_SUBREAPER, &adopts, 0, 0, 0) != 0 ||
        adopts == 0)
        return 0;
    mem_buffer_init(&list, strays->had.account, SIZE_MAX / 2);
    /* What a stray leaves behind comes to weir when it ends. */
    while (end_round(strays, &list, &ended) > 0 && os_now_ns() < until_ns)
        nanosleep(&(struct timespec){0, PAUSE_NS}, NULL);
    mem_buffer_release(&list);
    return ended;
}

void strays_release(struct strays *strays)
{
    if (strays->had.account != NULL)
        mem_buffer_release(&strays->had);
}
