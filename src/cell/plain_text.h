/* Text from outside made fit for a line of a message or of JSON. */
#ifndef WEIR_CELL_PLAIN_TEXT_H
#define WEIR_CELL_PLAIN_TEXT_H

/* Keeps valid UTF-8 and puts '?' for control characters and every byte that belongs to none, a
 * character cut at the end included. In place; never longer. */
void plain_text(char *text);

#endif
