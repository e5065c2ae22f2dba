#include <string.h>

#include "cli/arguments.h"
#include "cli/inspect_view.h"
#include "os/os.h"
#include "store/listing.h"

/* The way that the options ask for. */
static inspect_view *view_of(const struct inspect_arguments *arguments)
{
    if (arguments->summary)
        return inspect_show_summary;
    if (arguments->verify)
        return inspect_show_verify;
    return arguments->pages ? inspect_show_pages : inspect_show_footprint;
}

static enum error_code inspect_open(struct inspection *inspection,
                                    const struct store_object *object, struct error *error)
{
    struct parquet_metadata metadata;
    TRY(parquet_metadata_read(object, &inspection->account, &metadata, error));
    enum error_code code = inspection->view(inspection, object, &metadata, error);
    parquet_metadata_release(&metadata);
    return code;
}

static enum error_code inspect_file(struct inspection *inspection, const char *path,
                                    struct error *error)
{
    struct store_object object;
    TRY(store_open(&object, path, error));
    enum error_code code = inspect_open(inspection, &object, error);
    store_close(&object);
    return code;
}

/* One file's failure does not hide the others. */
static void tell_failure(struct inspection *inspection, const char *path, struct error *error)
{
    char line[2048];
    inspection->failed++;
    error_in_file(error, path);
    if (inspection->files != NULL) {
        json_t *object = json_object();
        json_object_set_new(object, "file", document_text(path));
        json_object_set_new(object, "error", document_error(error));
        json_array_append_new(inspection->files, object);
    }
    fflush(stdout);
    fprintf(stderr, "weir: %s\n", error_render(error, line, sizeof line));
}

static enum error_code visit(void *context, const char *path, struct error *error)
{
    struct inspection *inspection = context;
    struct error own;
    TRY(os_check_stop(error));
    error_init(&own);
    if (inspect_file(inspection, path, &own) == ERROR_NONE)
        inspection->shown++;
    else
        tell_failure(inspection, path, &own);
    return ERROR_NONE;
}

static enum error_code visit_all(struct inspection *inspection, struct error *error)
{
    struct cli_call *call = inspection->call;
    for (size_t i = 0; i < call->operand_count; i++) {
        struct error own;
        error_init(&own);
        enum error_code code =
            listing_expand(&call->operands[i], 1, &inspection->account, visit, inspection, &own);
        if (code == ERROR_CANCELLED) {
            *error = own;
            return code;
        }
        if (code != ERROR_NONE)
            tell_failure(inspection, call->operands[i], &own);
    }
    return ERROR_NONE;
}

static enum error_code check_views(const struct inspect_arguments *arguments, struct error *error)
{
    if (arguments->summary + arguments->verify + arguments->pages > 1)
        return error_set(error, ERROR_USAGE, "give one of --summary, --verify and --pages");
    if (arguments->raw && !(arguments->summary && arguments->json))
        return error_set(error, ERROR_USAGE, "--raw belongs to --summary --json");
    return ERROR_NONE;
}

enum error_code cli_run_inspect(struct cli_call *call, struct error *error)
{
    const struct inspect_arguments *arguments = call->arguments;
    struct inspection inspection = {
        .call = call, .arguments = arguments, .view = view_of(arguments)};
    TRY(check_views(arguments, error));
    mem_account_init(&inspection.account, "inspect", NULL, (size_t)arguments->memory);
    bool document = arguments->json && !arguments->raw;
    call->json = document ? stdout : NULL;
    if (document)
        inspection.files = json_array();
    enum error_code code = visit_all(&inspection, error);
    call->status = inspection.failed > 0 ? 1 : 0;
    if (!document)
        return code;
    json_t *whole = json_object();
    json_object_set_new(whole, "files", inspection.files);
    if (code == ERROR_NONE)
        return document_write(whole, call->json, error);
    json_decref(whole);
    return code;
}
