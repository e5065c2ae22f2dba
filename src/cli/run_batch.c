#include "cli/run_batch.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "batch/remover.h"
#include "cell/guardian.h"
#include "cell/strays.h"
#include "cell/temporary_folder.h"
#include "cli/batch_setting.h"
#include "cli/batch_tell.h"
#include "cli/stop_signals.h"
#include "os/os.h"
#include "term/text.h"

#define COMMAND_SIZE 4096
#define MEMORY_LEAST ((uint64_t)64 << 20)
#define PATH_SIZE    1024

/* One run of "weir exec --batch". */
struct batch_run {
    struct cli_call *call;
    const struct exec_arguments *arguments;
    struct mem_account account;
    struct mem_arena arena; /* jobs, and what is known of the run that is resumed */
    struct jobs jobs;
    struct batch_setting setting;
    struct batch_scene scene;
    struct batch_plan plan;
    struct batch_past past;
    bool resumes;
    int64_t began; /* Unix time, nanoseconds; and the same moment, os_now_ns */
    uint64_t began_ns;
    struct cgroup_place place;
    struct companion guardian;
    struct strays strays;
    struct pid_namespace space;
    struct temporary_folder temporary;
    struct ledger *ledger;
    struct remover *remover;
    struct stop_signals signals;
    struct batch_teller teller;
    struct batch *batch;
};

/* ---- what is to be run ---- */

static void complain(void *context, uint32_t line, const char *what, const char *hint)
{
    batch_tell_complaint(context, line, what, hint);
}

static void refuse(void *context, const struct job *job, enum admission_fit fit)
{
    batch_tell_refusal(context, job, fit);
}

static enum error_code refuse_misfits(struct batch_run *run, struct error *error)
{
    if (run->plan.refused == 0)
        return ERROR_NONE;
    batch_refusals(&run->jobs, &run->setting.pool, refuse, &run->teller);
    error_set(error, ERROR_USAGE, "%u of %u jobs can never fit, so nothing was run",
              run->plan.refused, run->jobs.count);
    error_hint(error, "more memory or processors for the batch, or less for these jobs");
    return ERROR_USAGE;
}

static enum error_code read_jobs(struct batch_run *run, struct error *error)
{
    const struct exec_arguments *arguments = run->arguments;
    run->setting = batch_setting_make(arguments, os_memory_available(), os_processor_count());
    run->scene.pool = run->setting.pool;
    run->scene.folder = run->setting.folder;
    enum error_code code = jobs_read(arguments->batch, &run->setting.presets, complain,
                                     &run->teller, &run->arena, &run->jobs, error);
    if (code == ERROR_IO) /* a file that is not there is wrong input, not a failure of weir */
        code = error->code = ERROR_INPUT;
    TRY(code);
    run->scene.jobs = &run->jobs;
    return batch_plan_make(&run->jobs, &run->setting.pool, arguments->jobs, &run->account,
                           &run->plan, error);
}

/* Limits are kept whatever the sum, but the machine's own killer chooses where memory runs out. */
static void warn_of_memory(struct batch_run *run)
{
    char asked[24], spare[24];
    uint64_t available = os_memory_available();
    if (run->arguments->memory > available)
        batch_tell_note(
            &run->teller, "warning: --memory %s is more than the machine can spare now (%s)",
            mem_format_size(run->arguments->memory, asked), mem_format_size(available, spare));
}

/* ---- the ledger ---- */

static enum error_code ledger_path(const struct batch_run *run, char ret[static PATH_SIZE],
                                   struct error *error)
{
    int length = snprintf(ret, PATH_SIZE, "%s/ledger.sqlite", run->scene.folder);
    if (length < PATH_SIZE)
        return ERROR_NONE;
    return error_set(error, ERROR_USAGE, "the name of the folder is too long");
}

static enum error_code make_folder(const struct batch_run *run, struct error *error)
{
    if (mkdir(run->scene.folder, 0777) == 0 || errno == EEXIST)
        return ERROR_NONE;
    error_set_errno(error, errno, "cannot make the folder");
    error_in_file(error, run->scene.folder);
    return error->code;
}

/* The first look does not wait, so that it can be told for whom the second does. */
static enum error_code lock_ledger(struct batch_run *run, struct error *error)
{
    struct ledger_holder holder = {0};
    bool taken_over = false;
    uint64_t wait_ns = run->arguments->wait_ns;
    enum error_code code = ledger_lock(run->ledger, 0, &taken_over, &holder, error);
    if (code == ERROR_EXISTS && wait_ns > 0) {
        char command[512], time[32];
        batch_tell_note(&run->teller, "%s is held by process %lld (%s); waiting up to %s",
                        run->scene.folder, (long long)holder.process,
                        text_escape(holder.command, command, sizeof command),
                        text_duration(wait_ns, time));
        code = ledger_lock(run->ledger, wait_ns, &taken_over, &holder, error);
    }
    if (code == ERROR_EXISTS)
        error_hint(error, "--wait TIME waits until it has ended, -o takes another folder");
    if (code == ERROR_NONE && taken_over)
        batch_tell_note(&run->teller, "the weir that held %s before has died; what it ran is lost",
                        run->scene.folder);
    return code;
}

