#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "cgroup/identity.h"
#include "cgroup/kernel_file.h"
#include "os/process.h"

bool identity_own(char *ret, size_t size)
{
    struct os_process self;
    if (!os_process_read(getpid(), &self))
        return false;
    int length = snprintf(ret, size, "weir-%d-%" PRIu64, (int)getpid(), self.start);
    return length > 0 && (size_t)length < size;
}

static bool parse_name(const char *name, uint64_t *ret_process, uint64_t *ret_start)
{
    struct span rest = {name, strlen(name)};
    struct span word;
    return span_take(&rest, '-', &word) && span_is(word, "weir") && span_take(&rest, '-', &word) &&
           span_number(word, ret_process) && *ret_process <= INT_MAX &&
           span_number(rest, ret_start);
}

bool identity_is_weir(const char *name)
{
    uint64_t process;
    uint64_t start;
    return parse_name(name, &process, &start);
}

/* Whatever cannot be known counts as alive: no file may be opened, or /proc hides the process. */
bool identity_is_dead(const char *name)
{
    uint64_t process;
    uint64_t start;
    struct os_process now;
    if (!parse_name(name, &process, &start) || process == 0)
        return false;
    if (kill((pid_t)process, 0) != 0 && errno == ESRCH)
        return true;
    return os_process_read((pid_t)process, &now) &&
           (now.start != start || os_process_has_ended(&now));
}
