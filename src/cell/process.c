#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cell/process.h"
#include "os/process.h"

/* Reads until the end or until size - 1 bytes are there, and puts a NUL behind them. */
static bool read_file(const char *path, char *buffer, size_t size)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return false;
    size_t filled = 0;
    ssize_t got = 1;
    while (filled + 1 < size && got > 0) {
        got = read(descriptor, buffer + filled, size - 1 - filled);
        filled += got > 0 ? (size_t)got : 0;
    }
    close(descriptor);
    buffer[filled] = '\0';
    return got >= 0 && filled > 0;
}

static bool read_of(pid_t pid, const char *name, char *buffer, size_t size)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    return read_file(path, buffer, size);
}

/* The text behind "\nname", or NULL. */
static const char *field(const char *text, const char *name)
{
    const char *at = strstr(text, name);
    return at == NULL ? NULL : at + strlen(name);
}

static uint64_t number(const char *text, const char *name)
{
    const char *at = field(text, name);
    return at == NULL ? 0 : strtoull(at, NULL, 10);
}

static bool catches(const char *text, int signal_number)
{
    const char *at = field(text, "\nSigCgt:");
    return at != NULL && (strtoull(at, NULL, 16) >> (signal_number - 1) & 1) != 0;
}

/* NSsid has one number a namespace, ours first. */
bool process_read(pid_t pid, struct process *ret)
{
    char text[4096];
    if (!read_of(pid, "status", text, sizeof text))
        return false;
    const char *state = field(text, "\nState:\t");
    *ret = (struct process){
        .pid = pid,
        .parent = (pid_t)number(text, "\nPPid:"),
        .session = (pid_t)number(text, "\nNSsid:"),
        .threads = (unsigned)number(text, "\nThreads:"),
        .is_dead = state != NULL && (*state == 'Z' || *state == 'X'),
        .catches_abort = catches(text, SIGABRT),
        .memory =
            (number(text, "\nRssAnon:") + number(text, "\nRssShmem:") + number(text, "\nVmSwap:"))
            << 10,
    };
    return true;
}

bool process_share(pid_t pid, uint64_t *ret)
{
    char text[2048];
    if (!read_of(pid, "smaps_rollup", text, sizeof text) || field(text, "\nPss_Anon:") == NULL)
        return false;
    *ret = (number(text, "\nPss_Anon:") + number(text, "\nPss_Shmem:") + number(text, "\nSwapPss:"))
           << 10;
    return true;
}

bool process_start_time(pid_t pid, uint64_t *ret)
{
    struct os_process process;
    if (!os_process_read(pid, &process))
        return false;
    *ret = process.start;
    return true;
}

/* Compares bytes of a stream of entries, each with a NUL behind it, with one entry's beginning. */
struct entry_search {
    const char *wanted;
    size_t size;    /* of wanted */
    size_t matched; /* bytes of the current entry that agree so far */
    bool differs;   /* the current entry does not begin as wanted */
};

/* Returns true at the byte behind a beginning that agreed. */
static bool search_step(struct entry_search *search, char byte)
{
    if (search->matched == search->size && !search->differs)
        return true;
    if (byte == '\0') {
        search->matched = 0;
        search->differs = false;
    } else if (!search->differs && byte == search->wanted[search->matched]) {
        search->matched++;
    } else {
        search->differs = true;
    }
    return false;
}

/* Copies the value that begins at position at of a chunk, and goes on in the file. */
static void copy_value(int descriptor, const char *chunk, size_t at, size_t filled, char *ret,
                       size_t size)
{
    size_t copied = 0;
    while (copied + 1 < size && at < filled && chunk[at] != '\0')
        ret[copied++] = chunk[at++];
    ret[copied] = '\0';
    if (at < filled || copied + 1 >= size)
        return;
    ssize_t got = read(descriptor, ret + copied, size - 1 - copied);
    ret[copied + (got > 0 ? (size_t)got : 0)] = '\0';
}

static enum process_answer find_entry(int descriptor, struct entry_search *search, char *ret,
                                      size_t size)
{
    char chunk[4096];
    ssize_t got;
    enum process_answer answer = PROCESS_UNKNOWN;
    while ((got = read(descriptor, chunk, sizeof chunk)) > 0) {
        answer = PROCESS_NO;
        for (size_t i = 0; i < (size_t)got; i++)
            if (search_step(search, chunk[i])) {
                copy_value(descriptor, chunk, i, (size_t)got, ret, size);
                return PROCESS_YES;
            }
    }
    return answer;
}

