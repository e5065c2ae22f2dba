#include "cell/variables.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

const char *variables_find(const char *const *list, const char *name)
{
    size_t length = strcspn(name, "=");
    for (; *list != NULL; list++)
        if (strncmp(*list, name, length) == 0 && (*list)[length] == '=')
            return *list + length + 1;
    return NULL;
}

const char *variables_path(const char *const *environment)
{
    const char *path = variables_find(environment, "PATH");
    return path != NULL ? path : "/usr/local/bin:/usr/bin:/bin";
}

size_t variables_count(const char *const *list)
{
    size_t count = 0;
    while (list[count] != NULL)
        count++;
    return count;
}

uint64_t variables_count_withheld(const char *const *list, char **own)
{
    uint64_t withheld = 0;
    for (; *own != NULL; own++)
        withheld += variables_find(list, *own) == NULL;
    return withheld;
}

enum error_code variables_overlay(struct mem_arena *arena, const char *const *list,
                                  const char *const *over, const char *const **ret,
                                  struct error *error)
{
    void *memory;
    TRY(mem_arena_alloc_array(arena, variables_count(list) + variables_count(over) + 1,
                              sizeof(char *), &memory, error));
    const char **all = memory;
    size_t count = 0;
    for (; *list != NULL; list++)
        if (variables_find(over, *list) == NULL)
            all[count++] = *list;
    for (; *over != NULL; over++)
        all[count++] = *over;
    *ret = all;
    return ERROR_NONE;
}

/* "directory/folder/program"; a part that is a whole path needs nothing before it. */
static bool is_there(const char *directory, const char *folder, size_t length, const char *program)
{
    char path[2 * PATH_MAX];
    bool whole = directory == NULL || (length > 0 ? folder[0] : program[0]) == '/';
    int size = snprintf(path, sizeof path, "%s%s%.*s%s%s", whole ? "" : directory, whole ? "" : "/",
                        (int)length, folder, length > 0 ? "/" : "", program);
    return size > 0 && size < (int)sizeof path && access(path, F_OK) == 0;
}

bool variables_find_program(const char *const *environment, const char *directory,
                            const char *program)
{
    const char *at = variables_path(environment);
    if (program[0] == '\0' || strchr(program, '/') != NULL)
        return is_there(directory, "", 0, program);
    for (;; at++) {
        size_t length = strcspn(at, ":");
        if (is_there(directory, length > 0 ? at : ".", length > 0 ? length : 1, program))
            return true;
        at += length;
        if (*at == '\0')
            return false;
    }
}
