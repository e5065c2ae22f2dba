#include "store/listing.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* One line of a list: Linux paths are at most 4096 bytes. */
#define LINE_BYTES 8192

/* Names of a folder, gathered to be sorted. */
struct names {
    struct mem_arena arena;
    struct mem_buffer pointers; /* char * each */
};

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_parquet_name(const char *name)
{
    return name[0] != '.' && fnmatch("*.parquet", name, 0) == 0;
}

static enum error_code gather(struct names *names, const char *folder, DIR *stream,
                              struct error *error)
{
    size_t length = strlen(folder);
    while (length > 1 && folder[length - 1] == '/')
        length--;
    for (struct dirent *entry = readdir(stream); entry != NULL; entry = readdir(stream)) {
        if (!is_parquet_name(entry->d_name))
            continue;
        size_t size = length + strlen(entry->d_name) + 2;
        void *path;
        TRY(mem_arena_alloc(&names->arena, size, &path, error));
        snprintf(path, size, "%.*s/%s", (int)length, folder, entry->d_name);
        TRY(mem_buffer_append(&names->pointers, &path, sizeof path, error));
    }
    return ERROR_NONE;
}

static enum error_code visit_sorted(struct names *names, listing_visit visit, void *context,
                                    struct error *error)
{
    char **paths = (char **)names->pointers.data;
    size_t count = names->pointers.size / sizeof *paths;
    if (count > 0)
        qsort(paths, count, sizeof *paths, compare_names);
    for (size_t i = 0; i < count; i++)
        TRY(visit(context, paths[i], error));
    return ERROR_NONE;
}

static enum error_code visit_folder(const char *folder, struct mem_account *account,
                                    listing_visit visit, void *context, struct error *error)
{
    DIR *stream = opendir(folder);
    if (stream == NULL) {
        enum error_code code = error_set_errno(error, errno, "cannot list the folder");
        error_in_file(error, folder);
        return code;
    }
    struct names names;
    mem_arena_init(&names.arena, account);
    mem_buffer_init(&names.pointers, account, SIZE_MAX / 2);
    enum error_code code = gather(&names, folder, stream, error);
    closedir(stream);
    if (code == ERROR_NONE && names.pointers.size == 0) {
        code = error_set(error, ERROR_INPUT, "the folder holds no *.parquet file");
        error_in_file(error, folder);
    }
    if (code == ERROR_NONE)
        code = visit_sorted(&names, visit, context, error);
    mem_buffer_release(&names.pointers);
    mem_arena_release(&names.arena);
    return code;
}

/* A folder stands for its files; anything else is a file, which is opened later. */
static enum error_code visit_path(const char *path, struct mem_account *account,
                                  listing_visit visit, void *context, struct error *error)
{
    struct stat status;
    if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
        return visit_folder(path, account, visit, context, error);
    return visit(context, path, error);
}

static enum error_code visit_glob(const char *pattern, struct mem_account *account,
                                  listing_visit visit, void *context, struct error *error)
{
    glob_t found;
    int failure = glob(pattern, GLOB_ERR, NULL, &found);
    enum error_code code = ERROR_NONE;
    if (failure == GLOB_NOMATCH)
        code = error_set(error, ERROR_INPUT, "no file matches the pattern");
    else if (failure == GLOB_NOSPACE)
        code = error_set(error, ERROR_MEMORY, "too many files match the pattern");
    else if (failure != 0)
        code = error_set_errno(error, errno, "cannot list the files of the pattern");
    for (size_t i = 0; code == ERROR_NONE && i < found.gl_pathc; i++)
        code = visit_path(found.gl_pathv[i], account, visit, context, error);
    globfree(&found);
    if (code != ERROR_NONE)
        error_in_file(error, pattern);
    return code;
}

/* Cuts the line's end; false when the line was longer than the buffer. */
static bool whole_line(char *line, FILE *stream)
{
    size_t length = strlen(line);
    if (length > 0 && line[length - 1] == '\n')
        line[--length] = '\0';
    else if (length + 1 == LINE_BYTES && !feof(stream))
        return false;
    if (length > 0 && line[length - 1] == '\r')
        line[length - 1] = '\0';
    return true;
}

static enum error_code visit_lines(FILE *stream, const char *name, struct mem_account *account,
                                   listing_visit visit, void *context, struct error *error)
{
    char line[LINE_BYTES];
    for (uint64_t number = 1; fgets(line, sizeof line, stream) != NULL; number++) {
        if (!whole_line(line, stream))
            return error_set(error, ERROR_INPUT, "line %llu of the list %s is too long for a path",
                             (unsigned long long)number, name);
        if (line[0] != '\0')
            TRY(visit_path(line, account, visit, context, error));
    }
    if (ferror(stream))
        return error_set_errno(error, errno, "cannot read the list %s", name);
    return ERROR_NONE;
}

static enum error_code visit_list(const char *path, struct mem_account *account,
                                  listing_visit visit, void *context, struct error *error)
{
    struct stat status;
    if (strcmp(path, "-") == 0)
        return visit_lines(stdin, "on standard input", account, visit, context, error);
    FILE *stream = fopen(path, "re");
    if (stream == NULL) {
        enum error_code code = error_set_errno(error, errno, "cannot open the list");
        error_in_file(error, path);
        return code;
    }
    enum error_code code = ERROR_NONE;
    if (fstat(fileno(stream), &status) == 0 && S_ISDIR(status.st_mode))
        code = error_set(error, ERROR_INPUT, "the list %s is a folder", path);
    if (code == ERROR_NONE)
        code = visit_lines(stream, path, account, visit, context, error);
    fclose(stream);
    return code;
}

static bool is_pattern(const char *argument)
{
    struct stat status;
    return strpbrk(argument, "*?[") != NULL && stat(argument, &status) != 0;
}

static enum error_code visit_argument(const char *argument, struct mem_account *account,
                                      listing_visit visit, void *context, struct error *error)
{
    if (strcmp(argument, "-") == 0)
        return visit_list(argument, account, visit, context, error);
    if (argument[0] == '@')
        return visit_list(argument + 1, account, visit, context, error);
    if (is_pattern(argument))
        return visit_glob(argument, account, visit, context, error);
    return visit_path(argument, account, visit, context, error);
}

enum error_code listing_expand(char *const *arguments, size_t count, struct mem_account *account,
                               listing_visit visit, void *context, struct error *error)
{
    for (size_t i = 0; i < count; i++)
        TRY(visit_argument(arguments[i], account, visit, context, error));
    return ERROR_NONE;
}
