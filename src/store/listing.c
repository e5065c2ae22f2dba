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

/*
 * Names of a folder in order, without holding them all: each reading of the folder gives the
 * smallest NAMES_AT_ONCE names behind those already visited.
 */
#define NAMES_AT_ONCE 8192
#define NAME_BYTES    256

struct names {
    char (*sorted)[NAME_BYTES]; /* a heap with the greatest first, until it is sorted */
    size_t count;
    char last[NAME_BYTES]; /* visited; empty at first */
    uint64_t visited;
};

static int compare_names(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void sift_down(struct names *names)
{
    char moving[NAME_BYTES];
    size_t at = 0;
    memcpy(moving, names->sorted[0], NAME_BYTES);
    for (size_t child = 1; child < names->count; child = 2 * at + 1) {
        if (child + 1 < names->count && strcmp(names->sorted[child + 1], names->sorted[child]) > 0)
            child++;
        if (strcmp(names->sorted[child], moving) <= 0)
            break;
        memcpy(names->sorted[at], names->sorted[child], NAME_BYTES);
        at = child;
    }
    memcpy(names->sorted[at], moving, NAME_BYTES);
}

static void sift_up(struct names *names, const char *name, size_t size)
{
    size_t at = names->count++;
    while (at > 0 && strcmp(names->sorted[(at - 1) / 2], name) < 0) {
        memcpy(names->sorted[at], names->sorted[(at - 1) / 2], NAME_BYTES);
        at = (at - 1) / 2;
    }
    memcpy(names->sorted[at], name, size);
}

static void take_name(struct names *names, const char *name)
{
    size_t size = strlen(name) + 1;
    if (size > NAME_BYTES || strcmp(name, names->last) <= 0)
        return;
    if (names->count < NAMES_AT_ONCE) {
        sift_up(names, name, size);
    } else if (strcmp(name, names->sorted[0]) < 0) {
        memcpy(names->sorted[0], name, size);
        sift_down(names);
    }
}

static enum error_code cannot_list(const char *folder, int reason, struct error *error)
{
    enum error_code code = error_set_errno(error, reason, "cannot list the folder");
    error_in_file(error, folder);
    return code;
}

/* NULL at the end, and with errno set where the system failed: a folder half read must not pass for
 * a whole one. */
static struct dirent *next_entry(DIR *stream)
{
    errno = 0;
    return readdir(stream);
}

static enum error_code read_folder(struct names *names, const char *folder, const char *pattern,
                                   struct error *error)
{
    DIR *stream = opendir(folder);
    if (stream == NULL)
        return cannot_list(folder, errno, error);
    names->count = 0;
    for (struct dirent *entry; (entry = next_entry(stream)) != NULL;) {
        if (fnmatch(pattern, entry->d_name, FNM_PERIOD) == 0)
            take_name(names, entry->d_name);
    }
    int reason = errno;
    closedir(stream);
    if (reason != 0)
        return cannot_list(folder, reason, error);
    qsort(names->sorted, names->count, NAME_BYTES, compare_names);
    return ERROR_NONE;
}

static enum error_code visit_path(const char *path, struct mem_account *account,
                                  listing_visit visit, void *context, struct error *error);

static enum error_code visit_names(struct names *names, const char *folder,
                                   struct mem_account *account, listing_visit visit, void *context,
                                   struct error *error)
{
    char path[LINE_BYTES];
    size_t length = strlen(folder);
    bool here = strcmp(folder, ".") == 0;
    bool slash = length > 0 && folder[length - 1] == '/';
    for (size_t i = 0; i < names->count; i++) {
        const char *name = names->sorted[i];
        int needed = snprintf(path, sizeof path, "%s%s%s", here ? "" : folder,
                              here || slash ? "" : "/", name);
        if (needed >= (int)sizeof path)
            return error_set(error, ERROR_INPUT, "a path in the folder %s is too long", folder);
        TRY(visit_path(path, account, visit, context, error));
    }
    names->visited += names->count;
    if (names->count > 0)
        memcpy(names->last, names->sorted[names->count - 1], NAME_BYTES);
    return ERROR_NONE;
}

/* Visits what matches in a folder, in order; *visited grows by their number. */
static enum error_code visit_matching(const char *folder, const char *pattern,
                                      struct mem_account *account, listing_visit visit,
                                      void *context, uint64_t *visited, struct error *error)
{
    struct names names = {0};
    enum error_code code =
        mem_alloc_array(account, NAMES_AT_ONCE, NAME_BYTES, (void **)&names.sorted, error);
    do {
        if (code == ERROR_NONE)
            code = read_folder(&names, folder, pattern, error);
        if (code == ERROR_NONE)
            code = visit_names(&names, folder, account, visit, context, error);
    } while (code == ERROR_NONE && names.count == NAMES_AT_ONCE);
    mem_free(names.sorted);
    *visited += names.visited;
    return code;
}

static enum error_code visit_folder(const char *folder, struct mem_account *account,
                                    listing_visit visit, void *context, struct error *error)
{
    uint64_t visited = 0;
    TRY(visit_matching(folder, "*.parquet", account, visit, context, &visited, error));
    if (visited > 0)
        return ERROR_NONE;
    enum error_code code = error_set(error, ERROR_INPUT, "the folder holds no *.parquet file");
    error_in_file(error, folder);
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

static bool has_wildcard(const char *text)
{
    return strpbrk(text, "*?[\\") != NULL;
}

/* The folders that the part of a pattern before its last slash stands for: few, and held all. */
static enum error_code visit_folders(const char *folders, const char *pattern,
                                     struct mem_account *account, listing_visit visit,
                                     void *context, uint64_t *visited, struct error *error)
{
    glob_t found;
    int failure = glob(folders, GLOB_ERR | GLOB_ONLYDIR, NULL, &found);
    enum error_code code = ERROR_NONE;
    if (failure == GLOB_NOSPACE)
        code = error_set(error, ERROR_MEMORY, "too many folders match the pattern");
    else if (failure == GLOB_ABORTED)
        code = error_set_errno(error, errno, "cannot list the folders of the pattern");
    for (size_t i = 0; failure == 0 && code == ERROR_NONE && i < found.gl_pathc; i++) {
        struct stat status;
        if (stat(found.gl_pathv[i], &status) == 0 && S_ISDIR(status.st_mode))
            code =
                visit_matching(found.gl_pathv[i], pattern, account, visit, context, visited, error);
    }
    globfree(&found);
    return code;
}

/* Paths in the order of the pattern's folders, then of names. A last part without wildcards is a
 * pattern that matches one name. */
static enum error_code visit_glob(const char *pattern, struct mem_account *account,
                                  listing_visit visit, void *context, struct error *error)
{
    char folder[LINE_BYTES];
    const char *slash = strrchr(pattern, '/');
    const char *last = slash != NULL ? slash + 1 : pattern;
    uint64_t visited = 0;
    int length = slash == NULL ? 0 : slash == pattern ? 1 : (int)(slash - pattern);
    if (length >= (int)sizeof folder)
        return error_set(error, ERROR_INPUT, "a pattern is too long");
    snprintf(folder, sizeof folder, "%.*s", length, pattern);
    enum error_code code;
    if (has_wildcard(folder))
        code = visit_folders(folder, last, account, visit, context, &visited, error);
    else
        code = visit_matching(length > 0 ? folder : ".", last, account, visit, context, &visited,
                              error);
    if (code == ERROR_NONE && visited == 0)
        code = error_set(error, ERROR_INPUT, "no file matches the pattern");
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
