/*
 * The line of Python that was running, from the stack that faulthandler writes on SIGABRT.
 *
 * Form: "Fatal Python error: Aborted", then for each thread "Thread 0x... (most recent call
 * first):" or "Current thread 0x...", then '  File "f.py", line 3 in function', innermost first.
 * Source: Python/traceback.c and Modules/faulthandler.c of CPython 3.8 to 3.14.
 */
#ifndef WEIR_CELL_PYTHON_LINE_H
#define WEIR_CELL_PYTHON_LINE_H

#include "cell/cell.h"

/*
 * Finds the innermost frame of user code (not below site-packages or the standard library) of the
 * last dump in the text: of the current thread, else of the first thread that has one, else the
 * innermost frame of all. The code is read from the file; directory is where the program was
 * started, for relative names, or NULL. Returns false, with known false, where there is no dump.
 */
bool python_line_find(const char *text, size_t size, const char *directory, struct cell_line *ret);

#endif
