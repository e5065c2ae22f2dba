#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cell/clone_into_group.h"
#include "cell/companion.h"
#include "cell/spawn.h"
#include "cell/variables.h"

#define STACK_SIZE ((size_t)128 << 10)

/* All that the child needs, made before it is: it may not allocate. */
struct spawn_plan {
    const char *const *arguments;
    const char **environment;
    const char **shell; /* the arguments behind /bin/sh, for a script without an interpreter */
    char *paths;        /* candidates for the program, each with a NUL, an empty one last */
    const char *directory;
    const struct cgroup *group;        /* to enter; NULL: none, or it is made inside */
    const struct pid_namespace *space; /* or NULL */
    const char *current;               /* weir's folder, to be found again inside; or NULL */
    int standard[3];
    char badness[24];
    pid_t parent; /* as the child sees it */
    /* Written by the child. */
    volatile enum spawn_step step;
    volatile int reason;
};

/* "a:b" and "program" give "a/program\0b/program\0"; an empty part is the working directory. */
static enum error_code list_candidates(struct mem_arena *arena, const char *path,
                                       const char *program, char **ret, struct error *error)
{
    size_t parts = 1;
    for (const char *at = path; *at != '\0'; at++)
        parts += *at == ':';
    void *memory;
    size_t size = strlen(path) + parts * (strlen(program) + 3) + 1;
    TRY(mem_arena_alloc(arena, size, &memory, error));
    char *text = memory;
    for (const char *part = path;; part++) {
        int length = (int)strcspn(part, ":");
        text += snprintf(text, size, "%.*s%s%s", length, part, length > 0 ? "/" : "./", program);
        text++;
        part += length;
        if (*part == '\0')
            break;
    }
    *ret = memory;
    return ERROR_NONE;
}

static enum error_code find_program(struct spawn_plan *plan, struct mem_arena *arena,
                                    struct error *error)
{
    const char *program = plan->arguments[0];
    if (*program == '\0' || strchr(program, '/') != NULL)
        return mem_arena_copy(arena, program, strlen(program) + 1, &plan->paths, error);
    const char *path = variables_path((const char *const *)plan->environment);
    return list_candidates(arena, path, program, &plan->paths, error);
}

/* The same list with another first element and room for one more at the end. */
static enum error_code copy_list(struct mem_arena *arena, const char *first,
                                 const char *const *list, const char *last, const char ***ret,
                                 struct error *error)
{
    size_t count = variables_count(list), at = 0;
    void *memory;
    TRY(mem_arena_alloc_array(arena, count + 3, sizeof(char *), &memory, error));
    *ret = memory;
    if (first != NULL)
        (*ret)[at++] = first;
    for (size_t i = 0; i < count; i++)
        (*ret)[at++] = list[i];
    (*ret)[at] = last;
    return ERROR_NONE;
}

/* weir's own figure with a little more, so that the kernel takes its children first. */
static void choose_badness(char ret[static 24])
{
    char text[16] = "";
    int descriptor = open("/proc/self/oom_score_adj", O_RDONLY | O_CLOEXEC);
    if (descriptor >= 0) {
        ssize_t got = read(descriptor, text, sizeof text - 1);
        text[got > 0 ? got : 0] = '\0';
        close(descriptor);
    }
    long wanted = strtol(text, NULL, 10) + SPAWN_KILLED_EARLIER;
    snprintf(ret, 24, "%ld", wanted > 1000 ? 1000 : wanted);
}

/* A copy above the three standard descriptors, which dup2 then cannot overwrite. */
static enum error_code lift(int descriptor, int *ret, struct error *error)
{
    *ret = descriptor < 0 ? open("/dev/null", O_RDONLY | O_CLOEXEC)
                          : fcntl(descriptor, F_DUPFD_CLOEXEC, 3);
    if (*ret >= 0 && *ret < 3) {
        int low = *ret;
        *ret = fcntl(low, F_DUPFD_CLOEXEC, 3);
        close(low);
    }
    if (*ret < 0)
        return error_set_errno(error, errno, "cannot give a program its descriptors");
    return ERROR_NONE;
}

