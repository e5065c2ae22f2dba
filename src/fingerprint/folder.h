/*
 * The folder of a cache: where it is, and whether it may be used.
 *
 * Private to the fingerprint room. Entries are believed, so nobody else may be able to write them:
 * the folder belongs to the user, and neither its group nor others may write to it.
 */
#ifndef WEIR_FINGERPRINT_FOLDER_H
#define WEIR_FINGERPRINT_FOLDER_H

#include <stdbool.h>

#include "base/error.h"

/* Opens the folder named and makes it where it is missing (its parent must be there). */
CHECKED enum error_code fingerprint_folder_open(const char *path, int *ret, struct error *error);

/* The user's own; false where there is none that can be used. */
CHECKED bool fingerprint_folder_default(int *ret);

#endif
