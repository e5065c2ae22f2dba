/*
 * From the arguments of "weir sum" to the options of the grouped sum: everything that can be
 * checked without looking at a file.
 */
#ifndef WEIR_CLI_REQUEST_H
#define WEIR_CLI_REQUEST_H

#include "cli/arguments.h"
#include "sum/sum.h"

/* Everything that the options point to lives as long as the call. */
CHECKED enum error_code request_build(struct cli_call *call, struct sum_options *ret,
                                      struct error *error);

/* "zstd:7" into codec and level (0: the codec's own default). */
CHECKED enum error_code request_compression(const char *text, enum codec *ret_codec, int *ret_level,
                                            struct error *error);

/* The command line as it could be typed again, quoted where needed, cut after some 4 KiB. */
CHECKED enum error_code request_command_line(struct mem_arena *arena, int argc, char **argv,
                                             const char **ret, struct error *error);

#endif
