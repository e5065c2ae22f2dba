/*
 * What a file that is not Parquet looks like, for a message that helps.
 *
 * Judged by the first bytes alone, as the formats' own specifications have them. Private to the
 * parquet room.
 */
#ifndef WEIR_PARQUET_FOREIGN_H
#define WEIR_PARQUET_FOREIGN_H

#include <stddef.h>
#include <stdint.h>

/* Bytes from the start that are worth looking at. */
#define FOREIGN_HEAD ((size_t)512)

/* "gzip", "an Arrow (Feather) file", "text, perhaps CSV"; NULL when nothing is recognised. A
 * literal. */
const char *foreign_describe(const uint8_t *head, size_t size);

#endif