static enum error_code lift_all(struct spawn_plan *plan, const struct spawn_request *request,
                                struct error *error)
{
    TRY(lift(request->input, &plan->standard[0], error));
    TRY(lift(request->output, &plan->standard[1], error));
    return lift(request->errors, &plan->standard[2], error);
}

static void close_lifted(struct spawn_plan *plan)
{
    for (int i = 0; i < 3; i++)
        if (plan->standard[i] >= 0)
            close(plan->standard[i]);
}

/* The C library's own getcwd may answer without a slash where the folder cannot be reached. */
static enum error_code find_current(struct spawn_plan *plan, struct mem_arena *arena,
                                    struct error *error)
{
    char path[PATH_MAX];
    char *copy;
    if (getcwd(path, sizeof path) == NULL || path[0] != '/')
        return ERROR_NONE;
    TRY(mem_arena_copy(arena, path, strlen(path) + 1, &copy, error));
    plan->current = copy;
    return ERROR_NONE;
}

static enum error_code make_plan(const struct spawn_request *request, struct mem_arena *arena,
                                 struct spawn_plan *plan, struct error *error)
{
    plan->arguments = request->arguments;
    plan->directory = request->directory;
    plan->group = request->group;
    plan->space = request->space;
    plan->parent = request->space == NULL ? getpid() : 0;
    if (request->space != NULL)
        TRY(find_current(plan, arena, error));
    choose_badness(plan->badness);
    TRY(copy_list(arena, NULL, request->environment, request->marker, &plan->environment, error));
    TRY(copy_list(arena, "/bin/sh", request->arguments, NULL, &plan->shell, error));
    TRY(find_program(plan, arena, error));
    return lift_all(plan, request, error);
}

/* ---- in the child ------------------------------------------------------------------------- */

/* The process that shares weir's memory ends without running anything of weir's. */
static void end_child(struct spawn_plan *plan, enum spawn_step step)
{
    plan->reason = errno;
    plan->step = step;
    for (;;)
        syscall(SYS_exit_group, 127);
}