/* The command line as one text, to be recognised by; cut where it is long. */
static char *command_line(const struct cli_call *call, char buffer[static COMMAND_SIZE])
{
    size_t used = 0;
    buffer[0] = '\0';
    for (int i = 0; i < call->argc && used < COMMAND_SIZE; i++)
        used += (size_t)snprintf(buffer + used, COMMAND_SIZE - used, "%s%s", i > 0 ? " " : "",
                                 i > 0 ? call->argv[i] : "weir");
    return buffer;
}

static enum error_code read_past(struct batch_run *run, struct error *error)
{
    int64_t number = 0;
    TRY(batch_past_find(run->ledger, run->arguments->resume, &number, error));
    TRY(batch_past_read(run->ledger, number, &run->jobs, &run->arena, &run->past, error));
    run->scene.run = number;
    run->resumes = true;
    return ERROR_NONE;
}

static enum error_code begin_run(struct batch_run *run, struct error *error)
{
    char command[COMMAND_SIZE];
    run->began = os_wall_ns();
    run->began_ns = os_now_ns();
    if (run->arguments->resume != NULL) {
        TRY(ledger_check(run->ledger, error)); /* what is taken for finished must be true */
        TRY(read_past(run, error));
        return ledger_resume_run(run->ledger, run->scene.run, error);
    }
    return ledger_begin_run(run->ledger, command_line(run->call, command), run->jobs.digest,
                            run->began, &run->scene.run, error);
}

static enum error_code open_ledger(struct batch_run *run, bool read_only, struct error *error)
{
    char path[PATH_SIZE];
    signal(SIGXFSZ, SIG_IGN); /* a file that meets a limit of size is an error of the write */
    TRY(ledger_path(run, path, error));
    if (run->arguments->resume != NULL && access(path, F_OK) != 0)
        return batch_past_none(run->arguments->resume, error);
    if (!read_only)
        TRY(make_folder(run, error));
    return ledger_open(path, read_only, &run->account, &run->ledger, error);
}

/* ---- a dry run ---- */

static enum error_code tell_plan(struct batch_run *run, struct error *error)
{
    if (run->arguments->resume != NULL) {
        TRY(open_ledger(run, true, error));
        TRY(read_past(run, error));
    }
    if (run->arguments->json)
        batch_refusals(&run->jobs, &run->setting.pool, refuse, &run->teller);
    TRY(batch_tell_plan(&run->teller, &run->plan, run->resumes ? &run->past : NULL, error));
    if (run->plan.refused == 0)
        return ERROR_NONE;
    return error_set(error, ERROR_USAGE, "%u of %u jobs can never fit", run->plan.refused,
                     run->jobs.count);
}

/* ---- the run ---- */

/* Weirs that died have left groups, processes and folders. */
static enum error_code prepare(struct batch_run *run, struct error *error)
{
    cgroup_sweep(&run->place);
    cell_sweep();
    temporary_folder_sweep();
    TRY(temporary_folder_make(&run->temporary, error));
    TRY(remover_start(&run->account, &run->remover, error));
    return stop_signals_take(&run->signals, error);
}

static enum error_code create_batch(struct batch_run *run, struct error *error)
{
    const struct exec_arguments *arguments = run->arguments;
    uint32_t most =
        batch_running_most(run->plan.at_once, batch_raise_descriptors(run->plan.at_once));
    const struct batch_options options = {
        .jobs = &run->jobs,
        .ledger = run->ledger,
        .run = run->scene.run,
        .resumes = run->resumes,
        .pool = run->setting.pool,
        .running_most = most,
        .fail_fast = arguments->fail_fast,
        .setting =
            {
                .place = &run->place,
                .space = arguments->pid_namespace ? &run->space : NULL,
                .folder = run->scene.folder,
                .temporary = run->temporary.path,
                .environment = environ,
                .pass = arguments->environment.items,
                .pass_count = arguments->environment.count,
                .environment_all = arguments->environment_all,
                .grace_ns = arguments->grace_ns,
                .log_most = run->setting.log_most,
                .run = run->scene.run,
                .remover = run->remover,
            },
        .listener = batch_tell_event,
        .context = &run->teller,
    };
    batch_tell_run(&run->teller, &run->past, run->resumes, most);
    return batch_create(&options, &run->account, &run->batch, error);
}

static void take_stops(struct batch_run *run)
{
    for (int number; (number = stop_signals_next(&run->signals)) != 0;) {
        bool is_first = run->scene.stopped_by == 0;
        if (is_first)
            run->scene.stopped_by = number;
        batch_tell_stop(&run->teller, run->batch, is_first, run->arguments->grace_ns);
        batch_cancel(run->batch, number);
    }
}

