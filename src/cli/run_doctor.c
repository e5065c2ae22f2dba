#include <string.h>

#include "cli/arguments.h"
#include "cli/doctor.h"
#include "document/document.h"
#include "os/os.h"
#include "term/text.h"

#define NAME_WIDTH 17
#define INDENT     27 /* of the text: state, name, blanks */
#define WIDTH      100

static const char *colour_of(enum doctor_state state)
{
    static const char *const colours[] = {"\033[32m", "\033[36m", "\033[33m", "\033[1;31m"};
    return colours[state];
}

static void write_check(const struct doctor_check *check, bool colour)
{
    char text[2048];
    printf("%s%-8s%s %-*s ", colour ? colour_of(check->state) : "", doctor_state_name(check->state),
           colour ? "\033[0m" : "", NAME_WIDTH, check->name);
    text_wrap(stdout, text_escape(check->text, text, sizeof text), INDENT, WIDTH);
    putchar('\n');
    if (check->better[0] == '\0')
        return;
    printf("%*sbetter: ", INDENT, "");
    text_wrap(stdout, text_escape(check->better, text, sizeof text), INDENT + 8, WIDTH);
    putchar('\n');
}

static json_t *filled(const char *text)
{
    return document_text(text[0] != '\0' ? text : NULL);
}

static json_t *limits_document(const struct cgroup_place *place)
{
    json_t *object = json_object();
    json_object_set_new(object, "kind", document_text(doctor_kind_name(place->kind)));
    json_object_set_new(object, "memory", json_boolean(place->limits_memory));
    json_object_set_new(object, "cpu", json_boolean(place->limits_cpu));
    json_object_set_new(object, "processes", json_boolean(place->limits_processes));
    json_object_set_new(object, "swap", json_boolean(place->has_swap_limit));
    json_object_set_new(object, "own_oom_counted", json_boolean(place->counts_own_oom));
    json_object_set_new(object, "why", filled(place->why));
    json_object_set_new(object, "better", filled(place->better));
    return object;
}

static json_t *checks_document(const struct doctor *doctor)
{
    json_t *list = json_array();
    for (size_t i = 0; i < doctor->count; i++) {
        const struct doctor_check *check = &doctor->checks[i];
        json_t *object = json_object();
        json_object_set_new(object, "name", document_text(check->name));
        json_object_set_new(object, "state", document_text(doctor_state_name(check->state)));
        json_object_set_new(object, "text", document_text(check->text));
        json_object_set_new(object, "better", filled(check->better));
        json_array_append_new(list, object);
    }
    return list;
}

static json_t *doctor_document(const struct doctor *doctor)
{
    json_t *object = json_object();
    json_object_set_new(object, "state", document_text(doctor_state_name(doctor_worst(doctor))));
    json_object_set_new(object, "limits", limits_document(&doctor->place));
    json_object_set_new(object, "memory_available_bytes", document_count(doctor->memory_available));
    json_object_set_new(object, "memory_total_bytes", document_count(doctor->memory_total));
    json_object_set_new(object, "swap_bytes", document_count(doctor->swap_total));
    json_object_set_new(object, "processors", document_count(os_processor_count()));
    json_object_set_new(object, "instruction_set",
                        document_text(os_instruction_set_name(os_instruction_set())));
    json_object_set_new(object, "kernel", filled(doctor->kernel));
    json_object_set_new(object, "checks", checks_document(doctor));
    return object;
}

enum error_code cli_run_doctor(struct cli_call *call, struct error *error)
{
    const struct doctor_arguments *arguments = call->arguments;
    struct doctor doctor;
    TRY(doctor_look(&doctor, error));
    call->status = doctor_worst(&doctor) == DOCTOR_MISSING ? 1 : 0;
    if (arguments->json)
        return document_write(doctor_document(&doctor), stdout, error);
    bool colour = call->terminal.colour && call->terminal.stdout_is_tty && !call->no_colour;
    for (size_t i = 0; i < doctor.count; i++)
        write_check(&doctor.checks[i], colour);
    return ERROR_NONE;
}
