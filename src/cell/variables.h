/*
 * Lists of "NAME=VALUE" that end with NULL, as environments are.
 */
#ifndef WEIR_CELL_VARIABLES_H
#define WEIR_CELL_VARIABLES_H

#include "mem/mem.h"

/* The value of the first entry of that name, or NULL. name: up to its '=' or its end. */
const char *variables_find(const char *const *list, const char *name);

/* Folders in which exec looks for programs, apart by ':': PATH, or the usual ones without it. */
const char *variables_path(const char *const *environment);

size_t variables_count(const char *const *list);

/* How many entries of own have a name that the list lacks. */
uint64_t variables_count_withheld(const char *const *list, char **own);

/* The list with the entries of over in place of those of the same name, or behind them. The new
 * list lives in the arena, its strings where they were. */
CHECKED enum error_code variables_overlay(struct mem_arena *arena, const char *const *list,
                                          const char *const *over, const char *const **ret,
                                          struct error *error);

/* Whether the program is there at all, as exec looks for it with this environment and from this
 * directory (NULL: the present one): tells a program that may not be run from one that is not
 * found. */
bool variables_find_program(const char *const *environment, const char *directory,
                            const char *program);

#endif
