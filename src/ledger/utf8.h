/* Whether bytes are UTF-8 as RFC 3629 has it: no surrogates, nothing overlong, at most U+10FFFF. */
#ifndef WEIR_LEDGER_UTF8_H
#define WEIR_LEDGER_UTF8_H

#include <stdbool.h>
#include <stddef.h>

bool utf8_is_valid(const char *text, size_t size);

#endif
