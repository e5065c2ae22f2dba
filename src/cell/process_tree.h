/*
 * The processes of a cell that has no control group: the program, what descends from it, and what
 * has left that descent by becoming a child of weir (weir is a subreaper, so that orphans come to
 * it and not to init) or, in a PID namespace, of its first process. Such an orphan is known by its
 * session, by having been seen in the tree before, or by the entry WEIR_CELL of its environment.
 */
#ifndef WEIR_CELL_PROCESS_TREE_H
#define WEIR_CELL_PROCESS_TREE_H

#include "cell/process.h"

#define PROCESS_TREE_MARKER 128

struct process_tree {
    pid_t root;
    bool root_is_reaped;              /* its number may be somebody else's by now */
    pid_t adopter;                    /* first process of the PID namespace; 0: weir itself */
    char marker[PROCESS_TREE_MARKER]; /* "WEIR_CELL=4026531836-4711-123/name" */
    struct mem_buffer now;            /* struct process of the last look, zombies left out */
    struct mem_buffer before;         /* and of the look before */
    struct mem_buffer found;          /* pid_t, while looking */
    bool unsure; /* at the last look a child of weir lived of which nothing is known */
};

/* Makes weir the parent of orphans below it; for the whole process and for good. */
CHECKED enum error_code process_tree_adopt_orphans(struct error *error);

/* The marker of a cell of this weir, by which its processes are known whatever becomes of their
 * parents: namespace, number and start time of weir, name of the cell. */
void process_tree_marker(const char *name, char ret[static PROCESS_TREE_MARKER]);

void process_tree_init(struct process_tree *tree, const char *marker, struct mem_account *account);
void process_tree_release(struct process_tree *tree);

/* Looks at the tree now. orphans: look among the adopter's children too; weir reaps the dead of
 * them. */
CHECKED enum error_code process_tree_look(struct process_tree *tree, bool orphans,
                                          struct error *error);

/* Takes the status of orphans that came to weir and are dead; nothing where none can come. */
CHECKED enum error_code process_tree_reap(struct process_tree *tree, struct error *error);

size_t process_tree_count(const struct process_tree *tree);
const struct process *process_tree_at(const struct process_tree *tree, size_t index);

/* Looks once more and sends a signal to all; returns how many there were. */
CHECKED enum error_code process_tree_signal(struct process_tree *tree, int number, uint64_t *ret,
                                            struct error *error);

#endif
