#include "cli/log_follow.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "os/os.h"

#define LOOK_MS       200 /* between two looks at files that grow */
#define LEDGER_NS     UINT64_C(1000000000)
#define LEDGER_FACTOR 20 /* looking at the ledger takes at most so small a part of the time */

/* What the ledger says now. */
struct standing {
    bool begun;
    bool awaited; /* it runs, or will */
    uint64_t next_at;
};

static enum error_code look(const struct log_follow *follow, struct mem_arena *arena,
                            struct standing *ret, struct error *error)
{
    struct attempt_view now = {.ledger = follow->view->ledger, .run = follow->view->run};
    TRY(ledger_view_find_attempt(&now.ledger, now.run.run, follow->job, follow->number, false,
                                 arena, &now.found, error));
    ret->begun = now.found.attempt.number > 0;
    ret->awaited = attempt_view_is_awaited(&now);
    return ERROR_NONE;
}

/* In an arena of its own, so that following for days takes no more memory. */
static enum error_code look_when_due(const struct log_follow *follow, struct standing *standing,
                                     struct error *error)
{
    struct mem_arena arena;
    uint64_t now_ns = os_now_ns();
    if (now_ns < standing->next_at)
        return ERROR_NONE;
    mem_arena_init(&arena, follow->account);
    enum error_code code = look(follow, &arena, standing, error);
    mem_arena_release(&arena);
    uint64_t took_ns = (os_now_ns() - now_ns) * LEDGER_FACTOR;
    standing->next_at = now_ns + (took_ns > LEDGER_NS ? took_ns : LEDGER_NS);
    return code;
}

/* Ends early when a signal asks to stop, or when nobody reads the output any more. */
static enum error_code nap(struct error *error)
{
    struct pollfd output = {.fd = STDOUT_FILENO};
    TRY(os_check_stop(error));
    int ready = poll(&output, 1, LOOK_MS);
    if (ready > 0 && (output.revents & POLLERR) != 0)
        return error_set_errno(error, EPIPE, "cannot write to standard output");
    if (ready > 0) /* gone in another way: what is written next tells */
        nanosleep(&(struct timespec){.tv_nsec = LOOK_MS * 1000000L}, NULL);
    return os_check_stop(error);
}

static enum error_code flush(struct error *error)
{
    return fflush(stdout) == 0 ? ERROR_NONE
                               : error_set_errno(error, errno, "cannot write to standard output");
}

enum error_code log_follow_wait(const struct log_follow *follow, struct error *error)
{
    struct standing standing = {.begun = false};
    TRY(look_when_due(follow, &standing, error));
    while (!standing.begun && standing.awaited) {
        TRY(nap(error));
        TRY(look_when_due(follow, &standing, error));
    }
    return ERROR_NONE;
}

static enum error_code copy_news(const struct log_follow *follow, struct log_view **shown,
                                 struct error *error)
{
    for (size_t i = 0; i < follow->file_count; i++) {
        struct log_view *file = &follow->files[i];
        bool has_more;
        TRY(log_view_has_more(file, &has_more, error));
        if (!has_more)
            continue;
        if (file->title != NULL && file != *shown) {
            if (*shown != NULL)
                log_view_end(*shown);
            log_view_write_heading(file);
        }
        *shown = file;
        TRY(log_view_copy(file, error));
    }
    return ERROR_NONE;
}

/* Whether it has ended is asked before the files are read, so that what was read then is all. */
enum error_code log_follow_run(const struct log_follow *follow, struct error *error)
{
    struct standing standing = {.awaited = true};
    struct log_view *shown = NULL;
    for (;;) {
        TRY(look_when_due(follow, &standing, error));
        bool ended = attempt_view_has_ended(follow->view) || !standing.awaited;
        TRY(copy_news(follow, &shown, error));
        TRY(flush(error));
        if (ended)
            break;
        TRY(nap(error));
    }
    for (size_t i = 0; i < follow->file_count; i++)
        log_view_end(&follow->files[i]);
    return ERROR_NONE;
}
