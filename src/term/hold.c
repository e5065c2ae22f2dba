#include "term/hold.h"

#include <stdbool.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

static bool divert(struct hold *hold)
{
    fflush(stdout);
    hold->file = memfd_create("held output", MFD_CLOEXEC);
    if (hold->file < 0)
        return false;
    hold->terminal = dup(STDOUT_FILENO);
    if (hold->terminal >= 0 && dup2(hold->file, STDOUT_FILENO) >= 0)
        return true;
    if (hold->terminal >= 0)
        close(hold->terminal);
    close(hold->file);
    return false;
}

void hold_begin(struct hold *hold)
{
    if (!divert(hold))
        *hold = (struct hold){-1, -1};
}

static bool write_all(const char *bytes, ssize_t size)
{
    while (size > 0) {
        ssize_t written = write(STDOUT_FILENO, bytes, (size_t)size);
        if (written <= 0)
            return false;
        bytes += written;
        size -= written;
    }
    return true;
}

void hold_end(struct hold *hold)
{
    if (hold->terminal < 0)
        return;
    fflush(stdout);
    dup2(hold->terminal, STDOUT_FILENO);
    close(hold->terminal);
    char piece[4096];
    off_t at = 0;
    ssize_t size;
    while ((size = pread(hold->file, piece, sizeof piece, at)) > 0 && write_all(piece, size))
        at += size;
    close(hold->file);
    *hold = (struct hold){-1, -1};
}
