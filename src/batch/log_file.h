/*
 * A bounded log that keeps no descriptor: the first bytes and the last ones of what was written.
 *
 * Bytes gather in a small buffer and are appended by open, write, close. Up to the bound all of it
 * stands in the file. What comes beyond is kept in a ring of the last LOG_FILE_TAIL bytes, and
 * log_file_end appends it, behind a line that says how many bytes are missing in between where
 * there are any. A disk that refuses is remembered, not told at once: the program that writes is
 * not to be harmed. The file is made by the first append and only that file is ever written: what a
 * program puts in its place is left alone, and so is the log from then on.
 */
#ifndef WEIR_BATCH_LOG_FILE_H
#define WEIR_BATCH_LOG_FILE_H

#include <sys/types.h>

#include "batch/kept_folder.h"
#include "mem/mem.h"

#define LOG_FILE_BUFFER ((size_t)4 << 10)
#define LOG_FILE_TAIL   ((size_t)16 << 10)

struct log_file {
    const struct kept_folder *folder; /* borrowed */
    const char *name;                 /* of the file in it; borrowed */
    dev_t device;                     /* of the file, once it is made */
    ino_t inode;
    bool made;
    struct mem_buffer buffer; /* gathered, not yet appended */
    struct mem_buffer tail;   /* ring; empty until the bound is reached */
    uint64_t most;            /* bytes appended as they come */
    uint64_t appended;        /* bytes in the file */
    uint64_t beyond;          /* bytes that came behind the bound */
    uint64_t tailed;          /* of these, given to the ring */
    uint64_t total;           /* bytes ever written */
    int failure;              /* errno of the first refusal, 0: none; EEXIST, ELOOP or ENOENT where
                                 another file or none stands in its place */
};

/* Nothing is made on disk before the first byte is appended. most: at least LOG_FILE_BUFFER. */
void log_file_init(struct log_file *log, const struct kept_folder *folder, const char *name,
                   uint64_t most, struct mem_account *account);
/* Never fails. A disk that refuses sets failure, and bytes are only counted from then on. Without
 * memory for the buffer they are appended as they come, without memory for the ring the end is
 * missing, which the line in the file tells. */
void log_file_write(struct log_file *log, const void *bytes, size_t size);
/* Appends what is gathered; called now and then so that a reader sees a slow program's lines. */
void log_file_flush(struct log_file *log);
/* Flushes, appends the tail, and frees the memory. A second call does nothing. */
void log_file_end(struct log_file *log);

#endif
