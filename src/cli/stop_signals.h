/*
 * The signals that stop a run (SIGINT, SIGTERM, SIGHUP), read from a descriptor, so that none comes
 * between two looks of a loop that polls.
 */
#ifndef WEIR_CLI_STOP_SIGNALS_H
#define WEIR_CLI_STOP_SIGNALS_H

#include <signal.h>

#include "base/error.h"

struct stop_signals {
    int descriptor; /* -1: not taken */
    sigset_t before;
};

/* ERROR_CANCELLED when one came before. */
CHECKED enum error_code stop_signals_take(struct stop_signals *signals, struct error *error);
/* The next that came, or 0. */
int stop_signals_next(const struct stop_signals *signals);
/* Harmless where descriptor is -1. */
void stop_signals_release(struct stop_signals *signals);

#endif
