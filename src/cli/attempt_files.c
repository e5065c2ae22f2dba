#include "cli/attempt_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_folder(const char *path)
{
    struct stat facts;
    return stat(path, &facts) == 0 && S_ISDIR(facts.st_mode);
}

enum error_code attempt_files_find(const struct ledger_view *view, int64_t run,
                                   const struct ledger_view_attempt *attempt,
                                   char ret[static WORK_FOLDER_PATH], bool *ret_there,
                                   struct error *error)
{
    const char *kept = attempt->attempt.folder;
    TRY(work_folder_path(view->folder, run, attempt->job, attempt->attempt.number, ret, error));
    *ret_there = is_folder(ret);
    if (*ret_there || kept == NULL || !is_folder(kept))
        return ERROR_NONE;
    *ret_there = snprintf(ret, WORK_FOLDER_PATH, "%s", kept) < WORK_FOLDER_PATH;
    return ERROR_NONE;
}

FILE *attempt_files_open(const char *path)
{
    struct stat facts;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (descriptor < 0)
        return NULL;
    FILE *stream = NULL;
    if (fstat(descriptor, &facts) == 0 && S_ISREG(facts.st_mode))
        stream = fdopen(descriptor, "r");
    if (stream == NULL)
        close(descriptor);
    return stream;
}

static bool report_path(const char *folder, char *ret, size_t size)
{
    return (size_t)snprintf(ret, size, "%s/report.json", folder) < size;
}

bool attempt_files_has_report(const char *folder)
{
    char path[WORK_FOLDER_PATH + 16];
    return report_path(folder, path, sizeof path) && access(path, F_OK) == 0;
}

static enum error_code read_whole(FILE *stream, const char *path, struct mem_arena *arena,
                                  const char **ret, struct error *error)
{
    struct stat facts;
    char *text;
    void *memory;
    if (fstat(fileno(stream), &facts) != 0 || facts.st_size > (off_t)LEDGER_REPORT_MOST) {
        error_set(error, ERROR_INPUT, "the file is no report of an end");
        error_in_file(error, path);
        return ERROR_INPUT;
    }
    TRY(mem_arena_alloc(arena, LEDGER_REPORT_MOST + 1, &memory, error));
    text = memory;
    text[fread(text, 1, LEDGER_REPORT_MOST, stream)] = '\0';
    *ret = text;
    return ERROR_NONE;
}

enum error_code attempt_files_report(const char *folder, const struct ledger_view_attempt *attempt,
                                     struct mem_arena *arena, const char **ret, struct error *error)
{
    char path[WORK_FOLDER_PATH + 16];
    *ret = attempt->attempt.report;
    if (*ret != NULL || !report_path(folder, path, sizeof path))
        return ERROR_NONE;
    FILE *stream = attempt_files_open(path);
    if (stream == NULL)
        return ERROR_NONE;
    enum error_code code = read_whole(stream, path, arena, ret, error);
    fclose(stream);
    return code;
}
