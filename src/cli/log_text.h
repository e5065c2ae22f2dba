/*
 * What a program wrote, made harmless for a terminal as it passes: lines and tabs stay, every other
 * control character and every byte that is not UTF-8 becomes \xNN. Characters may be cut by the
 * borders between pieces; the end of a piece that could be the beginning of one is kept for the
 * next.
 */
#ifndef WEIR_CLI_LOG_TEXT_H
#define WEIR_CLI_LOG_TEXT_H

#include <stddef.h>
#include <stdio.h>

#define LOG_TEXT_PIECE ((size_t)16 << 10) /* bytes of a piece at most */

/* All zero is one that nothing has passed through. */
struct log_text {
    char kept[4];
    size_t kept_size;
};

/* size: at most LOG_TEXT_PIECE. */
void log_text_write(struct log_text *text, FILE *stream, const char *bytes, size_t size);
/* Nothing comes any more. */
void log_text_end(struct log_text *text, FILE *stream);

#endif
