#include <signal.h>
#include <string.h>

#include "os/os.h"

static volatile sig_atomic_t stop_signal;

/* The second signal finds its default action again: the way out of anything that does not look. */
static void remember_stop(int number)
{
    stop_signal = number;
    signal(number, SIG_DFL);
}

void os_catch_stop_signals(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = remember_stop;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    /* A reader that went away is an error of the write, not the end of the process. */
    signal(SIGPIPE, SIG_IGN);
}

int os_stop_requested(void)
{
    return stop_signal;
}

enum error_code os_check_stop(struct error *error)
{
    int number = stop_signal;
    if (number == 0)
        return ERROR_NONE;
    return error_set(error, ERROR_CANCELLED, "stopped by %s",
                     number == SIGINT ? "SIGINT" : "SIGTERM");
}
