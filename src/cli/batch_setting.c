#include "cli/batch_setting.h"

#include <math.h>
#include <sys/resource.h>

#include "batch/log_file.h"
#include "cell/cell.h"
#include "cli/batch_scene.h"

#define CPUS_MOST  1e6
#define JOB_MEMORY (UINT64_C(1) << 30)
#define LOG_MOST   (UINT64_C(16) << 20)
#define OWN_DESCRIPTORS                                                                            \
    64 /* of weir itself: ledger, logs that are open for a moment, libraries                       \
        */
#define ATTEMPTS_MOST 1000

enum error_code exec_check_cpus(const struct exec_arguments *arguments, struct error *error)
{
    if (arguments->cpus > 0 && (arguments->cpus < 0.01 || arguments->cpus > CPUS_MOST)) {
        error_set(error, ERROR_USAGE, "--cpus: %g is not a number of processors", arguments->cpus);
        error_hint(error, "write a number from 0.01 on: 0.5, 2");
        return ERROR_USAGE;
    }
    return ERROR_NONE;
}

/* ---- which options belong together ---- */

static enum error_code only_with_batch(const char *option, struct error *error)
{
    error_set(error, ERROR_USAGE, "--%s means nothing without --batch", option);
    error_hint(error, "weir exec --batch FILE --%s ..., for many commands", option);
    return ERROR_USAGE;
}

static enum error_code not_with_batch(const char *option, const char *instead, struct error *error)
{
    error_set(error, ERROR_USAGE, "--%s means nothing with --batch", option);
    error_hint(error, "%s", instead);
    return ERROR_USAGE;
}

static enum error_code check_single(const struct exec_arguments *arguments, struct error *error)
{
    const struct {
        const char *name;
        bool given;
    } options[] = {
        {"output-dir", arguments->output != NULL},
        {"resume", arguments->resume != NULL},
        {"jobs", arguments->jobs > 0},
        {"job-memory", arguments->job_memory > 0},
        {"attempts", arguments->attempts > 0},
        {"fail-fast", arguments->fail_fast},
        {"wait", arguments->wait_ns > 0},
        {"log-size", arguments->log_size > 0},
        {"dry-run", arguments->dry_run},
    };
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
        if (options[i].given)
            return only_with_batch(options[i].name, error);
    return ERROR_NONE;
}

static enum error_code check_figures(const struct exec_arguments *arguments, struct error *error)
{
    if (arguments->jobs > BATCH_RUNNING_MOST)
        return error_set(error, ERROR_USAGE, "--jobs: there can be %d at most", BATCH_RUNNING_MOST);
    if (arguments->attempts > ATTEMPTS_MOST)
        return error_set(error, ERROR_USAGE, "--attempts: there can be %d at most", ATTEMPTS_MOST);
    if (arguments->log_size > 0 && arguments->log_size < LOG_FILE_BUFFER) {
        error_set(error, ERROR_USAGE, "--log-size: a log keeps at least %zu bytes",
                  LOG_FILE_BUFFER);
        return ERROR_USAGE;
    }
    return ERROR_NONE;
}

enum error_code batch_check_arguments(const struct exec_arguments *arguments, struct error *error)
{
    if (arguments->batch == NULL)
        return check_single(arguments, error);
    if (arguments->timeout_ns > 0)
        return not_with_batch("timeout", "\"timeout\": \"10m\" in the line of a job", error);
    if (arguments->processes > 0)
        return not_with_batch("processes", "\"processes\": 100 in the line of a job", error);
    if (arguments->report != NULL)
        return not_with_batch("report", "--json, or report.json in each attempt's folder", error);
    if (arguments->samples != NULL)
        return not_with_batch("samples", "memory.tsv in each attempt's folder", error);
    TRY(exec_check_cpus(arguments, error));
    return check_figures(arguments, error);
}

/* ---- figures ---- */

struct batch_setting batch_setting_make(const struct exec_arguments *arguments, uint64_t available,
                                        unsigned processors)
{
    struct batch_setting setting = {
        .pool = {.memory = arguments->memory > 0 ? arguments->memory : available - available / 10,
                 .milli_cpus = arguments->cpus > 0 ? (uint64_t)llround(arguments->cpus * 1000)
                                                   : (uint64_t)processors * 1000},
        .presets = {.retry = retry_rule_default()},
        .folder = arguments->output != NULL ? arguments->output : BATCH_FOLDER,
        .log_most = arguments->log_size > 0 ? arguments->log_size : LOG_MOST,
    };
    uint64_t usual = setting.pool.memory < JOB_MEMORY ? setting.pool.memory : JOB_MEMORY;
    setting.presets.memory = arguments->job_memory > 0 ? arguments->job_memory : usual;
    if (arguments->attempts > 0)
        setting.presets.retry.stop_after_attempt = (uint32_t)arguments->attempts;
    return setting;
}

uint32_t batch_running_most(uint32_t wanted, uint64_t descriptors)
{
    uint64_t most =
        descriptors > OWN_DESCRIPTORS ? (descriptors - OWN_DESCRIPTORS) / CELL_DESCRIPTORS : 0;
    if (wanted < most)
        most = wanted;
    return most > 0 ? (uint32_t)most : 1;
}

uint64_t batch_raise_descriptors(uint32_t wanted)
{
    struct rlimit limit;
    rlim_t needed = OWN_DESCRIPTORS + (rlim_t)wanted * CELL_DESCRIPTORS;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return OWN_DESCRIPTORS;
    rlim_t before = limit.rlim_cur;
    if (before >= needed)
        return before;
    limit.rlim_cur = needed < limit.rlim_max ? needed : limit.rlim_max;
    return setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : before;
}
