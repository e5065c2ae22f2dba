#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cell/cell.h"
#include "cell/progress_file.h"

/* What programs need to find their files and speak the user's language; '*' ends a prefix. */
static const char *const NEEDED[] = {
    "PATH",      "HOME", "USER", "LOGNAME", "SHELL",   "LANG",        "LC_*",
    "TZ",        "TERM", "PWD",  "TMPDIR",  "PYTHON*", "VIRTUAL_ENV", "LD_LIBRARY_PATH",
    "SSL_CERT_*"};
/* A prefix lets names in that nobody has looked at. */
static const char *const SECRETS[] = {"TOKEN", "SECRET", "PASSW", "CREDENTIAL", "API_KEY"};
#define COUNT(array) (sizeof(array) / sizeof *(array))

static const char FAULT_HANDLER[] = "PYTHONFAULTHANDLER=1";
static const char USUAL_PATH[] = "PATH=/usr/local/bin:/usr/bin:/bin";

static bool name_is(const char *entry, size_t length, const char *name)
{
    return strlen(name) == length && memcmp(entry, name, length) == 0;
}

static bool looks_secret(const char *entry, size_t length)
{
    for (size_t i = 0; i < COUNT(SECRETS); i++)
        for (size_t at = 0; at + strlen(SECRETS[i]) <= length; at++)
            if (strncasecmp(entry + at, SECRETS[i], strlen(SECRETS[i])) == 0)
                return true;
    return false;
}

static bool fits(const char *entry, size_t length, const char *pattern)
{
    size_t size = strlen(pattern);
    if (size == 0 || pattern[size - 1] != '*')
        return name_is(entry, length, pattern);
    return length >= size - 1 && memcmp(entry, pattern, size - 1) == 0;
}

static bool is_needed(const char *entry, size_t length)
{
    for (size_t i = 0; i < COUNT(NEEDED); i++)
        if (fits(entry, length, NEEDED[i]))
            return name_is(entry, length, NEEDED[i]) || !looks_secret(entry, length);
    return false;
}

static bool is_passed(const char *entry, size_t length, const char *const *pass, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (fits(entry, length, pass[i]))
            return true;
    return false;
}

struct choice {
    const char *const *pass;
    size_t pass_count;
    bool everything;
    bool has_temporary;
};

static bool is_chosen(const char *entry, const struct choice *choice)
{
    const char *equals = strchr(entry, '=');
    if (equals == NULL || equals == entry)
        return false;
    size_t length = (size_t)(equals - entry);
    if (name_is(entry, length, "PYTHONFAULTHANDLER"))
        return false;
    if (choice->has_temporary &&
        (name_is(entry, length, "TMPDIR") || name_is(entry, length, PROGRESS_FILE_VARIABLE)))
        return false;
    return choice->everything || is_needed(entry, length) ||
           is_passed(entry, length, choice->pass, choice->pass_count);
}

/* An entry of three parts, one behind the other. */
static enum error_code add_entry(struct mem_arena *arena, const char *name, const char *folder,
                                 const char *file, const char **ret, struct error *error)
{
    size_t size = strlen(name) + strlen(folder) + strlen(file) + 1;
    void *text;
    TRY(mem_arena_alloc(arena, size, &text, error));
    snprintf(text, size, "%s%s%s", name, folder, file);
    *ret = text;
    return ERROR_NONE;
}

static enum error_code add_temporary(struct mem_arena *arena, const char *temporary,
                                     const char **list, size_t *count, struct error *error)
{
    TRY(add_entry(arena, "TMPDIR=", temporary, "", &list[*count], error));
    ++*count;
    TRY(add_entry(arena, PROGRESS_FILE_VARIABLE "=", temporary, "/" PROGRESS_FILE_NAME,
                  &list[*count], error));
    ++*count;
    return ERROR_NONE;
}

static size_t count_entries(char **own)
{
    size_t count = 0;
    while (own[count] != NULL)
        count++;
    return count;
}

enum error_code cell_environment(struct mem_arena *arena, char **own, const char *const *pass,
                                 size_t pass_count, bool everything, const char *temporary,
                                 const char *const **ret, struct error *error)
{
    const struct choice choice = {pass, pass_count, everything, temporary != NULL};
    void *memory;
    /* Besides weir's own: PATH, the fault handler, TMPDIR, WEIR_PROGRESS and the end. */
    TRY(mem_arena_alloc_array(arena, count_entries(own) + 5, sizeof(char *), &memory, error));
    const char **list = memory;
    size_t count = 0;
    bool has_path = false;
    for (; *own != NULL; own++)
        if (is_chosen(*own, &choice)) {
            TRY(mem_arena_copy(arena, *own, strlen(*own), (char **)&list[count], error));
            has_path = has_path || strncmp(*own, "PATH=", 5) == 0;
            count++;
        }
    if (!has_path)
        list[count++] = USUAL_PATH;
    list[count++] = FAULT_HANDLER;
    if (temporary != NULL)
        TRY(add_temporary(arena, temporary, list, &count, error));
    *ret = list;
    return ERROR_NONE;
}
