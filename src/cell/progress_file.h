/*
 * What a program tells of itself while it runs: in which phase it is, and how much of its input it
 * has read. It writes lines to the file that WEIR_PROGRESS names in its environment:
 *
 *   phase hash aggregate
 *   read 5580 of 18000 files
 *
 * "of" and the unit may be missing. The last line of each kind counts, so a program may append or
 * write the file anew; anything else in it is passed over. The file lies in the program's private
 * temporary folder and is read once, when the cell ends. It is told, not measured: a report names
 * it, and no verdict rests on it.
 */
#ifndef WEIR_CELL_PROGRESS_FILE_H
#define WEIR_CELL_PROGRESS_FILE_H

#include "cell/cell.h"

#define PROGRESS_FILE_NAME     "weir-progress"
#define PROGRESS_FILE_VARIABLE "WEIR_PROGRESS"
/* Of a longer file only the last bytes are looked at. */
#define PROGRESS_FILE_MOST ((size_t)4096)

/* All of ret is set; what is not told is empty or 0. */
void progress_file_parse(const char *text, size_t size, struct cell_progress *ret);

/* Reads the file of a temporary folder. One that is not there, no plain file or unreadable tells
 * nothing. */
void progress_file_read(const char *folder, struct cell_progress *ret);

#endif
