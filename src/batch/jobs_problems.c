#include "batch/jobs_problems.h"

#include "term/text.h"

bool jobs_problems_will_tell(const struct jobs_problems *problems)
{
    return problems->count < JOBS_PROBLEMS_TOLD;
}

void jobs_problems_add(struct jobs_problems *problems, uint32_t line, const char *what,
                       const char *hint)
{
    if (jobs_problems_will_tell(problems))
        problems->complain(problems->context, line, what, hint);
    problems->count++;
}

void jobs_problems_tell(struct jobs_problems *problems, uint32_t line, const struct error *error)
{
    char what[2 * sizeof error->what], hint[2 * sizeof error->hint];
    text_escape(error->what, what, sizeof what);
    text_escape(error->hint, hint, sizeof hint);
    jobs_problems_add(problems, line, what, hint);
}

enum error_code jobs_problems_sum_up(const struct jobs_problems *problems, struct error *error)
{
    char number[64];
    if (problems->count == 0)
        return ERROR_NONE;
    text_plural(problems->count, "problem", number, sizeof number);
    if (jobs_problems_will_tell(problems) || problems->count == JOBS_PROBLEMS_TOLD)
        return error_set(error, ERROR_INPUT, "the jobs have %s", number);
    return error_set(error, ERROR_INPUT, "the jobs have %s, of which the first %u are told", number,
                     JOBS_PROBLEMS_TOLD);
}
