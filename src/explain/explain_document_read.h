/*
 * The way back from explain_document: from the JSON that was kept of an attempt to the struct that
 * the report is printed from, so that it reads later as it did when the attempt ended.
 *
 * The JSON may come from anywhere: members that are missing count as not known, unknown ones are
 * passed over, and a value of the wrong kind or out of range is an error that names its member.
 */
#ifndef WEIR_EXPLAIN_EXPLAIN_DOCUMENT_READ_H
#define WEIR_EXPLAIN_EXPLAIN_DOCUMENT_READ_H

#include "explain/explain.h"

/* Longest document read, bytes, and most words of a command. */
#define EXPLAIN_DOCUMENT_MOST ((size_t)1 << 20)
#define EXPLAIN_WORDS_MOST    ((size_t)1 << 16)

/* Texts live in the arena. Of the program's standard error there is the tail that was kept. */
struct explain_record {
    struct explain_facts facts; /* utf8 and colour are the caller's to set */
    struct cell_report report;
};

/* ERROR_INPUT: no JSON object, no verdict, or a member that is not what it should be. */
CHECKED enum error_code explain_document_read(const char *bytes, size_t size,
                                              struct mem_arena *arena, struct explain_record *ret,
                                              struct error *error);

#endif
