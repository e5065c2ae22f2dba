/*
 * What else a file's footer tells, beside its columns: key-value metadata, order of rows, aids for
 * searching, damage that does not keep it from being read.
 *
 * All of it comes from the footer, but for the file's first bytes and its first page's header.
 * Values of key-value metadata are shown in JSON only, and only short ones.
 */
#ifndef WEIR_CLI_INSPECT_NOTES_H
#define WEIR_CLI_INSPECT_NOTES_H

#include <jansson.h>

#include "mem/mem.h"
#include "parquet/metadata.h"

/* A name cut to some hundred characters, with "..." behind it; control characters are left as they
 * are. Returns buffer. */
#define INSPECT_NAME_SIZE 128
const char *inspect_short_name(const char *name, char buffer[static INSPECT_NAME_SIZE]);

/* Lines for people, each indented by two spaces, on stdout; none where there is nothing to say. */
CHECKED enum error_code inspect_write_notes(const struct store_object *object,
                                            const struct parquet_metadata *metadata,
                                            struct mem_account *account, struct error *error);

/* The same as members of a file's JSON object. */
CHECKED enum error_code inspect_set_notes(json_t *file, const struct store_object *object,
                                          const struct parquet_metadata *metadata,
                                          struct mem_account *account, struct error *error);

#endif