/* Signals arrive again only when no handler of weir's is left. */
static void reset_signals(void)
{
    struct sigaction usual;
    memset(&usual, 0, sizeof usual);
    usual.sa_handler = SIG_DFL;
    for (int number = 1; number < NSIG; number++)
        sigaction(number, &usual, NULL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void raise_badness(const char *figure)
{
    int descriptor = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (descriptor < 0)
        return;
    if (write(descriptor, figure, strlen(figure)) < 0)
        errno = 0; /* a wish: the limit holds without it */
    close(descriptor);
}

static void set_standard(const int standard[static 3])
{
    for (int i = 0; i < 3; i++)
        dup2(standard[i], i);
}

static int try_candidates(struct spawn_plan *plan)
{
    int reason = ENOENT;
    for (char *path = plan->paths; *path != '\0'; path += strlen(path) + 1) {
        execve(path, (char *const *)plan->arguments, (char *const *)plan->environment);
        if (errno == ENOEXEC) {
            plan->shell[1] = path;
            execve("/bin/sh", (char *const *)plan->shell, (char *const *)plan->environment);
        }
        if (errno != ENOENT && errno != ENOTDIR)
            reason = errno;
        if (reason != ENOENT && reason != EACCES)
            break;
    }
    return reason;
}

static int become_program(void *argument)
{
    struct spawn_plan *plan = argument;
    setsid();
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    errno = ESRCH;
    if (getppid() != plan->parent)
        end_child(plan, SPAWN_PARENT);
    if (plan->group != NULL && !cgroup_enter(plan->group))
        end_child(plan, SPAWN_GROUP);
    raise_badness(plan->badness);
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    set_standard(plan->standard);
    if (plan->space != NULL && !pid_namespace_take_mounts(plan->space, plan->current))
        end_child(plan, SPAWN_MOUNTS);
    companion_close_from(3);
    if (plan->directory != NULL && chdir(plan->directory) != 0)
        end_child(plan, SPAWN_DIRECTORY);
    reset_signals();
    errno = try_candidates(plan);
    end_child(plan, SPAWN_PROGRAM);
    return 127;
}

/* ---- in weir ------------------------------------------------------------------------------ */

static void reap_failed(struct spawn_result *result)
{
    waitpid(result->pid, NULL, 0);
    close(result->pidfd);
    result->pidfd = -1;
    result->pid = 0;
}

/* A process that is in its group from the start needs no lock of the kernel's to be moved there. */
static pid_t clone_inside(struct spawn_plan *plan, char *stack, int *ret_pidfd)
{
    const struct cgroup *group = plan->group;
    int folder = group == NULL ? -1 : cgroup_open_folder(group);
    if (folder < 0)
        return -1;
    plan->group = NULL;
    pid_t pid = clone_into_group(become_program, plan, stack, STACK_SIZE, folder, ret_pidfd);
    if (pid < 0)
        plan->group = group;
    close(folder);
    return pid;
}

static pid_t clone_child(struct spawn_plan *plan, char *stack, int *ret_pidfd)
{
    pid_t pid = clone_inside(plan, stack, ret_pidfd);
    if (pid < 0)
        pid =
            clone(become_program, stack + STACK_SIZE, SPAWN_CLONE_FLAGS | SIGCHLD, plan, ret_pidfd);
    return pid;
}

static enum error_code space_failed(int reason, struct error *error)
{
    error_set_errno(error, reason, "cannot start a process in the PID namespace");
    error_hint(error, "its first process (weir-init) may have been killed");
    return error->code;
}

/* weir must not stay half inside: its next thread could not be made. */
static enum error_code clone_in_space(struct spawn_plan *plan, char *stack,
                                      struct spawn_result *ret, int *ret_reason,
                                      struct error *error)
{
    int back;
    if (!pid_namespace_enter(plan->space, &back))
        return space_failed(errno, error);
    ret->pid = clone_child(plan, stack, &ret->pidfd);
    *ret_reason = errno;
    if (pid_namespace_leave(back))
        return ERROR_NONE;
    space_failed(errno, error);
    if (ret->pid > 0) {
        kill(ret->pid, SIGKILL);
        reap_failed(ret);
    }
    return error->code;
}

/* weir stands still until the child has become its program, so no handler of weir's can run in
 * their common memory: all signals wait meanwhile. */
static enum error_code clone_in_silence(struct spawn_plan *plan, char *stack,
                                        struct spawn_result *ret, int *ret_reason,
                                        struct error *error)
{
    sigset_t before;
    enum error_code code = ERROR_NONE;
    companion_block_signals(&before);
    if (plan->space != NULL) {
        code = clone_in_space(plan, stack, ret, ret_reason, error);
    } else {
        ret->pid = clone_child(plan, stack, &ret->pidfd);
        *ret_reason = errno;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return code;
}

static enum error_code start_child(struct spawn_plan *plan, char *stack, struct spawn_result *ret,
                                   struct error *error)
{
    int reason = 0;
    TRY(clone_in_silence(plan, stack, ret, &reason, error));
    if (ret->pid < 0) {
        error_set_errno(error, reason, "cannot start a process");
        error_hint(error, "fewer cells at once, or Linux 5.4 or newer");
        return error->code;
    }
    ret->failed_at = plan->step;
    ret->reason = plan->reason;
    if (plan->step != SPAWN_DONE)
        reap_failed(ret);
    return ERROR_NONE;
}

enum error_code spawn_run(const struct spawn_request *request, struct mem_account *account,
                          struct spawn_result *ret, struct error *error)
{
    AUTO(mem_arena_release) struct mem_arena arena;
    mem_arena_init(&arena, account);
    struct spawn_plan plan = {.standard = {-1, -1, -1}};
    struct spawn_result result = {.pidfd = -1};
    void *stack;
    enum error_code code = mem_arena_alloc(&arena, STACK_SIZE, &stack, error);
    if (code == ERROR_NONE)
        code = make_plan(request, &arena, &plan, error);
    if (code == ERROR_NONE)
        code = start_child(&plan, stack, &result, error);
    close_lifted(&plan);
    if (code == ERROR_NONE)
        *ret = result;
    return code;
}
