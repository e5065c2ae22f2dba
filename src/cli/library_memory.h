/*
 * Libraries that have no way to say that memory ran out.
 *
 * Jansson leaves holes in a document; Snappy, written in C++, throws. For both the program then
 * ends with one line on standard error and status 1: outputs are written aside and appear only when
 * they are whole, so nothing half-made is left.
 */
#ifndef WEIR_CLI_LIBRARY_MEMORY_H
#define WEIR_CLI_LIBRARY_MEMORY_H

/* To be called once, before any of these libraries is used. */
void library_memory_setup(void);

#endif
