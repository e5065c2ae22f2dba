#include "ledger/process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

bool process_parse_stat(const char *text, char *ret_state, int64_t *ret_start_time)
{
    /* The name in the second field may hold parentheses and spaces: the last ")" ends it. */
    const char *at = strrchr(text, ')');
    if (at == NULL || at[1] != ' ' || at[2] == '\0')
        return false;
    char state = at[2];
    for (int field = 2; field < 22; field++) {
        at = strchr(at + 1, ' ');
        if (at == NULL)
            return false;
    }
    char *end;
    errno = 0;
    long long start = strtoll(at + 1, &end, 10);
    if (end == at + 1 || errno != 0 || start < 0)
        return false;
    *ret_state = state;
    *ret_start_time = start;
    return true;
}

static bool read_stat(int64_t process, char *ret_state, int64_t *ret_start_time)
{
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%lld/stat", (long long)process);
    return read_file(path, text, sizeof text) > 0 &&
           process_parse_stat(text, ret_state, ret_start_time);
}

static void read_boot(char boot[static 40])
{
    read_file("/proc/sys/kernel/random/boot_id", boot, 40);
    boot[strcspn(boot, "\n")] = '\0';
}

struct process_identity process_identity_self(void)
{
    struct process_identity self = {.process = getpid()};
    char state;
    if (!read_stat(self.process, &state, &self.start_time))
        self.start_time = 0;
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
    char state;
    if (identity->process <= 0 || !read_stat(now.process, &state, &now.start_time))
        return false;
    read_boot(now.boot);
    return state != 'Z' && state != 'X' && process_identity_equal(&now, identity);
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
