/* The first jobs in an order, of any number that is offered: see struct figures_list. */
#ifndef WEIR_CLI_FIGURES_LIST_H
#define WEIR_CLI_FIGURES_LIST_H

#include "cli/figures.h"

void figures_list_init(struct figures_list *list, enum figures_order order, size_t most,
                       struct mem_account *account);
void figures_list_release(struct figures_list *list);

/* Takes a copy of the job, with that name, if it is among the first so far. */
CHECKED enum error_code figures_list_offer(struct figures_list *list, const struct figures_job *job,
                                           const char *name, struct error *error);
/* Puts what was kept in its order; nothing is offered afterwards. */
void figures_list_sort(struct figures_list *list);

#endif
