/* From the end of a command to weir's own exit status. */
#include <signal.h>

#include "explain/explain.h"

/* A program that met its limit and ended by itself (MemoryError, bad_alloc) keeps its own status.
 */
static bool was_killed_for_memory(const struct cell_report *report)
{
    return report->ended_by_weir || report->after.oom_kills > report->before.oom_kills;
}

static int killed_status(const struct cell_report *report)
{
    return EXPLAIN_STATUS_SIGNAL + (report->signal != 0 ? report->signal : SIGKILL);
}

/* Its own status; where it said that all was well, or a signal ended it, that of a kill. */
static int own_status(const struct cell_report *report)
{
    return report->exit_status > 0 ? report->exit_status : killed_status(report);
}

static int error_status(const struct explain_facts *facts, const struct cell_report *report)
{
    if (!report->started)
        return facts->found ? EXPLAIN_STATUS_NO_RIGHT : EXPLAIN_STATUS_NOT_FOUND;
    return report->ended_by_weir ? killed_status(report) : own_status(report);
}

int explain_status(const struct explain_facts *facts, const struct cell_report *report)
{
    switch (report->verdict) {
    case CELL_OK:
        return 0;
    case CELL_ERROR:
        return error_status(facts, report);
    case CELL_OOM_LIMIT:
        return was_killed_for_memory(report) ? EXPLAIN_STATUS_SIGNAL + SIGKILL : own_status(report);
    case CELL_OOM_HOST:
        return EXPLAIN_STATUS_SIGNAL + SIGKILL;
    case CELL_TIMEOUT:
        return EXPLAIN_STATUS_TIMEOUT;
    case CELL_CANCELLED:
        return EXPLAIN_STATUS_SIGNAL + (facts->stopped_by != 0 ? facts->stopped_by : SIGTERM);
    case CELL_SIGNAL:
        return EXPLAIN_STATUS_SIGNAL + report->signal;
    default:
        return EXPLAIN_STATUS_OWN_FAILURE;
    }
}
