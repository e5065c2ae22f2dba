/*
 * The tables of a ledger, and how a file is known to be one: application_id tells whose it is,
 * user_version which tables it has (https://sqlite.org/fileformat.html, sections 1.3.12
 * and 1.3.14).
 */
#ifndef WEIR_LEDGER_SCHEMA_H
#define WEIR_LEDGER_SCHEMA_H

#include "ledger/database.h"

#define SCHEMA_APPLICATION 0x57454952 /* "WEIR" */
#define SCHEMA_VERSION     1

/* Whether the file is empty; refuses what is no ledger, of a newer weir, or has other tables.
 * Changes nothing. */
CHECKED enum error_code schema_inspect(struct ledger *ledger, bool *ret_empty, struct error *error);

/* Makes the tables, unless another process did meanwhile. */
CHECKED enum error_code schema_create(struct ledger *ledger, struct error *error);

#endif
