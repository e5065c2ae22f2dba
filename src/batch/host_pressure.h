/*
 * Whether the host is so short of memory that nothing new should be started.
 *
 * The kernel tells for how much of the time processes stood still for want of memory
 * (/proc/pressure/memory, "full": all of them at once). From HOST_PRESSURE_PAUSE on, a batch
 * pauses; it goes on when the figure has fallen below HOST_PRESSURE_RESUME, so it does not flutter.
 * Where the kernel does not tell, memory available below a 64th of the whole pauses and twice that
 * resumes. The rule is pure; the reading is apart from it.
 *
 * Source: Documentation/accounting/psi.rst of the Linux kernel.
 */
#ifndef WEIR_BATCH_HOST_PRESSURE_H
#define WEIR_BATCH_HOST_PRESSURE_H

#include "base/error.h"

#include <stdbool.h>

#define HOST_PRESSURE_PAUSE  2000 /* hundredths of a per cent of the last ten seconds */
#define HOST_PRESSURE_RESUME 500

struct host_reading {
    bool has_pressure;
    uint32_t full;             /* hundredths of a per cent over the last ten seconds */
    uint64_t available, total; /* bytes; 0: not known */
};

/* From the texts of /proc/pressure/memory and /proc/meminfo; NULL: there is none. */
struct host_reading host_pressure_parse(const char *pressure, const char *meminfo);
/* The same of this machine; never fails, what cannot be read is not known. */
struct host_reading host_pressure_read(void);
/* Whether to be paused, given whether it is now. */
bool host_pressure_pauses(const struct host_reading *reading, bool paused);

#endif
