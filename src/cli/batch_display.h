/*
 * The live display of a batch on a terminal: how far it is, the pool, why the oldest waits, and the
 * attempts that run, as many as there are lines.
 *
 *   12 of 40 done · 4 running · 22 waiting · 2 failed · 2:05 min
 *   memory ▕███▒▒▒▒▒▒▒   ▏ 3.1 GiB used · 5.9 GiB granted of 8 GiB
 *   22 wait for memory: the oldest needs 1.2 GiB, 900 MiB are free
 *     load-3      ▕█████▊    ▏ 300 MiB of 512 MiB · 12.3 s
 *
 * It is drawn over in place; lines of ended attempts are printed above it after it was erased. The
 * cursor is never hidden and rests at the start of its first line, so whatever ends weir leaves a
 * terminal that needs no repair. There is no thread: the caller's loop asks when the next drawing
 * is due.
 */
#ifndef WEIR_CLI_BATCH_DISPLAY_H
#define WEIR_CLI_BATCH_DISPLAY_H

#include "cli/batch_scene.h"
#include "term/display.h"

#define BATCH_DISPLAY_ATTEMPTS 32  /* shown at most */
#define BATCH_DISPLAY_WIDTH    160 /* columns at most */
#define BATCH_DISPLAY_BYTES    ((size_t)32 << 10)

/* What is shown at one moment. */
struct batch_picture {
    const struct batch_view *view;
    const struct batch_running *running; /* the oldest first */
    size_t running_count;                /* of them; view tells how many run in all */
    uint64_t elapsed_ns;
};

/* Lines between newlines, none wider than width columns, at most height of them. Returns buffer. */
char *batch_display_text(const struct batch_scene *scene, const struct batch_picture *picture,
                         unsigned width, unsigned height, char *buffer, size_t size);

struct batch_display {
    bool live;                  /* nothing is ever drawn where this is false */
    bool drawn;                 /* it stands on the terminal now */
    uint64_t drawn_at, draw_at; /* os_now_ns: when last and when next */
    uint64_t every_ns;
};

void batch_display_init(struct batch_display *display, enum display_mode mode,
                        const struct terminal *terminal, uint64_t now_ns);
/* When batch_display_draw is to be called at the latest; UINT64_MAX: never. */
uint64_t batch_display_wake_at(const struct batch_display *display);
/* Draws it where it is due. */
void batch_display_draw(struct batch_display *display, const struct batch_scene *scene,
                        const struct batch_picture *picture, uint64_t now_ns);
/* Takes it away, before lines are printed and at the end. It is due again soon, but
 * not for every one of many lines. */
void batch_display_erase(struct batch_display *display);

#endif
