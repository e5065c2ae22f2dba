/*
 * The ways in which "weir inspect" shows a file: one file of code each.
 *
 * A view gets an open file with its footer read. Without --json it writes to stdout; with it, it
 * appends an object to the document's array. It fails where the file cannot be shown; the run then
 * tells that failure, counts it and goes on with the next file.
 */
#ifndef WEIR_CLI_INSPECT_VIEW_H
#define WEIR_CLI_INSPECT_VIEW_H

#include "cli/arguments.h"
#include "cli/command.h"
#include "document/document.h"
#include "parquet/metadata.h"

struct inspection;

typedef enum error_code inspect_view(struct inspection *inspection,
                                     const struct store_object *object,
                                     const struct parquet_metadata *metadata, struct error *error);

/* One run of "weir inspect". Failures of single files are told at once and counted. */
struct inspection {
    struct cli_call *call;
    const struct inspect_arguments *arguments;
    inspect_view *view;
    struct mem_account account; /* limited by --memory */
    json_t *files;              /* NULL: text, or --raw */
    uint64_t shown;
    uint64_t failed;
};

inspect_view inspect_show_footprint; /* from the footer alone */
inspect_view inspect_show_summary;
inspect_view inspect_show_verify;
inspect_view inspect_show_pages;

#endif
