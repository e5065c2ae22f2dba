#include "cli/stop_signals.h"

#include <errno.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "os/os.h"

static const int stop_signals[] = {SIGINT, SIGTERM, SIGHUP};

enum error_code stop_signals_take(struct stop_signals *signals, struct error *error)
{
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof stop_signals / sizeof stop_signals[0]; i++)
        sigaddset(&set, stop_signals[i]);
    sigprocmask(SIG_BLOCK, &set, &signals->before);
    signals->descriptor = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signals->descriptor >= 0)
        return os_check_stop(error);
    error_set_errno(error, errno, "cannot watch for signals");
    sigprocmask(SIG_SETMASK, &signals->before, NULL);
    return error->code;
}

int stop_signals_next(const struct stop_signals *signals)
{
    struct signalfd_siginfo info;
    if (read(signals->descriptor, &info, sizeof info) == (ssize_t)sizeof info)
        return (int)info.ssi_signo;
    return 0;
}

void stop_signals_release(struct stop_signals *signals)
{
    if (signals->descriptor < 0)
        return;
    close(signals->descriptor);
    signals->descriptor = -1;
    sigprocmask(SIG_SETMASK, &signals->before, NULL);
}
