/* Child processes that do something with a ledger and tell bytes through a pipe. */
#ifndef TEST_LEDGER_CHILD_H
#define TEST_LEDGER_CHILD_H

#include <signal.h>
#include <sys/wait.h>

#include "fixture.h"

struct child {
    pid_t process;
    int from; /* what it tells */
    int to;   /* closed by child_kill or child_let_go: the child's end may wait for that */
};

/* body runs in the child and ends it; it writes to tell and may read from wait. */
static inline struct child child_start(void (*body)(int tell, int wait))
{
    int tell[2], wait[2];
    assert_int_equal(pipe(tell), 0);
    assert_int_equal(pipe(wait), 0);
    pid_t process = fork();
    assert_true(process >= 0);
    if (process == 0) {
        close(tell[0]);
        close(wait[1]);
        body(tell[1], wait[0]);
        _exit(0);
    }
    close(tell[1]);
    close(wait[0]);
    return (struct child){process, tell[0], wait[1]};
}

/* In the child: ends it when a call fails, since a failed assertion would not be heard. */
#define child_ok(call)                                                                             \
    do {                                                                                           \
        if ((call) != ERROR_NONE) {                                                                \
            fprintf(stderr, "%s: %s\n", #call, error.what);                                        \
            _exit(3);                                                                              \
        }                                                                                          \
    } while (0)

/* Tells eight bytes. */
static inline void child_tell(int tell, int64_t number)
{
    if (write(tell, &number, sizeof number) != sizeof number)
        _exit(4);
}

static inline bool child_told(struct child *child, int64_t *ret)
{
    return read(child->from, ret, sizeof *ret) == sizeof *ret;
}

/* Waits until the other end lets go. */
static inline void child_wait(int wait)
{
    char byte;
    ssize_t got = read(wait, &byte, 1);
    (void)got;
}

static inline int child_end(struct child *child)
{
    int status = -1;
    if (child->to >= 0)
        close(child->to);
    assert_int_equal(waitpid(child->process, &status, 0), child->process);
    close(child->from);
    return status;
}

#endif
