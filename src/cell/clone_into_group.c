#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cell/clone_into_group.h"

#if defined(__x86_64__)

/* The child comes back on another stack, on which there is no frame to return to: so it may not
 * come back into C, and calls body at once. clone3(2); System V ABI of AMD64: the kernel keeps all
 * registers but rax, rcx and r11, and rbp is 0 in an outermost frame. */
static long clone3_and_call(struct clone_args *arguments, int (*body)(void *), void *argument)
{
    long result = SYS_clone3;
    register int (*kept_body)(void *) __asm__("r12") = body;
    register void *kept_argument __asm__("r13") = argument;
    __asm__ volatile("syscall\n\t"
                     "testq %%rax, %%rax\n\t"
                     "jnz 1f\n\t"
                     "xorl %%ebp, %%ebp\n\t"
                     "movq %%r13, %%rdi\n\t"
                     "callq *%%r12\n\t"
                     "hlt\n"
                     "1:"
                     : "+a"(result)
                     : "D"(arguments), "S"(sizeof *arguments), "r"(kept_body), "r"(kept_argument)
                     : "rcx", "r11", "memory");
    return result;
}

#else

static long clone3_and_call(struct clone_args *arguments, int (*body)(void *), void *argument)
{
    (void)arguments;
    (void)body;
    (void)argument;
    return -1;
}

#endif

pid_t clone_into_group(int (*body)(void *argument), void *argument, void *stack, size_t stack_size,
                       int folder, int *ret_pidfd)
{
    struct clone_args arguments = {
        .flags = SPAWN_CLONE_FLAGS | CLONE_INTO_CGROUP,
        .pidfd = (uint64_t)(uintptr_t)ret_pidfd,
        .exit_signal = SIGCHLD,
        .stack = (uint64_t)(uintptr_t)stack,
        .stack_size = stack_size,
        .cgroup = (uint64_t)folder,
    };
    long result = clone3_and_call(&arguments, body, argument);
    return result < 0 ? -1 : (pid_t)result;
}
