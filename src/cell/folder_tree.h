/*
 * Removing a folder with all that is in it, whatever a program left there: 10^6 files, folders
 * deeper than any path can be long, folders made unreadable.
 *
 * Folders within folders are moved up, next to each other, instead of being followed down. So three
 * descriptors are enough at any depth, nothing recurses, and no path grows. Links are removed and
 * never followed; what is mounted somewhere below stays untouched, and so do the folders above it.
 */
#ifndef WEIR_CELL_FOLDER_TREE_H
#define WEIR_CELL_FOLDER_TREE_H

#include <stdbool.h>

/* Removes all that is in an open folder; the folder itself stays, and so does the descriptor.
 * Returns whether it is empty then. */
bool folder_tree_empty(int folder);

/* Removes the file or folder of that name. Returns whether nothing has it any more. */
bool folder_tree_remove(const char *path);

#endif
