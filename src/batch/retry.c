#include "batch/retry.h"

struct retry_rule retry_rule_default(void)
{
    return (struct retry_rule){.stop_after_attempt = 1, .on = RETRY_OOM, .grow_percent = 200};
}
