/*
 * Holds back what the process prints on standard output while a display draws on the same terminal.
 *
 * Between hold_begin and hold_end descriptor 1 is an unnamed file in memory; hold_end puts the
 * terminal back and copies the file to it. Meant for a short table, not for a stream.
 */
#ifndef WEIR_TERM_HOLD_H
#define WEIR_TERM_HOLD_H

struct hold {
    int terminal; /* the real standard output; -1: nothing is held */
    int file;
};

/* Where holding is not possible output simply goes through. */
void hold_begin(struct hold *hold);
void hold_end(struct hold *hold);

#endif