/* Newer kernels do not open the environment of one that is ending; before, it was empty. */
static enum process_answer search_environment(pid_t pid, const char *wanted, char *ret, size_t size)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/environ", (int)pid);
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return errno == ESRCH ? PROCESS_UNKNOWN : PROCESS_NO;
    struct entry_search search = {.wanted = wanted, .size = strlen(wanted)};
    enum process_answer answer = find_entry(descriptor, &search, ret, size);
    close(descriptor);
    return answer;
}

bool process_entry(pid_t pid, const char *name, char *ret, size_t size)
{
    char wanted[64];
    int length = snprintf(wanted, sizeof wanted, "%s=", name);
    return length > 0 && (size_t)length < sizeof wanted && size > 1 &&
           search_environment(pid, wanted, ret, size) == PROCESS_YES;
}

enum process_answer process_has_entry(pid_t pid, const char *entry)
{
    char rest[2];
    enum process_answer answer = search_environment(pid, entry, rest, sizeof rest);
    return answer == PROCESS_YES && rest[0] != '\0' ? PROCESS_NO : answer;
}

static bool descriptor_holds(const char *name, pid_t pid)
{
    char path[64], text[512];
    snprintf(path, sizeof path, "/proc/self/fdinfo/%.20s", name);
    return read_file(path, text, sizeof text) && field(text, "\nPid:") != NULL &&
           (pid_t)number(text, "\nPid:") == pid;
}

bool process_is_held(pid_t pid)
{
    DIR *folder = opendir("/proc/self/fdinfo");
    bool found = folder == NULL; /* nothing known: better not touched */
    const struct dirent *entry;
    while (!found && (entry = readdir(folder)) != NULL)
        found = entry->d_name[0] != '.' && descriptor_holds(entry->d_name, pid);
    if (folder != NULL)
        closedir(folder);
    return found;
}

static bool names_python(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    return strstr(name, "python") != NULL || strstr(name, "pypy") != NULL;
}

/* Looks at the first of the mappings, where the program's libraries stand in one of the chunks. */
static bool maps_python(pid_t pid)
{
    char path[64], chunk[8192];
    snprintf(path, sizeof path, "/proc/%d/maps", (int)pid);
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return false;
    bool found = false;
    ssize_t got = 1;
    /* A read of maps ends with a whole line. */
    for (int i = 0; i < 256 && !found && got > 0; i++) {
        got = read(descriptor, chunk, sizeof chunk - 1);
        chunk[got > 0 ? got : 0] = '\0';
        found = strstr(chunk, "/libpython") != NULL;
    }
    close(descriptor);
    return found;
}

bool process_is_python(pid_t pid)
{
    char path[64], program[512];
    snprintf(path, sizeof path, "/proc/%d/exe", (int)pid);
    ssize_t length = readlink(path, program, sizeof program - 1);
    if (length <= 0)
        return false;
    program[length] = '\0';
    return names_python(program) || maps_python(pid);
}

/* The file is numbers with a blank behind each. */
static enum error_code append_numbers(int descriptor, struct mem_buffer *ret, struct error *error)
{
    char chunk[4096];
    ssize_t got;
    pid_t pid = 0;
    while ((got = read(descriptor, chunk, sizeof chunk)) > 0)
        for (ssize_t i = 0; i < got; i++) {
            if (chunk[i] >= '0' && chunk[i] <= '9') {
                pid = pid * 10 + (chunk[i] - '0');
                continue;
            }
            if (pid > 0)
                TRY(mem_buffer_append(ret, &pid, sizeof pid, error));
            pid = 0;
        }
    return ERROR_NONE;
}

static enum error_code children_of_thread(pid_t pid, const char *thread, struct mem_buffer *ret,
                                          struct error *error)
{
    char path[96];
    snprintf(path, sizeof path, "/proc/%d/task/%.20s/children", (int)pid, thread);
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return ERROR_NONE;
    enum error_code code = append_numbers(descriptor, ret, error);
    close(descriptor);
    return code;
}

/* A child belongs to the thread that made it. */
enum error_code process_children(pid_t pid, unsigned threads, struct mem_buffer *ret,
                                 struct error *error)
{
    char path[64];
    if (threads == 1) {
        snprintf(path, sizeof path, "%d", (int)pid);
        return children_of_thread(pid, path, ret, error);
    }
    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    DIR *folder = opendir(path);
    if (folder == NULL)
        return ERROR_NONE;
    enum error_code code = ERROR_NONE;
    const struct dirent *entry;
    while (code == ERROR_NONE && (entry = readdir(folder)) != NULL)
        if (entry->d_name[0] != '.')
            code = children_of_thread(pid, entry->d_name, ret, error);
    closedir(folder);
    return code;
}

bool process_host_kills(uint64_t *ret)
{
    char text[16384];
    if (!read_file("/proc/vmstat", text, sizeof text) || field(text, "\noom_kill ") == NULL)
        return false;
    *ret = number(text, "\noom_kill ");
    return true;
}
