#include "batch/batch_state.h"

enum error_code notices_add(struct batch *batch, enum batch_event_kind kind, uint32_t job,
                            struct notice **ret, struct error *error)
{
    const struct notice notice = {.event = {.kind = kind, .job = job}};
    size_t at = batch->notices.size;
    TRY(mem_buffer_append(&batch->notices, &notice, sizeof notice, error));
    *ret = (struct notice *)(batch->notices.data + at);
    return ERROR_NONE;
}

static void release(struct notice *notice)
{
    attempt_destroy(notice->attempt);
    mem_free(notice->report);
}

void notices_tell(struct batch *batch)
{
    struct notice *notices = (struct notice *)batch->notices.data;
    size_t count = batch->notices.size / sizeof *notices;
    for (size_t i = 0; i < count; i++) {
        struct batch_event *event = &notices[i].event;
        if (event->kind == BATCH_ENDED)
            event->result = &notices[i].result;
        if (batch->options.listener != NULL)
            batch->options.listener(batch->options.context, event);
    }
    notices_drop(batch);
}

void notices_drop(struct batch *batch)
{
    struct notice *notices = (struct notice *)batch->notices.data;
    size_t count = batch->notices.size / sizeof *notices;
    for (size_t i = 0; i < count; i++)
        release(&notices[i]);
    batch->notices.size = 0;
}