/* Waits until there is something to do. */
static enum error_code wait_for_events(struct batch_run *run, struct error *error)
{
    struct pollfd *polls;
    size_t count;
    uint64_t wake_ns, display_ns = batch_tell_wake_at(&run->teller);
    TRY(batch_fill(run->batch, 1, &polls, &count, &wake_ns, error));
    polls[count] = (struct pollfd){.fd = run->signals.descriptor, .events = POLLIN};
    struct timespec wait = os_time_until(wake_ns < display_ns ? wake_ns : display_ns);
    if (ppoll(polls, (nfds_t)count + 1, &wait, NULL) < 0)
        for (size_t i = 0; i < count; i++) /* not filled, so not to be looked at */
            polls[i].revents = 0;
    return ERROR_NONE;
}

static enum error_code run_until_over(struct batch_run *run, struct error *error)
{
    for (;;) {
        TRY(batch_turn(run->batch, error));
        batch_tell_moment(&run->teller, run->batch);
        if (batch_is_over(run->batch))
            return ERROR_NONE;
        TRY(wait_for_events(run, error));
        take_stops(run);
    }
}

static enum error_code run_all(struct batch_run *run, struct error *error)
{
    TRY(create_batch(run, error));
    TRY(run_until_over(run, error));
    struct batch_totals totals = batch_tell_totals(&run->teller, run->batch);
    /* The clock of dates may have jumped meanwhile. */
    int64_t ended = run->began + (int64_t)(os_now_ns() - run->began_ns);
    TRY(ledger_end_run(run->ledger, run->scene.run, batch_status(&run->scene, &totals), ended,
                       error));
    run->call->status = batch_exit_status(&run->scene, &totals);
    return batch_tell_end(&run->teller, &totals, error);
}

/* As early as can be: they share the memory that weir has now, and keep what it changes. */
static enum error_code start_companions(struct batch_run *run, struct error *error)
{
    struct error met;
    char text[512];
    if (run->arguments->dry_run)
        return ERROR_NONE;
    TRY(cgroup_find("/sys/fs/cgroup", "/proc/self/cgroup", &run->place, error));
    if (guardian_start(&run->place, &run->guardian, &met) != ERROR_NONE)
        batch_tell_note(&run->teller, "warning: %s", error_render(&met, text, sizeof text));
    if (!run->arguments->pid_namespace)
        return ERROR_NONE;
    return pid_namespace_open(&run->place, &run->space, error);
}

static enum error_code run_steps(struct batch_run *run, struct error *error)
{
    TRY(batch_check_arguments(run->arguments, error));
    TRY(start_companions(run, error));
    TRY(read_jobs(run, error));
    if (run->arguments->dry_run)
        return tell_plan(run, error);
    TRY(refuse_misfits(run, error));
    warn_of_memory(run);
    TRY(open_ledger(run, false, error));
    TRY(lock_ledger(run, error));
    TRY(begin_run(run, error));
    TRY(strays_note(&run->account, &run->strays, error));
    TRY(prepare(run, error));
    enum error_code code = run_all(run, error);
    if (code != ERROR_NONE && error->hint[0] == '\0')
        error_hint(error, "--resume %lld, once that is mended: nothing finished is done again",
                   (long long)run->scene.run);
    return code;
}

/* What runs ends first, then all that it used goes. */
static void release(struct batch_run *run)
{
    batch_destroy(run->batch);
    strays_end(&run->strays);
    strays_release(&run->strays);
    remover_end(run->remover);
    ledger_close(run->ledger);
    temporary_folder_remove(&run->temporary);
    pid_namespace_close(&run->space);
    companion_end(&run->guardian);
    batch_teller_release(&run->teller);
    stop_signals_release(&run->signals);
    mem_arena_release(&run->arena);
}

static size_t memory_of_weir(void)
{
    uint64_t quarter = os_memory_available() / 4;
    return (size_t)(quarter > MEMORY_LEAST ? quarter : MEMORY_LEAST);
}

enum error_code cli_run_batch(struct cli_call *call, struct error *error)
{
    const struct exec_arguments *arguments = call->arguments;
    struct batch_run run = {
        .call = call,
        .arguments = arguments,
        .temporary.descriptor = -1,
        .signals.descriptor = -1,
        .scene =
            {
                .path = arguments->batch,
                .memory_said = arguments->memory,
                .cpus_said = arguments->cpus,
                .utf8 = call->terminal.utf8,
                .colour = call->terminal.colour && !call->no_colour,
            },
    };
    mem_account_init(&run.account, "batch", NULL, memory_of_weir());
    mem_arena_init(&run.arena, &run.account);
    batch_teller_init(&run.teller, call, &run.scene, &run.account);
    call->json = arguments->json ? stdout : NULL;
    call->leaves = "nothing was run";
    enum error_code code = run_steps(&run, error);
    release(&run);
    return code;
}
