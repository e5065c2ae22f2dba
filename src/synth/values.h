/*
 * The values of the three columns, for any rows of any file. Private to the synth room.
 *
 * Rows are path-major: row = path * dates + date. A value is the sum of four uniform numbers,
 * brought to mean 0 and variance 1 (Irwin-Hall), each a splitmix64 of seed, file, row and its
 * place.
 */
#ifndef WEIR_SYNTH_VALUES_H
#define WEIR_SYNTH_VALUES_H

#include <stddef.h>
#include <stdint.h>

void values_paths(uint64_t first_row, uint64_t dates, size_t count, int64_t *ret);
/* day: units of the timestamps in a day. */
void values_dates(uint64_t first_row, uint64_t dates, int64_t day, size_t count, int64_t *ret);
/* stream: from values_stream. */
void values_numbers(uint64_t stream, uint64_t first_row, size_t count, double *ret);
uint64_t values_stream(uint64_t seed, uint64_t file);

#endif
