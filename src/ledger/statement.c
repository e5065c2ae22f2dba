#include "ledger/statement.h"

#define RUN_COLUMNS "run, command, status, started, ended"

/* Lists of steps, and one step, have the same columns; samples are read only attempt by attempt. */
#define STEP_COLUMNS                                                                               \
    "step.run, step.step, step.name, step.state, attempt.number, attempt.figure, attempt.peak,"    \
    " attempt.wall_ns, attempt.cpu_ns, attempt.exit_status, attempt.signal, attempt.verdict,"      \
    " attempt.report, attempt.folder, attempt.started, attempt.ended,"                             \
    " (SELECT count(*) FROM attempt AS every WHERE every.step = step.step),"                       \
    " (SELECT max(peak) FROM attempt AS every WHERE every.step = step.step),"

/* Steps come in the order of their index, so nothing is sorted, however many there are. */
#define STEPS_OF_RUN " WHERE step.run = ?1 ORDER BY step.step"

static const char *const texts[STATEMENT_COUNT] = {
    [STATEMENT_BEGIN] = "BEGIN IMMEDIATE",
    [STATEMENT_COMMIT] = "COMMIT",
    [STATEMENT_UNDO] = "ROLLBACK",
    [STATEMENT_READ_HOLDER] = "SELECT process, start_time, boot, command, since FROM holder",
    [STATEMENT_WRITE_HOLDER] = "INSERT OR REPLACE INTO holder VALUES (1, ?1, ?2, ?3, ?4, ?5)",
    [STATEMENT_DROP_HOLDER] = "DELETE FROM holder",
    [STATEMENT_COUNT_RUNNING] = "SELECT (SELECT count(*) FROM run WHERE status = 'running')"
                                " + (SELECT count(*) FROM attempt WHERE verdict = 'running')",
    [STATEMENT_LOSE_STEPS] = "UPDATE step SET state = 'waiting' WHERE step IN"
                             " (SELECT step FROM attempt WHERE verdict = 'running')",
    [STATEMENT_LOSE_ATTEMPTS] = "UPDATE attempt SET verdict = 'lost', ended = max(?1, started)"
                                " WHERE verdict = 'running'",
    [STATEMENT_LOSE_RUNS] = "UPDATE run SET status = 'lost', ended = max(?1, started)"
                            " WHERE status = 'running'",
    [STATEMENT_ADD_RUN] = "INSERT INTO run (status, started, identity, command)"
                          " VALUES ('running', ?1, ?2, ?3)",
    [STATEMENT_END_RUN] = "UPDATE run SET status = ?2, ended = max(?3, started)"
                          " WHERE run = ?1 AND status = 'running'",
    [STATEMENT_RESUME_RUN] = "UPDATE run SET status = 'running', ended = 0 WHERE run = ?1",
    [STATEMENT_FIND_RUN] = "SELECT run FROM run WHERE identity = ?1 ORDER BY run DESC LIMIT 1",
    [STATEMENT_FIND_ANY_RUN] = "SELECT run FROM run ORDER BY run DESC LIMIT 1",
    [STATEMENT_FIND_STEP] = "SELECT step, digest = ?3 FROM step WHERE run = ?1 AND name = ?2",
    [STATEMENT_ADD_STEP] = "INSERT INTO step (run, state, name, digest)"
                           " VALUES (?1, 'waiting', ?2, ?3)",
    [STATEMENT_RENEW_STEP] = "UPDATE step SET digest = ?2, state = 'waiting'"
                             " WHERE step = ?1 AND state <> 'running'",
    [STATEMENT_IS_FINISHED] = "SELECT 1 FROM step WHERE run = ?1 AND name = ?2 AND digest = ?3"
                              " AND state = 'ok'",
    [STATEMENT_NEXT_NUMBER] = "SELECT coalesce(max(number), 0) + 1 FROM attempt WHERE step = ?1",
    [STATEMENT_RUN_STEP] = "UPDATE step SET state = 'running' WHERE step = ?1"
                           " AND state IN ('waiting', 'failed')"
                           " AND (SELECT status FROM run WHERE run.run = step.run) = 'running'",
    [STATEMENT_ADD_ATTEMPT] = "INSERT INTO attempt (step, number, figure, folder, started)"
                              " VALUES (?1, ?2, ?3, ?4, ?5)",
    [STATEMENT_END_ATTEMPT] = "UPDATE attempt SET verdict = ?2, figure = iif(?3 = 0, figure, ?3),"
                              " peak = ?4, wall_ns = ?5, cpu_ns = ?6, exit_status = ?7,"
                              " signal = ?8, report = ?9, samples = ?10,"
                              " folder = coalesce(?11, folder), ended = max(?12, started)"
                              " WHERE attempt = ?1 AND verdict = 'running'",
    [STATEMENT_END_STEP] = "UPDATE step SET state = ?2"
                           " WHERE step = (SELECT step FROM attempt WHERE attempt = ?1)",
    [STATEMENT_RUNS] = "SELECT " RUN_COLUMNS " FROM run ORDER BY run DESC LIMIT ?1",
    [STATEMENT_RUN] = "SELECT " RUN_COLUMNS " FROM run WHERE run = ?1",
    [STATEMENT_STEPS_OF_RUN] = "SELECT count(*), count(*) FILTER (WHERE state = 'ok'),"
                               " count(*) FILTER (WHERE state = 'failed')"
                               " FROM step WHERE run = ?1",
    [STATEMENT_STEPS] =
        "SELECT " STEP_COLUMNS " NULL FROM step INDEXED BY step_run"
        " LEFT JOIN attempt ON attempt.step = step.step AND attempt.number ="
        " (SELECT max(number) FROM attempt AS every WHERE every.step = step.step)" STEPS_OF_RUN,
    [STATEMENT_ATTEMPTS] =
        "SELECT " STEP_COLUMNS " attempt.samples FROM step INDEXED BY step_run"
        " LEFT JOIN attempt ON attempt.step = step.step" STEPS_OF_RUN ", attempt.number",
    [STATEMENT_STEP] =
        "SELECT " STEP_COLUMNS " attempt.samples FROM step"
        " LEFT JOIN attempt ON attempt.step = step.step AND attempt.number = iif(?3 = 0,"
        " (SELECT max(number) FROM attempt AS every WHERE every.step = step.step), ?3)"
        " WHERE step.run = ?1 AND step.name = ?2",
    [STATEMENT_CHECK] = "PRAGMA integrity_check(10)",
    [STATEMENT_CHECK_KEYS] = "SELECT count(*) FROM pragma_foreign_key_check",
    [STATEMENT_CHECK_NUMBERS] = "SELECT count(*) FROM (SELECT 1 FROM attempt GROUP BY step"
                                " HAVING min(number) <> 1 OR max(number) <> count(*))",
};

const char *statement_text(enum statement id)
{
    return texts[id];
}
