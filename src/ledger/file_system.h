/* Where a ledger may lie: a regular file on a disk that only this machine writes. */
#ifndef WEIR_LEDGER_FILE_SYSTEM_H
#define WEIR_LEDGER_FILE_SYSTEM_H

#include <stdbool.h>

#include "base/error.h"

/* The name of a file system that several machines can share (statfs(2), f_type), or NULL. */
const char *file_system_shared_name(uint64_t type);

/* Refuses, with what to try, a path that cannot be a ledger. must_exist: a missing file is one. */
CHECKED enum error_code file_system_check(const char *path, bool must_exist, struct error *error);

/* Why nothing can be made beside the file of that path, as errno; 0: it could be. */
int file_system_refusal(const char *path);

#endif
