/* How much room characters take on a terminal. Private to the sink room. */
#ifndef WEIR_SINK_WIDTH_H
#define WEIR_SINK_WIDTH_H

#include <stdint.h>

/* Columns, roughly: 0 for combining marks, 2 for East Asian wide and emoji, else 1. */
unsigned character_columns(uint32_t character);

#endif
