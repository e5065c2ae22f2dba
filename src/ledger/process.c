#include "ledger/process.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "os/process.h"

/* Reads the beginning of a small file, with a NUL behind it; bytes read, 0 where there are none. */
static size_t read_file(const char *path, char *ret, size_t size)
{
    size_t used = 0;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    while (descriptor >= 0 && used < size - 1) {
        ssize_t got = read(descriptor, ret + used, size - 1 - used);
        if (got > 0)
            used += (size_t)got;
        else if (got == 0 || errno != EINTR)
            break;
    }
    if (descriptor >= 0)
        close(descriptor);
    ret[used] = '\0';
    return used;
}

static bool read_process(int64_t process, struct os_process *ret)
{
    return process > 0 && process <= INT32_MAX && os_process_read((pid_t)process, ret) &&
           ret->start <= INT64_MAX;
}

static void read_boot(char boot[static 40])
{
    read_file("/proc/sys/kernel/random/boot_id", boot, 40);
    boot[strcspn(boot, "\n")] = '\0';
}

struct process_identity process_identity_self(void)
{
    struct process_identity self = {.process = getpid()};
    struct os_process found;
    if (read_process(self.process, &found))
        self.start_time = (int64_t)found.start;
    read_boot(self.boot);
    return self;
}

bool process_identity_equal(const struct process_identity *a, const struct process_identity *b)
{
    return a->process == b->process && a->start_time == b->start_time &&
           strcmp(a->boot, b->boot) == 0;
}

bool process_identity_lives(const struct process_identity *identity)
{
    struct process_identity now = {.process = identity->process};
    struct os_process found;
    if (!read_process(now.process, &found))
        return false;
    now.start_time = (int64_t)found.start;
    read_boot(now.boot);
    return !os_process_has_ended(&found) && process_identity_equal(&now, identity);
}

void process_command(char *ret, size_t size)
{
    size_t used = read_file("/proc/self/cmdline", ret, size);
    while (used > 0 && ret[used - 1] == '\0')
        used--;
    for (size_t i = 0; i < used; i++)
        if (ret[i] == '\0')
            ret[i] = ' ';
}
