#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "cgroup/identity.h"
#include "cgroup/kernel_file.h"

#define START_FIELD 19 /* words between the state and the start, the state included */

/* The command stands in parentheses and may hold anything, a parenthesis too. */
static bool parse_start(const struct kernel_text *text, char *ret_state, uint64_t *ret)
{
    const char *close = memrchr(text->bytes, ')', text->size);
    if (close == NULL)
        return false;
    struct span rest = {close + 1, text->size - (size_t)(close + 1 - text->bytes)};
    struct span word;
    if (!span_take(&rest, ' ', &word)) /* the blank behind the command */
        return false;
    if (!span_take(&rest, ' ', &word) || word.size != 1)
        return false;
    *ret_state = word.at[0];
    for (int i = 0; i < START_FIELD; i++)
        if (!span_take(&rest, ' ', &word))
            return false;
    return span_number(word, ret);
}

static bool read_start(uint64_t process, char *ret_state, uint64_t *ret)
{
    char folder[48];
    struct kernel_text text;
    snprintf(folder, sizeof folder, "/proc/%" PRIu64, process);
    return kernel_read(folder, "stat", &text) && parse_start(&text, ret_state, ret);
}

bool identity_own(char *ret, size_t size)
{
    uint64_t start;
    char state;
    uint64_t process = (uint64_t)getpid();
    if (!read_start(process, &state, &start))
        return false;
    int length = snprintf(ret, size, "weir-%" PRIu64 "-%" PRIu64, process, start);
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
    uint64_t now;
    char state;
    if (!parse_name(name, &process, &start) || process == 0)
        return false;
    if (kill((pid_t)process, 0) != 0 && errno == ESRCH)
        return true;
    return read_start(process, &state, &now) && (now != start || state == 'Z' || state == 'X');
}
