/* What a decision of admission costs while very many wait. */
#ifndef WEIR_TEST_SIM_SPEED_H
#define WEIR_TEST_SIM_SPEED_H

#include <stdbool.h>
#include <stdint.h>

/* Prints nanoseconds an ask, and an end with the grants after it; false where something failed. */
bool speed_print(uint32_t waiting);

#endif
